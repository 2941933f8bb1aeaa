"""Ask whom a panel's favourite model serves: committees are drawn, each chooses, and populations fare well or badly.

Rule: the seed is an argument, ties are drawn and never broken by a model's place, and a model that nobody in a
committee rated cannot win by being unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elicit.analysis.ratings import Ratings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

VETO_AT_MOST = 10.0  # PRISM counts a score of 10 or less out of 100 as a veto
DRAWS = 1000
LOWEST_RATING, LOWEST_CHOICE = 1.0, 0.01  # floors of the logarithm, so that one zero does not rule out a model for all
SAME = 1e-12


class Measure(StrEnum):
    """What is added up: the score from 1 to 100, or the share of times that a model was chosen."""

    RATING = "rating"
    CHOICE = "choice"


class Rule(StrEnum):
    """How a committee chooses. All but VETO look at the measure; VETO looks at scores of VETO_AT_MOST or less."""

    MEAN = "mean"
    BORDA = "borda"
    COPELAND = "copeland"
    MAXIMIN = "maximin"
    NASH = "nash"
    VETO = "veto"


UNRATED = {Measure.RATING: 1.0, Measure.CHOICE: 0.0}  # what PRISM gives a model that nobody in the committee rated


@dataclass(frozen=True)
class UserModel:
    """One row a person, one column a model; NaN where the person never rated the model.

    Attributes
    ----------
    rating : mean score, 1 to 100.
    choice : share of the model's showings in which the person chose it.
    veto : share of its showings that were scored VETO_AT_MOST or less.
    """

    models: tuple[str, ...]
    participants: Ints
    rating: Floats
    choice: Floats
    veto: Floats

    @classmethod
    def from_ratings(cls, ratings: Ratings) -> Self:
        """Add up scored answers (PRISM: the openings of the balanced subset) to a row a person.

        Examples
        --------
        >>> table = UserModel.from_ratings(Ratings.from_columns(
        ...     participant=[7, 7, 7], interaction=[1, 1, 2], model=["heron", "kite", "kite"], score=[80, 10, 50],
        ...     chosen=[True, False, True], models=["heron", "kite", "owl"]))
        >>> table.rating.tolist(), table.choice.tolist(), table.veto.tolist()
        ([[80.0, 30.0, nan]], [[1.0, 0.5, nan]], [[0.0, 0.5, nan]])
        """
        participants, row = np.unique(ratings.participant, return_inverse=True)
        shape = (len(participants), len(ratings.models))
        place = row * shape[1] + ratings.model

        def means(values: Floats) -> Floats:
            counts = np.bincount(place, minlength=shape[0] * shape[1]).astype(np.float64)
            sums = np.bincount(place, weights=values, minlength=shape[0] * shape[1])
            return np.asarray(np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0).reshape(shape))

        return cls(
            models=ratings.models,
            participants=participants,
            rating=means(ratings.score),
            choice=means(ratings.chosen.astype(np.float64)),
            veto=means((ratings.score <= VETO_AT_MOST).astype(np.float64)),
        )

    @classmethod
    def from_scores(cls, scores: ArrayLike, *, models: Sequence[str] | None = None) -> Self:
        """Take one score a person and model; each person chooses the best of what they rated (ties share it)."""
        rating = np.asarray(scores, dtype=np.float64)
        missing = np.isnan(rating)
        best = (rating == np.nanmax(rating, axis=1, keepdims=True)).astype(np.float64)
        names = tuple(models) if models else tuple(chr(ord("a") + place) for place in range(rating.shape[1]))
        return cls(
            models=names,
            participants=np.arange(len(rating)),
            rating=rating,
            choice=np.where(missing, np.nan, best / best.sum(axis=1, keepdims=True)),
            veto=np.where(missing, np.nan, rating <= VETO_AT_MOST),
        )

    def values(self, measure: Measure) -> Floats:
        """Return the table of a measure."""
        return self.rating if measure is Measure.RATING else self.choice


@dataclass(frozen=True)
class Election:
    """The tally of each model (higher wins) and the winners: more than one when they tie."""

    rule: Rule
    tally: Floats
    winners: tuple[str, ...]


@dataclass(frozen=True)
class Scheme:
    """A way to fill a committee: `size` people drawn with replacement from those in `pool`."""

    name: str
    size: int
    pool: Bools


@dataclass(frozen=True)
class Simulation:
    """What committees of one scheme chose, and how each population fares.

    Attributes
    ----------
    chosen : place of the chosen model, one a draw.
    welfare : `{population: mean of the measure for the chosen model, one a draw}`.
    """

    scheme: Scheme
    rule: Rule
    measure: Measure
    chosen: Ints
    welfare: Mapping[str, Floats]


@dataclass(frozen=True)
class Spread:
    """Mean, standard deviation (of the draws, not of an estimate) and percentiles of a simulation."""

    mean: float
    sd: float
    p5: float
    p50: float
    p95: float


def elect(table: UserModel, rule: Rule, *, measure: Measure = Measure.RATING) -> Election:
    """Let everybody in the table choose a model by a rule.

    Tallies: MEAN is the mean of the measure; BORDA the share of comparisons won against another model, averaged over
    the others (the classic points divided by voters and by models less one, when all is rated); COPELAND the share of
    other models beaten by a majority, ties half; MAXIMIN the worst-off voter's value (Rawls, not Simpson's pairwise
    rule); NASH the mean logarithm with a floor; VETO minus the share of vetoes.

    References
    ----------
    Brandt et al. (eds.), "Handbook of Computational Social Choice" (2016), chapters 2 and 3; Kaneko and Nakamura, "The
    Nash social welfare function", Econometrica 47 (1979).

    Examples
    --------
    >>> table = UserModel.from_scores([[90, 80, 10], [90, 80, 10], [5, 80, 90]])
    >>> elect(table, Rule.COPELAND).winners, elect(table, Rule.MAXIMIN).winners
    (('a',), ('b',))
    """
    tally = tallies(table, rule, np.ones((1, len(table.participants))), measure=measure)[0]
    return Election(rule, tally, tuple(np.array(table.models)[_at_the_top(tally)].tolist()))


def simulate(
    table: UserModel,
    scheme: Scheme,
    populations: Mapping[str, Bools],
    *,
    seed: int,
    rule: Rule = Rule.MEAN,
    measure: Measure = Measure.RATING,
    draws: int = DRAWS,
) -> Simulation:
    """Draw committees, let each choose a model, and return how the populations fare with it.

    Parameters
    ----------
    scheme
        Size of the committees and the people they are drawn from, with replacement.
    populations
        `{name: which rows of the table belong to it}`.

    Raises
    ------
    ValueError
        When nobody is in the pool, or the size is under 1.

    References
    ----------
    Kirk et al., "The PRISM Alignment Dataset" (2024), case study III: schemes rep 10, 20, 50, 100, male 100, white 100,
    above 45 100; a model nobody in the committee rated counts as 1 (rating) or 0 (choice); ties are drawn; welfare is
    the population's mean over observed cells.

    Examples
    --------
    >>> table = UserModel.from_scores([[90, 20], [90, 20], [10, 60]])
    >>> pair = Scheme("first two", 2, np.array([True, True, False]))
    >>> result = simulate(table, pair, {"third": ~pair.pool}, seed=1)
    >>> spread(result.welfare["third"]).mean
    10.0
    """
    members = np.flatnonzero(scheme.pool)
    if not len(members) or scheme.size < 1:
        raise ValueError(f"The scheme {scheme.name} has nobody to draw from, or draws nobody.")
    rng = np.random.default_rng(seed)
    counts = np.zeros((draws, len(table.participants)))
    np.add.at(counts, (np.arange(draws)[:, None], rng.choice(members, size=(draws, scheme.size))), 1.0)
    tally = tallies(table, rule, counts, measure=measure)
    chosen = np.argmax(np.where(_at_the_top(tally), rng.random(tally.shape), -1.0), axis=1)
    values = table.values(measure)
    welfare = {name: population_welfare(values[rows])[chosen] for name, rows in populations.items()}
    return Simulation(scheme, rule, measure, chosen, welfare)


def population_welfare(values: Floats) -> Floats:
    """Return each model's mean over the people who rated it; NaN where nobody did."""
    rated = ~np.isnan(values)
    sums, counts = np.where(rated, values, 0.0).sum(axis=0), rated.sum(axis=0).astype(np.float64)
    return np.asarray(np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0))


