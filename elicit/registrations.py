"""What this app hands to the registries of steps and jobs when Django starts."""

from django.utils.translation import gettext_lazy as _

from elicit import answering, conversations, models, my_data
from elicit.forgetting import erase_by, register_forget, unname_calls
from elicit.jobs import register_job
from elicit.my_data import register_own_data
from elicit.navigation import register_tab
from elicit.steps import StepKind, register_step


def register() -> None:
    """Fill the registries."""
    from django.core import checks

    from elicit.llm.configuration import check_models

    checks.register(check_models, "elicit")
    _register_steps()
    register_tab("progress", _("Progress"), "organizer:study")
    register_tab("participants", _("Participants"), "organizer:participants")
    register_job(conversations.JOB, answering.answer_exchange, queue="llm", label=_("Answers in a conversation"))
    _register_forgetting()
    _register_own_data()


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
        models.StepProgress: "participant",
        models.ConsentGrant: "participant",
        models.SurveyAnswer: "participant",
        models.Interview: "participant",
        models.Message: "interview__participant",
        models.Conversation: "participant",
        models.ConversationFeedback: "conversation__participant",
        models.Exchange: "conversation__participant",
        models.Utterance: "exchange__conversation__participant",
        models.ValuesCard: "participant",
    }
    for model, path in paths.items():
        register_forget(model, erase_by(model, path))
    register_forget(models.LlmCall, unname_calls)


def _register_own_data() -> None:
    register_own_data("consent", my_data.consent_answers)
    register_own_data("interviews", my_data.interviews)
    register_own_data("values_cards", my_data.values_cards)
    register_own_data("conversations", my_data.conversations)
    register_own_data("survey", my_data.survey_answers)
