"""The tables of this app: participants, their steps and consent, what they said, and what it cost."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from elicit.exports.registry import register_table
from elicit.models import (
    ConsentGrant,
    ConversationFeedback,
    Interview,
    LlmCall,
    Message,
    MessageRevision,
    Origin,
    StepProgress,
    Study,
    SurveyAnswer,
    Turn,
    Utterance,
    ValuesCard,
)
from elicit.people import people_of
from elicit.querysets import EVERY_ROLE, READS_WORDS, Role

LISTS_PEOPLE = frozenset({Role.ORGANIZER, Role.ANALYST, Role.OBSERVER})
READS_MONEY = frozenset({Role.ORGANIZER, Role.ANALYST})
CHUNK = 2000  # rows read at a time
CODE = ("participant", "The participant's random code; a hash of it once they have withdrawn.")
ORIGIN = ("origin", "person, simulated (a program) or imported. Results for people use `person` alone.")
PARTICIPANTS = (
    CODE,
    ORIGIN,
    ("version", "Number of the version of the design that they have."),
    ("language", "Language of their pages."),
    ("state", "What the page of participants called their state at the time of the download."),
    ("began_at", "When they began."),
    ("last_saved_at", "When something of theirs was last saved."),
    ("finished_at", "When they had done every step."),
    ("ended", "How they left: complete, no_consent, screened_out, quality, technical."),
    ("excluded_at", "When an organizer left them out of results; empty for everybody who counts."),
    ("excluded_because", "The organizer's reason."),
    ("withdrawn_at", "When they withdrew. Nothing but this line is left of them."),
)
STEPS = (
    CODE,
    ("step", "Kind of the step."),
    ("state", "open, waiting, not_available or done."),
    ("started_at", "When it was first opened."),
    ("finished_at", "When it was done."),
)
CONSENTS = (
    CODE,
    ("item", "Key of the box."),
    ("version", "Version of the consent text."),
    ("text_hash", "SHA-256 of the words around the box, in their language."),
    ("granted", "Their answer. The newest answer to an item holds."),
    ("at", "When they gave it."),
)
INTERVIEWS = (
    CODE,
    ("question", "Key of the situation that it was about."),
    ("mode", "guided or model: who asked."),
    ("handed_over", "Why the guide took over from a model; empty where it did not."),
    ("state", "open or finished."),
    ("started_at", "When it began."),
    ("finished_at", "When it ended."),
)
MESSAGES = (
    CODE,
    ("question", "Key of the situation."),
    ("number", "Place among all that was said with this person, from 1; a gap is what was taken back."),
    ("author", "interviewer or participant."),
    ("kind", "said, skipped, declined, or differently (asked to be asked in other words)."),
    ("stage", "Stage of the interview."),
    ("text", "The words as they stand now."),
    ("language", "Language of the words."),
    ("revision", "1, or one more for each time the author changed it."),
    ("model_name", "Which model wrote it; empty for the guide and for people."),
    ("prompt_name", "Which prompt it was given."),
    ("prompt_hash", "SHA-256 of that prompt's templates."),
    ("seed", "Seed of the call."),
    ("created_at", "When it was saved."),
)
REVISIONS = (
    CODE,
    ("question", "Key of the situation."),
    ("message", "Number of the message."),
    ("number", "Which wording it was: 1 is the first."),
    ("text", "What the message said before its author changed it."),
    ("replaced_at", "When it was changed."),
)
FEEDBACK = (
    CODE,
    ("conversation", "Number of the conversation of this person."),
    (
        "performance",
        "How the answer did, by attribute: 1 to 100, null where not applicable; absent where left open.",
    ),
    ("choice", "What mattered for the choice, by attribute: 1 to 100, null, or absent in the same way."),
    ("open_text", "What they wrote about it."),
    ("attribute_order", "Order in which the attributes stood."),
    ("handling", "How each slider was set, as the browser told."),
    ("checks", "Flags on what they wrote: pii, language."),
    ("created_at", "When it was saved."),
)
TURNS = (
    CODE,
    ("question", "Key of the situation."),
    ("kind", "question or card."),
    ("number", "Number of the message that it became."),
    ("stage", "Stage of the interview."),
    ("state", "waiting, writing, done, interrupted or set_aside."),
    ("trouble", "What went wrong; empty where nothing did."),
    ("attempt", "How often it was tried."),
    ("model_name", "Which model wrote it."),
    ("fell_back_from", "Models that were asked before and did not answer."),
    ("created_at", "When it was asked for."),
    ("first_token_at", "When its first words came."),
    ("finished_at", "When it ended."),
)
CARD_WORDS = (
    ("card", "Number of the card."),
    ("title", "Its name."),
    ("description", "The sentence under it."),
    ("policies", "What to attend to: a list of lines."),
    ("language", "Language of the words."),
    ORIGIN,
    ("confirmed_at", "When its author confirmed it."),
)
CARDS = (
    *CARD_WORDS,
    ("participant", "Code of its author."),
    ("question", "Key of the situation."),
    ("state", "draft or confirmed."),
    ("evidence", "For each line the quotes that it rests on: message number, start, end and words."),
    ("fit", "How well it says it, 1 to 4, by its author."),
    ("fit_reason", "What it did not say."),
    ("release", "free, held, released or refused: whether other participants may see it."),
    ("flags", "Codes of what was found in its text."),
    ("model_name", "Which model drafted it; empty where the guide did."),
    ("prompt_name", "Which prompt it was given."),
    ("prompt_hash", "SHA-256 of that prompt's templates."),
    ("seed", "Seed of the call."),
)
SURVEY = (
    CODE,
    ("instrument", "Name of the questionnaire."),
    ("instrument_version", "Its version."),
    ("item", "Name of the question."),
    ("value", "The answer; JSON where it has several parts."),
    ("null_reason", "Why there is none: not_shown, skipped, refused, dont_know or not_applicable."),
    ("option_order", "The options in the order in which the person saw them; JSON."),
    ("place", "Place of the question on its page, from 1."),
    ("handling", "How it was answered, as the browser told: seconds, touched, changes, pasted; by row for some; JSON."),
    ("checks", "Codes of what was found in words of their own; JSON."),
    ("answered_at", "When it was last changed."),
)
UTTERANCES = (
    CODE,
    ("conversation", "Number of the conversation of this person."),
    ("kind", "How it was opened."),
    ("anchor", "Key of the shared prompt that opened it; empty for an own one."),
    ("arm", "standard, or own_system: the person's own instructions beside none."),
    ("arm_propensity", "Probability with which the arm was drawn."),
    ("ended_by", "participant, turns, minutes or budget; empty while it is open."),
    ("exchange", "Number of the prompt in the conversation."),
    ("prompt", "What the person wrote, or the shared prompt that they were given."),
    ("prompt_checks", "Flags on the prompt: pii, language, moderation."),
    ("draw_policy", "How the models were drawn: uniform, balanced, diverse; winner where the chosen one goes on."),
    ("all_bad", "Whether the person found every answer bad."),
    ("all_bad_reason", "What they said was bad about them."),
    ("was_tied", "Whether several shared the highest score, so that the person chose one of them."),
    ("position", "Place of the answer on the page: 0 is A; from 100 on it failed and was not shown."),
    ("arrival", "Order in which the answers came back, from 0. All of them were shown at once."),
    ("model_name", "Which model answered."),
    ("propensity", "Probability of its being asked by then; exact."),
    ("is_back_fill", "Whether it took the place of one that failed."),
    ("system", "own where it was given the person's instructions, default where not."),
    ("text", "Its answer."),
    ("score", "The person's rating, 1 to 100."),
    ("society_score", "How good the answer would be for everybody, as this person sees it, 1 to 100."),
    ("handling", "How the sliders were set, as the browser told."),
    ("is_chosen", "Whether it went on, by score or by choice; of two with the same words at most one."),
    ("names_itself", "Whether the answer seems to say which model it is."),
    ("checks", "Flags on the answer: pii, language, moderation, identical (same words as another), trouble."),
    ("failure", "Why there is no answer."),
    ("latency_ms", "Milliseconds until the whole answer was there."),
    ("tokens", "Tokens of question and answer together."),
    ("parameters", "How the model was asked, and as which version it answered."),
    ("prompt_name", "Which prompt it was given."),
    ("prompt_hash", "SHA-256 of that prompt's templates."),
    ("seed", "Seed of the call."),
    ("created_at", "When it was saved."),
)
CALLS = (
    ("at", "When the call ended."),
    ("purpose", "What a model was asked for."),
    ("model_name", "Which model."),
    ("outcome", "ok, refused, failed or invalid."),
    ("failure", "Name of the fault."),
    ("input_tokens", "Tokens sent."),
    ("output_tokens", "Tokens received."),
    ("cost_usd", "US dollars."),
    ("latency_ms", "Milliseconds until the whole answer was there."),
    ("prompt_name", "Which prompt."),
    ("prompt_hash", "SHA-256 of its templates."),
    ("participant_code", "For whom; empty where nobody is behind it, or they have withdrawn."),
)


def register() -> None:
    """Register the tables of this app, those about people first."""
    register_table(
        "participants.csv", meaning="One line a participant.", readers=LISTS_PEOPLE, columns=PARTICIPANTS, rows=_people
    )
    register_table(
        "steps.csv", meaning="One line a step that somebody opened.", readers=LISTS_PEOPLE, columns=STEPS,
        rows=_by(StepProgress, "participant__", "participant__code", "key", "state", "started_at", "finished_at"),
    )  # fmt: skip
    register_table(
        "consents.csv", meaning="One line an answer to a consent item.", readers=READS_MONEY, columns=CONSENTS,
        rows=_by(
            ConsentGrant, "participant__", "participant__code", "item", "version", "text_hash", "granted", "at",
        ),
    )  # fmt: skip
    _register_interviews()
    _register_cards()
    _register_answers()
    _register_more_words()
    register_table(
        "ledger.csv", meaning="One line a call to a language model.", readers=READS_MONEY, columns=CALLS, rows=_calls
    )


def _register_interviews() -> None:
    of_interview = ("participant__code", "question__key")
    inside = ("interview__participant__code", "interview__question__key")
    register_table(
        "interviews.csv", meaning="One line an interview.", readers=LISTS_PEOPLE, columns=INTERVIEWS,
        rows=_by(
            Interview, "participant__", *of_interview, "mode", "handed_over", "state", "started_at", "finished_at"
        ),
    )  # fmt: skip
    register_table(
        "turns.csv", meaning="One line a time that a model wrote the interviewer's next message or drafted a card.",
        readers=READS_MONEY, columns=TURNS,
        rows=_by(Turn, "interview__participant__", *inside, *(name for name, _meaning in TURNS[2:])),
    )  # fmt: skip
    register_table(
        "messages.jsonl", meaning="What was said in interviews, one message a line.", readers=READS_WORDS,
        columns=MESSAGES,
        rows=_by(Message, "interview__participant__", *inside, *(name for name, _meaning in MESSAGES[2:])),
    )  # fmt: skip


def _register_more_words() -> None:
    """Register the words that stand behind others: earlier wordings, and feedback on whole conversations."""
    register_table(
        "revisions.jsonl", meaning="What messages said before their authors changed them.", readers=READS_WORDS,
        columns=REVISIONS,
        rows=_by(
            MessageRevision, "message__interview__participant__", "message__interview__participant__code",
            "message__interview__question__key", "message__number", "number", "text", "replaced_at",
        ),
    )  # fmt: skip
    register_table(
        "feedback.jsonl", meaning="What people said about a whole rated conversation.", readers=READS_WORDS,
        columns=FEEDBACK,
        rows=_by(
            ConversationFeedback, "conversation__participant__", "conversation__participant__code",
            "conversation__number", *(name for name, _meaning in FEEDBACK[2:]),
        ),
    )  # fmt: skip


def _register_cards() -> None:
    register_table(
        "cards.jsonl", meaning="Values cards, drafts too, with their authors' codes and the quotes they rest on.",
        readers=READS_WORDS, columns=CARDS, rows=_cards,
    )  # fmt: skip
    register_table(
        "cards.jsonl", meaning="Confirmed values cards that others may see, without their authors.",
        readers=EVERY_ROLE - READS_WORDS, columns=CARD_WORDS, rows=_shareable_cards,
    )  # fmt: skip


def _register_answers() -> None:
    register_table(
        "survey.csv", meaning="One line an answer to a survey's question.", readers=READS_WORDS, columns=SURVEY,
        rows=_by(SurveyAnswer, "participant__", "participant__code", *(name for name, _meaning in SURVEY[1:])),
    )  # fmt: skip
    register_table(
        "conversations.jsonl", meaning="Rated conversations, one answer of a model a line.", readers=READS_WORDS,
        columns=UTTERANCES, rows=_utterances,
    )  # fmt: skip


def _by(model: Any, path: str, *fields: str) -> Any:
    """Return a reader of some fields of a model, previews left out, in the order in which the rows were made."""

    def rows(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
        found = model.objects.of_study(study).exclude(**{f"{path}origin": Origin.PREVIEW})
        return found.order_by("pk").values_list(*fields).iterator(chunk_size=CHUNK)  # type: ignore[no-any-return]

    return rows


def _people(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    fields = ["code", "origin", "version__number", *(name for name, _meaning in PARTICIPANTS[3:])]
    return people_of(study, now=now).values_list(*fields).iterator(chunk_size=CHUNK)


def _cards(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    names = [name for name, _meaning in CARDS[len(CARD_WORDS) + 2 :]]
    fields = ["pk", *(name for name, _meaning in CARD_WORDS[1:]), "participant__code", "question__key", *names]
    found = ValuesCard.objects.of_study(study).exclude(origin=Origin.PREVIEW)
    return found.order_by("pk").values_list(*fields).iterator(chunk_size=CHUNK)


def _shareable_cards(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    fields = ["pk", *(name for name, _meaning in CARD_WORDS[1:])]
    found = ValuesCard.objects.of_study(study).shareable().exclude(origin=Origin.PREVIEW)
    return found.order_by("pk").values_list(*fields).iterator(chunk_size=CHUNK)


_UTTERANCE_PATHS = {
    "participant": "exchange__conversation__participant__code",
    "conversation": "exchange__conversation__number",
    "exchange": "exchange__number",
    "prompt": "exchange__prompt",
    "prompt_checks": "exchange__checks",
    **{name: f"exchange__conversation__{name}" for name in ("kind", "anchor", "arm", "arm_propensity", "ended_by")},
    **{name: f"exchange__{name}" for name in ("draw_policy", "all_bad", "all_bad_reason", "was_tied")},
}


def _utterances(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    fields = [_UTTERANCE_PATHS.get(name, name) for name, _meaning in UTTERANCES]
    found = Utterance.objects.of_study(study).exclude(exchange__conversation__participant__origin=Origin.PREVIEW)
    return found.order_by("exchange", "position").values_list(*fields).iterator(chunk_size=CHUNK)


def _calls(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    fields = [name for name, _meaning in CALLS]
    return LlmCall.objects.of_study(study).order_by("at", "pk").values_list(*fields).iterator(chunk_size=CHUNK)
