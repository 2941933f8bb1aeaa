"""What this app hands to the registries of other apps when Django starts."""

from django.utils.translation import gettext_lazy as _


def register() -> None:
    """Fill the registries."""
    from elicit.my_data import register_own_data
    from elicit.navigation import register_tab
    from elicit.steps import StepKind, register_step
    from elicit.studies import register_loader
    from elicit.values_cards import on_confirmed
    from moralgraph import judgements
    from moralgraph.deduplication import join_canonical
    from moralgraph.seeds import load_seeds

    register_step(StepKind(judgements.KIND, _("Compare"), "judging:judge", judgements.readiness))
    register_own_data("judgements", judgements.own_judgements)
    register_loader(load_seeds)
    on_confirmed(join_canonical)
    register_tab("graph", _("Moral graph"), "moralgraph:graph")
    _register_forgetting()


def _register_forgetting() -> None:
    """Register the forget verbs; the last one registered runs first, while the others' rows are still there."""
    from elicit.forgetting import erase_by, register_forget
    from moralgraph.models import CanonicalValuesCard, CardMembership, Judgement, JudgementRevision
    from moralgraph.withdrawal import forget_contributions, forget_words

    register_forget(CanonicalValuesCard, forget_words)
    register_forget(CardMembership, erase_by(CardMembership, "card__participant"))
    register_forget(JudgementRevision, erase_by(JudgementRevision, "judgement__participant"))
    register_forget(Judgement, forget_contributions)
