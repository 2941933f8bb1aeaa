"""A moral graph as columns: as many upgrades as there are, without an object for each.

Both rules make columns; the objects that pages read (`records.MoralGraph`) are made from them, for small graphs.

Rule that must stay true: columns and objects say the same, number for number and in the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from moralgraph.algorithms.records import Codes, Counts, Edge, Evidence, MoralGraph
from moralgraph.algorithms.tally import Facts, Floats


@dataclass(frozen=True, eq=False)
class EdgeColumns:
    """What was counted for directed pairs, one row a pair.

    Attributes
    ----------
    first, second
        Codes of the cards, shape (edges,).
    answers
        How often each of `ANSWERS` was given, shape (edges, 6).
    counts
        Marked wiser, not wiser, less wise, unsure, and impressions, shape (edges, 5).
    likelihood, entropy, low, high
        As in `records.Edge`, shape (edges,).
    """

    first: Codes
    second: Codes
    answers: Codes
    counts: Codes
    likelihood: Floats
    entropy: Floats
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return int(self.first.size)

    def take(self, rows: Codes | Facts) -> "EdgeColumns":
        """Return some rows."""
        return EdgeColumns(**{name: column[rows] for name, column in vars(self).items()})


@dataclass(frozen=True, eq=False)
class GraphColumns:
    """A moral graph: the kept upgrades, and in which contexts each of them was judged.

    Attributes
    ----------
    cards, contexts
        The names that the codes point into, those without an upgrade too.
    edges
        The kept upgrades, in order of their first judgement.
    part_edge, part_context
        One row for each context of each edge: the row in `edges` and the code of the context, shape (parts,).
    part_is_kept
        Whether the upgrade stands in that context, shape (parts,).
    parts
        What was counted there, one row a part; the edge's own numbers where the rule adds all contexts together.
    is_by_context
        Whether the rule counts each context apart.
    """

    cards: tuple[str, ...]
    contexts: tuple[str, ...]
    edges: EdgeColumns
    part_edge: Codes
    part_context: Codes
    part_is_kept: Facts
    parts: EdgeColumns
    is_by_context: bool
    method: str
    parameters: Mapping[str, float] = field(default_factory=dict)

    def as_graph(self) -> MoralGraph:
        """Return the graph as objects, one for each edge; for graphs that people look at.

        Examples
        --------
        >>> from moralgraph.algorithms.building import repaired_columns
        >>> from moralgraph.algorithms.records import Judgements
        >>> from moralgraph.algorithms.tally import count_cells
        >>> columns = repaired_columns(count_cells(Judgements.from_columns(
        ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser"] * 2)))
        >>> columns.edges.likelihood.round(3).tolist(), columns.as_graph().edges[0].support
        ([0.833], 2)
        """
        contexts: list[list[str]] = [[] for _ in range(len(self.edges))]
        by_context: list[list[Evidence]] = [[] for _ in range(len(self.edges))]
        evidence = _evidence(self) if self.is_by_context else []
        for row, (edge, context, is_kept) in enumerate(
            zip(self.part_edge.tolist(), self.part_context.tolist(), self.part_is_kept.tolist(), strict=True)
        ):
            if is_kept:
                contexts[edge].append(self.contexts[context])
            if self.is_by_context:
                by_context[edge].append(evidence[row])
        edges = tuple(
            replace(edge, contexts=tuple(contexts[row]), by_context=tuple(by_context[row]))
            for row, edge in enumerate(_edges(self))
        )
        ends = np.stack([self.edges.first, self.edges.second], axis=1).reshape(-1).tolist()
        cards = tuple(self.cards[code] for code in dict.fromkeys(ends))
        return MoralGraph(cards=cards, edges=edges, method=self.method, parameters=dict(self.parameters))


def _edges(columns: GraphColumns) -> list[Edge]:
    edges = columns.edges
    found = zip(*(column.tolist() for column in vars(edges).values()), strict=True)
    return [
        Edge(
            first=columns.cards[first],
            second=columns.cards[second],
            contexts=(),
            counts=Counts(*counts),
            likelihood=likelihood,
            entropy=entropy,
            answers=tuple(answers),
            low=low,
            high=high,
        )
        for first, second, answers, counts, likelihood, entropy, low, high in found
    ]


def _evidence(columns: GraphColumns) -> list[Evidence]:
    found = zip(*(column.tolist() for column in vars(columns.parts).values()), strict=True)
    return [
        Evidence(
            context=columns.contexts[context],
            counts=Counts(*counts),
            answers=tuple(answers),
            likelihood=likelihood,
            entropy=entropy,
            low=low,
            high=high,
        )
        for context, (_, _, answers, counts, likelihood, entropy, low, high) in zip(
            columns.part_context.tolist(), found, strict=True
        )
    ]
