"""Fit Davidson's model, in which a tie is an outcome of its own, likelier the nearer two models are.

Rule that must stay true: ties say that models are near, so they connect models as wins both ways do.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from elicit.analysis.battles import Battles, win_matrix
from elicit.analysis.connected import require_connected
from elicit.analysis.ratings import Floats

STRICTEST = 1e-8  # largest slope of the log-likelihood, per battle, that counts as its top


@dataclass(frozen=True)
class Davidson:
    """Strengths in log-odds adding up to 0, and how readily people call a tie.

    `tie` is the odds of a tie against a win of either, between equal models: 1 means each outcome a third.
    """

    models: tuple[str, ...]
    strength: Floats
    tie: float
    log_likelihood: float


def fit_davidson(battles: Battles) -> Davidson:
    """Fit strengths and the readiness to tie by maximum likelihood.

    Chances of "a wins", "b wins" and "tie" stand as exp(s_a) : exp(s_b) : tie * exp((s_a + s_b) / 2). Raises
    NotComparable where battles leave groups apart, and ValueError where no battle was a tie.

    References
    ----------
    Davidson, "On extending the Bradley-Terry model to accommodate ties in paired comparison experiments", JASA 65
    (1970).

    Examples
    --------
    Four wins, one loss and two ties: the odds are 4, and a tie's are 2 / sqrt(4 * 1).

    >>> from elicit.analysis.ratings import Ratings
    >>> from elicit.analysis.battles import battles_of
    >>> ratings = Ratings.from_columns(participant=np.repeat(np.arange(7), 2), interaction=np.repeat(np.arange(7), 2),
    ...     model=["heron", "kite"] * 7, score=[90, 10] * 4 + [10, 90] + [50, 50] * 2)
    >>> fit = fit_davidson(battles_of(ratings))
    >>> round(float(np.exp(fit.strength[0] - fit.strength[1])), 3), round(fit.tie, 3)
    (4.0, 1.0)
    """
    wins = win_matrix(battles, ties="none")
    ties = win_matrix(battles, ties="both") - wins
    require_connected(wins + ties, battles.models)
    if not ties.any():
        raise ValueError("No battle was a tie: fit Bradley-Terry strengths instead.")
    count = len(battles.models)
    found = minimize(
        _loss, np.zeros(count + 1), args=(wins, ties), jac=True, method="BFGS", options={"gtol": STRICTEST}
    )
    loss, slope = _loss(found.x, wins, ties)
    if np.abs(slope).max() > np.sqrt(STRICTEST):
        raise ArithmeticError("Davidson's model did not settle.")
    strength = found.x[:count]
    return Davidson(battles.models, strength - strength.mean(), float(np.exp(found.x[count])), -loss * len(battles))


def _loss(place: Floats, wins: Floats, ties: Floats) -> tuple[float, Floats]:
    """Return minus the mean log-likelihood of a battle and its slope; `ties` counts each tie in both directions."""
    strength, tie = place[:-1], place[-1]
    upper = np.triu(np.ones_like(wins), 1)
    a, b = strength[:, None], strength[None, :]
    logs = np.stack([a + 0 * b, b + 0 * a, tie + (a + b) / 2])
    counts = np.stack([wins, wins.T, ties]) * upper
    total = np.logaddexp.reduce(logs, axis=0)
    number = counts.sum()
    surplus = counts - counts.sum(axis=0) * np.exp(logs - total)
    to_a, to_b = surplus[0] + surplus[2] / 2, surplus[1] + surplus[2] / 2
    slope = np.append(to_a.sum(axis=1) + to_b.sum(axis=0), surplus[2].sum())
    return float(-(counts * (logs - total)).sum() / number), -slope / number
