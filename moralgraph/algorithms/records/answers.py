"""The six answers, what each counts as in the classic and the repaired rule, and the stories shown beside a pair.

Rule that must stay true: every answer has a mark in every table, and an imported verdict says no more than it did.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Answer(StrEnum):
    """One of the six answers to "is the second card wiser than the first?"."""

    WISER = "wiser"
    ABOUT_EQUAL = "about_equal"
    LESS_WISE = "less_wise"
    BOTH_NEEDED = "both_needed"
    DIFFERENT_CONCERNS = "different_concerns"
    CANNOT_JUDGE = "cannot_judge"


class Story(StrEnum):
    """Which story stood beside the two cards; `forward` leads from the first to the second."""

    NONE = "none"
    FORWARD = "forward"
    REVERSE = "reverse"
    BOTH = "both"
    UNKNOWN = "unknown"


class Mark(StrEnum):
    """What an answer counts as in an estimator."""

    WISER = "wiser"
    NOT_WISER = "not_wiser"
    LESS_WISE = "less_wise"
    UNSURE = "unsure"


ANSWERS: tuple[Answer, ...] = tuple(Answer)
STORIES: tuple[Story, ...] = tuple(Story)

CLASSIC_MARKS: Mapping[Answer, Mark] = MappingProxyType(
    {
        Answer.WISER: Mark.WISER,
        Answer.ABOUT_EQUAL: Mark.NOT_WISER,
        Answer.LESS_WISE: Mark.NOT_WISER,
        Answer.BOTH_NEEDED: Mark.NOT_WISER,
        Answer.DIFFERENT_CONCERNS: Mark.NOT_WISER,
        Answer.CANNOT_JUDGE: Mark.UNSURE,
    }
)
REPAIRED_MARKS: Mapping[Answer, Mark] = MappingProxyType({**CLASSIC_MARKS, Answer.LESS_WISE: Mark.LESS_WISE})

MGE_VERDICTS: Mapping[str, Answer] = MappingProxyType(
    {"upgrade": Answer.WISER, "no_upgrade": Answer.ABOUT_EQUAL, "not_sure": Answer.CANNOT_JUDGE}
)
