"""Say which ranks a card may have: confidence sets for ranks, and for the cards that may be the best.

Everything follows from confidence sets for the differences of scores: a card's rank is one more than the number of
cards with a higher score, so its rank is at least one more than the number of cards that are surely above it. The sets
need scores, errors of their differences and draws of how the scores vary together. They work for Bradley-Terry scores
with their covariance and, from bootstrap draws, for PageRank or Borda scores alike.

Rule that must stay true: the sets are for the true ranks. How often a card came first in resamples is something else,
and says less: see `uncertainty`.

References
----------
Mogstad, Romano, Shaikh and Wilhelm, "Inference for Ranks with Applications to Mobility across Neighborhoods and
Academic Achievement across Countries", Review of Economic Studies 91 (2024); NBER working paper 26883.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import stdtrit

from moralgraph.algorithms.records import Codes
from moralgraph.algorithms.tally import Facts, Floats

LEVEL = 0.95
DRAWS = 2000  # the error of a level of 95 % is then half a point
UNKNOWN_UNITS = 1000  # taken for the number of units behind bootstrap draws, of which only a slow logarithm matters
SMALLEST_ERROR = 1e-12
FAR_BELOW = 4.0  # standard errors from which on a card is practically never the highest of the draws


@dataclass(frozen=True, eq=False)
class Differences:
    """How far every score lies above every other, and how sure that is.

    Attributes
    ----------
    t
        (score of the column - score of the row) / error, shape (cards, cards); 0 on the diagonal and where the two
        cannot be compared.
    comparable
        Which pairs can be compared, shape (cards, cards); False on the diagonal.
    draws
        Draws of the scores around the truth, shape (draws, cards), each card's side by side in memory.
    spread
        Standard deviation of every difference of the draws, shape (cards, cards).
    degrees
        Degrees of freedom of the errors.
    is_normal
        Whether the draws are normal (or Student's), so that simple limits hold and need no draws.
    """

    t: Floats
    comparable: Facts
    draws: Floats
    spread: Floats
    degrees: float
    is_normal: bool

    @classmethod
    def from_covariance(
        cls,
        score: Floats,
        covariance: Floats,
        *,
        rng: np.random.Generator,
        error: Floats | None = None,
        degrees: float = np.inf,
        draws: int = DRAWS,
    ) -> Self:
        """Take normal draws with the covariance, and divide them by a common chi where the degrees are few.

        Parameters
        ----------
        score, covariance
            Shapes (cards,) and (cards, cards).
        error
            Errors of the differences where they are to be other than the covariance says, shape (cards, cards);
            infinite where two scores cannot be compared.
        degrees
            Degrees of freedom of the covariance.
        """
        size = score.size
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        drawn = rng.standard_normal((draws, size)) @ root.T
        own = np.diagonal(covariance)
        spread = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0.0))
        if np.isfinite(degrees):
            drawn = drawn / np.sqrt(rng.chisquare(degrees, size=(draws, 1)) / degrees)
        differences = _Scores(score, drawn, spread, spread if error is None else error)
        return cls(*differences.standardised(), degrees, True)

    @classmethod
    def from_draws(cls, score: Floats, draws: Floats) -> Self:
        """Take bootstrap draws of the scores, shape (draws, cards), as they lie around their own mean."""
        centred = draws - draws.mean(axis=0)
        covariance = np.atleast_2d(np.cov(centred, rowvar=False))
        own = np.diagonal(covariance)
        spread = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0.0))
        return cls(*_Scores(score, centred, spread, spread).standardised(), np.inf, False)

    @property
    def slackness(self) -> float:
        """The square root of the logarithm of the units of evidence, as Andrews and Soares advise; at least 1."""
        units = self.degrees + 1 if np.isfinite(self.degrees) else UNKNOWN_UNITS
        return float(max(1.0, np.sqrt(np.log(units))))

    @property
    def cards(self) -> int:
        """How many cards there are."""
        return int(self.t.shape[0])

    def above(self, card: int, others: Facts) -> Floats:
        """Return draws of other scores above one card's, in standard errors, shape (others, draws)."""
        found: Floats = (self.draws.T[others] - self.draws.T[card]) / self.spread[card, others, None]
        return found


@dataclass(frozen=True, eq=False)
class _Scores:
    score: Floats
    draws: Floats
    spread: Floats
    error: Floats

    def standardised(self) -> tuple[Floats, Facts, Floats, Floats]:
        comparable = np.isfinite(self.error) & ~np.eye(self.score.size, dtype=np.bool_)
        above = self.score[None, :] - self.score[:, None]
        t = np.where(comparable, above / np.where(comparable, np.maximum(self.error, SMALLEST_ERROR), 1.0), 0.0)
        return t, comparable, np.asfortranarray(self.draws), np.maximum(self.spread, SMALLEST_ERROR)


def may_be_best(differences: Differences, *, level: float = LEVEL) -> Facts:
    """Mark the cards that may have the highest score, shape (cards,).

    A card is in the set unless some card is surely above it: one test a card, that no score is higher, inverted. So
    the best card is in the set with probability of at least `level`, and so is each of several that are equally best.
    It is the set of cards whose one-sided marginal confidence set for the rank reaches 1. Cards that lie below the one
    that is tested make its limit less strict, the further below the less (generalised moment selection): a card counts
    as lying below by its own t over `slackness`, which grows with the evidence but slower than t does.

    References
    ----------
    Mogstad et al. (see the module); Andrews and Soares, "Inference for parameters defined by moment inequalities using
    generalized moment selection", Econometrica 78 (2010), section 4, for the selection.

    Examples
    --------
    Two cards near each other and one far below:

    >>> found = Differences.from_covariance(np.array([2.0, 1.9, 0.0]), 0.04 * np.eye(3), rng=np.random.default_rng(1))
    >>> may_be_best(found).tolist()
    [True, True, False]
    """
    cards = range(differences.cards)
    return np.array([not _surely_above(differences, card, tail=1 - level, sign=1).any() for card in cards], dtype=bool)


def rank_intervals(differences: Differences, *, level: float = LEVEL) -> tuple[Codes, Codes]:
    """Return the lowest and the highest rank that each card may have by itself, 1 = best; two arrays (cards,).

    Marginal confidence sets: half of the error goes to the cards above, half to those below. On either side the limit
    is selected as in `may_be_best`, and cards that are surely on that side leave the others a milder one (step down).

    References
    ----------
    Mogstad et al. (see the module); Romano and Wolf, "Exact and approximate stepdown methods for multiple hypothesis
    testing", JASA 100 (2005).

    Examples
    --------
    >>> found = Differences.from_covariance(np.array([2.0, 1.9, 0.0]), 0.04 * np.eye(3), rng=np.random.default_rng(1))
    >>> [ends.tolist() for ends in rank_intervals(found)]
    [[1, 1, 3], [2, 2, 3]]
    """
    tail, cards = (1 - level) / 2, range(differences.cards)
    above = [int(_surely_above(differences, card, tail=tail, sign=1).sum()) for card in cards]
    below = [int(_surely_above(differences, card, tail=tail, sign=-1).sum()) for card in cards]
    return 1 + np.array(above, dtype=np.int64), differences.cards - np.array(below, dtype=np.int64)


def _surely_above(differences: Differences, card: int, *, tail: float, sign: int) -> Facts:
    """Mark the comparable cards that are surely above one (`sign` 1) or below it (-1), with error `tail` in all."""
    others = differences.comparable[card]
    t = sign * differences.t[card]
    selected = np.minimum(t / differences.slackness, 0.0)
    least, most = _simple_limits(differences, rivals=int(others.sum()), tail=tail)
    surely: Facts = others & (t > most)
    waiting: Facts = others & ~surely & (selected > -FAR_BELOW)
    if not (waiting & (t > least)).any():
        return surely
    drawn = sign * differences.above(card, waiting) + selected[waiting, None]
    while waiting.any():
        new: Facts = waiting & (t > np.quantile(drawn.max(axis=0), 1 - tail))
        if not new.any():
            break
        drawn = drawn[~new[waiting]]
        surely, waiting = surely | new, waiting & ~new
    return surely


def _simple_limits(differences: Differences, *, rivals: int, tail: float) -> tuple[float, float]:
    """Return the limit for one rival and for all of them by Bonferroni: the drawn one lies between the two."""
    if not differences.is_normal or not rivals:
        return -np.inf, np.inf
    one, every = stdtrit(differences.degrees, [1 - tail, 1 - tail / rivals])
    return float(one), float(every)


def least_ranks(differences: Differences, *, level: float = LEVEL) -> Codes:
    """Return the best rank that each card may have, all of them at once with probability `level`; shape (cards,).

    Examples
    --------
    >>> found = Differences.from_covariance(np.array([2.0, 1.9, 0.0]), 0.04 * np.eye(3), rng=np.random.default_rng(1))
    >>> least_ranks(found).tolist()
    [1, 1, 3]
    """
    waiting = differences.comparable.copy()
    while waiting.any():
        largest = np.full(differences.draws.shape[0], -np.inf)
        for card in np.flatnonzero(waiting.any(axis=1)).tolist():
            largest = np.maximum(largest, differences.above(card, waiting[card]).max(axis=0))
        surely = waiting & (differences.t > np.quantile(largest, level))
        if not surely.any():
            break
        waiting &= ~surely
    return 1 + (differences.comparable & ~waiting).sum(axis=1)


def may_be_among_best(differences: Differences, *, best: int, level: float = LEVEL) -> Facts:
    """Mark a set that holds all of the `best` highest cards with probability `level`; shape (cards,).

    The projection of the simultaneous lower ends of all ranks. It holds every equally best card at once, and is
    therefore wider than `may_be_best`.

    References
    ----------
    Mogstad et al. (see the module): the confidence set for the "tau-best".

    Examples
    --------
    >>> found = Differences.from_covariance(
    ...     np.array([2.0, 1.9, 0.0, -2.0]), 0.04 * np.eye(4), rng=np.random.default_rng(1))
    >>> may_be_among_best(found, best=3).tolist()
    [True, True, True, False]
    """
    return np.asarray(least_ranks(differences, level=level) <= best)
