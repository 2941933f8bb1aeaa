"""Floor tables that share attributes together, so that one does not give away what another hides.

Rule: a number is shown in every table that has it, or in none; and what is shown in all of them together leaves as many
values for each hidden number as one table alone would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog

from elicit.analysis.privacy_floor import HIDDEN, LEAST_PEOPLE, Floored, floored

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Attributes = tuple[str, ...]

TOTAL: Attributes = ()
CLOSE = 1e-6


@dataclass(frozen=True)
class _Family:
    """Every number of the tables once, and the sums that tie them: equations @ values = 0."""

    places: Mapping[Attributes, Ints]
    values: Ints
    equations: Floats


def floored_together(tables: Mapping[Attributes, ArrayLike], *, least: int = LEAST_PEOPLE) -> dict[Attributes, Floored]:
    """Return one- and two-way tables of the same people as they may be shown side by side.

    Parameters
    ----------
    tables
        `{("age",): counts, ("age", "gender"): counts of age by gender}`. Every table counts everybody: who did not say
        has a category of their own. One-way tables of all attributes are added where they are missing.

    Raises
    ------
    ValueError
        When tables of the same people do not add up to the same numbers, or one has more than two ways.

    Notes
    -----
    What remains possible for a hidden number is the range of a linear program over all tables (no count is negative).
    This costs two programs a hidden number; for a single table `floored` is exact and much faster.

    Examples
    --------
    Alone, the two-way table would show both totals of age, which the one-way table must hide:

    >>> found = floored_together({("age",): [40, 25, 3], ("age", "sex"): [[20, 20], [13, 12], [2, 1]]})
    >>> found["age",].listed(), found["age", "sex"].rows.tolist()
    ([40, None, None], [40, -1, -1])
    """
    family = _family({attributes: np.asarray(counts) for attributes, counts in tables.items()})
    hidden = np.zeros(len(family.values), dtype=np.bool_)
    for attributes, places in family.places.items():
        if attributes != TOTAL:
            hidden[places.ravel()] |= ~floored(family.values[places], least=least).shown.ravel()
    hidden |= family.values < least
    waiting = np.flatnonzero(hidden).tolist()
    while waiting:
        place = waiting[-1]
        if _width(family, hidden, place) >= least - CLOSE:
            waiting.pop()
            continue
        new = _companion(family, hidden, place)
        hidden[new] = True
        waiting = [new, *waiting]
    shown = np.where(hidden, HIDDEN, family.values)
    return {attributes: _table(family, shown, attributes) for attributes in tables}


def _family(tables: Mapping[Attributes, NDArray[np.generic]]) -> _Family:
    names = list(dict.fromkeys(name for attributes in tables for name in attributes))
    whole: dict[Attributes, Ints] = {}
    for attributes, counts in tables.items():
        if len(attributes) != counts.ndim or counts.ndim not in (1, 2):
            raise ValueError(f"The table {attributes} must be one- or two-way and name each way.")
        whole[attributes] = counts.astype(np.int64)
    margins: dict[Attributes, Ints] = {(name,): _margin(whole, name) for name in names}
    everybody = {int(counts.sum()) for counts in whole.values()}
    if len(everybody) != 1:
        raise ValueError(f"Tables of the same people add up to the same number, and these add up to {everybody}.")
    every: dict[Attributes, Ints] = {TOTAL: np.array(everybody.pop()), **margins, **whole}
    places: dict[Attributes, Ints] = {}
    start = 0
    for attributes, counts in every.items():
        places[attributes] = np.arange(start, start + counts.size).reshape(counts.shape)
        start += counts.size
    values = np.concatenate([counts.ravel() for counts in every.values()])
    return _Family(places, values, _equations(places, start))


def _margin(tables: Mapping[Attributes, Ints], name: str) -> Ints:
    found = [
        counts if counts.ndim == 1 else counts.sum(axis=1 - attributes.index(name))
        for attributes, counts in tables.items()
        if name in attributes
    ]
    if any(not np.array_equal(found[0], other) for other in found):
        raise ValueError(f"The tables count {name} differently; give who did not say a category in each.")
    return np.asarray(found[0])


def _equations(places: Mapping[Attributes, Ints], size: int) -> Floats:
    rows = []
    for attributes, of_table in places.items():
        if attributes == TOTAL:
            continue
        lines = [(of_table, places[TOTAL])] if of_table.ndim == 1 else []
        if of_table.ndim == 2:
            lines += list(zip(of_table, places[attributes[:1]], strict=True))
            lines += list(zip(of_table.T, places[attributes[1:]], strict=True))
        for cells, total in lines:
            row = np.zeros(size)
            row[cells], row[total] = 1, -1
            rows.append(row)
    return np.array(rows)


def _width(family: _Family, hidden: Bools, place: int) -> float:
    unknown = np.flatnonzero(hidden)
    left = family.equations[:, unknown]
    right = -family.equations[:, ~hidden] @ family.values[~hidden]
    goal = (unknown == place).astype(np.float64)
    ends = [linprog(sign * goal, A_eq=left, b_eq=right, bounds=(0, None)) for sign in (1, -1)]
    return float("inf") if ends[1].status == 3 else float(-ends[1].fun - ends[0].fun)


def _companion(family: _Family, hidden: Bools, place: int) -> int:
    """Choose the smallest shown number of the sums that the hidden one is in; elsewhere only when there is none."""
    beside = (family.equations[family.equations[:, place] != 0] != 0).any(axis=0) & ~hidden
    candidates = np.flatnonzero(beside if beside.any() else ~hidden)
    return int(candidates[np.argmin(family.values[candidates])])


def _table(family: _Family, shown: Ints, attributes: Attributes) -> Floored:
    cells, total = shown[family.places[attributes]], int(shown[family.places[TOTAL]])
    if len(attributes) == 1:
        return Floored(cells, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), total)
    rows, columns = (shown[family.places[name,]] for name in attributes)
    return Floored(cells, rows, columns, total)
