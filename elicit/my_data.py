"""What a participant may take home: their own answers, as plain data.

Rule: only the participant's own words, and the words that were said to them. Other apps add their part by
`register_own_data`, as they do for forgetting.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from elicit.consent import asked_design, named_facts, newest_answers, words_hash
from elicit.conversations import shown_utterances
from elicit.instruments import Item, available_instruments, country_choices, load_instrument
from elicit.models import (
    ConsentGrant,
    Conversation,
    ConversationFeedback,
    EntryLink,
    Exchange,
    Interview,
    Message,
    MessageRevision,
    PanelIdentity,
    Participant,
    SurveyAnswer,
    Turn,
    Utterance,
    ValuesCard,
)
from elicit.panels import PanelNotReady, PanelRefused, unseal

Rows = list[dict[str, Any]]
Reader = Callable[[Participant], Rows]

_READERS: dict[str, Reader] = {}


def register_own_data(name: str, reader: Reader) -> None:
    """Add a part to what participants can download about themselves."""
    _READERS[name] = reader


def own_data(participant: Participant) -> dict[str, Any]:
    """Return everything that is kept about a participant, ready to be written as JSON."""
    return {
        "study": participant.study.slug,
        "participant": participant.code,
        "origin": participant.origin,
        "language": participant.language,
        "version": participant.version.number,
        "joined_at": participant.created_at,
        "began_at": participant.began_at,
        "last_seen_at": participant.last_seen_at,
        "finished_at": participant.finished_at,
        "ended": participant.ended,
        "was_excluded_from_results": participant.excluded_at is not None,
        **{name: reader(participant) for name, reader in _READERS.items()},
    }


def _rows(found: Iterable[Mapping[str, Any]]) -> Rows:
    return [dict(row) for row in found]


def consent_answers(participant: Participant) -> Rows:
    """Return every answer to the consent in order, with the words and their hash; the newest one to an item holds."""
    texts = _texts_by_hash(participant)
    return [
        {
            "item": grant.item,
            "text": texts.get(grant.text_hash, ""),
            "text_hash": grant.text_hash,
            "consent_version": grant.version,
            "granted": grant.granted,
            "at": grant.at,
        }
        for grant in ConsentGrant.objects.filter(participant=participant)
    ]


def _texts_by_hash(participant: Participant) -> dict[str, str]:
    found = {}
    for version in participant.study.versions.all():
        design, language = version.design, participant.language
        for item in design.consent.items:
            found[words_hash(item, design=design, language=language)] = item.text.for_language(language)
    return found


def changeable_answers(participant: Participant) -> Rows:
    """Return the items of the wording that somebody answered last, each with the answer that holds now."""
    given = newest_answers(participant)
    items = asked_design(participant).consent.items if given else []
    return [
        {
            "item": item.key,
            "text": item.text.for_language(participant.language),
            "granted": item.key in given and given[item.key].granted,
            "can_change": not item.required,
        }
        for item in items
    ]


def consent_facts(participant: Participant) -> Rows:
    """Return what the consent names beside its boxes: who is responsible, who receives words, until when."""
    facts = named_facts(asked_design(participant), language=participant.language)
    return [{"name": name, "value": value} for name, value in facts.items()]


def panel_numbers(participant: Participant) -> Rows:
    """Return under which numbers a panel knows the participant; where the key to them is gone, that they are sealed."""
    return [
        {"panel": known.panel, "created_at": known.created_at, **_numbers(known)}
        for known in PanelIdentity.objects.filter(participant=participant)
    ]


def _numbers(known: PanelIdentity) -> dict[str, str]:
    if not known.sealed:
        return {}
    try:
        visit = unseal(bytes(known.sealed))
    except (PanelNotReady, PanelRefused):
        return {"sealed": "yes"}
    return {"participant": visit.participant, "study": visit.study, "session": visit.session}


def personal_links(participant: Participant) -> Rows:
    """Return when personal links were made, end and were revoked; the links themselves are kept nowhere."""
    fields = ("created_at", "expires_at", "revoked_at")
    return _rows(EntryLink.objects.filter(participant=participant).order_by("pk").values(*fields))


def interviews(participant: Participant) -> Rows:
    """Return the interviews: every message with who or what wrote it, what it said before, and each turn's facts."""
    return [
        {
            "question": interview.question.key,
            "mode": interview.mode,
            "handed_over": interview.handed_over,
            "state": interview.state,
            "started_at": interview.started_at,
            "finished_at": interview.finished_at,
            "messages": _messages(interview),
            "turns": _turns(interview),
        }
        for interview in Interview.objects.filter(participant=participant).select_related("question").order_by("pk")
    ]


def _messages(interview: Interview) -> Rows:
    fields = (
        "number", "author", "kind", "stage", "text", "language", "revision", "was_cut", "model_name", "prompt_name",
        "prompt_hash", "seed", "created_at",
    )  # fmt: skip
    earlier: dict[int, Rows] = {}
    revisions = MessageRevision.objects.filter(message__interview=interview).order_by("message", "number")
    for number, revision, text, at in revisions.values_list("message__number", "number", "text", "replaced_at"):
        earlier.setdefault(number, []).append({"revision": revision, "text": text, "replaced_at": at})
    rows = Message.objects.filter(interview=interview).order_by("number").values(*fields)
    return [{**row, "earlier": earlier.get(row["number"], [])} for row in rows]


def _turns(interview: Interview) -> Rows:
    fields = (
        "kind", "number", "state", "trouble", "attempt", "model_name", "fell_back_from", "created_at",
        "first_token_at", "finished_at",
    )  # fmt: skip
    written = Turn.objects.filter(interview=interview).order_by("pk")
    half = {turn.pk: "".join(turn.chunks.values_list("text", flat=True)) for turn in written}
    return [{**{name: getattr(turn, name) for name in fields}, "written_so_far": half[turn.pk]} for turn in written]


