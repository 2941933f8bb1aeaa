"""Which numbers a page may show, given what it showed before: the one way from counts of people to a page.

Rule: counts of fewer than ten people are held back with whatever would give them away, and a number moves by at least
ten people or not at all. Simulated people have nothing to protect: their numbers are shown as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from django.db import transaction

from elicit.analysis.means import Mean, mean_of
from elicit.analysis.privacy_floor import LEAST_PEOPLE, next_view
from elicit.models import Origin, ShownNumbers, Study


@dataclass(frozen=True)
class Counts:
    """The counts of one table as they may be shown: None where one is held back. `total` is None where that is too."""

    cells: Mapping[str, int | None]
    total: int | None


@dataclass(frozen=True)
class CountedMean:
    """A mean, and over how many people it is."""

    mean: Mean
    people: int


class Floor:
    """One view of one page: ask it for every number, inside `with`; what was shown is kept when it closes."""

    def __init__(self, study: Study, page: str, *, origin: str) -> None:
        self.study, self.page, self.origin = study, page, origin
        self.is_open = origin == Origin.SIMULATED
        self._before: dict[str, Any] = {}
        self._now: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        row, _is_new = ShownNumbers.objects.select_for_update().get_or_create(
            study=self.study, page=self.page, origin=self.origin
        )
        self._row, self._before, self._now = row, row.numbers, {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self.is_open and self._now != self._before:
            self._row.numbers = {**self._before, **self._now}
            self._row.save(update_fields=["numbers", "shown_at"])
        self._atomic.__exit__(kind, error, trace)

    def counts(self, name: str, counts: Mapping[str, int]) -> Counts:
        """Return the counts of a one-way table as they may be shown."""
        if self.is_open:
            return Counts(dict(counts), sum(counts.values()))
        before = self._before.get(name)
        cells = list(dict.fromkeys([*(before or {}), *counts]))
        previous = [before.get(cell, 0) for cell in cells] if before else None
        shown, kept = next_view(previous, [counts.get(cell, 0) for cell in cells])
        self._now[name] = dict(zip(cells, kept.tolist(), strict=True))
        return Counts(
            dict(zip(cells, shown.listed(), strict=True)), None if shown.total < LEAST_PEOPLE else shown.total
        )

    def mean(self, name: str, values: Sequence[float]) -> CountedMean | None:
        """Return the mean of one number a person, or None while fewer than ten people gave one."""
        if self.is_open:
            return CountedMean(mean_of(values), len(values)) if len(values) > 1 else None
        before = self._before.get(name)
        if before is not None and abs(len(values) - before[0]) < LEAST_PEOPLE:
            self._now[name] = before
            return CountedMean(Mean(*before[1:]), before[0])
        if len(values) < LEAST_PEOPLE:
            return None
        one = mean_of(values)
        self._now[name] = [len(values), one.value, one.low, one.high]
        return CountedMean(one, len(values))
