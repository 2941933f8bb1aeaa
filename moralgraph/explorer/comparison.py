"""Compare two snapshots, or two groups of people, as a list of differences: never as two pictures to hold by eye.

Rule: a difference between shares is one only where each lies outside the other's interval; of groups, only numbers of
ten or more people are compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language

from elicit.models import Study
from moralgraph.algorithms.snapshot_content import read_content
from moralgraph.comparing import Row, compare_snapshots
from moralgraph.explorer import groups
from moralgraph.explorer.filters import LONGEST_GROUP
from moralgraph.explorer.reading import titles_of
from moralgraph.exporting import context_texts
from moralgraph.models import Snapshot

MOST_DIGITS = 9


@dataclass(frozen=True)
class Asked:
    """What an address asks to compare: two snapshots by number, or two groups of one snapshot."""

    before: int | None
    after: int | None
    one: str
    other: str

    @classmethod
    def read(cls, query: QueryDict) -> "Asked":
        """Read the address; what cannot be read is left open."""
        return cls(
            before=_number(query.get("before", "")),
            after=_number(query.get("after", "")),
            one=query.get("one", "").replace("\x00", "")[:LONGEST_GROUP],
            other=query.get("other", "").replace("\x00", "")[:LONGEST_GROUP],
        )


@dataclass(frozen=True)
class GroupRow:
    """An upgrade that two groups judge differently, in words and per cent."""

    first: str
    second: str
    context: str
    one: tuple[int, int, int, int]
    other: tuple[int, int, int, int]
    is_opposite: bool


class Comparison:
    """What the page of comparisons shows for one address."""

    def __init__(self, study: Study, asked: Asked) -> None:
        self.study = study
        self.asked = asked
        self.snapshots = list(Snapshot.objects.of_study(study).standing().defer("content").order_by("-number"))
        self.newest = self._snapshot(asked.after) or next(iter(self.snapshots), None)
        self.before = self._snapshot(asked.before)
        self._content = read_content(self.newest.content) if self.newest else {"groups": []}
        self._names = groups.names_of(study, language=get_language() or "en")
        self.group_choices = groups.choices(self._content, self._names)

    def _snapshot(self, number: int | None) -> Snapshot | None:
        return next((each for each in self.snapshots if each.number == number), None)

    @property
    def offered(self) -> tuple[int | None, int | None]:
        """The numbers that the two lists begin with: those asked for, else the newest and the one before it."""
        newest = [each.number for each in self.snapshots[:2]]
        return self.asked.before or (newest[1] if len(newest) > 1 else None), self.asked.after or next(
            iter(newest), None
        )

    @property
    def compares_snapshots(self) -> bool:
        """Whether two snapshots were asked for."""
        return self.before is not None and self._snapshot(self.asked.after) is not None

    @property
    def compares_groups(self) -> bool:
        """Whether two groups were asked for that have numbers."""
        known = {choice.key for _question, found in self.group_choices for choice in found}
        return {self.asked.one, self.asked.other} <= known and self.asked.one != self.asked.other

    def snapshot_rows(self) -> list[Row]:
        """Return what differs between the two snapshots."""
        if self.before is None or self.newest is None:
            return []
        return compare_snapshots(self.before, self.newest)

    def group_rows(self) -> list[GroupRow]:
        """Return the upgrades that the two groups judge differently, the furthest apart first."""
        if self.newest is None:
            return []
        titles, texts = titles_of(self.newest), context_texts(self.newest)
        return [
            GroupRow(
                first=titles.get(found.first, found.first),
                second=titles.get(found.second, found.second),
                context=texts.get(found.context, found.context),
                one=_cell(found.one),
                other=_cell(found.other),
                is_opposite=found.is_opposite,
            )
            for found in groups.group_differences(self._content, self.asked.one, self.asked.other)
        ]

    @property
    def compared_by_both(self) -> int:
        """On how many upgrades both groups have numbers."""
        return groups.compared_by_both(self._content, self.asked.one, self.asked.other)

    @property
    def labels(self) -> tuple[str, str]:
        """What the two groups are called."""
        known = {choice.key: choice.label for _question, found in self.group_choices for choice in found}
        return known.get(self.asked.one, ""), known.get(self.asked.other, "")


def _cell(cell: Mapping[str, Any]) -> tuple[int, int, int, int]:
    share, low, high = (round(100 * cell[key]) for key in ("share", "low", "high"))
    return share, low, high, cell["compared"]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None
