"""Show whose words stand behind a value: the lines of confirmed cards, and what their authors said in the interview.

Rule: only words whose author granted "explore", of cards that are neither held nor refused and of people who count; and
it is always said who wrote them. Quotation marks stand around what a person wrote, letter by letter, and nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from elicit.consent import granting
from elicit.models import ValuesCard
from moralgraph.models import CanonicalValuesCard

MOST_CARDS = 12


class Writer(StrEnum):
    """Who worded a card's line."""

    PERSON = "person"  # its author changed the draft
    MODEL = "model"  # a model drafted it, and its author confirmed it as it was
    SCRIPT = "script"  # the guided interview put it together from the author's sentences


@dataclass(frozen=True)
class Line:
    """A line of a card with what its author said, word for word."""

    text: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class CardBehind:
    """A confirmed card that a canonical one stands for."""

    title: str
    language: str
    origin: str
    writer: Writer
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Behind:
    """The cards behind a value that may be read, and how many more there are."""

    cards: tuple[CardBehind, ...]
    more: int


def cards_behind(card: CanonicalValuesCard) -> Behind:
    """Return the confirmed cards that a canonical one stands for, the oldest first."""
    study = card.study
    members = Q(membership__canonical=card) | Q(membership__canonical__merged_into=card)
    found = ValuesCard.objects.of_study(study).shareable().filter(members, participant__excluded_at=None)
    found = found.filter(participant__in=granting("explore", study=study)).order_by("confirmed_at", "pk")
    rows = list(found)
    return Behind(tuple(_card(row) for row in rows[:MOST_CARDS]), max(len(rows) - MOST_CARDS, 0))


def _card(card: ValuesCard) -> CardBehind:
    quotes = [[str(quote["quote"]) for quote in found if quote.get("quote")] for found in card.evidence]
    quotes += [[]] * (len(card.policies) - len(quotes))
    lines = [Line(text, tuple(dict.fromkeys(said))) for text, said in zip(card.policies, quotes, strict=False)]
    return CardBehind(card.title, card.language, card.origin, _writer(card), tuple(lines))


def _writer(card: ValuesCard) -> Writer:
    if card.is_edited:
        return Writer.PERSON
    return Writer.MODEL if card.model_name else Writer.SCRIPT
