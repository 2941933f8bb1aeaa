"""What this app adds to the team's download: what people judged, and what they named as wiser."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from elicit.exports import register_table
from elicit.models import Origin, Study
from elicit.querysets import READS_WORDS
from moralgraph.models import Judgement, Suggestion

CHUNK = 2000
COLUMNS = (
    ("participant", "The participant's random code."),
    ("origin", "person, simulated or imported."),
    ("number", "Order in which the person saw the pairs."),
    ("context", "Key of the context."),
    ("first", "The card that was shown first, by the hash of its words."),
    ("second", "The card that was shown second."),
    ("first_title", "Its name."),
    ("second_title", "Its name."),
    ("story_arm", "Which story was shown: none, forward (first to second), reverse, both; unknown if not recorded."),
    ("first_side", "Where the first card stood: start (where reading starts) or end."),
    ("story_arm_probability", "Probability with which that arm was drawn; 1 where no other was possible."),
    ("design", "How the pair was drawn: active (by what is least known), uniform, or repeat."),
    ("repeat", "0 for a first answer; 1 where the same pair came once more, sides changed."),
    ("selection_probability", "Probability with which the pair was drawn, in this direction."),
    ("answer", "Whether the second is wiser: wiser, about_equal, less_wise, both_needed, different_concerns, "
               "cannot_judge; empty while it is open."),
    ("reason", "Why it could not be judged."),
    ("why", "What the person wrote about it."),
    ("seen_at", "When it was drawn."),
    ("answered_at", "When it was answered, or last changed."),
)  # fmt: skip
FIELDS = (
    "participant__code", "origin", "number", "context__key", "first__content_id", "second__content_id", "first__title",
    "second__title", "story_arm", "first_side", "story_arm_probability", "design", "repeat", "selection_probability",
    "answer", "reason", "why", "seen_at", "answered_at",
)  # fmt: skip

SUGGESTED = (
    ("participant", "The participant's random code."),
    ("origin", "person or simulated."),
    ("context", "Key of the context in which they judged."),
    ("wiser_than", "The card above which the value is set, by the hash of its words."),
    ("title", "The name of the suggested value, or of the person's own card."),
    ("policies", "What one attends to, one a line; the own card's where it is one."),
    ("why", "Why it is wiser, in the person's words."),
    ("flags", "What was found in the words, by code."),
    ("state", "waiting, accepted or declined."),
    ("created_at", "When it was sent first."),
    ("decided_at", "When an organizer decided."),
)


def register() -> None:
    """Register the tables of judgements and suggestions."""
    register_table(
        "suggestions.csv", meaning="One line a value that somebody named as wiser.", readers=READS_WORDS,
        columns=SUGGESTED, rows=_suggestions,
    )  # fmt: skip
    register_table(
        "judgements.csv", meaning="One line a pair that somebody was asked about.", readers=READS_WORDS,
        columns=COLUMNS, rows=_judgements,
    )  # fmt: skip


def _judgements(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    found = Judgement.objects.of_study(study).exclude(origin=Origin.PREVIEW).order_by("pk")
    return found.values_list(*FIELDS).iterator(chunk_size=CHUNK)


def _suggestions(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    found = Suggestion.objects.of_study(study).exclude(origin=Origin.PREVIEW).order_by("pk")
    rows = found.select_related("participant", "judgement__context", "above", "own_card")
    for row in rows.iterator(chunk_size=CHUNK):
        value = row.own_card or row
        yield (
            row.participant.code, row.origin, row.judgement.context.key, row.above.content_id, value.title,
            "\n".join(value.policies), row.why, " ".join(row.flags), row.state, row.created_at, row.decided_at,
        )  # fmt: skip
