"""The versions of a study's design: freeze the one that people answer, and say what changed between two of them.

Rule: from the first real participant on, a version's design never changes; a change of the study is a new version.
Until then a version is a draft, and loading the file again replaces it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from elicit.models import Origin, Study, StudyVersion

NAMES = ("key", "kind", "name")  # what an entry of a list is known by, the first of these that all of them have


@dataclass(frozen=True)
class Change:
    """One place of a design that differs. None where the place is not there."""

    path: str
    before: str | None
    after: str | None


def freeze(version: StudyVersion, *, now: datetime) -> None:
    """Fix a version for good. Doing it again changes nothing."""
    StudyVersion.objects.filter(pk=version.pk, frozen_at=None).update(frozen_at=now)


def is_draft(version: StudyVersion) -> bool:
    """Say whether a version may still be replaced: nobody but the team's own previews has begun with it."""
    begun = Q(began_at__isnull=False) | Q(steps__isnull=False)
    others = version.participants.exclude(origin=Origin.PREVIEW)
    return version.frozen_at is None and not others.filter(begun).exists()


def newest_of(slug: str) -> StudyVersion | None:
    """Return the newest version of the study of this name, if there is one."""
    return StudyVersion.objects.filter(study__slug=slug).order_by("-number").first()


def move_waiting_people(study: Study, *, to: StudyVersion) -> int:
    """Give the newest version to everybody who has not begun; return how many that were. Who has begun keeps theirs."""
    waiting = study.participants.filter(began_at=None, steps=None, withdrawn_at=None).exclude(version=to)
    still = study.participants.filter(pk__in=list(waiting.values_list("pk", flat=True)), began_at=None)
    return still.update(version=to)  # who began between the two queries keeps theirs


def count_people(version: StudyVersion) -> int:
    """Return how many have begun with a version, previews left out."""
    begun = Q(began_at__isnull=False) | Q(steps__isnull=False)
    return version.participants.exclude(origin=Origin.PREVIEW).filter(begun).distinct().count()


def canonical_json(version: StudyVersion) -> bytes:
    """Return the bytes of the design whose SHA-256 is the version's hash: sorted keys, no spaces, UTF-8."""
    return json.dumps(version.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def diff(old: Any, new: Any, path: str = "") -> list[Change]:
    """Return what differs between two designs as data, in the order of the older one, what is new last.

    Entries of a list are matched by their key, kind or name, so that one that moved is not a change of every other.

    >>> diff({"minutes": 10}, {"minutes": 12})
    [Change(path='minutes', before='10', after='12')]
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return list(_changed_parts(old, new, path, "{path}.{part}" if path else "{part}"))
    if isinstance(old, list) and isinstance(new, list):
        return list(_changed_entries(old, new, path))
    return [] if old == new else [Change(path, in_words(old), in_words(new))]


def in_words(value: Any) -> str:
    """Return a part of a design as a reader sees it: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _changed_parts(old: dict[str, Any], new: dict[str, Any], path: str, form: str) -> Iterator[Change]:
    for part in [*old, *(part for part in new if part not in old)]:
        place = form.format(path=path, part=part)
        if part not in new:
            yield Change(place, in_words(old[part]), None)
        elif part not in old:
            yield Change(place, None, in_words(new[part]))
        else:
            yield from diff(old[part], new[part], place)


def _changed_entries(old: list[Any], new: list[Any], path: str) -> Iterator[Change]:
    name = _name_of_entries([*old, *new])
    before, after = _by_name(old, name), _by_name(new, name)
    yield from _changed_parts(before, after, path, "{path}[{part}]")
    if name and set(before) == set(after) and list(before) != list(after):
        yield Change(f"{path} (order)", ", ".join(before), ", ".join(after))


def _name_of_entries(entries: list[Any]) -> str:
    """Return what tells the entries of a list apart; empty where only their place does."""
    for name in NAMES:
        if entries and all(isinstance(entry, dict) and isinstance(entry.get(name), str) for entry in entries):
            return name
    return ""


def _by_name(entries: list[Any], name: str) -> dict[str, Any]:
    return {str(entry[name]) if name else str(place): entry for place, entry in enumerate(entries, start=1)}
