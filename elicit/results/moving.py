"""When the numbers about ratings may move on: what a page of ratings shows, and what it rests on.

Rule: a group's ratings count up to a moment, its cut. The cut moves on only once every number of people in the group,
in all and for each model, has moved by at least ten or not at all; numbers under ten count as none. Where fewer than
ten left a group, or changed to another, it waits outside until it has moved on. What was shown is kept and shown again
until some group moves on, so that two views never differ by one to nine people of a group.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

import numpy as np
from django.db import transaction
from pydantic import TypeAdapter

from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.analysis.ratings import Bools, Ratings
from elicit.models import Origin, ShownNumbers, Study
from elicit.results.ratings import GroupOf, Rated
from elicit.results.remembering import remembered_at

FORM = 1  # of what is kept; another one is worked out again, from the same ratings
ALL = ""  # the cell of everybody in a group, beside those of the models

Found = TypeVar("Found")


@dataclass(frozen=True)
class Cut:
    """Up to when a group's ratings count, in seconds since 1970, and how many people they are from.

    `people` counts everybody under ALL, and by model; numbers under ten are left out.
    """

    until: float
    people: Mapping[str, int]

    def may_move_to(self, now: Mapping[str, int]) -> bool:
        """Say whether some number has moved, and none by one to nine."""
        moves = [abs(now.get(cell, 0) - self.people.get(cell, 0)) for cell in {*now, *self.people}]
        return any(moves) and all(move >= LEAST_PEOPLE for move in moves if move)


@dataclass(frozen=True)
class Base:
    """The ratings that a view rests on, with the cut of each group; `waiting` names groups that some people left."""

    rated: Rated
    group_of: GroupOf
    cuts: Mapping[str, Cut]
    waiting: tuple[str, ...]
    has_moved: bool

    @property
    def ratings(self) -> Ratings:
        """The ratings as columns."""
        return self.rated.ratings

    @classmethod
    def of(cls, rated: Rated, group_of: GroupOf, before: Mapping[str, Cut]) -> Self:
        """Return what the next view rests on."""
        cuts: dict[str, Cut] = {}
        waiting: list[str] = []
        is_in = np.zeros(len(rated.ratings), dtype=np.bool_)
        for group in sorted({*group_of.values(), *before}):
            rows = members(rated.ratings, group_of, group)
            now, earlier = people_by_cell(rated.ratings.where(rows)), before.get(group, Cut(0.0, {}))
            if earlier.may_move_to(now):
                cuts[group] = Cut(float(rated.at[rows].max(initial=0.0)), now)
                is_in |= rows
                continue
            cuts[group] = earlier
            rows &= (rated.at <= earlier.until) & bool(earlier.people)
            if people_by_cell(rated.ratings.where(rows)) == earlier.people:
                is_in |= rows
            else:
                waiting.append(group)
        shown = {person: group for person, group in group_of.items() if group not in waiting}
        has_moved = any(cut is not before.get(group) for group, cut in cuts.items() if cut.people or group in before)
        return cls(rated.where(is_in), shown, cuts, tuple(waiting), has_moved)


def members(ratings: Ratings, group_of: GroupOf, group: str) -> Bools:
    """Mark the ratings by people of a group."""
    return np.isin(ratings.participant, [person for person, of in group_of.items() if of == group])


def people_by_cell(ratings: Ratings) -> dict[str, int]:
    """Return how many people rated, in all and each model, where they are ten or more."""
    pairs = np.unique(np.stack([ratings.model, ratings.participant]), axis=1)
    by_model = np.bincount(pairs[0], minlength=len(ratings.models)).tolist()
    counts = {ALL: len(np.unique(ratings.participant)), **dict(zip(ratings.models, by_model, strict=True))}
    return {cell: count for cell, count in counts.items() if count >= LEAST_PEOPLE}


@dataclass(frozen=True)
class View(Generic[Found]):
    """One page of results about ratings: its name, what it reads, and what it works out of them."""

    page: str
    form: TypeAdapter[Found]
    read: Callable[[], tuple[Rated, GroupOf]]
    work: Callable[[Base], Found]


def shown(study: Study, origin: str, view: View[Found], *, state: str) -> Found:
    """Return what a page shows now: what it showed last, unless some group of people has moved on since.

    `state` is that of the answers (`state_of`). Simulated people have nothing to protect: their results follow every
    rating.
    """
    if origin == Origin.SIMULATED:
        return remembered_at(state, view.page, lambda: view.work(_everything(view)))
    row, _is_new = ShownNumbers.objects.get_or_create(study=study, page=view.page, origin=origin)
    is_readable = row.numbers.get("form") == FORM
    if is_readable and row.numbers["state"] == state:
        return view.form.validate_python(row.numbers["result"])
    base = Base.of(*view.read(), _cuts(row.numbers))
    if is_readable and not base.has_moved:
        return _kept(row, view, {**row.numbers, "state": state})
    found = view.work(base)
    numbers = {
        "form": FORM,
        "state": state,
        "cuts": {group: [cut.until, dict(cut.people)] for group, cut in base.cuts.items() if cut.people},
        "result": json.loads(view.form.dump_json(found)),  # what is no number becomes null
    }
    return _kept(row, view, numbers)


def _everything(view: View[Found]) -> Base:
    rated, group_of = view.read()
    return Base(rated, group_of, {}, (), has_moved=True)


def _cuts(numbers: Mapping[str, Any]) -> dict[str, Cut]:
    return {group: Cut(until, people) for group, (until, people) in numbers.get("cuts", {}).items()}


def _kept(row: ShownNumbers, view: View[Found], numbers: dict[str, Any]) -> Found:
    """Keep what is shown, unless another view was quicker; then show what that one kept."""
    with transaction.atomic():
        now = ShownNumbers.objects.select_for_update().get(pk=row.pk)
        if now.numbers == row.numbers:
            now.numbers = numbers
            now.save(update_fields=["numbers", "shown_at"])
    return view.form.validate_python(now.numbers["result"])
