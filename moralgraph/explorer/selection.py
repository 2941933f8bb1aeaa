"""Choose the part of a graph that a view shows.

Rule: a filter leaves upgrades out, never changes their counts; one context shows the counts of that context.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from moralgraph.algorithms.records import Edge, MoralGraph, ends_of
from moralgraph.algorithms.similarity import words_of
from moralgraph.explorer.filters import MAP, Filters
from moralgraph.models import CanonicalValuesCard

FEW_CARDS = 24  # up to here the whole graph is readable at once: nothing is chosen for the reader, nothing is hidden
MOST_CARDS = 150  # more cannot be read as layers: a map shows them
LEAST_NAMED = 4  # characters of an id that may stand for the whole of it


@dataclass(frozen=True)
class Selection:
    """What is shown: the filtered graph, the part around the focus, and what lies on a path through it."""

    graph: MoralGraph
    shown: MoralGraph
    focus: str
    ancestors: frozenset[str]
    descendants: frozenset[str]
    steps: int = 0

    @property
    def is_readable(self) -> bool:
        """Whether what is shown can be read as layers."""
        return len(self.shown.cards) <= MOST_CARDS

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
    """Choose what to show; `first` is looked at when the graph is too large to read and nothing was chosen.

    Around a value that very many lead to, as many steps are taken as can be read.
    """
    part = filtered(graph, filters)
    focus = named(filters.focus, part.cards)
    if not focus and _chooses_itself(part, filters):
        focus = first
    if not focus:
        return Selection(part, part, "", frozenset(), frozenset())
    if filters.whole or len(part.cards) <= FEW_CARDS:
        return _on_paths(part, focus, steps=filters.steps)
    around = [_around(part, focus, steps=steps) for steps in range(filters.steps, 0, -1)]
    return next((found for found in around if found.is_readable), around[-1])


def named(name: str, cards: Collection[str]) -> str:
    """Return the card that an address names, by its id or by the beginning of it if only one begins so."""
    if name in cards or len(name) < LEAST_NAMED:
        return name if name in cards else ""
    meant = [card for card in cards if card.startswith(name)]
    return meant[0] if len(meant) == 1 else ""


def short_names(cards: Collection[str]) -> dict[str, str]:
    """Return for each card the shortest beginning of its id that names it, the same length for all."""
    longest = max(map(len, cards), default=0)
    for length in range(LEAST_NAMED, longest):
        if len({card[:length] for card in cards}) == len(cards):
            return {card: card[:length] for card in cards}
    return {card: card for card in cards}


def _chooses_itself(part: MoralGraph, filters: Filters) -> bool:
    asked = filters.whole or filters.search or filters.view == MAP
    goes_to_the_map = not filters.view and len(part.cards) > MOST_CARDS
    return not asked and not goes_to_the_map and len(part.cards) > FEW_CARDS


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


def _on_paths(graph: MoralGraph, focus: str, *, steps: int) -> Selection:
    ancestors = _reach(focus, [(edge.second, edge.first) for edge in graph.edges], steps=steps)
    descendants = _reach(focus, [(edge.first, edge.second) for edge in graph.edges], steps=steps)
    return Selection(graph, graph, focus, ancestors, descendants, steps)


def _around(graph: MoralGraph, focus: str, *, steps: int) -> Selection:
    found = _on_paths(graph, focus, steps=steps)
    near = found.on_path
    edges = tuple(edge for edge in graph.edges if edge.first in near and edge.second in near)
    return replace(found, shown=replace(graph, cards=tuple(card for card in graph.cards if card in near), edges=edges))
