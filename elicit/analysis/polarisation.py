"""Measure how an item divides people: into two camps, or by the groups that they belong to.

Rule: both are said with their uncertainty and after the number of items that were looked at; "too few to say" is the
default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from elicit.analysis.groups import FALSE_DISCOVERIES, LEVEL, Verdict
from elicit.analysis.pooling import false_discovery_values
from elicit.analysis.privacy_floor import LEAST_PEOPLE, floored
from elicit.analysis.ratings import Floats, Ints

DRAWS = 1000
FLAT = 5 / 9  # Sarle's coefficient of a flat spread; above it two peaks are likelier than one
FEWEST_VALUES = 4


@dataclass(frozen=True)
class Polarisation:
    """How an item divides people; numbers are `None` where the floor is not met.

    Attributes
    ----------
    people : people with a value; `None` under the floor.
    bimodality, bimodality_low, bimodality_high : Sarle's coefficient, with its interval over people drawn again.
    has_two_camps : HIGHER where the interval lies above FLAT, LOWER where it lies below.
    between : share of the variance that lies between groups, corrected for chance (it can be a little below 0).
    p, q : of "groups do not differ", by drawing the groups anew; q over all items.
    differs_by_group : HIGHER where q is at most FALSE_DISCOVERIES; never LOWER.
    """

    item: str
    people: int | None
    bimodality: float | None
    bimodality_low: float | None
    bimodality_high: float | None
    has_two_camps: Verdict
    between: float | None
    p: float | None
    q: float | None
    differs_by_group: Verdict


def polarisations(
    values: ArrayLike, items: Sequence[str], groups: Sequence[str | None] | None, *, seed: int, draws: int = DRAWS
) -> tuple[Polarisation, ...]:
    """Return how each item divides the people.

    Parameters
    ----------
    values
        One row a person, one column an item; NaN where a person has no value. Give one number a person and item (a mean
        score, a z-score), so that people are independent.
    items
        Names of the columns.
    groups
        The group of each person, `None` where it is not known; or nothing, when only camps are asked for. Groups under
        the floor, and those that would give them away, are left out of the comparison.

    References
    ----------
    Bimodality: `bimodality`. Share between groups: epsilon squared, Kelley, PNAS 21 (1935). Permutation test: Good,
    "Permutation, Parametric and Bootstrap Tests of Hypotheses" (2005). Several items: Benjamini and Hochberg (1995).

    Examples
    --------
    >>> camps = np.repeat([5.0, 95.0], 20)[:, None] + np.tile([-1.0, 1.0], 20)[:, None]
    >>> found = polarisations(camps, ["tax"], ["north"] * 20 + ["south"] * 20, seed=1)[0]
    >>> found.has_two_camps.value, found.differs_by_group.value, round(found.between, 2)
    ('higher', 'higher', 1.0)
    """
    table = np.asarray(values, dtype=np.float64)
    codes = _codes(groups, len(table))
    rng = np.random.default_rng(seed)
    rows = [_polarisation(item, table[:, place], codes, rng=rng, draws=draws) for place, item in enumerate(items)]
    q_values = false_discovery_values(np.array([np.nan if row.p is None else row.p for row in rows]))
    return tuple(_judged(row, float(q)) for row, q in zip(rows, q_values, strict=True))


def bimodality(values: Floats) -> float:
    """Return Sarle's coefficient: 1 for two equal peaks without width, 5/9 for a flat spread, less for one peak.

    NaN for fewer than four values, or when they do not differ.

    References
    ----------
    Pfister et al., "Good things peak in pairs: a note on the bimodality coefficient", Frontiers in Psychology 4 (2013).

    Examples
    --------
    >>> round(bimodality(np.repeat([1.0, 100.0], 10)), 2)
    0.77
    """
    return float(_bimodalities(values[None, :])[0])


def _bimodalities(rows: Floats) -> Floats:
    """Return the coefficient of each row."""
    n = rows.shape[1]
    if n < FEWEST_VALUES:
        return np.full(len(rows), np.nan)
    apart = rows - rows.mean(axis=1, keepdims=True)
    squares = apart**2
    spread = squares.mean(axis=1)
    spread = np.where(spread > np.finfo(np.float64).eps, spread, np.nan)
    skewness = (squares * apart).mean(axis=1) / spread**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
    raw = (squares**2).mean(axis=1) / spread**2 - 3
    excess = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * raw + 6)
    return np.asarray((skewness**2 + 1) / (excess + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))))


def between_share(values: Floats, codes: Ints) -> float:
    """Return the share of the variance that lies between groups, corrected for what chance alone would give.

    Examples
    --------
    Between 2 * 1^2 + 2 * 1^2 = 4, within 0 + 2 = 2; 1 - (2 / 2) / (6 / 3):

    >>> round(between_share(np.array([1.0, 1.0, 2.0, 4.0]), np.array([0, 0, 1, 1])), 3)
    0.5
    """
    return float(_between_shares(values[None, :], codes)[0])


def _codes(groups: Sequence[str | None] | None, people: int) -> Ints:
    if groups is None:
        return np.full(people, -1, dtype=np.int64)
    names = {name: code for code, name in enumerate(sorted({group for group in groups if group is not None}))}
    return np.array([-1 if group is None else names[group] for group in groups], dtype=np.int64)


def _polarisation(item: str, column: Floats, codes: Ints, *, rng: np.random.Generator, draws: int) -> Polarisation:
    known = ~np.isnan(column)
    values, of_group = column[known], codes[known]
    unsaid = Verdict.TOO_FEW_TO_SAY
    if len(values) < max(LEAST_PEOPLE, FEWEST_VALUES):
        return Polarisation(item, None, None, None, None, unsaid, None, None, None, unsaid)
    low, high = np.nanpercentile(_drawn_bimodality(values, rng=rng, draws=draws), [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    share, p = _between_groups(values, of_group, rng=rng, draws=draws)
    one_side = Verdict.HIGHER if low > FLAT else Verdict.LOWER
    camps = one_side if low > FLAT or high < FLAT else unsaid
    return Polarisation(item, len(values), bimodality(values), float(low), float(high), camps, share, p, None, unsaid)


def _drawn_bimodality(values: Floats, *, rng: np.random.Generator, draws: int) -> Floats:
    return _bimodalities(values[rng.integers(len(values), size=(draws, len(values)))])


def _between_groups(
    values: Floats, codes: Ints, *, rng: np.random.Generator, draws: int
) -> tuple[float | None, float | None]:
    """Return the share between the groups that may be shown, and how often groups drawn anew reach it."""
    counts = np.bincount(codes + 1)
    if len(counts) < 3:
        return None, None
    of_groups = floored(counts if counts[0] else counts[1:]).shown[-len(counts) + 1 :]
    kept = np.append(False, of_groups)[codes + 1]
    values, codes = values[kept], codes[kept]
    if len(np.unique(codes)) < 2 or np.ptp(values) == 0:
        return None, None
    share = between_share(values, codes)
    anew = _between_shares(rng.permuted(np.tile(values, (draws, 1)), axis=1), codes)
    return share, float((1 + (anew >= share - 1e-12).sum()) / (1 + draws))


def _between_shares(rows: Floats, codes: Ints) -> Floats:
    """Return epsilon squared of each row of values under the same groups."""
    belongs = codes[:, None] == np.unique(codes)
    sizes = belongs.sum(axis=0)
    people, groups = belongs.shape
    sums = rows @ belongs
    total = np.sum((rows - rows.mean(axis=1, keepdims=True)) ** 2, axis=1)
    within = np.sum(rows**2, axis=1) - np.sum(sums**2 / sizes, axis=1)
    return np.asarray(1 - (within / (people - groups)) / (total / (people - 1)))


def _judged(row: Polarisation, q: float) -> Polarisation:
    if row.p is None:
        return row
    verdict = Verdict.HIGHER if q <= FALSE_DISCOVERIES else Verdict.TOO_FEW_TO_SAY
    return replace(row, q=q, differs_by_group=verdict)
