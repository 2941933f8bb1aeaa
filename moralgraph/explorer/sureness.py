"""How sure the graph is: per context what may be the wisest, what contradicts itself, what few hold; then the whole.

Rule: "not enough evidence" is an answer and is said in words. What a snapshot does not know is left out, never shown as
zero, and nothing here is worked out anew: the snapshot was built with its consent and its floor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from moralgraph.algorithms.snapshot_content import read_content
from moralgraph.evidence_words import REASONS, SHORTAGES, in_words
from moralgraph.explorer.filters import Filters
from moralgraph.explorer.finding_words import EFFECTS, SETTINGS, VALUES
from moralgraph.explorer.groups import groups_with_numbers, names_of
from moralgraph.explorer.place import Link, Names
from moralgraph.explorer.reading import titles_of
from moralgraph.exporting import context_texts
from moralgraph.models import Snapshot

STANDINGS = ("settled", "several", "not_enough_evidence")


@dataclass(frozen=True)
class SetMember:
    """A value that may be the wisest, with the ranks between which it lies."""

    link: Link
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Way:
    """One direction of a contested pair, in per cent."""

    wiser: int
    compared: int
    share: int
    low: int
    high: int


@dataclass(frozen=True)
class ContestedPair:
    """Two values of which people found each wiser than the other."""

    first: Link
    second: Link
    forward: Way
    backward: Way


@dataclass(frozen=True)
class Minority:
    """A value that counting hides: why, and of how many people which share found it wiser (per cent)."""

    link: Link
    reason: str
    people: int | None
    share: int | None


@dataclass(frozen=True)
class ContextSureness:
    """What is known of one context, and how surely.

    `has_set` says whether the members are a confidence set; else they are what the method's own rule leaves contending.
    """

    text: str
    judgements: int | None
    people: int | None
    standing: str
    has_set: bool
    members: tuple[SetMember, ...]
    circles: tuple[tuple[Link, ...], ...]
    contested: tuple[ContestedPair, ...]
    minority: tuple[Minority, ...]
    shortage: str

    @property
    def has_contradictions(self) -> bool:
        """Whether upgrades of the context contradict each other."""
        return bool(self.circles or self.contested)


@dataclass(frozen=True)
class Effect:
    """How many points more "wiser" something brings, with its interval, and over how many people."""

    words: str
    points: int
    low: int
    high: int
    people: int


@dataclass(frozen=True)
class Again:
    """How often people answered the same when they were asked again, in per cent."""

    same: int
    low: int
    high: int
    repeats: int


@dataclass(frozen=True)
class Choice:
    """What the graph would be with another choice of its method."""

    setting: str
    value: str
    is_usual: bool
    edges: int | None
    cards: int | None
    changed: int


@dataclass(frozen=True)
class GroupingAgreement:
    """How far the groups of one question agree on the upgrades that two or more of them have numbers on."""

    question: str
    people: tuple[tuple[str, int], ...]
    compared: int
    agreed: int


@dataclass(frozen=True)
class Sureness:
    """The whole page."""

    contexts: tuple[ContextSureness, ...]
    settled: int
    sensitivity: tuple[Choice, ...]
    groups: tuple[GroupingAgreement, ...]
    effects: tuple[Effect, ...]
    again: Again | None
    totals: Mapping[str, Any]


def sureness_of(snapshot: Snapshot, *, graph_url: str) -> Sureness:
    """Return what a snapshot says of its own certainty, with links into the graph."""
    content = read_content(snapshot.content)
    groups = names_of(snapshot.study, language=get_language() or "en")
    names = Names(titles_of(snapshot), context_texts(snapshot), groups, _href(snapshot, graph_url))
    contexts = tuple(_context(found, names) for found in content["contexts"])
    return Sureness(
        contexts=contexts,
        settled=sum(found.standing == "settled" for found in contexts),
        sensitivity=tuple(_choice(row) for row in content["sensitivity"] if row["method"] == snapshot.method),
        groups=tuple(_grouping(row, names) for row in content["groups"]),
        effects=tuple(_effects(content)),
        again=_again(content["retest"]),
        totals=content["totals"],
    )


def _href(snapshot: Snapshot, graph_url: str) -> Any:
    return lambda card: graph_url + Filters(focus=card, snapshot=snapshot.number).query()


def _context(found: Mapping[str, Any], names: Names) -> ContextSureness:
    wisest = found["wisest_set"] or {}
    positions = {row["card"]: row for row in wisest.get("positions", [])}
    standing = wisest.get("standing", found["standing"])
    shown = wisest.get("cards", found["contenders"])
    return ContextSureness(
        text=names.context(found["key"]),
        judgements=found["judgements"],
        people=found["people"],
        standing=standing if standing in STANDINGS else "several",
        has_set=found["wisest_set"] is not None,
        members=tuple(_member(card, positions.get(card, {}), names) for card in shown),
        circles=tuple(tuple(names.link(card) for card in circle) for circle in found["cycles"]),
        contested=tuple(_pair(pair, names) for pair in found["contested"]),
        minority=tuple(_minority(row, names) for row in found["minority"]),
        shortage=in_words(SHORTAGES, wisest.get("shortage", "")),
    )


def _member(card: str, row: Mapping[str, Any], names: Names) -> SetMember:
    if not row.get("is_comparable", True):
        return SetMember(names.link(card), None, None)
    return SetMember(names.link(card), row.get("low"), row.get("high"))


def _pair(pair: Mapping[str, Any], names: Names) -> ContestedPair:
    return ContestedPair(
        names.link(pair["first"]), names.link(pair["second"]), _way(pair["forward"]), _way(pair["backward"])
    )


def _way(way: Mapping[str, Any]) -> Way:
    share, low, high = (round(100 * way[key]) for key in ("share", "low", "high"))
    return Way(way["wiser"], way["compared"], share, low, high)


def _effects(content: Mapping[str, Any]) -> list[Effect]:
    pulls = [(row["name"], row) for row in (content["story_pull"] or {}).get("effects", [])]
    sides = [(name, row) for name, row in (content["side_bias"] or {}).items() if row]
    return [
        Effect(
            words=in_words(EFFECTS, name),
            points=round(100 * row["difference"]),
            low=round(100 * row["low"]),
            high=round(100 * row["high"]),
            people=row["people"],
        )
        for name, row in [*pulls, *sides]
    ]


def _again(found: Mapping[str, Any] | None) -> Again | None:
    if found is None:
        return None
    same, low, high = (round(100 * found[key]) for key in ("same", "low", "high"))
    return Again(same, low, high, found["repeats"])


def _choice(row: Mapping[str, Any]) -> Choice:
    return Choice(
        setting=in_words(SETTINGS, row["setting"]),
        value=in_words(VALUES, row["value"]),
        is_usual=row["is_usual"],
        edges=row["edges"],
        cards=row["cards"],
        changed=len(row["changed"]),
    )


def _minority(row: Mapping[str, Any], names: Names) -> Minority:
    share = row.get("share")
    return Minority(
        link=names.link(row["card"]),
        reason=in_words(REASONS, row.get("reason", "")),
        people=row.get("people") if share is not None else None,
        share=None if share is None else round(100 * share),
    )


def _grouping(row: Mapping[str, Any], names: Names) -> GroupingAgreement:
    several = [edge for edge in row["edges"] if len(groups_with_numbers(edge)) > 1]
    return GroupingAgreement(
        question=names.groups.question(row["grouping"]),
        people=tuple(
            (names.groups.label(row["grouping"], key), count) for key, count in sorted(row["groups"].items()) if count
        ),
        compared=len(several),
        agreed=sum(bool(edge["is_agreed"]) for edge in several),
    )
