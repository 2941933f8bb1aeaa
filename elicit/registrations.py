"""What this app hands to the registries of steps and jobs when Django starts."""

from django.utils.translation import gettext_lazy as _

from elicit import answering, card_drafting, conversations, interviewing, models, moderation, my_data, turns
from elicit.consent import on_consent_changed
from elicit.exports import tables as export_tables
from elicit.forgetting import erase_by, register_forget, unname_calls
from elicit.jobs import register_job
from elicit.my_data import register_own_data
from elicit.navigation import register_tab
from elicit.panels import check_panels
from elicit.querysets import READS_WORDS, Role
from elicit.releases import on_released
from elicit.retention import erase_words_taken_back
from elicit.steps import StepKind, register_step
from elicit.values_cards import announce, on_confirmed

LISTS_PEOPLE = frozenset({Role.ORGANIZER, Role.ANALYST, Role.OBSERVER})


def register() -> None:
    """Fill the registries."""
    from django.core import checks

    from elicit.llm.configuration import check_models
    from elicit.llm.embedding import check_embedding_model

    checks.register(check_models, "elicit")
    checks.register(check_embedding_model, "elicit")
    checks.register(check_panels, "elicit")
    on_consent_changed(erase_words_taken_back)
    _register_steps()
    register_tab("progress", _("Progress"), "organizer:study")
    register_tab("participants", _("Participants"), "organizer:participants", roles=LISTS_PEOPLE)
    register_tab("links", _("Links"), "organizer:links", roles={Role.ORGANIZER})
    register_tab("cards", _("Cards"), "organizer:cards", roles=READS_WORDS)
    register_tab("results", _("Results"), "organizer:results", roles=LISTS_PEOPLE)
    register_tab("design", _("Design"), "organizer:design")
    register_tab("money", _("Money"), "organizer:money", roles={Role.ORGANIZER, Role.ANALYST})
    register_tab("data", _("Data"), "organizer:data")
    register_job(conversations.JOB, answering.answer_exchange, queue="llm", label=_("Answers in a conversation"))
    register_job("interview_turn", interviewing.write_question, queue="llm", label=_("The next question"))
    register_job("card_draft", card_drafting.write_card, queue="llm", label=_("The draft of a card"))
    register_job(moderation.JOB, moderation.moderate, queue="llm", label=_("Reading a card before others see it"))
    register_job(moderation.WORDS_JOB, moderation.flag_exchange, queue="llm", label=_("Flags on a conversation"))
    on_confirmed(moderation.ask_for_moderation)
    on_released(announce)
    _register_forgetting()
    _register_own_data()
    export_tables.register()


def _register_steps() -> None:
    register_step(StepKind("consent", _("Consent"), "participant:consent"))
    register_step(StepKind("interview", _("Conversation"), "participant:interview"))
    register_step(StepKind("values_card", _("Your card"), "participant:values_card"))
    register_step(StepKind("conversations", _("Rating"), "steps:conversations"))
    register_step(StepKind("survey", _("About you"), "steps:survey"))
    register_step(StepKind("closing", _("Closing"), "steps:closing"))


def _register_forgetting() -> None:
    paths = {
        models.EntryLink: "participant",
        models.PanelIdentity: "participant",
        models.StepProgress: "participant",
        models.ConsentGrant: "participant",
        models.SurveyAnswer: "participant",
        models.ReleaseRecord: "participant",
        models.Interview: "participant",
        models.Message: "interview__participant",
        models.MessageRevision: "message__interview__participant",
        models.TurnChunk: "turn__interview__participant",
        models.Conversation: "participant",
        models.ConversationFeedback: "conversation__participant",
        models.Exchange: "conversation__participant",
        models.Utterance: "exchange__conversation__participant",
        models.ValuesCard: "participant",
    }
    for model, path in paths.items():
        register_forget(model, erase_by(model, path))
    register_forget(models.Turn, turns.quiet_turns)
    register_forget(models.LlmCall, unname_calls)


def _register_own_data() -> None:
    register_own_data("consent", my_data.consent_answers)
    register_own_data("consent_names", my_data.consent_facts)
    register_own_data("personal_links", my_data.personal_links)
    register_own_data("panel", my_data.panel_numbers)
    register_own_data("interviews", my_data.interviews)
    register_own_data("values_cards", my_data.values_cards)
    register_own_data("conversations", my_data.conversations)
    register_own_data("survey", my_data.survey_answers)
