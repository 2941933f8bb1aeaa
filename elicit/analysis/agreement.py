"""Compare the rankings of two sources of battles, say our study and an open arena, on the models both have.

Every pair of models that met in both sources gets as many battles as every other, drawn with replacement, so that a
pair that one source shows more often does not decide the comparison.

Rule that must stay true: battles are drawn here, and not people, because an arena does not say who judged. The spread
is therefore too narrow where a few people made many battles.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from elicit.analysis.battles import Battles, meetings, win_matrix
from elicit.analysis.ranks import kendall, spearman
from elicit.analysis.ratings import Floats, Ints

ROUNDS = 1000
PER_PAIR = 80  # battles drawn for each pair, as PRISM does (section 6.3)
LEVEL = 0.90  # PRISM's bars run from the 5th to the 95th percentile

Statistic = Callable[["PairDraws"], Floats]


@dataclass(frozen=True)
class PairDraws:
    """Battles drawn evenly by pair: win matrices without ties and matrices of ties, both (rounds, models, models)."""

    wins: Floats
    ties: Floats

    def directed(self) -> Floats:
        """Return wins with each tie as one win each way, for rank centrality."""
        return self.wins + self.ties

    def halved(self) -> Floats:
        """Return wins with each tie as half a win each way, for Bradley-Terry."""
        return self.wins + self.ties / 2

    def win_fraction(self) -> Floats:
        """Return wins as a share of battles, ties among them; NaN for a model in none."""
        fought = (self.wins + self.ties + np.swapaxes(self.wins, -1, -2)).sum(axis=-1)
        won = self.wins.sum(axis=-1)
        return np.divide(won, fought, out=np.full(won.shape, np.nan), where=fought > 0)


@dataclass(frozen=True)
class Agreement:
    """Two sources' rankings of the same models, over resamples.

    Attributes
    ----------
    models : those that both sources have.
    pairs : how many pairs of them met in both.
    first, second : the statistic in each resample, shape (rounds, models).
    tau, rho : Kendall's and Spearman's correlations of the two in each resample, shape (rounds,).
    """

    models: tuple[str, ...]
    pairs: int
    first: Floats
    second: Floats
    tau: Floats
    rho: Floats

    def tau_interval(self, *, level: float = LEVEL) -> tuple[float, float]:
        """Return the percentile interval of Kendall's tau."""
        low, high = np.quantile(self.tau, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def rho_interval(self, *, level: float = LEVEL) -> tuple[float, float]:
        """Return the percentile interval of Spearman's rho."""
        low, high = np.quantile(self.rho, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def common_pairs(first: Battles, second: Battles) -> Ints:
    """Return the pairs of models that met in both sources, shape (pairs, 2), upper triangle row by row.

    Both must hold the same models in the same order: see `Battles.among`.
    """
    met = (meetings(first) > 0) & (meetings(second) > 0)
    return np.argwhere(np.triu(met, 1))


def draw_by_pair(
    battles: Battles, pairs: Ints, *, seed: int, per_pair: int = PER_PAIR, rounds: int = ROUNDS
) -> PairDraws:
    """Draw `per_pair` battles of each pair with replacement, `rounds` times.

    A battle drawn is a win of either side or a tie, each with its share among the pair's battles, so a pair's draws
    are one multinomial.

    Examples
    --------
    >>> met = Battles(("heron", "kite"), np.zeros(2, int), np.arange(2), np.array([0, 1]), np.array([1, 0]),
    ...     np.array([1, -1]))
    >>> draws = draw_by_pair(met, np.array([[0, 1]]), seed=1, per_pair=10, rounds=2)
    >>> draws.wins[:, 0, 1].tolist(), draws.ties.sum().item()
    ([10.0, 10.0], 0.0)
    """
    rng, count = np.random.default_rng(seed), len(battles.models)
    won = win_matrix(battles, ties="none")
    tied = win_matrix(battles, ties="both") - won
    wins, ties = np.zeros((rounds, count, count)), np.zeros((rounds, count, count))
    for a, b in pairs:
        outcomes = np.array([won[a, b], won[b, a], tied[a, b]])
        drawn = rng.multinomial(per_pair, outcomes / outcomes.sum(), size=rounds)
        wins[:, a, b], wins[:, b, a] = drawn[:, 0], drawn[:, 1]
        ties[:, a, b] = ties[:, b, a] = drawn[:, 2]
    return PairDraws(wins, ties)


def agreement(
    first: Battles,
    second: Battles,
    *,
    seed: int,
    statistic: Statistic = PairDraws.win_fraction,
    per_pair: int = PER_PAIR,
    rounds: int = ROUNDS,
) -> Agreement:
    """Return how far two sources agree in ranking the models that both have.

    Both sources are cut to the pairs that met in both. Raises ValueError with fewer than three common models, whose
    order would say little. Models none of whose pairs met in both are left out.

    References
    ----------
    Kirk et al., "The PRISM Alignment Dataset" (2024), case study II: comparison with LMSYS Chatbot Arena.
    """
    shared = tuple(name for name in first.models if name in second.models)
    pairs = common_pairs(first.among(shared), second.among(shared))
    models = tuple(shared[number] for number in np.unique(pairs))
    if len(models) < 3:
        raise ValueError(f"Two rankings need three common models or more, and these sources share {len(models)}.")
    ours, theirs = first.among(models), second.among(models)
    pairs = common_pairs(ours, theirs)
    of_ours = statistic(draw_by_pair(ours, pairs, seed=seed, per_pair=per_pair, rounds=rounds))
    of_theirs = statistic(draw_by_pair(theirs, pairs, seed=seed + 1, per_pair=per_pair, rounds=rounds))
    return Agreement(models, len(pairs), of_ours, of_theirs, kendall(of_ours, of_theirs), spearman(of_ours, of_theirs))
