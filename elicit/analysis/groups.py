"""Compare how groups of people rate models, and say so only where there is enough to say.

Rule: "too few to say" is the default. A group below the floor gives no number at all, and a difference is stated only
when its interval lies on one side of zero and it survives the number of comparisons that were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from scipy import stats

from elicit.analysis.pooling import false_discovery_values, pool
from elicit.analysis.privacy_floor import floored
from elicit.analysis.ratings import Bools, Floats, Ratings
from elicit.analysis.scores import ModelMeans, means_by_model, standardised

LEAST_RATINGS = 30  # of a model in a group: three a person at the floor
LEVEL = 0.95
FALSE_DISCOVERIES = 0.05

GroupOf = Mapping[int, str | None]


class Verdict(StrEnum):
    """What may be said of a comparison."""

    TOO_FEW_TO_SAY = "too few to say"
    HIGHER = "higher"
    LOWER = "lower"


class Reason(StrEnum):
    """Why nothing is said."""

    NONE = ""
    BELOW_FLOOR = "fewer people or ratings than the floor"
    BOTH_SIGNS = "the interval includes both signs"
    MANY_COMPARISONS = "it does not survive the number of comparisons"


@dataclass(frozen=True)
class GroupMean:
    """A model's mean in a group, in standard deviations within a person; every number is `None` below the floor.

    `mean` is raw, `pooled` is drawn towards the groups' common mean by `drawn` (0 to 1). Both come with intervals.
    """

    model: str
    group: str
    people: int | None
    ratings: int | None
    mean: float | None
    low: float | None
    high: float | None
    pooled: float | None
    pooled_low: float | None
    pooled_high: float | None
    drawn: float | None

    @property
    def is_shown(self) -> bool:
        """Say whether the group has enough people and ratings for a number."""
        return self.mean is not None


@dataclass(frozen=True)
class Difference:
    """How much higher the first group rates a model than the second (`None`: everybody else)."""

    model: str
    first: str
    second: str | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True)
class Comparison:
    """Differences with the number of comparisons that were made and the false discovery rate that was held."""

    differences: tuple[Difference, ...]
    comparisons: int
    false_discoveries: float

    @property
    def findings(self) -> tuple[Difference, ...]:
        """Return the differences of which something is said."""
        return tuple(found for found in self.differences if found.verdict is not Verdict.TOO_FEW_TO_SAY)


def group_names(group_of: GroupOf) -> tuple[str, ...]:
    """Return the groups in alphabetical order."""
    return tuple(sorted({group for group in group_of.values() if group is not None}))


def members(ratings: Ratings, group_of: GroupOf, group: str) -> Bools:
    """Mark the ratings by people of a group."""
    people = np.array([person for person, of in group_of.items() if of == group], dtype=np.int64)
    return np.isin(ratings.participant, people)


def within_person(ratings: Ratings) -> tuple[Ratings, Floats]:
    """Return ratings and their z-scores within a person, without people whose scores never differ."""
    found = standardised(ratings)
    return ratings.where(~found.is_constant), found.z[~found.is_constant]


def may_be_shown(found: Sequence[ModelMeans], everybody: ModelMeans, *, least_ratings: int = LEAST_RATINGS) -> Bools:
    """Mark, by model (rows) and group (columns), where a mean may be shown.

    A group needs people and ratings, and its mean must not give away that of a few others: where a single group, or the
    people without a group, are under the floor, they could be worked out from everybody's mean and the other groups',
    so that a second group is hidden as well.
    """
    people = np.stack([means.people for means in found], axis=1)
    answers = np.stack([means.answers for means in found], axis=1)
    elsewhere = everybody.people - people.sum(axis=1)
    is_hidden = [
        ~floored(np.append(row, others) if others else row).shown[: len(row)]
        for row, others in zip(people, elsewhere, strict=True)
    ]
    return np.asarray(~np.stack(is_hidden) & (answers >= least_ratings))


def group_means(
    ratings: Ratings, group_of: GroupOf, *, level: float = LEVEL, least_ratings: int = LEAST_RATINGS
) -> tuple[GroupMean, ...]:
    """Return every model's mean in every group, raw and partially pooled over the groups.

    Parameters
    ----------
    ratings
        Scored answers; give `ratings.openings()` for first answers alone. Scores are standardised within a person.
    group_of
        `{participant: group}`; people without a group, or with `None`, are in no group.

    Returns
    -------
    One row a model and group, models first. Intervals: Student's with clusters by person (raw), normal (pooled).

    References
    ----------
    Clustered errors: `elicit.analysis.scores.means_by_model`. Pooling: `elicit.analysis.pooling.pool`.

    Examples
    --------
    >>> rows = group_means(Ratings.from_columns(
    ...     participant=[1, 1], interaction=[1, 1], model=["heron", "kite"], score=[80, 20]), {1: "north"})
    >>> rows[0].model, rows[0].group, rows[0].is_shown, rows[0].people
    ('heron', 'north', False, None)
    """
    kept, z = within_person(ratings)
    groups = group_names(group_of)
    if not groups:
        return ()
    found = [_means_of(kept, z, members(kept, group_of, group)) for group in groups]
    shown = may_be_shown(found, means_by_model(kept, z), least_ratings=least_ratings)
    return tuple(
        row
        for place, model in enumerate(ratings.models)
        for row in _of_model(model, place, groups, found, shown[place], level=level)
    )


def differences_between_groups(
    ratings: Ratings, group_of: GroupOf, *, level: float = LEVEL, least_ratings: int = LEAST_RATINGS
) -> Comparison:
    """Compare every pair of groups on every model.

    Errors are clustered by person (a person is in one group, so the groups are independent), degrees of freedom
    Welch's. All comparisons that were made, over models and pairs, share one false discovery rate.

    References
    ----------
    Welch, Biometrika 34 (1947); Benjamini and Hochberg, JRSS B 57 (1995).
    """
    kept, z = within_person(ratings)
    masks = {group: members(kept, group_of, group) for group in group_names(group_of)}
    pairs = [(first, second, masks[first], masks[second]) for first, second in combinations(masks, 2)]
    return _compared(kept, z, masks, pairs, level=level, least_ratings=least_ratings)


def differences_from_the_rest(
    ratings: Ratings, group_of: GroupOf, *, level: float = LEVEL, least_ratings: int = LEAST_RATINGS
) -> Comparison:
    """Compare every group with all other people who have a group, on every model.

    With many groups these are far fewer comparisons than pairs.
    """
    kept, z = within_person(ratings)
    masks = {group: members(kept, group_of, group) for group in group_names(group_of)}
    anyone = np.logical_or.reduce(list(masks.values())) if masks else np.zeros(len(kept), dtype=np.bool_)
    pairs = [(group, None, mask, anyone & ~mask) for group, mask in masks.items()]
    return _compared(kept, z, masks, pairs, level=level, least_ratings=least_ratings)


def _means_of(ratings: Ratings, z: Floats, rows: Bools) -> ModelMeans:
    return means_by_model(ratings.where(rows), z[rows])


def _of_model(
    model: str, place: int, groups: tuple[str, ...], found: list[ModelMeans], is_shown: Bools, *, level: float
) -> list[GroupMean]:
    shown = np.flatnonzero(is_shown).tolist()
    mean = np.array([found[number].mean[place] for number in shown])
    error = np.array([found[number].error[place] for number in shown])
    pooled = pool(mean, error) if shown else None
    rows = {group: GroupMean(model, group, *[None] * 9) for group in groups}
    reach = float(stats.norm.ppf(0.5 + level / 2))
    for order, number in enumerate(shown):
        assert pooled is not None
        people, answers = int(found[number].people[place]), int(found[number].answers[place])
        half = float(stats.t.ppf(0.5 + level / 2, df=people - 1)) * float(error[order])
        value, around = float(pooled.value[order]), reach * float(pooled.error[order])
        rows[groups[number]] = GroupMean(
            model=model, group=groups[number], people=people, ratings=answers,
            mean=float(mean[order]), low=float(mean[order]) - half, high=float(mean[order]) + half,
            pooled=value, pooled_low=value - around, pooled_high=value + around, drawn=float(pooled.drawn[order]),
        )  # fmt: skip
    return list(rows.values())


def _compared(
    ratings: Ratings,
    z: Floats,
    masks: Mapping[str, Bools],
    pairs: Sequence[tuple[str, str | None, Bools, Bools]],
    *,
    level: float,
    least_ratings: int,
) -> Comparison:
    if not pairs:
        return Comparison((), 0, FALSE_DISCOVERIES)
    found = [_means_of(ratings, z, mask) for mask in masks.values()]
    shown = may_be_shown(found, means_by_model(ratings, z), least_ratings=least_ratings)
    of_group = {group: shown[:, place] for place, group in enumerate(masks)}
    rows: list[Difference] = []
    for first, second, one, other in pairs:
        here, there = _means_of(ratings, z, one), _means_of(ratings, z, other)
        enough = of_group[first] & (
            of_group[second] if second is not None else may_be_shown([there], there, least_ratings=least_ratings)[:, 0]
        )
        rows += [
            _difference(model, first, second, here, there, place, level=level)
            if enough[place]
            else _nothing(model, first, second)
            for place, model in enumerate(ratings.models)
        ]
    p_values = np.array([np.nan if row.p is None else row.p for row in rows])
    q_values = false_discovery_values(p_values)
    judged = tuple(_judged(row, float(q)) for row, q in zip(rows, q_values, strict=True))
    return Comparison(judged, int((~np.isnan(p_values)).sum()), FALSE_DISCOVERIES)


def _difference(
    model: str, first: str, second: str | None, here: ModelMeans, there: ModelMeans, place: int, *, level: float
) -> Difference:
    """Compare two independent means with Welch's degrees of freedom."""
    variances = np.array([here.error[place] ** 2, there.error[place] ** 2])
    freedoms = np.array([here.people[place] - 1, there.people[place] - 1])
    difference, error = float(here.mean[place] - there.mean[place]), float(np.sqrt(variances.sum()))
    freedom = float(variances.sum() ** 2 / np.sum(variances**2 / freedoms)) if error > 0 else float(freedoms.sum())
    half = float(stats.t.ppf(0.5 + level / 2, df=freedom)) * error
    p = float(2 * stats.t.sf(abs(difference) / error, df=freedom)) if error > 0 else float(difference == 0)
    low, high = difference - half, difference + half
    return Difference(model, first, second, difference, low, high, p, None, Verdict.TOO_FEW_TO_SAY, Reason.NONE)


def _nothing(model: str, first: str, second: str | None) -> Difference:
    return Difference(model, first, second, None, None, None, None, None, Verdict.TOO_FEW_TO_SAY, Reason.BELOW_FLOOR)


def _judged(row: Difference, q: float) -> Difference:
    if row.difference is None or row.low is None or row.high is None:
        return row
    if row.low <= 0 <= row.high:
        verdict, reason = Verdict.TOO_FEW_TO_SAY, Reason.BOTH_SIGNS
    elif q > FALSE_DISCOVERIES:
        verdict, reason = Verdict.TOO_FEW_TO_SAY, Reason.MANY_COMPARISONS
    else:
        verdict, reason = (Verdict.HIGHER if row.difference > 0 else Verdict.LOWER), Reason.NONE
    return Difference(row.model, row.first, row.second, row.difference, row.low, row.high, row.p, q, verdict, reason)