def tallies(table: UserModel, rule: Rule, counts: Floats, *, measure: Measure = Measure.RATING) -> Floats:
    """Return the tally of each model in each committee; a row of `counts` says how often each person sits in it."""
    values = table.values(measure)
    if rule is Rule.MEAN:
        return _mean(values, counts, unrated=UNRATED[measure])
    if rule is Rule.NASH:
        floor = LOWEST_RATING if measure is Measure.RATING else LOWEST_CHOICE
        return _mean(np.log(np.maximum(values, floor)), counts, unrated=-np.inf)
    if rule is Rule.VETO:
        return -_mean(table.veto, counts, unrated=np.inf)
    if rule is Rule.MAXIMIN:
        return _worst_off(values, counts)
    shares = _pairwise_shares(values, counts)
    return _averaged(shares if rule is Rule.BORDA else np.where(np.isnan(shares), np.nan, _majority(shares)))


def dominates(first: Floats, second: Floats) -> bool:
    """Say whether the sorted draws of `first` are nowhere below those of `second` (first-order stochastic dominance).

    This is the weak form: equal samples dominate each other.

    Raises
    ------
    ValueError
        When the samples differ in size.

    Examples
    --------
    >>> dominates(np.array([3.0, 1.0]), np.array([1.0, 2.0])), dominates(np.array([0.0, 9.0]), np.array([1.0, 2.0]))
    (True, False)
    """
    if len(first) != len(second):
        raise ValueError("Dominance compares samples of one size.")
    return bool((np.sort(first) >= np.sort(second)).all())


