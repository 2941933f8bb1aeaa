"""Add up scores by model: plain means, means within a person's own scale, ranks within a set of answers.

Rule that must stay true: a mean comes with an error clustered by person. People use a scale differently, so a plain
mean also compares the people who happened to see a model; the other two do less of that.
"""

from dataclasses import dataclass

import numpy as np

from elicit.analysis.ratings import Bools, Floats, Ints, Ratings


@dataclass(frozen=True)
class ModelMeans:
    """Means by model with clustered standard errors; NaN for a model without answers, or with one person's alone.

    `answers` counts the answers each mean rests on, `people` how many people gave them.
    """

    models: tuple[str, ...]
    mean: Floats
    error: Floats
    answers: Ints
    people: Ints


@dataclass(frozen=True)
class Standardised:
    """Scores in standard deviations from their person's mean; 0 where a person scored everything alike.

    `is_constant` marks the rows of people whose scores never differ: they say nothing about which answer is better.
    """

    z: Floats
    is_constant: Bools


def means_by_model(ratings: Ratings, value: Floats | None = None) -> ModelMeans:
    """Return the mean of the scores, or of any `value` a row, by model, with errors clustered by person.

    The error is that of a ratio: people who saw a model more often weigh more.

    References
    ----------
    Liang and Zeger, Biometrika 73 (1986), for a regression on model indicators alone.

    Examples
    --------
    >>> ratings = Ratings.from_columns(
    ...     participant=[1, 2, 3, 3], interaction=[1, 2, 3, 3], model=["kite", "kite", "kite", "wren"],
    ...     score=[60, 70, 80, 10])
    >>> found = means_by_model(ratings)
    >>> found.mean.tolist(), found.error.round(2).tolist(), found.people.tolist()
    ([70.0, 10.0], [5.77, nan], [3, 1])
    """
    values, count = ratings.score if value is None else value, len(ratings.models)
    answers = np.bincount(ratings.model, minlength=count)
    total = np.bincount(ratings.model, weights=values, minlength=count)
    mean = np.divide(total, answers, out=np.full(count, np.nan), where=answers > 0)
    _, person = np.unique(ratings.participant, return_inverse=True)
    cells, cell = np.unique(ratings.model * (len(ratings) + 1) + person, return_inverse=True)
    surplus = np.bincount(cell, weights=values - mean[ratings.model], minlength=len(cells))
    of_cell = cells // (len(ratings) + 1)
    people = np.bincount(of_cell, minlength=count)
    squares = np.bincount(of_cell, weights=surplus**2, minlength=count)
    variance = np.divide(
        squares * people, (people - 1) * answers.astype(np.float64) ** 2, out=np.full(count, np.nan), where=people > 1
    )
    return ModelMeans(ratings.models, mean, np.sqrt(variance), answers, people)


def standardised(ratings: Ratings) -> Standardised:
    """Return each score in standard deviations (n - 1 in the denominator) from the mean of its person's scores.

    Give `ratings.openings()` to use the scale of first answers alone. A person with one score has no scale and counts
    as constant. Source: PRISM's within-user z-score (6.2), which is 0 for constant people too but keeps them in means.

    Examples
    --------
    >>> ratings = Ratings.from_columns(
    ...     participant=[1, 1, 2, 2], interaction=[1, 1, 2, 2], model=["heron", "kite"] * 2, score=[80, 60, 50, 50])
    >>> found = standardised(ratings)
    >>> found.z.round(2).tolist(), found.is_constant.tolist()
    ([0.71, -0.71, 0.0, 0.0], [False, False, True, True])
    """
    _, person, answers = np.unique(ratings.participant, return_inverse=True, return_counts=True)
    apart = ratings.score - (np.bincount(person, weights=ratings.score) / answers)[person]
    deviation = np.sqrt(np.bincount(person, weights=apart**2) / np.maximum(answers - 1, 1))[person]
    is_constant = deviation <= np.finfo(np.float64).eps * 100 * np.maximum(1, np.abs(ratings.score))
    return Standardised(np.divide(apart, deviation, out=np.zeros_like(apart), where=~is_constant), is_constant)


def standardised_means(ratings: Ratings) -> ModelMeans:
    """Return mean standardised scores by model, without the people whose scores never differ."""
    found = standardised(ratings)
    return means_by_model(ratings.where(~found.is_constant), found.z[~found.is_constant])


def ranks_within_turns(ratings: Ratings) -> Floats:
    """Return each answer's rank among those it stood beside: 1 is the best, equal scores share the mean.

    Sets have two to four answers, so a rank of 2 is the worst of two: compare models on sets of one size, or use
    battles.

    Examples
    --------
    >>> ratings = Ratings.from_columns(
    ...     participant=[1, 1, 1], interaction=[1, 1, 1], model=["heron", "kite", "wren"], score=[80, 20, 80])
    >>> ranks_within_turns(ratings).tolist()
    [1.5, 3.0, 1.5]
    """
    place, group, start = _ordered(ratings, np.zeros(len(ratings)))
    score = ratings.score[place]
    same = np.cumsum(np.r_[True, (group[1:] != group[:-1]) | (score[1:] != score[:-1])][: len(score)]) - 1
    position = np.arange(len(score)) - start[group] + 1.0
    mean = np.bincount(same, weights=position) / np.maximum(np.bincount(same), 1)
    found = np.empty(len(score))
    found[place] = mean[same]
    return found


def drawn_ranks_within_turns(ratings: Ratings, *, seed: int) -> Floats:
    """Return each answer's rank among those it stood beside, equal scores put in an order drawn by the seed.

    Source: PRISM's within-turn rank with noise (6.2). Ranks are whole numbers, each given once in a set.
    """
    place, group, start = _ordered(ratings, np.random.default_rng(seed).random(len(ratings)))
    found = np.empty(len(ratings))
    found[place] = np.arange(len(ratings)) - start[group] + 1.0
    return found


def _ordered(ratings: Ratings, noise: Floats) -> tuple[Ints, Ints, Ints]:
    """Return rows from best to worst within their set, the number of each row's set, and where every set starts."""
    place = np.lexsort((noise, -ratings.score, ratings.interaction, ratings.participant))
    people, sets = ratings.participant[place], ratings.interaction[place]
    group = np.cumsum(np.r_[True, (people[1:] != people[:-1]) | (sets[1:] != sets[:-1])][: len(place)]) - 1
    size = np.bincount(group)
    return place, group, np.cumsum(size) - size
