"""What this app adds to the team's download: what people judged."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from elicit.exports import register_table
from elicit.models import Origin, Study
from elicit.querysets import READS_WORDS
from moralgraph.models import Judgement

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


def register() -> None:
    """Register the table of judgements."""
    register_table(
        "judgements.csv", meaning="One line a pair that somebody was asked about.", readers=READS_WORDS,
        columns=COLUMNS, rows=_judgements,
    )  # fmt: skip


def _judgements(study: Study, now: datetime) -> Iterable[tuple[Any, ...]]:
    found = Judgement.objects.of_study(study).exclude(origin=Origin.PREVIEW).order_by("pk")
    return found.values_list(*FIELDS).iterator(chunk_size=CHUNK)