def values_cards(participant: Participant) -> Rows:
    """Return the values cards."""
    fields = (
        "title", "description", "policies", "evidence", "language", "state", "is_edited", "fit", "fit_reason",
        "release", "model_name", "prompt_name", "prompt_hash", "seed", "created_at", "confirmed_at",
    )  # fmt: skip
    return _rows(ValuesCard.objects.filter(participant=participant).values(*fields))


def conversations(participant: Participant) -> Rows:
    """Return the rated conversations; models stay hidden under their letters."""
    return [
        {
            "number": conversation.number,
            "kind": conversation.kind,
            "opened_by": "study" if conversation.anchor else "participant",
            "arm": conversation.arm if conversation.finished_at else "",
            "ended_by": conversation.ended_by,
            "started_at": conversation.started_at,
            "finished_at": conversation.finished_at,
            "exchanges": _exchanges(conversation),
            "feedback": _rows(
                ConversationFeedback.objects.filter(conversation=conversation).values(
                    "performance", "choice", "open_text", "attribute_order", "handling", "checks", "created_at"
                )
            ),
        }
        for conversation in Conversation.objects.filter(participant=participant)
    ]


def _exchanges(conversation: Conversation) -> Rows:
    return [
        {
            "prompt": exchange.prompt,
            "checks": exchange.checks,
            "created_at": exchange.created_at,
            "rated_at": exchange.rated_at,
            "all_bad": exchange.all_bad,
            "all_bad_reason": exchange.all_bad_reason,
            "was_tied": exchange.was_tied,
            "answers": [_answer(said) for said in shown_utterances(exchange)],
        }
        for exchange in Exchange.objects.filter(conversation=conversation)
    ]


def _answer(said: Utterance) -> dict[str, Any]:
    """Return an answer as it was rated, without what would tell which model wrote it or with whose instructions."""
    return {
        "letter": said.letter,
        "text": said.text,
        "score": said.score,
        "society_score": said.society_score,
        "chosen": said.is_chosen,
        "handling": said.handling,
        "checks": said.checks,
    }


def survey_answers(participant: Participant) -> Rows:
    """Return the survey answers, each with the question's words and what was noted of how it was answered."""
    fields = (
        "instrument", "instrument_version", "item", "value", "null_reason", "option_order", "place", "handling",
        "checks", "answered_at",
    )  # fmt: skip
    rows = _rows(SurveyAnswer.objects.filter(participant=participant).order_by("pk").values(*fields))
    return [{**row, "question": _question(row, participant.language)} for row in rows]


def _item_of(answer: Mapping[str, Any]) -> Item | None:
    """Return the question of an answer; none where an earlier instrument asked it."""
    if answer["instrument"] not in available_instruments():
        return None
    asked = load_instrument(answer["instrument"]).items()
    return next((item for item in asked if item.name == answer["item"]), None)


def _question(answer: Mapping[str, Any], language: str) -> str:
    item = _item_of(answer)
    return item.text.for_language(language) if item else str(answer["item"])


def answers_in_words(answers: Rows, language: str) -> list[tuple[str, str]]:
    """Return survey answers as they were asked and chosen: the question's text and the words of the answer."""
    return [(_question(answer, language), _in_words(answer, language)) for answer in answers]


def _in_words(answer: Mapping[str, Any], language: str) -> str:
    item = _item_of(answer)
    if item is None:
        return str(answer["value"]) if not answer["null_reason"] else _reason_in_words(answer["null_reason"])
    return answer_in_words(item, answer["value"], answer["null_reason"], language)


def answer_in_words(item: Item, value: Any, null_reason: str, language: str) -> str:
    """Return an answer in the words of the page, or why there is none."""
    words = _value_in_words(item, value, language) if not null_reason else ""
    return words or _reason_in_words(null_reason)


def _reason_in_words(null_reason: str) -> str:
    """Return why there is no answer, as the person would say it."""
    reasons = {
        SurveyAnswer.NullReason.NOT_SHOWN: _("You were not asked this"),
        SurveyAnswer.NullReason.REFUSED: _("You chose not to say"),
        SurveyAnswer.NullReason.DONT_KNOW: _("You chose “I don't know”"),
        SurveyAnswer.NullReason.NOT_APPLICABLE: _("You said that this does not apply to you"),
    }
    return str(reasons.get(SurveyAnswer.NullReason(null_reason or "skipped"), _("Not answered")))


def _value_in_words(item: Item, value: Any, language: str) -> str:
    if not isinstance(value, dict):
        return _one_in_words(item, value, language)
    labels = {option.value: option.label.for_language(language) for option in item.options}
    order = [name for option in item.options for name in (option.value, f"{option.value}_text")]
    value = {name: value[name] for name in order if name in value}  # a database may keep them in another
    if item.has_rows():
        given = [
            f"{labels.get(name, name)}: {_point(item, said, language)}" if name in labels else str(said)
            for name, said in value.items()
            if said is not None
        ]
    else:
        given = [labels.get(name, str(said)) for name, said in value.items() if said]
    return "; ".join(given)


def _point(item: Item, said: Any, language: str) -> str:
    """Return a number of a slider, or the words of a matrix's point."""
    point = item.point(str(said))
    return point.label.for_language(language) if point else str(said)


def _one_in_words(item: Item, value: Any, language: str) -> str:
    option = item.option(str(value))
    if option is not None:
        return option.label.for_language(language)
    if item.type == "country":
        return dict(country_choices(language)).get(str(value), str(value))
    unit = f" {item.unit.for_language(language)}" if item.unit else ""
    return f"{value}{unit}"
