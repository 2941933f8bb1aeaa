"""Find where a moral graph contradicts itself: upgrades that lead back to their beginning, pairs endorsed both ways.

A latent order cannot show either, and a ranking hides both. They may be noise, a story's pull, or a real conflict; the
counts and intervals are given so that a reader can tell.

Rule that must stay true: contradictions are reported, never resolved here. Where the search was cut short, it says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx

from moralgraph.algorithms.records import Edge, MoralGraph

LONGEST = 6  # cards in a cycle; longer ones are chains of chance more than conflicts that a reader can follow
MOST_CYCLES = 50
MOST_STEPS = 200_000  # of the search; a second at most


@dataclass(frozen=True)
class Cycles:
    """The cycles of a context, smallest first.

    Attributes
    ----------
    cycles
        Cards in the order of the upgrades, each cycle from its smallest id on, of three cards or more.
    is_complete
        Whether every cycle of at most `longest` cards is listed.
    """

    context: str | None
    cycles: tuple[tuple[str, ...], ...]
    longest: int
    is_complete: bool


@dataclass(frozen=True)
class Direction:
    """What was answered to one direction of a pair: how many of those who compared said "wiser"."""

    wiser: int
    compared: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class ContestedPair:
    """Two cards, each judged wiser than the other: `forward` asks about the second, `backward` about the first."""

    context: str | None
    first: str
    second: str
    forward: Direction
    backward: Direction


def contested_pairs(graph: MoralGraph, *, context: str | None = None) -> tuple[ContestedPair, ...]:
    """Return the pairs kept in both directions, those with the most answers first, then by id.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_repaired(Judgements.from_columns(
    ...     participant=range(55), first=["a"] * 27 + ["b"] * 28, second=["b"] * 27 + ["a"] * 28,
    ...     context=["in distress"] * 55,
    ...     answer=["wiser"] * 23 + ["about_equal"] * 4 + ["wiser"] * 24 + ["less_wise"] * 4))
    >>> pair, = contested_pairs(graph, context="in distress")
    >>> pair.first, pair.second, round(pair.forward.share, 2), round(pair.backward.share, 2)
    ('a', 'b', 0.85, 0.86)
    """
    edges = {(edge.first, edge.second): edge for edge in graph.in_context(context).edges}
    found = [
        ContestedPair(context, first, second, _direction(edge), _direction(edges[second, first]))
        for (first, second), edge in edges.items()
        if first < second and (second, first) in edges
    ]
    return tuple(
        sorted(found, key=lambda pair: (-pair.forward.compared - pair.backward.compared, pair.first, pair.second))
    )


def _direction(edge: Edge) -> Direction:
    return Direction(wiser=edge.support, compared=edge.compared, share=edge.agreement, low=edge.low, high=edge.high)


def find_cycles(
    graph: MoralGraph, *, context: str | None = None, longest: int = LONGEST, most: int = MOST_CYCLES
) -> Cycles:
    """Return the cycles of at least three and at most `longest` cards, smallest first, then by id; `most` of them.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_repaired(Judgements.from_columns(
    ...     participant=range(12), first=["a"] * 4 + ["b"] * 4 + ["c"] * 4, second=["b"] * 4 + ["c"] * 4 + ["a"] * 4,
    ...     context=["at work"] * 12, answer=["wiser"] * 12))
    >>> find_cycles(graph, context="at work").cycles
    (('a', 'b', 'c'),)
    """
    part = graph.in_context(context)
    walk = nx.DiGraph()
    walk.add_edges_from((edge.first, edge.second) for edge in part.edges)
    steps = _Steps(MOST_STEPS)
    found: list[tuple[str, ...]] = []
    for length in range(3, longest + 1):
        for cycle in _cycles_of_length(walk, length, steps):
            found.append(cycle)
            if len(found) > most:
                return Cycles(context, tuple(found[:most]), longest, False)
        if steps.left <= 0:
            return Cycles(context, tuple(found), longest, False)
    return Cycles(context, tuple(found), longest, True)


@dataclass
class _Steps:
    """How many steps the search may still take."""

    left: int


def _cycles_of_length(walk: nx.DiGraph, length: int, steps: _Steps) -> Iterator[tuple[str, ...]]:
    """Walk from each card over larger ids only, never so far that the way back would be too long."""
    for members in sorted(sorted(group) for group in nx.strongly_connected_components(walk) if len(group) > 1):
        for position, start in enumerate(members):
            allowed = walk.subgraph(members[position:])
            back = nx.single_source_shortest_path_length(allowed.reverse(copy=False), start, cutoff=length)
            waiting: list[tuple[str, ...]] = [(start,)]
            while waiting and steps.left > 0:
                steps.left -= 1
                path = waiting.pop()
                if len(path) == length:
                    yield path
                    continue
                room = length - len(path) - 1
                nexts = [card for card in allowed[path[-1]] if card not in path and back.get(card, length) <= room + 1]
                if len(path) + 1 == length:
                    nexts = [card for card in nexts if back.get(card) == 1]
                waiting.extend((*path, card) for card in sorted(nexts, reverse=True))
