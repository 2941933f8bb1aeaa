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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]


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


COLUMNS = (
    "participant", "first", "second", "context", "answer", "order", "story", "probability", "repeat",
)  # fmt: skip


class JudgementError(ValueError):
    """The columns do not describe judgements: the message names the row and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Judgements:
    """Judgements as columns of codes, one row a judgement, in the order of the source.

    Attributes
    ----------
    cards, contexts, participants
        The sorted names that the codes point into.
    participant, first, second, context
        Codes, shape (judgements,).
    answer
        Positions in `ANSWERS`, shape (judgements,).
    order
        The source's own position of each row, ascending.
    story
        Positions in `STORIES`, shape (judgements,).
    probability
        Probability with which the pair and its direction were drawn, above 0 and at most 1, shape (judgements,);
        NaN where it was not recorded.
    repeat
        How often the person had been asked about the pair before, 0 for a first answer, shape (judgements,).
    """

    cards: tuple[str, ...]
    contexts: tuple[str, ...]
    participants: tuple[str, ...]
    participant: Codes
    first: Codes
    second: Codes
    context: Codes
    answer: Codes
    order: Codes
    story: Codes
    probability: Probabilities
    repeat: Codes

    @classmethod
    def from_columns(
        cls,
        *,
        participant: Sequence[object],
        first: Sequence[object],
        second: Sequence[object],
        context: Sequence[object],
        answer: Sequence[str],
        order: Sequence[int] | None = None,
        story: Sequence[str] | None = None,
        probability: Sequence[float | None] | None = None,
        repeat: Sequence[int] | None = None,
    ) -> Self:
        """Code the columns of names; rows are put into the order of `order`, which defaults to as given.

        Without `story` and `probability` these were not recorded; without `repeat` every answer is a first one.

        Raises
        ------
        JudgementError
            If the columns differ in length, an answer or a story is unknown, a probability is none, or a card is
            compared with itself.

        Examples
        --------
        >>> judgements = Judgements.from_columns(
        ...     participant=["p1", "p2"], first=["a", "a"], second=["b", "b"],
        ...     context=["at work", "at work"], answer=["wiser", "cannot_judge"])
        >>> len(judgements), judgements.cards
        (2, ('a', 'b'))
        """
        rows = len(first)
        columns: dict[str, Any] = {
            "answer": _codes_of(answer, known=ANSWERS, what="answer"),
            "order": np.arange(rows) if order is None else np.asarray(order, dtype=np.int64),
            "story": _codes_of([Story.UNKNOWN] * rows if story is None else story, known=STORIES, what="story"),
            "probability": _probabilities([None] * rows if probability is None else probability),
            "repeat": np.zeros(rows, dtype=np.int64) if repeat is None else np.asarray(repeat, dtype=np.int64),
        }
        _refuse_uneven(participant, first, second, context, *columns.values())
        cards, ends = _coded([*first, *second])
        participants, columns["participant"] = _coded(participant)
        contexts, columns["context"] = _coded(context)
        columns["first"], columns["second"] = ends[:rows], ends[rows:]
        _refuse_self_comparison(columns["first"], columns["second"], cards)
        sorted_rows = np.argsort(columns["order"], kind="stable")
        sorted_columns = {name: column[sorted_rows] for name, column in columns.items()}
        return cls(cards=cards, contexts=contexts, participants=participants, **sorted_columns)

    def __len__(self) -> int:
        return int(self.first.size)

    def select(self, rows: npt.NDArray[np.bool_] | Codes) -> Self:
        """Return the judgements of some rows, with the same names and codes."""
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})

    def in_context(self, context: str) -> Self:
        """Return the judgements made in one context; none if the context is unknown."""
        if context not in self.contexts:
            return self.select(np.zeros(len(self), dtype=np.bool_))
        return self.select(self.context == self.contexts.index(context))


def _coded(names: Sequence[object]) -> tuple[tuple[str, ...], Codes]:
    if len(names) == 0:
        return (), np.zeros(0, dtype=np.int64)
    distinct, codes = np.unique(np.array([str(name) for name in names], dtype=object), return_inverse=True)
    return tuple(str(name) for name in distinct), codes.astype(np.int64).reshape(-1)


def _codes_of(names: Sequence[str], *, known: Sequence[str], what: str) -> Codes:
    codes = {str(name): code for code, name in enumerate(known)}
    unknown = next((row for row, name in enumerate(names) if str(name) not in codes), None)
    if unknown is not None:
        raise JudgementError(f"row {unknown}: {what} {names[unknown]!r} is unknown; use one of {', '.join(codes)}")
    return np.array([codes[str(name)] for name in names], dtype=np.int64)


def _probabilities(given: Sequence[float | None]) -> Probabilities:
    found = np.array([np.nan if value is None else value for value in given], dtype=np.float64)
    wrong = np.flatnonzero(~(np.isnan(found) | ((found > 0) & (found <= 1))))
    if wrong.size:
        raise JudgementError(f"row {wrong[0]}: {given[wrong[0]]} is no probability; give one above 0 and at most 1")
    return found


def _refuse_uneven(*columns: Sequence[object] | Codes | Probabilities) -> None:
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise JudgementError(f"columns have different lengths {sorted(lengths)}; give every judgement every field")


def _refuse_self_comparison(first: Codes, second: Codes, cards: tuple[str, ...]) -> None:
    same = np.flatnonzero(first == second)
    if same.size:
        raise JudgementError(f"row {same[0]}: card {cards[first[same[0]]]!r} is compared with itself; leave it out")


@dataclass(frozen=True)
class Counts:
    """How often an upgrade was marked what; which answers count as what is in the module's table."""

    wiser: int
    not_wiser: int
    less_wise: int
    unsure: int
    impressions: int

    @property
    def total(self) -> int:
        """All marks; the impressions are not one of them."""
        return self.wiser + self.not_wiser + self.less_wise + self.unsure


