"""Say whether one set of scored interviews is better or worse than another, beyond noise.

Rule: two sets are compared person by person; a change counts only where the bootstrap interval of the paired difference
lies on one side of zero and the mean difference is larger than the measure's tolerance.
Pure: no Django.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from elicit.simulation.scoring import MEASURES, Measure, column

RESAMPLES = 2000
INTERVAL = (0.025, 0.975)
Scores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % bootstrap interval (percentiles over interviews)."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Change:
    """How a measure moved from the baseline, over the interviews that both sets have."""

    measure: Measure
    baseline: float
    difference: Interval
    verdict: Literal["better", "worse", "same"]


def interval(values: Sequence[float], *, seed: int = 0) -> Interval:
    """Return mean and interval; an empty set has neither and gives zeros.

    Examples
    --------
    >>> interval([1.0, 1.0, 1.0])
    Interval(mean=1.0, low=1.0, high=1.0, count=3)
    """
    if not values:
        return Interval(0.0, 0.0, 0.0, 0)
    rng = random.Random(seed)
    count = len(values)
    means = sorted(sum(rng.choices(values, k=count)) / count for _ in range(RESAMPLES))
    low, high = (means[round(share * (RESAMPLES - 1))] for share in INTERVAL)
    return Interval(sum(values) / count, low, high, count)


def summary(scores: Scores, *, seed: int = 0) -> dict[str, Interval]:
    """Return every measure over the set."""
    found = {measure.name: interval(list(column(scores, measure.name).values()), seed=seed) for measure in MEASURES}
    return {name: each for name, each in found.items() if each.count}


def compare(scores: Scores, baseline: Scores, *, seed: int = 0) -> list[Change]:
    """Return how each measure moved, over the interviews that both sets have."""
    return [
        _change(measure, column(scores, measure.name), column(baseline, measure.name), seed=seed)
        for measure in MEASURES
        if column(scores, measure.name).keys() & column(baseline, measure.name).keys()
    ]


def _change(measure: Measure, now: Mapping[str, float], before: Mapping[str, float], *, seed: int) -> Change:
    both = sorted(now.keys() & before.keys())
    difference = interval([now[key] - before[key] for key in both], seed=seed)
    is_up, is_down = difference.low > 0, difference.high < 0
    verdict: Literal["better", "worse", "same"] = "same"
    if abs(difference.mean) > measure.tolerance and (is_up or is_down):
        verdict = "better" if is_up == measure.more_is_better else "worse"
    return Change(measure, sum(before[key] for key in both) / len(both), difference, verdict)
