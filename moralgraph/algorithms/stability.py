"""Say how a partition moves with its threshold, and how two partitions differ.

Rule that must stay true: a partition is compared over the ids that both have, and no threshold is called the right one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from moralgraph.algorithms.partition import Dendrogram, DisjointSets, Groups


@dataclass(frozen=True)
class Compared:
    """Two partitions of the same ids.

    Attributes
    ----------
    rand_index
        Adjusted Rand index: 1 for the same partition, about 0 for one drawn at random.
    joined, parted
        Pairs that are together only in the second, and only in the first.
    share_changed
        Of the pairs that are together in either, the share that is together in one alone; 0 where there is none.
    """

    rand_index: float
    joined: int
    parted: int
    share_changed: float


@dataclass(frozen=True)
class AtThreshold:
    """The partition that a threshold gives, beside the one in force."""

    threshold: float
    groups: int
    largest: int
    compared: Compared


@dataclass(frozen=True)
class Move:
    """Two groups, by their members, that become one or fall apart when the threshold passes their similarity."""

    similarity: float
    first: tuple[str, ...]
    second: tuple[str, ...]
    is_together: bool


def compare_partitions(first: Mapping[str, str], second: Mapping[str, str]) -> Compared:
    """Compare two partitions, given as the group of each id; an id that only one of them has is left out.

    Source: Hubert and Arabie (1985), "Comparing partitions", equation 5.

    Examples
    --------
    >>> found = compare_partitions({"a": "1", "b": "1", "c": "2"}, {"a": "x", "b": "y", "c": "y"})
    >>> round(found.rand_index, 3), found.joined, found.parted, found.share_changed
    (-0.5, 1, 1, 1.0)
    >>> compare_partitions({"a": "1"}, {"a": "x", "b": "x"}).rand_index
    1.0
    """
    shared = sorted(first.keys() & second.keys())
    both = _pairs(Counter((first[each], second[each]) for each in shared))
    in_first, in_second = (_pairs(Counter(groups[each] for each in shared)) for groups in (first, second))
    by_chance = in_first * in_second / comb(len(shared), 2) if len(shared) > 1 else 0.0
    room = (in_first + in_second) / 2 - by_chance
    either = in_first + in_second - both
    return Compared(
        rand_index=(both - by_chance) / room if room else 1.0,
        joined=in_second - both,
        parted=in_first - both,
        share_changed=(either - both) / either if either else 0.0,
    )


def stability(
    dendrogram: Dendrogram, *, thresholds: Sequence[float], in_force: Mapping[str, str]
) -> tuple[AtThreshold, ...]:
    """Cut a dendrogram at each threshold and compare what it gives with the partition in force.

    Examples
    --------
    >>> from moralgraph.algorithms.partition import agglomerate
    >>> found = agglomerate("abc", {("a", "b"): 0.8, ("b", "c"): 0.6}, lowest=0.2)
    >>> rows = stability(found, thresholds=[0.2, 0.5, 0.9], in_force={"a": "a", "b": "a", "c": "c"})
    >>> [(row.threshold, row.groups, row.compared.joined, row.compared.parted) for row in rows]
    [(0.2, 1, 2, 0), (0.5, 2, 0, 0), (0.9, 3, 0, 1)]
    """
    return tuple(
        AtThreshold(
            threshold=threshold,
            groups=len(groups),
            largest=max((len(members) for members in groups), default=0),
            compared=compare_partitions(in_force, labels_of(groups)),
        )
        for threshold in thresholds
        for groups in [dendrogram.groups(minimum=threshold)]
    )


def first_moves(dendrogram: Dendrogram, *, threshold: float, count: int) -> tuple[Move, ...]:
    """Return the joins nearest to the threshold, on either side: what a small change of it would move first.

    Examples
    --------
    >>> from moralgraph.algorithms.partition import agglomerate
    >>> found = agglomerate("abc", {("a", "b"): 0.8, ("b", "c"): 0.6}, lowest=0.2)
    >>> [(move.first, move.second, move.is_together) for move in first_moves(found, threshold=0.5, count=2)]
    [(('a', 'b'), ('c',), False), (('a',), ('b',), True)]
    """
    moves = sorted(
        _moves(dendrogram, threshold=threshold), key=lambda move: (abs(move.similarity - threshold), move.first)
    )
    return tuple(moves[:count])


def labels_of(groups: Groups) -> dict[str, str]:
    """Return the group of each id, named by its first.

    >>> labels_of((("a", "b"), ("c",)))
    {'a': 'a', 'b': 'a', 'c': 'c'}
    """
    return {member: members[0] for members in groups for member in members}


def _moves(dendrogram: Dendrogram, *, threshold: float) -> Iterable[Move]:
    members = {name: [name] for name in dendrogram.ids}
    sets = DisjointSets(dendrogram.ids)
    for first, second in dendrogram.together:
        low, high = sorted((sets.find(first), sets.find(second)))
        if low != high:
            members[low] += members.pop(high)
            sets.join(low, high)
    for join in dendrogram.joins:
        groups = [tuple(sorted(members[name])) for name in (join.first, join.second)]
        yield Move(join.similarity, groups[0], groups[1], is_together=join.similarity >= threshold)
        members[join.first] += members.pop(join.second)


def _pairs(counts: Counter) -> int:
    return sum(comb(count, 2) for count in counts.values())
