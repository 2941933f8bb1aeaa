"""Find what people of every group rate well: a model's standing in the group that likes it least.

Rule: bridging is stated of groups with enough people alone, and the groups that were left out are named. An interval
comes from drawing people again, within their groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elicit.analysis.groups import LEVEL, GroupOf, Verdict, group_names, may_be_shown, members, within_person
from elicit.analysis.pooling import pool
from elicit.analysis.ratings import Floats, Ratings
from elicit.analysis.scores import ModelMeans, means_by_model

DRAWS = 1000
APPROVED_ABOVE = 50.0  # the middle of the scale from 0 to 100
FEWEST_GROUPS = 2


@dataclass(frozen=True)
class BridgingScore:
    """How a model stands across groups; numbers are `None` where fewer than two groups have enough people.

    Attributes
    ----------
    lowest, low, high : the least of the groups' pooled means (standard deviations within a person), with its interval.
    lowest_group : whose it is.
    approval, approval_low, approval_high : geometric mean over groups of the share of scores above APPROVED_ABOVE.
    share_first : share of draws in which no other model's lowest was higher (not a probability of being the best).
    groups : the groups it was compared over.
    verdict : HIGHER where the interval says that every group rates it above their people's own mean, LOWER where it
        says that a group rates it below.
    """

    model: str
    lowest: float | None
    low: float | None
    high: float | None
    lowest_group: str | None
    approval: float | None
    approval_low: float | None
    approval_high: float | None
    share_first: float | None
    groups: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True)
class _Across:
    """One model over the groups that count for it: estimates, and the same in each draw (draws x groups)."""

    means: Floats
    errors: Floats
    approval: Floats
    drawn_means: Floats
    drawn_approval: Floats


def bridging_scores(
    ratings: Ratings, group_of: GroupOf, *, seed: int, draws: int = DRAWS, level: float = LEVEL
) -> tuple[BridgingScore, ...]:
    """Return how each model stands in the group that likes it least, and its approval across groups.

    Parameters
    ----------
    ratings
        Scored answers, standardised within a person here; approval looks at the scores themselves.
    group_of
        `{participant: group}`; `None` and missing people are in no group.

    Returns one row a model. A group's share of approval is (1 + approved) / (2 + answers), so that none is at zero.

    Notes
    -----
    The least of several noisy means is too low on average; the means are therefore pooled first, with shrinkage fixed
    at what the sample says, in every draw alike.

    References
    ----------
    Ovadya and Thorburn, "Bridging systems" (2023), arXiv:2301.09976 (bridging as what holds across divides); Small et
    al., "Polis: scaling deliberation by mapping high dimensional opinion spaces", Recerca 26 (2021) (group-informed
    consensus: the product over groups of smoothed approval; here its geometric mean, so that the number of groups does
    not matter).

    Examples
    --------
    >>> rows = bridging_scores(Ratings.from_columns(
    ...     participant=[1, 1], interaction=[1, 1], model=["heron", "kite"], score=[80, 20]), {1: "north"}, seed=1)
    >>> rows[0].verdict.value, rows[0].lowest
    ('too few to say', None)
    """
    kept, z = within_person(ratings)
    groups = group_names(group_of)
    masks = [members(kept, group_of, group) for group in groups]
    found = [means_by_model(kept.where(mask), z[mask]) for mask in masks]
    shown = (
        may_be_shown(found, means_by_model(kept, z)) if groups else np.zeros((len(ratings.models), 0), dtype=np.bool_)
    )
    rng = np.random.default_rng(seed)
    again = [_drawn_again(kept.where(mask), z[mask], rng=rng, draws=draws) for mask in masks]
    counted = {place: np.flatnonzero(row).tolist() for place, row in enumerate(shown)}
    across = {
        place: (tuple(groups[number] for number in numbers), _across(place, numbers, found, again))
        for place, numbers in counted.items()
        if len(numbers) >= FEWEST_GROUPS
    }
    return _scores(ratings.models, across, level=level)


def _across(place: int, numbers: list[int], found: list[ModelMeans], again: list[tuple[Floats, Floats]]) -> _Across:
    return _Across(
        means=np.array([found[number].mean[place] for number in numbers]),
        errors=np.array([found[number].error[place] for number in numbers]),
        approval=np.array([again[number][1][0, place] for number in numbers]),
        drawn_means=np.stack([again[number][0][1:, place] for number in numbers], axis=1),
        drawn_approval=np.stack([again[number][1][1:, place] for number in numbers], axis=1),
    )


def _drawn_again(ratings: Ratings, z: Floats, *, rng: np.random.Generator, draws: int) -> tuple[Floats, Floats]:
    """Return means and smoothed approval by model: first of the people as they are, then of people drawn again."""
    participants, row = np.unique(ratings.participant, return_inverse=True)
    people, models = len(participants), len(ratings.models)
    place = row * models + ratings.model

    def sums(values: Floats) -> Floats:
        return np.asarray(
            np.bincount(place, weights=values, minlength=people * models).reshape(people, models), np.float64
        )

    drawn = rng.multinomial(people, np.full(people, 1 / max(people, 1)), size=draws) if people else np.zeros((draws, 0))
    weights = np.vstack([np.ones(people), drawn])
    answers = np.asarray(weights @ sums(np.ones(len(z))), dtype=np.float64)
    means = np.divide(weights @ sums(z), answers, out=np.zeros_like(answers), where=answers > 0)
    approved = weights @ sums((ratings.score > APPROVED_ABOVE).astype(np.float64))
    return np.asarray(means), np.asarray((1 + approved) / (2 + answers))


def _scores(
    models: tuple[str, ...], across: dict[int, tuple[tuple[str, ...], _Across]], *, level: float
) -> tuple[BridgingScore, ...]:
    lowest = {place: _lowest(one) for place, (_, one) in across.items()}
    best = np.max([draws for _, draws in lowest.values()], axis=0) if lowest else np.zeros(0)
    return tuple(
        _score(model, *across[place], *lowest[place], best, level=level) if place in across else _nothing(model)
        for place, model in enumerate(models)
    )


def _lowest(one: _Across) -> tuple[Floats, Floats]:
    """Return the pooled means, and the least of them in each draw; how far each is drawn is the same in all."""
    pooled = pool(one.means, one.errors)
    weights = 1 / np.maximum(one.errors**2 + pooled.between, np.finfo(np.float64).tiny)
    centres = one.drawn_means @ (weights / weights.sum())
    values = pooled.drawn * centres[:, None] + (1 - pooled.drawn) * one.drawn_means
    return pooled.value, values.min(axis=1)


def _score(
    model: str, groups: tuple[str, ...], one: _Across, pooled: Floats, draws: Floats, best: Floats, *, level: float
) -> BridgingScore:
    ends = [100 * (1 - level) / 2, 100 * (1 + level) / 2]
    low, high = np.percentile(draws, ends)
    approval = np.exp(np.log(one.drawn_approval).mean(axis=1))
    approval_low, approval_high = np.percentile(approval, ends)
    one_side = Verdict.HIGHER if low > 0 else Verdict.LOWER
    return BridgingScore(
        model=model,
        lowest=float(pooled.min()),
        low=float(low),
        high=float(high),
        lowest_group=groups[int(np.argmin(pooled))],
        approval=float(np.exp(np.log(one.approval).mean())),
        approval_low=float(approval_low),
        approval_high=float(approval_high),
        share_first=float((draws >= best).mean()),
        groups=groups,
        verdict=one_side if low > 0 or high < 0 else Verdict.TOO_FEW_TO_SAY,
    )


def _nothing(model: str) -> BridgingScore:
    return BridgingScore(model, None, None, None, None, None, None, None, None, (), Verdict.TOO_FEW_TO_SAY)