def spread(draws: Floats) -> Spread:
    """Summarise the draws of a simulation as the published tables do.

    Examples
    --------
    >>> spread(np.array([1.0, 2.0, 3.0])).p50
    2.0
    """
    p5, p50, p95 = np.percentile(draws, [5, 50, 95])
    return Spread(float(draws.mean()), float(draws.std()), float(p5), float(p50), float(p95))


def _at_the_top(tally: Floats) -> Bools:
    return np.asarray(tally >= tally.max(axis=-1, keepdims=True) - SAME)


def _mean(values: Floats, counts: Floats, *, unrated: float) -> Floats:
    rated = ~np.isnan(values)
    sums, times = counts @ np.where(rated, values, 0.0), counts @ rated.astype(np.float64)
    return np.asarray(np.divide(sums, times, out=np.full_like(sums, unrated), where=times > 0))


def _worst_off(values: Floats, counts: Floats) -> Floats:
    known = np.where(np.isnan(values), np.inf, values)
    lowest = np.stack([known[sits > 0].min(axis=0) for sits in counts])
    return np.where(np.isinf(lowest), -np.inf, lowest)


def _pairwise_shares(values: Floats, counts: Floats) -> Floats:
    """Return, by committee, the share that puts model i over model j of those who rated both; NaN where nobody did."""
    people, models = values.shape
    difference = values[:, :, None] - values[:, None, :]
    both = ~np.isnan(difference)
    over = np.where(both, (np.sign(difference) + 1) / 2, 0.0)
    wins = (counts @ over.reshape(people, -1)).reshape(-1, models, models)
    times = (counts @ both.reshape(people, -1).astype(np.float64)).reshape(-1, models, models)
    shares = np.divide(wins, times, out=np.full_like(wins, np.nan), where=times > 0)
    shares[:, np.arange(models), np.arange(models)] = np.nan
    return np.asarray(shares)


def _majority(shares: Floats) -> Floats:
    return np.where(np.abs(shares - 0.5) <= SAME, 0.5, (shares > 0.5).astype(np.float64))


def _averaged(contests: Floats) -> Floats:
    """Average each model over its contests; a model that was in none cannot win."""
    held = ~np.isnan(contests)
    sums, times = np.where(held, contests, 0.0).sum(axis=2), held.sum(axis=2).astype(np.float64)
    return np.asarray(np.divide(sums, times, out=np.full_like(sums, -np.inf), where=times > 0))
