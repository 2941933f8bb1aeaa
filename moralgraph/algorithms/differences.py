"""Say what differs between two snapshots: a list of differences, never two pictures to compare by eye.

Rule that must stay true: a share that moved is a difference only where each of the two lies outside the other's
interval. Two snapshots of one study share judgements, so this is strict: it names fewer differences than there are.
What only one of the two can tell is no difference: upgrades are compared by context where both keep them so, else pair
by pair over all contexts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from moralgraph.algorithms.exchange import from_record
from moralgraph.algorithms.ranking import Standing
from moralgraph.algorithms.records import ANSWERS, Answer, Edge, Evidence, MoralGraph
from moralgraph.algorithms.snapshot_content import context_content, read_content
from moralgraph.algorithms.uncertainty import jeffreys_interval

BY_PAIR = "by_pair"


class Kind(StrEnum):
    """What differs."""

    METHOD = "method"
    PARTITION = "partition"
    TOTAL = "total"
    CARD_GAINED = "card_gained"
    CARD_LOST = "card_lost"
    STANDING = "standing"
    WINNER = "winner"
    SET = "set"
    EDGE_GAINED = "edge_gained"
    EDGE_LOST = "edge_lost"
    EDGE_MOVED = "edge_moved"


@dataclass(frozen=True)
class Share:
    """How many of those who compared a pair found the second wiser, with the 95 % interval of the share."""

    wiser: int
    compared: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share that said "wiser"; 0 where nobody compared."""
        return self.wiser / self.compared if self.compared else 0.0


