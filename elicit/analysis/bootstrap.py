"""Draw people again, many times, to say how far a ranking would move with other people of the same kind.

People are drawn, with all their battles, not battles: one person's hang together, and drawing battles would call a
ranking surer than it is. It cannot say what people of another kind would prefer, nor mend a sample that is not like
the population.

Rule that must stay true: "share of resamples in which a model came first" is called that. It is not the probability
that the model is the best.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from elicit.analysis.battles import Battles, Ties, win_matrix, wins_by_unit
from elicit.analysis.ranks import ranks
from elicit.analysis.ratings import Floats, Ints

ROUNDS = 1000
LEVEL = 0.95
MOST_CELLS = 20_000_000  # of the weights (rounds x units) held at once: 160 MB

Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Resampled:
    """A statistic of every model, and what it was in each resample.

    Attributes
    ----------
    models : the names.
    estimate : of the data as they are, shape (models,).
    draws : of each resample that allowed one, shape (rounds, models).
    left_out : how many resamples put the models on no common scale and are not among the draws.
    """

    models: tuple[str, ...]
    estimate: Floats
    draws: Floats
    left_out: int = 0

    def interval(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the percentile interval of each model's statistic, two arrays of shape (models,)."""
        return _percentiles(self.draws, level)

    def ranks(self) -> Floats:
        """Return each model's rank by the estimate; 1 is the best, equals share their mean."""
        return ranks(self.estimate)

    def rank_interval(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the percentile interval of each model's rank."""
        return _percentiles(ranks(self.draws), level)

    def first_share(self) -> Floats:
        """Return the share of resamples in which each model came first; those in front together share it."""
        first = self.draws == self.draws.max(axis=1, keepdims=True)
        return np.asarray((first / first.sum(axis=1, keepdims=True)).mean(axis=0))

    def above_share(self) -> Floats:
        """Return the share of resamples in which the model of a row stood above that of a column; equals count half.

        Shape (models, models), 0.5 on the diagonal.
        """
        mine, other = self.draws[:, :, None], self.draws[:, None, :]
        return np.asarray((mine > other).mean(axis=0) + (mine == other).mean(axis=0) / 2)


def resampled_wins(
    battles: Battles, *, seed: int, rounds: int = ROUNDS, unit: Ints | None = None, ties: Ties = "both"
) -> Floats:
    """Return win matrices of people drawn again with replacement; shape (rounds, models, models).

    As many people are drawn as there are. `unit` numbers the battles otherwise: by interaction, or each alone, which
    is right only where they are independent. Each person's win matrix is made once, and a resample is their sum
    weighted by how often they were drawn.

    References
    ----------
    Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979); Cameron, Gelbach and
    Miller, "Bootstrap-based improvements for inference with clustered errors", Rev. Econ. Stat. 90 (2008).

    Examples
    --------
    Three people, one battle each: every resample holds three battles.

    >>> from elicit.analysis.battles import battles_of
    >>> from elicit.analysis.ratings import Ratings
    >>> ratings = Ratings.from_columns(participant=[1, 1, 2, 2, 3, 3], interaction=[1, 1, 2, 2, 3, 3],
    ...     model=["heron", "kite"] * 3, score=[80, 20, 70, 10, 30, 90])
    >>> resampled_wins(battles_of(ratings), seed=1, rounds=4).sum(axis=(1, 2)).tolist()
    [3.0, 3.0, 3.0, 3.0]
    """
    units, rows = wins_by_unit(battles, unit=unit, ties=ties)
    if not len(units):
        raise ValueError("There is no battle to draw from.")
    rng = np.random.default_rng(seed)
    at_once = max(1, MOST_CELLS // len(units))
    drawn = [rows.T @ _weights(rng, min(at_once, rounds - done), len(units)).T for done in range(0, rounds, at_once)]
    count = len(battles.models)
    return np.concatenate(drawn, axis=1).T.reshape(rounds, count, count)


def bootstrap(
    battles: Battles,
    statistic: Statistic,
    *,
    seed: int,
    rounds: int = ROUNDS,
    unit: Ints | None = None,
    ties: Ties = "both",
) -> Resampled:
    """Return a statistic of the win matrix with its resamples by person.

    `statistic` takes win matrices of shape (stack, models, models) and returns (stack, models): `rank_centrality`,
    `strengths_or_nan` (with `ties="half"`), or your own. A resample it answers with NaN is left out, and counted.
    Raises ArithmeticError where every one is.

    Examples
    --------
    >>> from elicit.analysis.battles import battles_of
    >>> from elicit.analysis.rank_centrality import rank_centrality
    >>> from elicit.analysis.ratings import Ratings
    >>> ratings = Ratings.from_columns(participant=[1, 1, 2, 2, 3, 3], interaction=[1, 1, 2, 2, 3, 3],
    ...     model=["heron", "kite"] * 3, score=[80, 20, 70, 10, 30, 90])
    >>> found = bootstrap(battles_of(ratings), rank_centrality, seed=1, rounds=200)
    >>> found.estimate.round(2).tolist(), found.ranks().tolist()
    ([0.6, 0.4], [1.0, 2.0])
    """
    wins = resampled_wins(battles, seed=seed, rounds=rounds, unit=unit, ties=ties)
    estimate = statistic(win_matrix(battles, ties=ties)[None])[0]
    draws = statistic(wins)
    known = ~np.isnan(draws).any(axis=1)
    if not known.any() or np.isnan(estimate).any():
        raise ArithmeticError("Too few people compared these models: the battles put them on no common scale.")
    return Resampled(battles.models, estimate, draws[known], int((~known).sum()))


def _weights(rng: np.random.Generator, rounds: int, units: int) -> Floats:
    """Return how often each unit was drawn in each round; shape (rounds, units), rows adding up to `units`."""
    drawn = rng.integers(0, units, size=(rounds, units)) + units * np.arange(rounds)[:, None]
    return np.bincount(drawn.ravel(), minlength=rounds * units).reshape(rounds, units).astype(np.float64)


def _percentiles(draws: Floats, level: float) -> tuple[Floats, Floats]:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
