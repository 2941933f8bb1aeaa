"""Read judgements from the database straight into columns of codes.

A million rows are read as keys, in portions, through a cursor on the server; names are looked up once for each card and
context, not once a row. Rule that must stay true: no key of a row and no code of a person leaves this module; people
are numbers within what was read, so the same judgements give the same columns in any database.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

import numpy as np
from django.db.models import QuerySet

from elicit.models import Study
from moralgraph.algorithms.records import ANSWERS, STORIES, Codes, Judgements
from moralgraph.models import CanonicalValuesCard, Context, Judgement

ROWS_AT_ONCE = 20_000  # a portion is a few megabytes as Python objects, and small beside the columns
KEYS = ("participant_id", "first_id", "second_id", "context_id")
FIELDS = (*KEYS, "answer", "story_arm", "selection_probability", "repeat", "number", "first_side")
ANSWER_CODES = {answer.value: code for code, answer in enumerate(ANSWERS)}
SIDES = ("", *Judgement.Side.values)
SIDE_CODES = {side: code for code, side in enumerate(SIDES)}
STORY_CODES = {story.value: code for code, story in enumerate(STORIES)}


@dataclass(frozen=True, eq=False)
class Read:
    """Judgements with what stands beside them.

    Attributes
    ----------
    side
        Position in `SIDES` of the side on which each judgement's first card stood, shape (judgements,).
    groups
        By name of a grouping: the group of each participant, in the order of `judgements.participants`, None for none.
    """

    judgements: Judgements
    side: Codes
    groups: Mapping[str, tuple[str | None, ...]]


def read_judgements(rows: QuerySet[Judgement], *, study: Study) -> Judgements:
    """Return answered judgements of one study as columns; see `read_with_sides`."""
    return read_with_sides(rows, study=study).judgements


def read_with_sides(
    rows: QuerySet[Judgement], *, study: Study, groups: Mapping[str, Mapping[int, str]] = MappingProxyType({})
) -> Read:
    """Return answered judgements of one study as columns, in the order in which people saw them, else of the query.

    Cards are named by their content ids and contexts by their keys, as they were judged: merges are the caller's to
    apply (`algorithms.renaming`). `groups` holds, by name of a grouping, the group of each participant by key.
    """
    columns = _columns(rows.values_list(*FIELDS).iterator(chunk_size=ROWS_AT_ONCE))
    people, participant = _numbered(columns["participant_id"])
    judgements = _judgements(columns, study=study, participant=participant, people=people.size)
    names = sorted(range(people.size), key=str)  # as `judgements.participants` sorts its numbers
    group_of = {
        name: tuple(group.get(people[number]) for number in names) for name, group in groups.items()
    }  # fmt: skip
    in_order = np.argsort(columns["number"], kind="stable")
    return Read(judgements=judgements, side=columns["first_side"][in_order], groups=group_of)


def _judgements(columns: dict[str, Any], *, study: Study, participant: Codes, people: int) -> Judgements:
    cards, ends = _numbered(np.concatenate([columns["first_id"], columns["second_id"]]))
    contexts, context = _numbered(columns["context_id"])
    first, second = np.split(ends, 2)
    return Judgements.from_codes(
        cards=_names(CanonicalValuesCard.objects.of_study(study), "content_id", keys=cards),
        contexts=_names(Context.objects.of_study(study), "key", keys=contexts),
        participants=[str(number) for number in range(people)],
        participant=participant,
        first=first,
        second=second,
        context=context,
        answer=columns["answer"],
        order=columns["number"],
        story=columns["story_arm"],
        probability=columns["selection_probability"],
        repeat=columns["repeat"],
    )


def _columns(rows: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Turn rows into arrays, portion by portion, so that few rows are Python objects at a time."""
    found: dict[str, list[Any]] = {name: [] for name in FIELDS}
    for portion in _portions(iter(rows)):
        columns: dict[str, Any] = dict(zip(FIELDS, zip(*portion, strict=True), strict=True))
        columns["answer"] = [ANSWER_CODES[answer] for answer in columns["answer"]]
        columns["first_side"] = [SIDE_CODES[side] for side in columns["first_side"]]
        columns["story_arm"] = [STORY_CODES[arm] for arm in columns["story_arm"]]
        for name in FIELDS:
            kind = np.float64 if name == "selection_probability" else np.int64
            found[name].append(np.array(columns[name], dtype=kind))
    return {name: np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64) for name, parts in found.items()}


def _portions(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while portion := list(islice(rows, ROWS_AT_ONCE)):
        yield portion


def _numbered(keys: Codes) -> tuple[Codes, Codes]:
    """Return the distinct keys, ascending, and the number of each row's key."""
    distinct, number = np.unique(keys, return_inverse=True)
    return distinct, number.reshape(-1)


def _names(rows: QuerySet[Any], field: str, *, keys: Codes) -> list[str]:
    """Return one name for each key."""
    known = dict(rows.values_list("pk", field))
    return [known[key] for key in keys.tolist()]
