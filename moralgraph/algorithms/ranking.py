"""Rank the cards of a moral graph, and name the wisest ones of a context or say that they are not settled.

PageRank here is the stationary share of a walker who keeps moving to wiser cards. It measures how much wisdom flows
into a card, never how many people support it.

Rule that must stay true: "settled" needs one card that nothing settled leads away from, and settled evidence that leads
to it. Everything less is a list of contenders.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import networkx as nx
import numpy as np

from moralgraph.algorithms.graph_columns import GraphColumns
from moralgraph.algorithms.records import Codes, Edge, MoralGraph
from moralgraph.algorithms.tally import Floats
from moralgraph.algorithms.walking import SAME_RANK_DECIMALS, Walks, published_ranks, settled_ranks

SETTLED_ABOVE = 0.5
WHOLE = -1


def rank_classic(graph: MoralGraph, *, context: str | None = None) -> dict[str, float]:
    """Rank by the published PageRank: 100 iterations, and the mass that reaches a card without upgrades is lost.

    Returns
    -------
    dict
        Card to rank, highest first; cards of equal rank by id. The ranks sum to less than 1.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_classic
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_classic(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "wiser"]))
    >>> {card: round(rank, 5) for card, rank in rank_classic(graph).items()}
    {'b': 0.13875, 'a': 0.075}
    """
    return _ranks(graph.in_context(context), published_ranks)


def rank_repaired(graph: MoralGraph, *, context: str | None = None) -> dict[str, float]:
    """Rank by PageRank with dangling mass: what reaches a card without upgrades is spread over all cards.

    It estimates the **PageRank of the population graph**: the one that would be built if everybody had judged every
    proposed upgrade. It equals networkx's `pagerank`.

    Returns
    -------
    dict
        Card to rank, highest first; cards of equal rank by id. The ranks sum to 1.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_repaired(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "wiser"]))
    >>> {card: round(rank, 3) for card, rank in rank_repaired(graph).items()}
    {'b': 0.649, 'a': 0.351}
    """
    return _ranks(graph.in_context(context), settled_ranks)


def _ranks(graph: MoralGraph, method: Callable[[Walks], Floats]) -> dict[str, float]:
    source, target, weight = edge_columns(graph)
    order = np.lexsort((target, source))
    walks = Walks(np.zeros(len(graph.cards), dtype=np.int64), source[order], target[order], weight[order])
    return highest_first(dict(zip(graph.cards, method(walks).tolist(), strict=True)))


@dataclass(frozen=True, eq=False)
class RankColumns:
    """Ranks in the whole graph and in each context, highest first within each.

    Attributes
    ----------
    cards, contexts
        The names that the codes point into.
    context
        Code of the context, `WHOLE` for the whole graph, ascending, shape (ranks,).
    card
        Code of the card, shape (ranks,).
    rank
        PageRank within the context, shape (ranks,).
    """

    cards: tuple[str, ...]
    contexts: tuple[str, ...]
    context: Codes
    card: Codes
    rank: Floats

    def of(self, context: str | None) -> dict[str, float]:
        """Return card to rank in one context, or in the whole graph for None, highest first."""
        code = WHOLE if context is None else self.contexts.index(context)
        rows = slice(*np.searchsorted(self.context, [code, code + 1]).tolist())
        cards = (self.cards[card] for card in self.card[rows].tolist())
        return dict(zip(cards, self.rank[rows].tolist(), strict=True))


def rank_all_classic(columns: GraphColumns) -> RankColumns:
    """Rank as `rank_classic` does, the whole graph and all contexts at once.

    Examples
    --------
    >>> from moralgraph.algorithms.building import classic_columns
    >>> from moralgraph.algorithms.records import Judgements
    >>> from moralgraph.algorithms.tally import count_cells
    >>> columns = classic_columns(count_cells(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "wiser"])))
    >>> {card: round(rank, 5) for card, rank in rank_all_classic(columns).of("c").items()}
    {'b': 0.13875, 'a': 0.075}
    """
    return _all_ranks(columns, published_ranks)


def rank_all_repaired(columns: GraphColumns) -> RankColumns:
    """Rank as `rank_repaired` does, the whole graph and all contexts at once.

    Examples
    --------
    >>> from moralgraph.algorithms.building import repaired_columns
    >>> from moralgraph.algorithms.records import Judgements
    >>> from moralgraph.algorithms.tally import count_cells
    >>> columns = repaired_columns(count_cells(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "wiser"])))
    >>> {card: round(rank, 3) for card, rank in rank_all_repaired(columns).of(None).items()}
    {'b': 0.649, 'a': 0.351}
    """
    return _all_ranks(columns, settled_ranks)


def _all_ranks(columns: GraphColumns, method: Callable[[Walks], Floats]) -> RankColumns:
    parts = columns.parts.take(columns.part_is_kept)
    context = np.concatenate([np.full(len(columns.edges), WHOLE), columns.part_context[columns.part_is_kept]])
    first, second, likelihood = (
        np.concatenate([getattr(columns.edges, name), getattr(parts, name)])
        for name in ("first", "second", "likelihood")
    )
    cards = max(len(columns.cards), 1)
    group = (context - WHOLE) * cards
    order = np.argsort((group + first) * cards + second)  # by context, then by ends: the order of rows is forgotten
    nodes, ends = np.unique(np.concatenate([group + first, group + second]), return_inverse=True)
    source, target = (each[order] for each in np.split(ends.reshape(-1), 2))
    node_group, card = np.divmod(nodes, cards)
    _, block = np.unique(node_group, return_inverse=True)
    rank = method(Walks(block.reshape(-1), source, target, np.maximum(likelihood[order], 0.0)))
    highest = np.lexsort((-rank.round(SAME_RANK_DECIMALS), node_group))  # stable: equal ranks stay by card
    return RankColumns(
        cards=columns.cards,
        contexts=columns.contexts,
        context=node_group[highest] + WHOLE,
        card=card[highest],
        rank=rank[highest],
    )


def rank_by_certainty(graph: MoralGraph, *, context: str | None = None) -> dict[str, float]:
    """Rank by the sum of the likelihoods of the upgrades that lead to a card, highest first.

    The reference colours its graph by this sum while it picks its winners by PageRank; the two can disagree.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_repaired(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "wiser"]))
    >>> {card: round(certainty, 3) for card, certainty in rank_by_certainty(graph).items()}
    {'b': 0.833, 'a': 0.0}
    """
    part = graph.in_context(context)
    sums = dict.fromkeys(part.cards, 0.0)
    for edge in part.edges:
        sums[edge.second] += edge.likelihood
    return highest_first(sums)


def edge_columns(graph: MoralGraph) -> tuple[Codes, Codes, Floats]:
    """Return the edges as codes into `graph.cards` and weights: the likelihood, and 0 where it is negative."""
    code = {card: number for number, card in enumerate(graph.cards)}
    source = np.array([code[edge.first] for edge in graph.edges], dtype=np.int64)
    target = np.array([code[edge.second] for edge in graph.edges], dtype=np.int64)
    return source, target, np.array([max(edge.likelihood, 0.0) for edge in graph.edges], dtype=np.float64)


def highest_first(ranks: Mapping[str, float]) -> dict[str, float]:
    """Order ranks from high to low, equal ones by card id."""
    return dict(sorted(ranks.items(), key=lambda item: (-round(item[1], SAME_RANK_DECIMALS), item[0])))


class Standing(StrEnum):
    """What can be said about the wisest card."""

    SETTLED = "settled"
    SEVERAL = "several"
    NOT_ENOUGH_EVIDENCE = "not_enough_evidence"


@dataclass(frozen=True)
class Wisest:
    """The wisest card of a context, or the cards that contend for it, highest rank first."""

    context: str | None
    standing: Standing
    winner: str | None
    contenders: tuple[str, ...]


def wisest(graph: MoralGraph, *, context: str | None = None) -> Wisest:
    """Return the settled wisest card of a context, or its contenders.

    An upgrade is settled if the low end of its 95 % interval lies above one half. A contender was judged wiser than
    some card, and no chain of settled upgrades leads from it to a card that does not lead back: the maximal cards, as
    in the Schwartz set of voting theory. The winner is the only contender, reached by a settled upgrade.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.records import Judgements
    >>> def judged(times: int) -> MoralGraph:
    ...     return build_repaired(Judgements.from_columns(
    ...         participant=range(times), first=["a"] * times, second=["b"] * times,
    ...         context=["at work"] * times, answer=["wiser"] * times))
    >>> wisest(judged(6), context="at work").winner
    'b'
    >>> wisest(judged(2), context="at work").standing.value
    'not_enough_evidence'
    """
    part = graph.in_context(context)
    settled = [edge for edge in part.edges if edge.low > SETTLED_ABOVE]
    maximal = _maximal_cards(part.cards, settled)
    judged_wiser = {edge.second for edge in part.edges}
    contenders = tuple(card for card in rank_repaired(part) if card in maximal and card in judged_wiser)
    if not settled:
        return Wisest(context, Standing.NOT_ENOUGH_EVIDENCE, None, contenders)
    if len(contenders) == 1 and contenders[0] in {edge.second for edge in settled}:
        return Wisest(context, Standing.SETTLED, contenders[0], contenders)
    return Wisest(context, Standing.SEVERAL, None, contenders)


def _maximal_cards(cards: tuple[str, ...], settled: list[Edge]) -> set[str]:
    walk = nx.DiGraph()
    walk.add_nodes_from(cards)
    walk.add_edges_from((edge.first, edge.second) for edge in settled)
    condensed = nx.condensation(walk)
    ends = (condensed.nodes[group]["members"] for group in condensed if condensed.out_degree(group) == 0)
    return {card for members in ends for card in members}
