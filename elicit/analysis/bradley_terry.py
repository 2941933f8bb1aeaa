"""Fit Bradley-Terry strengths to battles, with intervals that know that one person judged many of them.

The chance that a beats b is 1 / (1 + exp(strength b - strength a)); a tie counts half a win each way. Strengths add up
to 0: each is measured against the mean of all models, in natural log-odds.

Rule that must stay true: the intervals to show are the clustered ones. Hessian intervals take every battle for
independent, though one person's hang together and three of a set's six follow from the others.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, stdtrit

from elicit.analysis.battles import Battles, win_matrix
from elicit.analysis.connected import is_connected, require_connected
from elicit.analysis.ratings import Floats, Ints

LEVEL = 0.95
MOST_STEPS = 100
LONGEST_STEP = 2.0  # log-odds a Newton step may move a strength, so that lopsided counts do not overshoot
TOLERANCE = 1e-10
ELO_SCALE = 400 / np.log(10)  # points of an Elo-like scale for each unit of log-odds
WORST = 800.0  # where PRISM anchors its worst model


@dataclass(frozen=True)
class BradleyTerry:
    """Strengths of models, adding up to 0, and their covariances.

    Attributes
    ----------
    models : the names.
    strength : log-odds against the mean model, shape (models,).
    hessian, clustered : covariances of `strength`, shape (models, models).
    units : how many clusters (people, as a rule) the clustered covariance rests on.
    log_likelihood : at the fit, half wins counted half.
    """

    models: tuple[str, ...]
    strength: Floats
    hessian: Floats
    clustered: Floats
    units: int
    log_likelihood: float

    def interval(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the ends of each strength's clustered interval, by Student's t with one degree less than clusters."""
        half = stdtrit(self.units - 1, (1 + level) / 2) * np.sqrt(np.diagonal(self.clustered))
        return self.strength - half, self.strength + half

    def hessian_interval(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the ends of each strength's interval if every battle were independent: for comparison only."""
        half = stdtrit(np.inf, (1 + level) / 2) * np.sqrt(np.diagonal(self.hessian))
        return self.strength - half, self.strength + half

    def difference(self, first: str, second: str) -> tuple[float, float]:
        """Return how much stronger the first model is than the second, and the clustered standard error of that."""
        contrast = np.zeros(len(self.models))
        contrast[self.models.index(first)] += 1
        contrast[self.models.index(second)] -= 1
        return float(contrast @ self.strength), float(np.sqrt(contrast @ self.clustered @ contrast))

    def win_chances(self) -> Floats:
        """Return the chance that the model of each row beats the model of each column; 0.5 on the diagonal."""
        return np.asarray(expit(self.strength[:, None] - self.strength[None, :]))


def strengths(wins: Floats, *, penalty: float = 0.0) -> Floats:
    """Return the most likely strengths for win matrices of shape (..., models, models); shape (..., models).

    `penalty` times half the sum of squared strengths is taken from the log-likelihood (a ridge): with it models that
    never lost, or never met, get finite strengths, drawn towards 0. Without it NotComparable is raised.

    References
    ----------
    Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952).

    Examples
    --------
    Two models: the difference is log(wins / losses).

    >>> heron, kite = strengths(np.array([[0.0, 30.0], [10.0, 0.0]]))
    >>> round(float(heron - kite), 6) == round(float(np.log(30 / 10)), 6)
    True
    """
    if penalty == 0:
        require_connected(wins)
    met, won = wins + np.swapaxes(wins, -1, -2), wins.sum(axis=-1)
    strength = np.zeros(won.shape)
    for _ in range(MOST_STEPS):
        gradient = won - (met * _chances(strength)).sum(axis=-1) - penalty * strength
        step = np.linalg.solve(_information(met, strength, penalty) + 1 / wins.shape[-1], gradient[..., None])[..., 0]
        strength = strength + step * np.minimum(1, LONGEST_STEP / np.maximum(_longest(step), LONGEST_STEP))
        if np.abs(step).max() < TOLERANCE:
            return strength - strength.mean(axis=-1, keepdims=True)
    raise ArithmeticError(f"Bradley-Terry did not settle within {MOST_STEPS} Newton steps.")


def strengths_or_nan(wins: Floats) -> Floats:
    """Return strengths for a stack of win matrices, NaN where one of them puts its models on no common scale.

    For resamples, some of which may leave a model out; shape (stack, models).
    """
    found = np.full(wins.shape[:-1], np.nan)
    connected = is_connected(wins)
    if connected.any():
        found[connected] = strengths(wins[connected])
    return found


def fit_bradley_terry(battles: Battles, *, unit: Ints | None = None, penalty: float = 0.0) -> BradleyTerry:
    """Fit strengths to battles; ties are half wins, and errors are clustered by participant or by `unit`.

    Raises NotComparable where the battles leave groups of models apart, and ValueError with fewer than two clusters.

    References
    ----------
    Liang and Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73 (1986): the sandwich.

    Examples
    --------
    >>> from elicit.analysis.ratings import Ratings
    >>> from elicit.analysis.battles import battles_of
    >>> ratings = Ratings.from_columns(participant=[1, 1, 2, 2, 3, 3], interaction=[1, 1, 2, 2, 3, 3],
    ...     model=["heron", "kite"] * 3, score=[80, 20, 70, 10, 30, 90])
    >>> fit = fit_bradley_terry(battles_of(ratings))
    >>> round(fit.difference("heron", "kite")[0], 3)
    0.693
    """
    units, number = np.unique(battles.participant if unit is None else unit, return_inverse=True)
    if len(units) < 2:
        raise ValueError("Clustered errors need the battles of two people or more.")
    wins = win_matrix(battles, ties="half")
    if penalty == 0:
        require_connected(wins, battles.models)
    strength = strengths(wins, penalty=penalty)
    count = len(battles.models)
    centre = np.eye(count) - 1 / count
    bread = centre @ np.linalg.inv(_information(wins + wins.T, strength, penalty) + 1 / count) @ centre
    scores = _scores(battles, strength, number, len(units))
    meat = scores.T @ scores * len(units) / (len(units) - 1)
    return BradleyTerry(
        models=battles.models,
        strength=strength,
        hessian=np.asarray(bread, dtype=np.float64),
        clustered=bread @ meat @ bread,
        units=len(units),
        log_likelihood=float((wins * log_expit(strength[:, None] - strength[None, :])).sum()),
    )


def anchored(strength: Floats, *, worst: float = WORST, scale: float = ELO_SCALE) -> Floats:
    """Return strengths as points, the worst model at `worst`, 400 points for odds of ten to one.

    Source: PRISM, section 6.2, where the model held at 800 is named (flan-t5-xxl) and not found.

    Examples
    --------
    >>> anchored(np.array([np.log(10) / 2, -np.log(10) / 2])).round().tolist()
    [1200.0, 800.0]
    """
    return np.asarray(worst + scale * (strength - strength.min(axis=-1, keepdims=True)))


def _chances(strength: Floats) -> Floats:
    return np.asarray(expit(strength[..., :, None] - strength[..., None, :]))


def _information(met: Floats, strength: Floats, penalty: float) -> Floats:
    """Return minus the log-likelihood's second derivative: a graph Laplacian, singular along the constant."""
    chances = _chances(strength)
    variance = met * chances * (1 - chances)
    count = strength.shape[-1]
    total = np.eye(count) * (variance.sum(axis=-1) + penalty)[..., None]
    return np.asarray(total - variance)


def _longest(step: Floats) -> Floats:
    return np.asarray(np.abs(step).max(axis=-1, keepdims=True))


def _scores(battles: Battles, strength: Floats, number: Ints, units: int) -> Floats:
    """Return the log-likelihood's gradient, added up by cluster; shape (units, models)."""
    count = len(battles.models)
    chance = expit(strength[battles.a] - strength[battles.b])
    surprise = (battles.outcome + 1) / 2 - chance
    cells = np.concatenate([number * count + battles.a, number * count + battles.b])
    added = np.bincount(cells, weights=np.concatenate([surprise, -surprise]), minlength=units * count)
    return np.asarray(added, dtype=np.float64).reshape(units, count)
