"""Means with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95
FEWEST = 2  # one number has no spread


@dataclass(frozen=True)
class Mean:
    """A mean with the ends of its interval, in the unit of the numbers."""

    value: float
    low: float
    high: float


def mean_of(values: Sequence[float], *, level: float = LEVEL) -> Mean:
    """Return the mean of independent numbers with Student's interval.

    Parameters
    ----------
    values
        At least two finite numbers, one a person.
    level
        Probability with which the interval covers the true mean, from 0 to 1.

    Raises
    ------
    ValueError
        When there are fewer than two numbers.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 6 (1908).

    Examples
    --------
    >>> one = mean_of([1, 2, 3])
    >>> round(one.low, 3), one.value, round(one.high, 3)
    (-0.484, 2.0, 4.484)
    """
    numbers = np.asarray(values, dtype=np.float64)
    if len(numbers) < FEWEST:
        raise ValueError(f"An interval needs at least {FEWEST} numbers, and there are {len(numbers)}.")
    centre = float(numbers.mean())
    error = float(numbers.std(ddof=1)) / len(numbers) ** 0.5
    reach = float(stats.t.ppf(0.5 + level / 2, df=len(numbers) - 1)) * error
    return Mean(centre, centre - reach, centre + reach)
