"""Agreement across survey groups as a snapshot holds it, and how it may move from one snapshot to the next.

Rule that must stay true: a group with fewer than ten people gives no number, nor does one from which it could be worked
out; and an upgrade's numbers by group stay until every group that moved has moved by ten people.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from elicit.analysis.privacy_floor import LEAST_PEOPLE, floored
from moralgraph.algorithms.group_agreement import GroupOf, agreement_across_groups
from moralgraph.algorithms.records import Judgements
from moralgraph.algorithms.snapshot_findings import agreement_record

Record = Mapping[str, Any]


def grouping_record(name: str, judgements: Judgements, group_of: GroupOf) -> dict[str, Any]:
    """Return how the groups of one grouping stand to one another, upgrade by upgrade; those without a number left out.

    Parameters
    ----------
    judgements
        First answers, under the names that stand.
    group_of
        The group of each participant, by the names of the judgements.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=[f"{number:02}" for number in range(24)], first=["a"] * 24, second=["b"] * 24,
    ...     context=["c"] * 24, answer=["wiser"] * 24)
    >>> group_of = {name: "north" if name < "12" else "south" for name in judgements.participants}
    >>> found = grouping_record("region", judgements, group_of)
    >>> found["groups"], found["edges"][0]["is_agreed"]
    ({'north': 12, 'south': 12}, True)
    """
    found = agreement_across_groups(judgements, group_of)
    return {
        "grouping": name,
        "groups": people_by_group(judgements, group_of),
        "edges": [agreement_record(each) for each in found if each.by_group],
    }


def people_by_group(judgements: Judgements, group_of: GroupOf) -> dict[str, int]:
    """Return how many people who judged are in each group, as far as the floor allows.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=range(9), first=["a"] * 9, second=["b"] * 9, context=["c"] * 9, answer=["wiser"] * 9)
    >>> people_by_group(judgements, dict.fromkeys(judgements.participants, "north"))
    {}
    """
    judged = [judgements.participants[code] for code in np.unique(judgements.participant).tolist()]
    counts = Counter(group_of.get(person) for person in judged)
    if not counts:
        return {}
    groups = sorted(group for group in counts if group is not None)
    cells = [counts[group] for group in groups] + ([counts[None]] if counts[None] else [])
    shown = floored(cells, least=LEAST_PEOPLE).shown
    return {group: counts[group] for group, is_shown in zip(groups, shown.tolist(), strict=False) if is_shown}


def held_groups(before: Sequence[Record], now: Sequence[Record]) -> list[dict[str, Any]]:
    """Return what may be told now, given what an earlier snapshot told.

    An upgrade keeps its earlier numbers while some group of it has moved by one to nine people, or has the same people
    and other answers; so do the counts of a grouping.

    Examples
    --------
    >>> def told(people: int, share: float) -> list[Record]:
    ...     edge = {"first": "a", "second": "b", "context": "c", "by_group": {"n": {"people": people, "share": share}}}
    ...     return [{"grouping": "g", "groups": {"n": people}, "edges": [edge]}]
    >>> [held_groups(told(12, 0.5), told(people, 0.6))[0]["groups"] for people in (14, 22)]
    [{'n': 12}, {'n': 22}]
    """
    known = {grouping["grouping"]: grouping for grouping in before}
    return [_held(known.get(grouping["grouping"]), grouping) for grouping in now]


def _held(before: Record | None, now: Record) -> dict[str, Any]:
    if before is None:
        return dict(now)
    edges = {_place(edge): edge for edge in before["edges"]}
    return {
        "grouping": now["grouping"],
        "groups": now["groups"] if _may_move(before["groups"], now["groups"]) else before["groups"],
        "edges": [
            edge if _place(edge) not in edges or _edge_may_move(edges[_place(edge)], edge) else edges[_place(edge)]
            for edge in now["edges"]
        ],
    }


def _edge_may_move(before: Record, now: Record) -> bool:
    shares = [{group: row["share"] for group, row in each["by_group"].items()} for each in (before, now)]
    counts = [{group: row["people"] for group, row in each["by_group"].items()} for each in (before, now)]
    if counts[0] == counts[1]:
        return shares[0] == shares[1]
    return _may_move(*counts)


def _may_move(before: Mapping[str, int], now: Mapping[str, int]) -> bool:
    moves = [abs(now.get(group, 0) - before.get(group, 0)) for group in {*before, *now}]
    return all(move == 0 or move >= LEAST_PEOPLE for move in moves)


def _place(edge: Record) -> tuple[str, str, str]:
    return edge["first"], edge["second"], edge["context"]
