"""What this app adds to the team's download from after publication: what authors said of their card, and appeals."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from elicit.exports import register_table
from elicit.models import Origin, Study
from elicit.querysets import READS_WORDS
from moralgraph.models import Appeal, CardVerification, PlaceVerification

ANSWERS = (
    ("participant", "The participant's random code."),
    ("asked", "yours (is this card yours?) or place (is its place fair?)."),
    ("report", "Number of the report that it is about; empty for yours."),
    ("canonical", "The card that stands for theirs, by the hash of its words."),
    ("answer", "same, different or unsure; fair, not_fair or unsure."),
    ("why", "What the person wrote about it."),
    ("answered_at", "When it was answered, or last changed."),
)
APPEALS = (
    ("participant", "The participant's random code."),
    ("report", "Number of the report that it is about."),
    ("words", "What the person asked the organizers to look at."),
    ("state", "open or answered."),
    ("answer", "What the organizers answered."),
    ("made_at", "When it was asked."),
    ("answered_at", "When it was answered, or the answer last changed."),
)


def register() -> None:
    """Register the two tables."""
    register_table(
        "card_feedback.csv", meaning="One line an answer of an author about the card that stands for theirs.",
        readers=READS_WORDS, columns=ANSWERS, rows=_answers,
    )  # fmt: skip
    register_table(
        "appeals.csv", meaning="One line an appeal to the organizers.", readers=READS_WORDS, columns=APPEALS,
        rows=_appeals,
    )  # fmt: skip


def _answers(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    yours = CardVerification.objects.of_study(study).exclude(card__origin=Origin.PREVIEW).order_by("pk")
    fields = ("card__participant__code", "canonical__content_id", "answer", "why", "answered_at")
    for code, *row in yours.values_list(*fields):
        yield code, "yours", None, *row
    places = PlaceVerification.objects.of_study(study).exclude(card__origin=Origin.PREVIEW).order_by("pk")
    for number, code, *row in places.values_list("report__number", *fields):
        yield code, "place", number, *row


def _appeals(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    found = Appeal.objects.of_study(study).exclude(participant__origin=Origin.PREVIEW).order_by("pk")
    return found.values_list(
        "participant__code", "report__number", "words", "state", "answer", "made_at", "answered_at"
    )
