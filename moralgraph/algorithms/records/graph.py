"""A moral graph as objects, for graphs that people look at: cards, upgrades, and the evidence of each context.

Rule that must stay true: every number of an edge says what it counts and by which method it was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from moralgraph.algorithms.records.answers import ANSWERS, Answer


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
