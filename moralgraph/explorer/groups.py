"""The graph as a group of people sees it, and what two groups see differently.

Rule: numbers of groups come from the snapshot, where the floor of ten people was applied when it was built; a cell
under the floor that is there all the same is not shown. What a group's own people answered one by one is never told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.models import Study
from elicit.results.groups import Grouping, groupings_of
from moralgraph.algorithms.building import MAJORITY
from moralgraph.algorithms.records import ANSWERS, Answer, Counts, Edge, Evidence, MoralGraph, ends_of

WISER, EQUAL = ANSWERS.index(Answer.WISER), ANSWERS.index(Answer.ABOUT_EQUAL)
APART = ":"


@dataclass(frozen=True)
class GroupChoice:
    """A group that can be looked at: its key for the address, what it is called, and how many of its people judged."""

    key: str
    label: str
    people: int


@dataclass(frozen=True)
class GroupNames:
    """What questions and their groups are called."""

    known: Mapping[str, Grouping]

    def question(self, grouping: str) -> str:
        """Return the words of a question."""
        return self.known[grouping].text if grouping in self.known else grouping

    def label(self, grouping: str, group: str) -> str:
        """Return what a group is called."""
        return self.known[grouping].label(group) if grouping in self.known else group


@dataclass(frozen=True)
class GroupDifference:
    """An upgrade that two groups judge differently; shares with their intervals, between 0 and 1."""

    first: str
    second: str
    context: str
    one: Mapping[str, Any]
    other: Mapping[str, Any]

    @property
    def is_opposite(self) -> bool:
        """Whether most of one group find it wiser, and most of the other do not."""
        return (self.one["share"] > MAJORITY) != (self.other["share"] > MAJORITY)


def names_of(study: Study, *, language: str) -> GroupNames:
    """Return what the survey's questions about people, and their answers, are called."""
    return GroupNames({grouping.item: grouping for grouping in groupings_of(study, language=language)})


def choices(content: Mapping[str, Any], names: GroupNames) -> list[tuple[str, list[GroupChoice]]]:
    """Return the groups that a snapshot has numbers for, by question."""
    found = []
    for row in content["groups"]:
        offered = [
            GroupChoice(f"{row['grouping']}{APART}{group}", names.label(row["grouping"], group), people)
            for group, people in sorted(row["groups"].items())
            if people is not None and people >= LEAST_PEOPLE
        ]
        if offered:
            found.append((names.question(row["grouping"]), offered))
    return found


def groups_with_numbers(edge: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return a group's numbers about one upgrade, for the groups that have any."""
    return {
        group: cell for group, cell in sorted(edge["by_group"].items()) if cell and cell["compared"] >= LEAST_PEOPLE
    }


def group_graph(graph: MoralGraph, content: Mapping[str, Any], key: str) -> MoralGraph:
    """Return the upgrades that most people of a group found wiser, with the counts of that group alone."""
    by_pair: dict[tuple[str, str], list[Evidence]] = {}
    for edge, cell in _cells(content, key):
        if cell["share"] > MAJORITY:
            by_pair.setdefault((edge["first"], edge["second"]), []).append(_evidence(edge["context"], cell))
    edges = tuple(_edge(first, second, parts) for (first, second), parts in by_pair.items())
    return replace(graph, cards=ends_of(edges), edges=edges)


def group_differences(content: Mapping[str, Any], one: str, other: str) -> list[GroupDifference]:
    """Return the upgrades on which each group's share lies outside the other's interval, the furthest apart first."""
    ours = {_pair(edge): cell for edge, cell in _cells(content, one)}
    theirs = {_pair(edge): cell for edge, cell in _cells(content, other)}
    found = [
        GroupDifference(*pair, one=cell, other=theirs[pair])
        for pair, cell in ours.items()
        if pair in theirs and _lies_outside(cell, theirs[pair]) and _lies_outside(theirs[pair], cell)
    ]
    return sorted(found, key=lambda each: (-abs(each.one["share"] - each.other["share"]), each.first, each.second))


def compared_by_both(content: Mapping[str, Any], one: str, other: str) -> int:
    """Return on how many upgrades both groups have numbers."""
    return len({_pair(edge) for edge, _ in _cells(content, one)} & {_pair(edge) for edge, _ in _cells(content, other)})


def _cells(content: Mapping[str, Any], key: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    grouping, _, group = key.partition(APART)
    for row in content["groups"]:
        if row["grouping"] == grouping and (row["groups"].get(group) or 0) >= LEAST_PEOPLE:
            for edge in row["edges"]:
                cell = groups_with_numbers(edge).get(group)
                if cell:
                    yield edge, cell


def _pair(edge: Mapping[str, Any]) -> tuple[str, str, str]:
    return edge["first"], edge["second"], edge["context"]


def _lies_outside(cell: Mapping[str, Any], of: Mapping[str, Any]) -> bool:
    return not of["low"] <= cell["share"] <= of["high"]


def _evidence(context: str, cell: Mapping[str, Any]) -> Evidence:
    wiser, compared = cell["wiser"], cell["compared"]
    answers = [0] * len(ANSWERS)
    answers[WISER], answers[EQUAL] = wiser, compared - wiser
    counts = Counts(wiser=wiser, not_wiser=compared - wiser, less_wise=0, unsure=0, impressions=compared)
    return Evidence(context, counts, tuple(answers), cell["share"], 0.0, cell["low"], cell["high"])


def _edge(first: str, second: str, parts: list[Evidence]) -> Edge:
    """Join what a group said in several contexts; the interval is the widest of them, as no other is known."""
    sums = [sum(part.answers[place] for part in parts) for place in range(len(ANSWERS))]
    wiser, other = sums[WISER], sums[EQUAL]
    return Edge(
        first=first,
        second=second,
        contexts=tuple(part.context for part in parts),
        counts=Counts(wiser=wiser, not_wiser=other, less_wise=0, unsure=0, impressions=wiser + other),
        likelihood=wiser / (wiser + other),
        entropy=0.0,
        answers=tuple(sums),
        low=min(part.low for part in parts),
        high=max(part.high for part in parts),
        by_context=tuple(parts),
    )
