"""Choose the part of a graph that a view shows.

Rule: a filter leaves upgrades out, never changes their counts; one context shows the counts of that context.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from moralgraph.algorithms.records import Edge, MoralGraph, ends_of
from moralgraph.algorithms.similarity import words_of
from moralgraph.explorer.filters import Filters
from moralgraph.models import CanonicalValuesCard

FEW_CARDS = 24  # up to here the whole graph is readable at once: nothing is chosen for the reader, nothing is hidden


@dataclass(frozen=True)
class Selection:
    """What is shown: the filtered graph, the part around the focus, and what lies on a path through it."""

    graph: MoralGraph
    shown: MoralGraph
    focus: str
    ancestors: frozenset[str]
    descendants: frozenset[str]

    @property
    def on_path(self) -> frozenset[str]:
        """The focus and everything that leads to it or that it leads to, within the steps."""
        return self.ancestors | self.descendants | ({self.focus} if self.focus else set())

    def is_path(self, edge: Edge) -> bool:
        """Whether the upgrade lies on a path into the focus or out of it."""
        inward = self.ancestors | {self.focus}
        outward = self.descendants | {self.focus}
        return {edge.first, edge.second} <= inward or {edge.first, edge.second} <= outward


def filtered(graph: MoralGraph, filters: Filters) -> MoralGraph:
    """Return the upgrades that pass the filters, with the cards at their ends."""
    part = graph
    if len(filters.contexts) == 1:
        part = graph.in_context(filters.contexts[0])
    elif filters.contexts:
        wanted = set(filters.contexts)
        part = replace(graph, edges=tuple(edge for edge in graph.edges if wanted & set(edge.contexts)))
    edges = tuple(
        edge
        for edge in part.edges
        if edge.compared >= filters.least_judgements and edge.agreement * 100 >= filters.least_agreement
    )
    return replace(part, cards=ends_of(edges), edges=edges)


def select(graph: MoralGraph, filters: Filters, *, first: str) -> Selection:
    """Choose what to show; `first` is looked at when the graph is too large to read and nothing was chosen."""
    part = filtered(graph, filters)
    focus = filters.focus if filters.focus in part.cards else ""
    if not focus and not filters.whole and not filters.search and len(part.cards) > FEW_CARDS:
        focus = first
    if not focus:
        return Selection(part, part, "", frozenset(), frozenset())
    ancestors = _reach(focus, [(edge.second, edge.first) for edge in part.edges], steps=filters.steps)
    descendants = _reach(focus, [(edge.first, edge.second) for edge in part.edges], steps=filters.steps)
    found = Selection(part, part, focus, ancestors, descendants)
    if filters.whole or len(part.cards) <= FEW_CARDS:
        return found
    return replace(found, shown=_around(part, found.on_path))


def matching(cards: Iterable[CanonicalValuesCard], *, search: str) -> list[CanonicalValuesCard]:
    """Return the cards that have every word of the search, or a word that begins with it."""
    wanted = words_of(search)
    return [card for card in cards if wanted and all(_begins(word, card) for word in wanted)]


def _begins(word: str, card: CanonicalValuesCard) -> bool:
    text = " ".join([card.title, card.description, *card.policies])
    return any(each.startswith(word) for each in words_of(text))


def _reach(start: str, steps_between: list[tuple[str, str]], *, steps: int) -> frozenset[str]:
    near: dict[str, list[str]] = {}
    for here, there in steps_between:
        near.setdefault(here, []).append(there)
    seen, edge = {start}, [start]
    for _ in range(steps):
        edge = [there for here in edge for there in near.get(here, []) if there not in seen]
        seen.update(edge)
    return frozenset(seen - {start})


def _around(graph: MoralGraph, cards: frozenset[str]) -> MoralGraph:
    edges = tuple(edge for edge in graph.edges if edge.first in cards and edge.second in cards)
    return replace(graph, cards=tuple(card for card in graph.cards if card in cards), edges=edges)
