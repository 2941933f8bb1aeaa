"""What a participant may take home: their own answers, as plain data.

Rule: only the participant's own words, and the words that were said to them. Other apps add their part by
`register_own_data`, as they do for forgetting.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from elicit.instruments import Item, load_instrument
from elicit.models import (
    ConsentGrant,
    Conversation,
    Exchange,
    Interview,
    Message,
    Participant,
    SurveyAnswer,
    Utterance,
    ValuesCard,
)

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
        "joined_at": participant.created_at,
        "finished_at": participant.finished_at,
        **{name: reader(participant) for name, reader in _READERS.items()},
    }


def _rows(found: Iterable[Mapping[str, Any]]) -> Rows:
    return [dict(row) for row in found]


def consent_answers(participant: Participant) -> Rows:
    """Return what was agreed to, with the words."""
    items = {item.key: item for item in participant.version.design.consent.items}
    return [
        {
            "item": grant.item,
            "text": items[grant.item].text.for_language(participant.language) if grant.item in items else "",
            "granted": grant.granted,
            "at": grant.at,
        }
        for grant in ConsentGrant.objects.filter(participant=participant).order_by("pk")
    ]


def interviews(participant: Participant) -> Rows:
    """Return the interviews, message by message."""
    return [
        {
            "question": interview.question.key,
            "messages": _rows(
                Message.objects.filter(interview=interview).values("number", "author", "text", "created_at")
            ),
        }
        for interview in Interview.objects.filter(participant=participant).select_related("question").order_by("pk")
    ]


def values_cards(participant: Participant) -> Rows:
    """Return the values cards."""
    fields = ("title", "description", "policies", "evidence", "state", "fit", "confirmed_at")
    return _rows(ValuesCard.objects.filter(participant=participant).values(*fields))


def conversations(participant: Participant) -> Rows:
    """Return the rated conversations; models stay hidden under their letters."""
    return [
        {"number": conversation.number, "kind": conversation.kind, "exchanges": _exchanges(conversation)}
        for conversation in Conversation.objects.filter(participant=participant)
    ]


def _exchanges(conversation: Conversation) -> Rows:
    return [
        {
            "prompt": exchange.prompt,
            "answers": [
                {"letter": said.letter, "text": said.text, "score": said.score, "chosen": said.is_chosen}
                for said in Utterance.objects.filter(exchange=exchange)
            ],
        }
        for exchange in Exchange.objects.filter(conversation=conversation)
    ]


def survey_answers(participant: Participant) -> Rows:
    """Return the survey answers."""
    fields = ("instrument", "item", "value", "null_reason", "answered_at")
    return _rows(SurveyAnswer.objects.filter(participant=participant).order_by("pk").values(*fields))


def answers_in_words(answers: Rows, language: str) -> list[tuple[str, str]]:
    """Return survey answers as they were asked and chosen: the question's text and the words of the answer."""
    return [_in_words(answer, language) for answer in answers]


def _in_words(answer: dict[str, Any], language: str) -> tuple[str, str]:
    items = {item.name: item for item in load_instrument(answer["instrument"]).items()}
    item = items.get(answer["item"])
    if item is None:  # asked by an earlier wording of the instrument
        return answer["item"], str(answer["value"])
    words = _value_in_words(item, answer["value"], language) if not answer["null_reason"] else ""
    return item.text.for_language(language), words or _("Not answered")


def _value_in_words(item: Item, value: Any, language: str) -> str:
    if not isinstance(value, dict):
        option = item.option(str(value))
        return option.label.for_language(language) if option else str(value)
    labels = {option.value: option.label.for_language(language) for option in item.options}
    if item.type == "slider":
        given = [f"{labels.get(name, name)}: {number}" for name, number in value.items() if number is not None]
    else:
        given = [labels.get(name, str(said)) for name, said in value.items() if said]
    return "; ".join(given)