@dataclass(frozen=True)
class Evidence:
    """What one context says about an upgrade, under the repaired rule."""

    context: str
    counts: Counts
    answers: tuple[int, ...]
    likelihood: float
    entropy: float
    low: float
    high: float


@dataclass(frozen=True)
class Edge:
    """An upgrade that was kept: in these contexts `second` was judged wiser than `first`.

    Attributes
    ----------
    likelihood
        How strongly it was judged wiser; the method's own measure (see `building`), at most 1.
    entropy
        Disagreement in bits; the method's own measure.
    answers
        How often each of `ANSWERS` was given to exactly this question.
    low, high
        95 % Jeffreys interval of the share that said "wiser" among those who compared, between 0 and 1.
    by_context
        Evidence of each context in which it was judged (repaired rule only).
    """

    first: str
    second: str
    contexts: tuple[str, ...]
    counts: Counts
    likelihood: float
    entropy: float
    answers: tuple[int, ...]
    low: float
    high: float
    by_context: tuple[Evidence, ...] = ()

    @property
    def support(self) -> int:
        """How many times people judged it wiser."""
        return self.counts.wiser

    @property
    def compared(self) -> int:
        """How many answers to this question compared the two cards."""
        return sum(self.answers) - self.answers[ANSWERS.index(Answer.CANNOT_JUDGE)]

    @property
    def agreement(self) -> float:
        """Share that said "wiser" among those who compared, between 0 and 1."""
        return self.answers[ANSWERS.index(Answer.WISER)] / self.compared if self.compared else 0.0

    def within(self, context: str) -> "Edge":
        """Return the upgrade as one context sees it; as it is where evidence was not kept by context."""
        for part in self.by_context:
            if part.context == context:
                return Edge(
                    first=self.first,
                    second=self.second,
                    contexts=(context,),
                    counts=part.counts,
                    likelihood=part.likelihood,
                    entropy=part.entropy,
                    answers=part.answers,
                    low=part.low,
                    high=part.high,
                )
        return self


@dataclass(frozen=True)
class MoralGraph:
    """Cards and the upgrades between them, with the method and the parameters that made them."""

    cards: tuple[str, ...]
    edges: tuple[Edge, ...]
    method: str
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts of the kept upgrades, sorted."""
        return tuple(sorted({context for edge in self.edges for context in edge.contexts}))

    def in_context(self, context: str | None) -> "MoralGraph":
        """Return the graph of one context; the whole graph for None."""
        if context is None:
            return self
        edges = tuple(edge.within(context) for edge in self.edges if context in edge.contexts)
        return replace(self, cards=ends_of(edges), edges=edges)


def ends_of(edges: Sequence[Edge]) -> tuple[str, ...]:
    """Return the cards at the ends of the edges, each once, in order of first appearance."""
    return tuple(dict.fromkeys(card for edge in edges for card in (edge.first, edge.second)))
