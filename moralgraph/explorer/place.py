"""Say where one value stands: in each context, in circles and contested pairs, among groups, and over time.

Rule: everything comes from snapshots, so nothing is said here that was not built with its consent and its floor; what
an older snapshot does not know is left out, never shown as zero.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moralgraph.evidence_words import REASONS, in_words
from moralgraph.explorer.groups import GroupNames, groups_with_numbers
from moralgraph.models import Assignment, Snapshot

MOST_SNAPSHOTS = 8  # of the past: the page stays short, and every one is read
Link = tuple[str, str]  # a name and where it leads


@dataclass(frozen=True)
class ContextPlace:
    """What one context says of the value: whether it may be the wisest, of how many, and between which ranks."""

    text: str
    standing: str
    is_in_set: bool
    set_size: int
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Contested:
    """A pair that people found wiser both ways; shares in per cent."""

    other: Link
    context: str
    for_this: int
    for_other: int


@dataclass(frozen=True)
class GroupShare:
    """How a group of ten or more people judged one upgrade of the value; shares in per cent."""

    group: str
    first: str
    second: str
    people: int
    share: int
    low: int
    high: int


@dataclass(frozen=True)
class Moment:
    """The value's rank in an earlier snapshot."""

    number: int
    at: datetime
    position: int
    of: int


@dataclass(frozen=True)
class Merge:
    """Which values a version of the partition put under this one."""

    number: int
    at: datetime
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Everything about one value that is not an upgrade."""

    contexts: tuple[ContextPlace, ...]
    circles: tuple[tuple[str, tuple[Link, ...]], ...]
    contested: tuple[Contested, ...]
    minority: tuple[tuple[str, str], ...]
    groups: tuple[GroupShare, ...]
    history: tuple[Moment, ...]
    merges: tuple[Merge, ...]


@dataclass(frozen=True)
class Names:
    """What cards, contexts and groups are called, and where a card's name leads."""

    titles: Mapping[str, str]
    contexts: Mapping[str, str]
    groups: GroupNames
    href: Callable[[str], str]

    def link(self, card: str) -> Link:
        """Return a card's name with its link."""
        return self.titles.get(card, card), self.href(card)

    def context(self, key: str) -> str:
        """Return a context's words."""
        return self.contexts.get(key, key)


def place_of(card: str, snapshot: Snapshot, content: Mapping[str, Any], names: Names) -> Place:
    """Return what a snapshot and the study's history say of one value."""
    contexts = content["contexts"]
    return Place(
        contexts=tuple(_in_context(card, found, names) for found in contexts if _knows(card, found)),
        circles=tuple(
            (names.context(found["key"]), tuple(names.link(each) for each in circle))
            for found in contexts
            for circle in found["cycles"]
            if card in circle
        ),
        contested=tuple(
            _contested(card, pair, names.context(found["key"]), names)
            for found in contexts
            for pair in found["contested"]
            if card in (pair["first"], pair["second"])
        ),
        minority=tuple(
            (names.context(found["key"]), in_words(REASONS, row.get("reason", "")))
            for found in contexts
            for row in found["minority"]
            if row["card"] == card
        ),
        groups=tuple(_groups(card, content, names)),
        history=_history(card, snapshot),
        merges=_merges(card, snapshot),
    )


def _knows(card: str, found: Mapping[str, Any]) -> bool:
    return any(row["card"] == card for row in found["ranks"]) or card in (found["wisest_set"] or {}).get("cards", [])


def _in_context(card: str, found: Mapping[str, Any], names: Names) -> ContextPlace:
    wisest = found["wisest_set"] or {}
    positions = {row["card"]: row for row in wisest.get("positions", [])}
    row = positions.get(card, {})
    if not row.get("is_comparable", True):
        row = {}
    return ContextPlace(
        text=names.context(found["key"]),
        standing=wisest.get("standing", found["standing"]),
        is_in_set=card in wisest.get("cards", []),
        set_size=len(wisest.get("cards", [])),
        low=row.get("low"),
        high=row.get("high"),
    )


def _contested(card: str, pair: Mapping[str, Any], context: str, names: Names) -> Contested:
    forward, backward = (round(100 * pair[way]["share"]) for way in ("forward", "backward"))
    is_second = pair["second"] == card
    other = pair["first"] if is_second else pair["second"]
    for_this, for_other = (forward, backward) if is_second else (backward, forward)
    return Contested(names.link(other), context, for_this, for_other)


def _groups(card: str, content: Mapping[str, Any], names: Names) -> list[GroupShare]:
    found = []
    for grouping in content["groups"]:
        for edge in grouping["edges"]:
            if card not in (edge["first"], edge["second"]):
                continue
            first, second = names.link(edge["first"])[0], names.link(edge["second"])[0]
            for group, cell in groups_with_numbers(edge).items():
                share, low, high = (round(100 * cell[key]) for key in ("share", "low", "high"))
                label = names.groups.label(grouping["grouping"], group)
                found.append(GroupShare(label, first, second, cell["compared"], share, low, high))
    return found


def _history(card: str, snapshot: Snapshot) -> tuple[Moment, ...]:
    earlier = Snapshot.objects.of_study(snapshot.study).standing().filter(method=snapshot.method)
    rows = earlier.filter(number__lte=snapshot.number).order_by("-number")
    found = []
    for number, at, ranks in rows.values_list("number", "created_at", "content__ranks")[:MOST_SNAPSHOTS]:
        row = next((each for each in ranks or [] if each["card"] == card), None)
        if row is not None:
            found.append(Moment(number, at, row["position"], len(ranks)))
    return tuple(found)


def _merges(card: str, snapshot: Snapshot) -> tuple[Merge, ...]:
    rows = Assignment.objects.filter(
        partition__study=snapshot.study, canonical__content_id=card, merged__isnull=False
    ).order_by("-partition__number", "merged__title")
    found: dict[tuple[int, datetime], list[str]] = {}
    for number, at, title in rows.values_list("partition__number", "partition__made_at", "merged__title"):
        found.setdefault((number, at), []).append(title)
    return tuple(Merge(number, at, tuple(titles)) for (number, at), titles in found.items())
