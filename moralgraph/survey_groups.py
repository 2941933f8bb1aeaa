"""Read which survey group each person is in, and what groups may be told of in a snapshot.

Rule: who is in which group stays here. What leaves are numbers that the floor lets through, and that moved by ten
people or not at all since the last snapshot of the same purpose, retired ones included.
"""

from collections.abc import Collection, Mapping
from typing import Any

from elicit.models import Study
from elicit.results.asked import asked_items
from elicit.results.ratings import GROUPINGS, groups_of
from moralgraph.algorithms.canonical import Canonical
from moralgraph.algorithms.group_records import grouping_record, held_groups
from moralgraph.algorithms.records import Judgements
from moralgraph.judgement_columns import Read
from moralgraph.models import Snapshot


def groups_of_people(study: Study, *, origins: Collection[str]) -> dict[str, dict[int, str]]:
    """Return the group of each participant by key, for each question by which the study's people can be grouped."""
    asked = {item.name for _, item in asked_items(study)}
    return {
        name: {pk: group for origin in origins for pk, group in groups_of(study, origin, name).items()}
        for name in GROUPINGS
        if name in asked
    }


def group_records(
    study: Study, read: Read, found: Canonical, used: Judgements, *, purpose: str, origins: Collection[str]
) -> list[dict[str, Any]]:
    """Return the part `groups` of a snapshot: what may be told now, given what was told before.

    `used` are the judgements that the graph is built from, with the participants of `found`.
    """
    now = [
        grouping_record(name, used, _by_name(group_of, found)) for name, group_of in read.groups.items()
    ]  # fmt: skip
    return held_groups(_told_before(study, purpose=purpose, origins=origins), now)


def _by_name(group_of: Collection[str | None], found: Canonical) -> Mapping[str, str | None]:
    names = found.judgements.participants
    return {names[code]: group for code, group in zip(found.number.tolist(), group_of, strict=True)}


def _told_before(study: Study, *, purpose: str, origins: Collection[str]) -> list[dict[str, Any]]:
    chosen = {"parameters__purpose": purpose, "parameters__origins": list(origins)}
    earlier = Snapshot.objects.of_study(study).filter(**chosen).order_by("-number").first()
    found: list[dict[str, Any]] = earlier.content.get("groups", []) if earlier else []
    return found
