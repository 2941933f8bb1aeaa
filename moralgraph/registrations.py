"""What this app hands to the registries of other apps when Django starts."""

from django.utils.translation import gettext_lazy as _


def register() -> None:
    """Fill the registries."""
    from elicit.studies import register_loader
    from moralgraph import export_tables
    from moralgraph.seeds import load_seeds

    register_loader(load_seeds)
    export_tables.register()
    _register_judgements()
    _register_cards()
    _register_graph()
    _register_report()
    _register_forgetting()


def _register_judgements() -> None:
    from elicit.jobs import register_job
    from elicit.my_data import register_own_data
    from elicit.navigation import register_tab
    from elicit.querysets import READS_WORDS
    from elicit.steps import StepKind, register_step
    from moralgraph import context_proposals, draws, judgements, suggestions, upgrade_proposals

    register_step(StepKind(judgements.KIND, _("Compare"), "judging:judge", draws.readiness))
    register_own_data("judgements", judgements.own_judgements)
    register_own_data("suggestions", suggestions.own_suggestions)
    register_job(suggestions.JOB, suggestions.read_suggestion, queue="llm", label=_("Reading a suggested value"))
    register_job(upgrade_proposals.JOB, upgrade_proposals.propose_by_model, queue="llm", label=_("Upgrades for a card"))
    register_job(
        context_proposals.JOB, context_proposals.find_contexts, queue="llm", label=_("Situations to compare in")
    )
    register_tab("contexts", _("Contexts & upgrades"), "moralgraph:contexts", roles=READS_WORDS)


def _register_cards() -> None:
    from elicit.consent import on_consent_changed
    from elicit.jobs import register_job
    from elicit.navigation import register_tab
    from elicit.querysets import READS_WORDS
    from elicit.releases import on_withheld
    from elicit.retention import on_expiry
    from elicit.values_cards import on_confirmed
    from moralgraph import context_proposals, upgrade_proposals
    from moralgraph.deduplication import join_canonical
    from moralgraph.reconciliation import arrivals, batch
    from moralgraph.withdrawal import erase_expired_words, follow_consent
    from moralgraph.withholding import take_back

    on_confirmed(join_canonical)
    on_confirmed(upgrade_proposals.ask_about_card)  # after it has joined
    on_confirmed(context_proposals.ask_about_interview)
    on_withheld(take_back)
    on_consent_changed(follow_consent)
    on_expiry(erase_expired_words)
    register_job(arrivals.JOB, arrivals.place, queue="llm", label=_("Comparing a new card with others"))
    register_job(batch.JOB, batch.reconcile_in_background, queue="llm", label=_("Putting the cards together"))
    register_tab("values", _("Values"), "moralgraph:values", roles=READS_WORDS)


def _register_graph() -> None:
    from elicit.checklist import register_check
    from elicit.jobs import register_job
    from elicit.navigation import register_tab
    from moralgraph import snapshot_work
    from moralgraph.planning import check_plan
    from moralgraph.sections import register_section

    register_check(check_plan)
    register_job(snapshot_work.JOB, snapshot_work.build_in_background, label=_("Building a moral graph"))
    register_tab("graph", _("Moral graph"), "moralgraph:graph")
    register_section("graph", _("Explore"), "moralgraph:graph")
    register_section("sure", _("How sure is this?"), "moralgraph:sure")
    register_section("compare", _("Compare"), "moralgraph:compare")


def _register_report() -> None:
    from elicit.afterwards import register_afterwards
    from elicit.my_data import register_own_data
    from elicit.navigation import register_tab
    from elicit.querysets import Role
    from elicit.retention import on_expiry
    from moralgraph import feedback, feedback_tables

    may_see = {Role.ORGANIZER, Role.ANALYST, Role.OBSERVER}
    register_tab("report", _("Report"), "moralgraph:reports", roles=may_see)
    register_own_data("report", feedback.own_feedback)
    register_afterwards(feedback.result_link)
    on_expiry(feedback.erase_expired_feedback)
    feedback_tables.register()


def _register_forgetting() -> None:
    """Register the forget verbs; the last one registered runs first, while the others' rows are still there."""
    from elicit.forgetting import erase_by, register_forget
    from moralgraph import models, withdrawal

    register_forget(models.CanonicalValuesCard, withdrawal.forget_words)
    register_forget(models.CardMembership, erase_by(models.CardMembership, "card__participant"))
    register_forget(models.Assignment, withdrawal.forget_assignments)
    register_forget(models.Context, withdrawal.forget_contexts)
    register_forget(models.Upgrade, withdrawal.forget_proposals)
    register_forget(models.JudgementRevision, erase_by(models.JudgementRevision, "judgement__participant"))
    register_forget(models.Judgement, withdrawal.forget_contributions)
    register_forget(models.Suggestion, erase_by(models.Suggestion, "participant"))
    register_forget(models.CardVerification, erase_by(models.CardVerification, "card__participant"))
    register_forget(models.PlaceVerification, erase_by(models.PlaceVerification, "card__participant"))
    register_forget(models.Appeal, erase_by(models.Appeal, "participant"))
