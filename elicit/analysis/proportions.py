"""Shares with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Share:
    """A share with the ends of its interval, each from 0 to 1."""

    value: float
    low: float
    high: float


def share(count: int, total: int, *, level: float = LEVEL) -> Share:
    """Return `count` of `total` with Wilson's score interval.

    Parameters
    ----------
    count, total
        How many of how many; `total` is at least 1.
    level
        Probability with which the interval covers the true share, from 0 to 1.

    Raises
    ------
    ValueError
        When `count` is not between 0 and `total`, or `total` is 0.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Examples
    --------
    >>> half = share(5, 10)
    >>> round(half.low, 3), half.value, round(half.high, 3)
    (0.237, 0.5, 0.763)
    """
    interval = stats.binomtest(count, total).proportion_ci(confidence_level=level, method="wilson")
    return Share(count / total, float(interval.low), float(interval.high))
