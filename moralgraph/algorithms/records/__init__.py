"""What the algorithms read and return: columns of judgements in, a moral graph out.

A judgement answers one directed question: "is the `second` card wiser than the `first`, in this context?".
Two estimators read the six answers, each by one written table:

==================  ===================  ==========================================
answer              classic rule         repaired rule
==================  ===================  ==========================================
wiser               marked wiser         wiser
about_equal         marked not wiser     not wiser
less_wise           marked not wiser     less wise
both_needed         marked not wiser     not wiser (the second does not contain the first)
different_concerns  marked not wiser     not wiser (no deepening of the same concern)
cannot_judge        marked unsure        unsure: seen, but not part of the share
==================  ===================  ==========================================

In the classic rule "marked less wise" is never an answer: it is the number of "wiser" answers to the opposite
question. The verdicts of an imported MGE study are read by `MGE_VERDICTS`. Its "no" denies that the second card is
wiser and says nothing more, so it becomes the mildest denial, `about_equal`.

Rule that must stay true: a person who compared the two cards and did not say "wiser" counts against the upgrade, and
only a person who could not judge counts as unsure.
"""

from moralgraph.algorithms.records.answers import (
    ANSWERS,
    CLASSIC_MARKS,
    MGE_VERDICTS,
    REPAIRED_MARKS,
    STORIES,
    Answer,
    Mark,
    Story,
)
from moralgraph.algorithms.records.graph import Counts, Edge, Evidence, MoralGraph, ends_of
from moralgraph.algorithms.records.judgements import COLUMNS, Codes, JudgementError, Judgements, Probabilities

__all__ = [
    "ANSWERS",
    "CLASSIC_MARKS",
    "COLUMNS",
    "MGE_VERDICTS",
    "REPAIRED_MARKS",
    "STORIES",
    "Answer",
    "Codes",
    "Counts",
    "Edge",
    "Evidence",
    "JudgementError",
    "Judgements",
    "Mark",
    "MoralGraph",
    "Probabilities",
    "Story",
    "ends_of",
]
