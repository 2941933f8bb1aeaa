"""Say how many people a study needs to tell two models, or two groups, apart.

Rule: a plan states what it assumes. People, not ratings, are what makes a sample: more ratings by the same people add
less than new people do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

POWER = 0.8
LEVEL = 0.95
SCORE_DEVIATION = 29.3  # of PRISM's 68,371 scores; between and within people together
ALIKE = 0.2  # share of that variance that lies between people; a guess to be replaced by a study's own


@dataclass(frozen=True)
class Plan:
    """How many people are needed, and what was assumed.

    `people` counts everybody (both groups together); `effect` is the difference in standard deviations.
    """

    people: int
    ratings: int
    design_effect: float
    effect: float


def design_effect_of_clusters(size: float, alike: float) -> float:
    """Return by how much ratings of one person are worth less than ratings of as many people.

    References
    ----------
    Kish, "Survey Sampling" (1965), section 5.4: 1 + (size - 1) * intraclass correlation.

    Examples
    --------
    >>> design_effect_of_clusters(6, 0.2)
    2.0
    """
    return 1 + (size - 1) * alike


def people_to_tell_groups_apart(
    difference: float,
    *,
    deviation: float = SCORE_DEVIATION,
    ratings_each: float = 1,
    alike: float = ALIKE,
    share: float = 0.5,
    comparisons: int = 1,
    power: float = POWER,
    level: float = LEVEL,
    weights_effect: float = 1,
) -> Plan:
    """Return how many people two groups need for their mean scores of one model to differ visibly.

    Parameters
    ----------
    difference, deviation
        In points of the score.
    ratings_each, alike
        Ratings of the model by each person, and how alike those are (intraclass correlation).
    share
        Share of the people who are in the smaller group.
    comparisons
        Comparisons that are made at once; the level is divided among them (Bonferroni, a cautious stand-in for a false
        discovery rate).
    weights_effect
        Kish's design effect of the weights, if weights are used.

    Raises
    ------
    ValueError
        When a number makes no plan: no difference, or a share outside 0 to 1.

    References
    ----------
    Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988), chapter 2 (normal approximation).

    Examples
    --------
    Half a deviation, one rating each: the textbook's 63 in each group.

    >>> people_to_tell_groups_apart(0.5, deviation=1).people
    126
    """
    if not 0 < share < 1:
        raise ValueError("The smaller group must be a share between 0 and 1 of the people.")
    effect = _effect(difference, deviation)
    design = design_effect_of_clusters(ratings_each, alike) * weights_effect
    ratings = _squared_reach(power, level, comparisons) / effect**2 / (share * (1 - share)) * design
    return _plan(ratings, ratings_each=ratings_each, design=design, effect=effect)


def people_to_tell_models_apart(
    difference: float,
    *,
    deviation: float = SCORE_DEVIATION,
    ratings_each: float = 1,
    alike: float = ALIKE,
    comparisons: int = 1,
    power: float = POWER,
    level: float = LEVEL,
    weights_effect: float = 1,
) -> Plan:
    """Return how many people are needed when each rates both models.

    A person's leniency is the same for both and drops out: the difference has variance 2 * deviation^2 * (1 - alike) a
    pair of ratings. `ratings_each` counts the pairs a person gives; what is left of a person in a difference is taken
    as nothing.

    Examples
    --------
    >>> people_to_tell_models_apart(0.5, deviation=1, alike=0).people
    63
    >>> people_to_tell_models_apart(0.5, deviation=1, alike=0.5).people
    32
    """
    effect = _effect(difference, deviation)
    pairs = _squared_reach(power, level, comparisons) * 2 * (1 - alike) / effect**2 * weights_effect
    return _plan(pairs, ratings_each=ratings_each, design=weights_effect, effect=effect)


def _plan(ratings: float, *, ratings_each: float, design: float, effect: float) -> Plan:
    people = math.ceil(ratings / ratings_each - 1e-9)
    return Plan(people, math.ceil(people * ratings_each - 1e-9), design, effect)


def _effect(difference: float, deviation: float) -> float:
    if difference == 0 or deviation <= 0:
        raise ValueError("No number of people tells apart what does not differ.")
    return abs(difference) / deviation


def _squared_reach(power: float, level: float, comparisons: int) -> float:
    tail = (1 - level) / 2 / max(comparisons, 1)
    return float((stats.norm.isf(tail) + stats.norm.ppf(power)) ** 2)
