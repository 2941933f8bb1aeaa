"""The map of a large graph as compact columns: what a page draws thousands of values from.

Rule: it holds nothing that the tables do not say. It is small enough to be sent at once: cards are numbered, and their
ids are cut as far as they still differ.
"""

from collections.abc import Mapping
from typing import Any

from moralgraph.algorithms.layout import Link
from moralgraph.algorithms.layout.lanes import LaneMap, Spot, lane_map
from moralgraph.algorithms.records import MoralGraph
from moralgraph.explorer.selection import short_names

FORMAT_VERSION = 1
MOST_LABELS = 80  # the highest ranked; how many of them fit is found out when they are drawn


def map_columns(
    graph: MoralGraph,
    *,
    titles: Mapping[str, str],
    ranks: Mapping[str, Mapping[str, Any]],
    contexts: Mapping[str, str],
    found: frozenset[str],
) -> dict[str, Any]:
    """Return the map of a graph; `found` are values that a search is looking for, which are drawn in any case."""
    shares = {card: float(ranks[card]["rank"]) if card in ranks else 0.0 for card in graph.cards}
    placed = _placed(graph, weights=shares, contexts=contexts, found=found)
    number = {dot.id: place for place, dot in enumerate(placed.dots)}
    names = short_names(graph.cards)
    edges = sorted(
        (number[edge.first], number[edge.second])
        for edge in graph.edges
        if edge.first in number and edge.second in number
    )
    return {
        "format_version": FORMAT_VERSION,
        "width": placed.width,
        "height": placed.height,
        "lanes": [
            {"text": contexts[lane.key], "left": lane.left, "cards": lane.cards, "folded": lane.folded,
             "key": lane.key}
            for lane in placed.lanes
        ],
        "x": [dot.x for dot in placed.dots],
        "y": [dot.y for dot in placed.dots],
        "size": [dot.size for dot in placed.dots],
        "title": [titles[dot.id] for dot in placed.dots],
        "id": [names[dot.id] for dot in placed.dots],
        "from": [first for first, _second in edges],
        "to": [second for _first, second in edges],
        "labels": sorted(number.values(), key=lambda place: (-shares[placed.dots[place].id], place))[:MOST_LABELS],
        "found": sorted(number[card] for card in found if card in number),
    }  # fmt: skip


def _placed(
    graph: MoralGraph, *, weights: Mapping[str, float], contexts: Mapping[str, str], found: frozenset[str]
) -> LaneMap:
    """Stand each value in the context in which it was compared most often; of equals in the first."""
    compared: dict[str, dict[str, int]] = {card: {} for card in graph.cards}
    for edge in graph.edges:
        for key in edge.contexts:
            count = edge.within(key).compared
            for card in (edge.first, edge.second):
                compared[card][key] = compared[card].get(key, 0) + count
    order = {key: place for place, key in enumerate(contexts)}
    lane = {
        card: min(counts, key=lambda key: (-counts[key], order[key])) for card, counts in compared.items() if counts
    }
    spots = [Spot(card, lane[card], weights[card]) for card in graph.cards if card in lane]
    links = [Link(edge.first, edge.second, float(edge.counts.wiser)) for edge in graph.edges]
    return lane_map(spots, links, lanes=list(contexts), unfolded=found)
