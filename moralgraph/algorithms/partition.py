"""Put texts together that are near one another: average linkage on a sparse table of pairs, with constraints.

Average linkage (Sokal and Michener, 1958, "A statistical method for evaluating systematic relationships") joins two
groups when the mean similarity of all pairs between them is high enough, so that a chain of near neighbours does not
become one group. Pairs that are not in the table count as 0. Pairs that must be together are joined before, pairs that
must not be are never joined (Davidson and Ravi, 2005, "Agglomerative hierarchical clustering with constraints").

Rule that must stay true: the result depends on which pairs there are and never on their order; equal similarities are
taken in the order of ids.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Pair = tuple[str, str]
Groups = tuple[tuple[str, ...], ...]
SAME_DECIMALS = 9  # similarities that differ by less are equal, whatever order their means were summed in


class Contradiction(ValueError):
    """Two texts must be together by one constraint and apart by another."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(f"{pair[0]} and {pair[1]} must be together and must be apart; undo one of the constraints.")
        self.pair = pair


@dataclass(frozen=True)
class Join:
    """Two groups became one at this mean similarity; each is named by its first id."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True)
class Dendrogram:
    """Every join down to the lowest similarity that was looked at, the highest first.

    Attributes
    ----------
    ids
        Sorted ids.
    together
        Pairs that are together at any threshold.
    joins
        Joins by falling similarity; cutting them at a threshold gives the groups at that threshold.
    """

    ids: tuple[str, ...]
    together: tuple[Pair, ...]
    joins: tuple[Join, ...]

    def groups(self, *, minimum: float) -> Groups:
        """Return the groups whose joins all have at least this mean similarity, each sorted, in order of first id."""
        sets = DisjointSets(self.ids)
        for first, second in self.together:
            sets.join(first, second)
        for join in self.joins:
            if join.similarity >= minimum:
                sets.join(join.first, join.second)
        return sets.groups()


class DisjointSets:
    """Sets of ids that grow together; each is named by its smallest id."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._above = {each: each for each in ids}

    def find(self, each: str) -> str:
        """Return the name of the set that this id is in."""
        root = each
        while self._above[root] != root:
            root = self._above[root]
        while self._above[each] != root:
            self._above[each], each = root, self._above[each]
        return root

    def join(self, first: str, second: str) -> None:
        """Make one set of two."""
        low, high = sorted((self.find(first), self.find(second)))
        self._above[high] = low

    def groups(self) -> Groups:
        """Return the sets, each sorted, in order of first id."""
        found: dict[str, list[str]] = {}
        for each in sorted(self._above):
            found.setdefault(self.find(each), []).append(each)
        return tuple(tuple(members) for _, members in sorted(found.items()))


def ordered(first: str, second: str) -> Pair:
    """Return two ids as a pair, the smaller first."""
    return (first, second) if first <= second else (second, first)


def agglomerate(
    ids: Iterable[str],
    similarities: Mapping[Pair, float],
    *,
    lowest: float,
    must_link: Iterable[Pair] = (),
    cannot_link: Iterable[Pair] = (),
) -> Dendrogram:
    """Join groups by average linkage for as long as two are at least `lowest` similar.

    Parameters
    ----------
    ids
        What is put together; pairs with others are left out.
    similarities
        Similarity by pair, the smaller id first, from 0 to 1; a pair that is missing counts as 0.
    lowest
        Lowest mean similarity of a join, above 0.
    must_link, cannot_link
        Pairs that are together, or apart, at any threshold.

    Raises
    ------
    Contradiction
        When a pair must be both, directly or through others.

    Examples
    --------
    A chain is not one group: the mean of (a, c) = 0 and (b, c) = 0.6 is 0.3.

    >>> found = agglomerate("abc", {("a", "b"): 0.8, ("b", "c"): 0.6}, lowest=0.2)
    >>> found.groups(minimum=0.5), found.groups(minimum=0.3)
    ((('a', 'b'), ('c',)), (('a', 'b', 'c'),))
    >>> agglomerate("abc", {("a", "b"): 0.8}, lowest=0.2, cannot_link=[("a", "b")]).joins
    ()
    """
    names = tuple(sorted(set(ids)))
    known = set(names)
    together = tuple(sorted(pair for pair in set(must_link) if known.issuperset(pair)))
    apart = sorted(pair for pair in set(cannot_link) if known.issuperset(pair))
    sets = DisjointSets(names)
    for first, second in together:
        sets.join(first, second)
    for pair in apart:
        if sets.find(pair[0]) == sets.find(pair[1]):
            raise Contradiction(pair)
    growing = _Growing.of(sets, similarities, apart=apart)
    return Dendrogram(names, together, tuple(growing.joins(lowest=lowest)))


@dataclass
class _Growing:
    """Groups under way: their sizes, the sum of similarities between each two, and who must stay apart."""

    sizes: dict[str, int]
    sums: dict[str, dict[str, float]]
    apart: dict[str, set[str]]
    ages: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, sets: DisjointSets, similarities: Mapping[Pair, float], *, apart: Iterable[Pair]) -> "_Growing":
        groups = sets.groups()
        names = {member: members[0] for members in groups for member in members}
        sums: dict[str, dict[str, float]] = {members[0]: {} for members in groups}
        for (first, second), similarity in sorted(similarities.items()):
            if first in names and second in names and (low := names[first]) != (high := names[second]):
                sums[low][high] = sums[high][low] = sums[low].get(high, 0.0) + similarity
        forbidden: dict[str, set[str]] = {members[0]: set() for members in groups}
        for first, second in apart:
            forbidden[names[first]].add(names[second])
            forbidden[names[second]].add(names[first])
        return cls({members[0]: len(members) for members in groups}, sums, forbidden)

    def joins(self, *, lowest: float) -> Iterable[Join]:
        waiting = [
            self._entry(first, second) for first, others in self.sums.items() for second in others if first < second
        ]
        heapq.heapify(waiting)
        while waiting:
            less, first, second, *ages = heapq.heappop(waiting)
            if -less < lowest:
                break
            if ages != [self.ages.get(first, 0), self.ages.get(second, 0)] or second in self.apart[first]:
                continue
            yield Join(first, second, -less)
            self._join(first, second)
            for other in self.sums[first]:
                heapq.heappush(waiting, self._entry(*ordered(first, other)))

    def _entry(self, first: str, second: str) -> tuple[float, str, str, int, int]:
        mean = self.sums[first][second] / (self.sizes[first] * self.sizes[second])
        return (-round(mean, SAME_DECIMALS), first, second, self.ages.get(first, 0), self.ages.get(second, 0))

    def _join(self, first: str, second: str) -> None:
        """Let the second group be part of the first, whose id is the smaller."""
        for other, total in self.sums.pop(second).items():
            del self.sums[other][second]
            if other != first:
                self.sums[first][other] = self.sums[other][first] = self.sums[first].get(other, 0.0) + total
        self.sizes[first] += self.sizes.pop(second)
        for other in self.apart.pop(second):
            self.apart[other].discard(second)
            self.apart[other].add(first)
            self.apart[first].add(other)
        self.ages[first] = self.ages.get(first, 0) + 1
        self.ages[second] = -1