@dataclass(frozen=True)
class Difference:
    """One difference. Where it is about no context, no pair or no card, that is None.

    Attributes
    ----------
    name
        Which total, for `Kind.TOTAL`; for `Kind.METHOD`, `BY_PAIR` where upgrades are compared over all contexts.
    before, after
        What stood there: a number, an id, a tuple of ids, a `Share`, or None for nothing.
    """

    kind: Kind
    context: str | None = None
    first: str | None = None
    second: str | None = None
    name: str = ""
    before: Any = None
    after: Any = None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Compare the contents of two snapshots: the whole first, then context by context, then upgrade by upgrade.

    Parameters
    ----------
    before, after
        Contents as `snapshot_content` reads them; any format version.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.exchange import to_record
    >>> from moralgraph.algorithms.records import Judgements
    >>> def content(times: int) -> dict[str, Any]:
    ...     judged = Judgements.from_columns(
    ...         participant=range(times), first=["a"] * times, second=["b"] * times, context=["c"] * times,
    ...         answer=["wiser"] * times)
    ...     return {"graph": to_record(build_repaired(judged)), "totals": {"judgements": times}}
    >>> [(each.kind.value, each.name, each.before, each.after) for each in differences(content(3), content(5))]
    [('total', 'judgements', 3, 5)]
    >>> [each.kind.value for each in differences(content(1), content(5))]
    ['total', 'card_gained', 'card_gained', 'edge_gained']
    """
    old, new = read_content(before), read_content(after)
    graphs = from_record(old["graph"]), from_record(new["graph"])
    found = [*_overall(old, new, *graphs)]
    keys = dict.fromkeys(context["key"] for content in (new, old) for context in content["contexts"])
    for key in keys:
        found += _of_context(
            key,
            context_content(old, key),
            context_content(new, key),
            is_one_method=graphs[0].method == graphs[1].method,
        )
    return (*found, *_of_edges(*graphs))


def _overall(old: Mapping[str, Any], new: Mapping[str, Any], was: MoralGraph, now: MoralGraph) -> Iterator[Difference]:
    if was.method != now.method:
        level = "" if _are_by_context(was, now) else BY_PAIR
        yield Difference(Kind.METHOD, name=level, before=was.method, after=now.method)
    hashes = [(content["partition"] or {}).get("hash") for content in (old, new)]
    if hashes[0] != hashes[1]:
        numbers = [(content["partition"] or {}).get("number") for content in (old, new)]
        yield Difference(Kind.PARTITION, before=numbers[0], after=numbers[1])
    for name in dict.fromkeys([*old["totals"], *new["totals"]]):
        counts = old["totals"].get(name), new["totals"].get(name)
        if counts[0] != counts[1] and None not in counts:
            yield Difference(Kind.TOTAL, name=name, before=counts[0], after=counts[1])
    for card in sorted(set(now.cards) - set(was.cards)):
        yield Difference(Kind.CARD_GAINED, first=card)
    for card in sorted(set(was.cards) - set(now.cards)):
        yield Difference(Kind.CARD_LOST, first=card)


def _of_context(
    key: str, old: Mapping[str, Any], new: Mapping[str, Any], *, is_one_method: bool
) -> Iterator[Difference]:
    was, now = _said_by_set(old), _said_by_set(new)
    if is_one_method and (was is None or now is None):
        was, now = (old["standing"], old["winner"]), (new["standing"], new["winner"])
    if was is not None and now is not None:
        for kind, before, after in zip((Kind.STANDING, Kind.WINNER), was, now, strict=True):
            if before != after:
                yield Difference(kind, context=key, before=before, after=after)
    sets = _wisest(old), _wisest(new)
    if None not in sets and set(sets[0] or ()) != set(sets[1] or ()):
        yield Difference(Kind.SET, context=key, before=sets[0], after=sets[1])


def _said_by_set(context: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """Return standing and winner by the confidence set, which means the same by every method; None without one."""
    found = context["wisest_set"]
    if not found or "standing" not in found:
        return None
    is_settled = found["standing"] == Standing.SETTLED
    return found["standing"], found["cards"][0] if is_settled else None


def _wisest(context: Mapping[str, Any]) -> tuple[str, ...] | None:
    found = context["wisest_set"]
    return tuple(found["cards"]) if found else None


def _of_edges(was: MoralGraph, now: MoralGraph) -> Iterator[Difference]:
    shares = _shares if _are_by_context(was, now) else _shares_of_pairs
    old, new = shares(was), shares(now)
    for place in dict.fromkeys([*new, *old]):
        first, second, context = place
        before, after = old.get(place), new.get(place)
        if before is None:
            kind = Kind.EDGE_GAINED
        elif after is None:
            kind = Kind.EDGE_LOST
        elif _has_moved(before, after):
            kind = Kind.EDGE_MOVED
        else:
            continue
        yield Difference(kind, context=context, first=first, second=second, before=before, after=after)


def _has_moved(before: Share, after: Share) -> bool:
    outside = not before.low <= after.share <= before.high
    return outside and not after.low <= before.share <= after.high


def _are_by_context(*graphs: MoralGraph) -> bool:
    """Whether each keeps evidence by context; the classic rule does not."""
    return all(edge.by_context for graph in graphs for edge in graph.edges)


def _shares(graph: MoralGraph) -> dict[tuple[str, str, str | None], Share]:
    """Return the kept upgrades by context."""
    return {
        (edge.first, edge.second, part.context): _share(part)
        for edge in graph.edges
        for part in edge.by_context
        if part.context in edge.contexts
    }


def _shares_of_pairs(graph: MoralGraph) -> dict[tuple[str, str, str | None], Share]:
    """Return the kept upgrades over all contexts in which they were judged, also those in which they were not kept."""
    return {(edge.first, edge.second, None): _share_over_contexts(edge) for edge in graph.edges}


def _share_over_contexts(edge: Edge) -> Share:
    if not edge.by_context:
        return _share(edge)
    parts = [_share(part) for part in edge.by_context]
    wiser, compared = sum(part.wiser for part in parts), sum(part.compared for part in parts)
    low, high = jeffreys_interval(np.array([wiser]), np.array([compared]))
    return Share(wiser=wiser, compared=compared, low=float(low[0]), high=float(high[0]))


def _share(part: Edge | Evidence) -> Share:
    compared = sum(part.answers) - part.answers[ANSWERS.index(Answer.CANNOT_JUDGE)]
    return Share(wiser=part.answers[ANSWERS.index(Answer.WISER)], compared=compared, low=part.low, high=part.high)
