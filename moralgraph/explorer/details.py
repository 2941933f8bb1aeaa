"""Say everything about one value, and which values are wisest in each context.

Rule: a rank is shown with how far it moves when other people are asked, and "not settled" is an answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from moralgraph.algorithms.ranking import Standing, rank_repaired
from moralgraph.algorithms.records import ANSWERS, Answer, Edge, MoralGraph
from moralgraph.explorer.marks import Marks
from moralgraph.explorer.selection import Selection
from moralgraph.models import CanonicalValuesCard, Judgement, Snapshot

CANNOT_JUDGE = ANSWERS.index(Answer.CANNOT_JUDGE)
WISER = ANSWERS.index(Answer.WISER)


@dataclass(frozen=True)
class Rank:
    """A position among the cards, with the positions that cover 95 % of the resamples where they are known."""

    position: int
    of: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Neighbour:
    """An upgrade seen from one of its ends."""

    title: str
    href: str
    contexts: str
    wiser: int
    unsure: int
    not_wiser: int
    compared: int
    low: int
    high: int
    parts: tuple["Part", ...]
    is_contested: bool
    is_circling: bool


@dataclass(frozen=True)
class Part:
    """What one context says of an upgrade: each answer with its count (not for a group), and the share's interval."""

    context: str
    answers: tuple[tuple[str, int], ...]
    share: int
    low: int
    high: int


@dataclass(frozen=True)
class Details:
    """The chosen value and what is around it; `upgrades_kept` are all of it in the graph, with or without filters."""

    card: CanonicalValuesCard
    rank: Rank | None
    wiser_than: tuple[Neighbour, ...]
    judged_below: tuple[Neighbour, ...]
    paths_in: int
    contexts: tuple[str, ...]
    upgrades_kept: int

    @property
    def is_apart(self) -> bool:
        """Whether the view shows no upgrade to or from it."""
        return not self.wiser_than and not self.judged_below


@dataclass(frozen=True)
class ContextSummary:
    """Which values may be the wisest in a context, by its confidence set; without enough evidence, which are ahead."""

    key: str
    text: str
    standing: str
    judgements: int
    contenders: tuple[tuple[str, str], ...]


def cards_named(content: Mapping[str, Any]) -> frozenset[str]:
    """Return the cards that a snapshot says something of in any context, also those without an upgrade."""
    named = {row["card"] for found in (content, *content["contexts"]) for row in found["ranks"]}
    for found in content["contexts"]:
        wisest = found["wisest_set"] or {}
        named |= {*found["contenders"], *wisest.get("cards", [])}
        named |= {row["card"] for row in wisest.get("positions", [])}
    return frozenset(named)


def ranks_of(snapshot: Snapshot, *, contexts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the ranking of one context if exactly one is chosen, otherwise of all together."""
    for found in snapshot.content["contexts"]:
        if contexts == (found["key"],):
            return {row["card"]: row for row in found["ranks"]}
    return {row["card"]: row for row in snapshot.content["ranks"]}


def ranks_within(graph: MoralGraph, *, contexts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Rank a part of the graph for which the snapshot keeps no ranks; without intervals, since none were drawn."""
    ranks = rank_repaired(graph, context=contexts[0] if len(contexts) == 1 else None) if graph.cards else {}
    order = sorted(ranks.values(), reverse=True)
    return {card: {"card": card, "rank": rank, "position": order.index(rank) + 1} for card, rank in ranks.items()}


def rank_of(card: str, ranks: Mapping[str, Mapping[str, Any]]) -> Rank | None:
    """Return a card's position."""
    row = ranks.get(card)
    if row is None:
        return None
    return Rank(row["position"], len(ranks), row.get("low"), row.get("high"))


def describe(
    selection: Selection,
    focus: str,
    *,
    kept: MoralGraph,
    cards: Mapping[str, CanonicalValuesCard],
    titles: Mapping[str, str],
    ranks: Mapping[str, Mapping[str, Any]],
    contexts: Mapping[str, str],
    href: Callable[[str], str],
    marks: Marks,
) -> Details:
    """Describe a value of the snapshot, which may have no upgrade in the selection; `kept` is the whole graph."""
    below = [edge for edge in selection.graph.edges if edge.second == focus]
    above = [edge for edge in selection.graph.edges if edge.first == focus]
    neighbours = partial(_neighbours, titles=titles, contexts=contexts, href=href, marks=marks)
    keys = dict.fromkeys(key for edge in [*below, *above] for key in edge.contexts)
    return Details(
        card=cards[focus],
        rank=rank_of(focus, ranks),
        wiser_than=neighbours(below, lambda edge: edge.first),
        judged_below=neighbours(above, lambda edge: edge.second),
        paths_in=len(selection.ancestors),
        contexts=tuple(contexts.get(key, key) for key in keys),
        upgrades_kept=sum(focus in (edge.first, edge.second) for edge in kept.edges),
    )


def summaries(
    snapshot: Snapshot,
    *,
    titles: Mapping[str, str],
    contexts: Mapping[str, str],
    href: Callable[[str], str],
) -> list[ContextSummary]:
    """Say for each context which values may be the wisest; a snapshot without confidence sets tells who is ahead."""
    return [
        ContextSummary(
            key=found["key"],
            text=contexts.get(found["key"], found["key"]),
            standing=_standing(found),
            judgements=found["judgements"],
            contenders=tuple((titles[card], href(card)) for card in _may_be_wisest(found) if card in titles),
        )
        for found in snapshot.content["contexts"]
    ]


def _standing(found: Mapping[str, Any]) -> str:
    wisest = found.get("wisest_set")
    return str(wisest["standing"]) if wisest else Standing.NOT_ENOUGH_EVIDENCE.value


def _may_be_wisest(found: Mapping[str, Any]) -> list[str]:
    says_a_set = _standing(found) != Standing.NOT_ENOUGH_EVIDENCE
    return list(found["wisest_set"]["cards"] if says_a_set else found["contenders"])


def _neighbours(
    edges: list[Edge],
    other: Callable[[Edge], str],
    *,
    titles: Mapping[str, str],
    contexts: Mapping[str, str],
    href: Callable[[str], str],
    marks: Marks,
) -> tuple[Neighbour, ...]:
    ordered = sorted(edges, key=lambda edge: (-edge.compared, other(edge)))
    return tuple(
        Neighbour(
            title=titles[other(edge)],
            href=href(other(edge)),
            contexts="; ".join(contexts.get(key, key) for key in edge.contexts),
            wiser=edge.answers[WISER],
            unsure=edge.answers[CANNOT_JUDGE],
            not_wiser=edge.compared - edge.answers[WISER],
            compared=edge.compared,
            low=round(100 * edge.low),
            high=round(100 * edge.high),
            is_contested=marks.is_contested(edge),
            is_circling=marks.is_circling(edge),
            parts=tuple(_part(part, contexts) for part in _by_context(edge)),
        )
        for edge in ordered
    )


def _by_context(edge: Edge) -> list[Edge]:
    """Return the upgrade as each context sees it, where that was kept; else as it is."""
    return [edge.within(key) for key in edge.contexts] if edge.by_context else [edge]


def _part(edge: Edge, contexts: Mapping[str, str]) -> Part:
    said = [(str(Judgement.Answer(answer).label), edge.answers[place]) for place, answer in enumerate(ANSWERS)]
    return Part(
        context="; ".join(contexts.get(key, key) for key in edge.contexts),
        answers=tuple((label, count) for label, count in said if count),
        share=round(100 * edge.agreement),
        low=round(100 * edge.low),
        high=round(100 * edge.high),
    )
