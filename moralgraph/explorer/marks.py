"""Which upgrades contradict others: found wiser both ways, or part of a circle.

Rule: contradictions are shown and said in words, never hidden; they are read from the snapshot and from the upgrades
that are shown, so a filter that leaves one side out leaves the mark.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moralgraph.algorithms.records import Edge, MoralGraph

Pair = tuple[str, str]


@dataclass(frozen=True)
class Marks:
    """Directed pairs that contradict others."""

    contested: frozenset[Pair]
    circling: frozenset[Pair]

    def is_contested(self, edge: Edge) -> bool:
        """Whether the pair was found wiser the other way round too."""
        return (edge.first, edge.second) in self.contested

    def is_circling(self, edge: Edge) -> bool:
        """Whether the upgrade is part of a circle of three or more."""
        return (edge.first, edge.second) in self.circling


def marks_of(graph: MoralGraph, content: Mapping[str, Any], *, contexts: tuple[str, ...] = ()) -> Marks:
    """Return the marks of a graph's upgrades; of some contexts alone if they are named.

    >>> found = marks_of(MoralGraph((), (), "repaired"), {"contexts": [
    ...     {"key": "c", "contested": [], "cycles": [["a", "b", "d"]]}]})
    >>> sorted(found.circling)
    [('a', 'b'), ('b', 'd'), ('d', 'a')]
    """
    shown = {(edge.first, edge.second) for edge in graph.edges}
    contested = {(first, second) for first, second in shown if (second, first) in shown}
    circling: set[Pair] = set()
    for context in content["contexts"]:
        if contexts and context["key"] not in contexts:
            continue
        for pair in context["contested"]:
            contested |= {(pair["first"], pair["second"]), (pair["second"], pair["first"])}
        for circle in context["cycles"]:
            if len(circle) > 2:
                circling |= set(zip(circle, [*circle[1:], circle[0]], strict=True))
    return Marks(frozenset(contested), frozenset(circling))
