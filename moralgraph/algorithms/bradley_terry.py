"""Fit a latent order to both-sided judgements: Bradley-Terry, a different model from the moral graph's, and called so.

Which answers say what of the order, and what a judgement counts, is in `comparisons`.

The estimand is the order that everybody would give if every proposed pair were asked once from each side: the
Bradley-Terry projection of the population's shares under balanced presentation. Where the model is wrong (cycles,
camps), it is still that projection, and where every two cards were proposed its order is the Borda order.

Decided against: Davidson's model, whose extra number (how readily people call a tie) is no part of that estimand, and
which needs a tie to be fitted at all; half wins give the same Borda order.

Rule that must stay true: being the card that is asked about ("is the second wiser?") may be worth something by itself,
and that goes into `asked_about`, never into a card's score.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, stdtrit

from moralgraph.algorithms.comparisons import Comparisons, comparisons_of
from moralgraph.algorithms.records import Codes, Judgements
from moralgraph.algorithms.tally import Facts, Floats

LEVEL = 0.95
SCORE_SPREAD = 2.0  # standard deviation of the prior of a score, in log-odds: 95 % of pairs within odds of 250 to 1
ASKED_ABOUT_SPREAD = 1.0  # of the prior of `asked_about`: 95 % within odds of 7 to 1
LEAST_DISPERSION = 0.5  # as where half of the answers are half wins; unanimous answers would seem to vary not at all
MOST_STEPS = 100
LONGEST_STEP = 2.0  # log-odds a Newton step may move a score, so that lopsided counts do not overshoot
SETTLED = 1e-10


@dataclass(frozen=True, eq=False)
class BradleyTerry:
    """Scores of the cards of a context, and how sure they are.

    Attributes
    ----------
    cards
        Every card that was judged in the context.
    score
        Log-odds against the mean card of its `group`, shape (cards,); comparable within a group only.
    covariance
        Of the scores, clustered by participant, shape (cards, cards): the one to use.
    model_covariance
        What the scores' covariance would be if the model were right and judgements independent; it counts the prior.
        Where clusters are few or a card was never beaten the clustered one can be too small: `error_of_differences`
        takes the larger of the two.
    asked_about, asked_about_error
        Log-odds that a card gains by being the one asked about, and the clustered error of that.
    comparisons
        How many comparisons each card is in, shape (cards,).
    group
        Connected group of each card, shape (cards,).
    judgements, people
        How many comparisons, and how many participants, it rests on.
    """

    cards: tuple[str, ...]
    score: Floats
    covariance: Floats
    model_covariance: Floats
    asked_about: float
    asked_about_error: float
    comparisons: Codes
    group: Codes
    judgements: int
    people: int

    @property
    def degrees(self) -> int:
        """Degrees of freedom of the clustered covariance: one less than people."""
        return max(self.people - 1, 1)

    def error_of_differences(self) -> Floats:
        """Return the standard error of every difference of scores, shape (cards, cards); infinite across groups."""
        clustered, modelled = _variance_of_differences(self.covariance), _variance_of_differences(self.model_covariance)
        error = np.sqrt(np.maximum(clustered, modelled))
        return np.where(self.group[:, None] == self.group[None, :], error, np.inf)

    def interval(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the ends of each score's interval, by Student's t with one degree less than people."""
        variance = np.maximum(np.diagonal(self.covariance), np.diagonal(self.model_covariance))
        half = stdtrit(self.degrees, (1 + level) / 2) * np.sqrt(variance)
        return self.score - half, self.score + half


def fit_bradley_terry(judgements: Judgements, *, context: str | None = None) -> BradleyTerry:
    """Fit the latent order of one context (all together for None).

    Scores have a weak normal prior (`SCORE_SPREAD`), so that a card that was never beaten has a finite score. With no
    comparison at all the scores are 0 and their covariance is the prior's.

    References
    ----------
    Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952); the effect of a position:
    Davidson and Beaver, "On extending the Bradley-Terry model to incorporate within-pair order effects", Biometrics 33
    (1977); the projection where the model is wrong: White, "Maximum likelihood estimation of misspecified models",
    Econometrica 50 (1982).

    Examples
    --------
    Thirty of forty say that b is wiser, from either side: the difference is near log(30 / 10), drawn a little to 0.

    >>> judgements = Judgements.from_columns(
    ...     participant=range(80), first=["a"] * 40 + ["b"] * 40, second=["b"] * 40 + ["a"] * 40, context=["c"] * 80,
    ...     answer=["wiser"] * 30 + ["less_wise"] * 10 + ["less_wise"] * 30 + ["wiser"] * 10)
    >>> fit = fit_bradley_terry(judgements, context="c")
    >>> round(float(fit.score[1] - fit.score[0]), 2), round(float(np.log(30 / 10)), 2), round(abs(fit.asked_about), 2)
    (1.09, 1.1, 0.0)
    """
    return fit_comparisons(comparisons_of(judgements, context=context))


def fit_comparisons(comparisons: Comparisons) -> BradleyTerry:
    """Fit scores to comparisons; see `fit_bradley_terry`."""
    size = len(comparisons.cards)
    place = _most_likely(comparisons)
    inverse: Floats = np.asarray(np.linalg.inv(_information(comparisons, place)), dtype=np.float64)
    columns = _columns(comparisons)
    chance: Floats = np.asarray(expit(columns @ place), dtype=np.float64)
    variance: Floats = np.asarray(chance * (1 - chance) * comparisons.weight, dtype=np.float64)
    surplus = comparisons.share - chance
    noise = variance * comparisons.weight * _dispersion(surplus, chance)
    spread = (columns * noise[:, None]).T @ columns + np.diag(_precision(size))
    people = comparisons.people
    scores = _scores_of_people(comparisons, columns, inverse, variance, surplus)
    meat = scores.T @ scores * ((people - 1) / people if people else 0.0)
    clustered, modelled = inverse @ meat @ inverse, inverse @ spread @ inverse
    centre = _centre(comparisons.group)
    return BradleyTerry(
        cards=comparisons.cards,
        score=place[:size],
        covariance=centre @ clustered[:size, :size] @ centre,
        model_covariance=centre @ modelled[:size, :size] @ centre,
        asked_about=float(place[size]),
        asked_about_error=float(np.sqrt(max(clustered[size, size], modelled[size, size]))),
        comparisons=comparisons.of_card,
        group=comparisons.group,
        judgements=len(comparisons),
        people=people,
    )


def _centre(group: Codes) -> Floats:
    """Return the matrix that takes the mean of its group from every score; the prior keeps that mean at 0."""
    same: Floats = (group[:, None] == group[None, :]).astype(np.float64)
    found: Floats = np.eye(group.size) - same / np.maximum(same.sum(axis=1, keepdims=True), 1.0)
    return found


def _dispersion(surplus: Floats, chance: Floats) -> float:
    """Return how much the answers vary, as a share of what wins and losses alone would: half wins vary less."""
    if not surplus.size:
        return 1.0
    return float(np.clip(np.mean(surplus**2) / np.mean(chance * (1 - chance)), LEAST_DISPERSION, 1.0))


def _precision(size: int) -> Floats:
    return np.append(np.full(size, 1 / SCORE_SPREAD**2), 1 / ASKED_ABOUT_SPREAD**2)


def _tables(comparisons: Comparisons) -> tuple[Floats, Floats]:
    """Add up the weights, and the weighted wins of the second card, by first (rows) and second card (columns)."""
    size = len(comparisons.cards)
    cell = comparisons.first * size + comparisons.second
    met = np.bincount(cell, weights=comparisons.weight, minlength=size * size)
    won = np.bincount(cell, weights=comparisons.weight * comparisons.share, minlength=size * size)
    return np.asarray(met.reshape(size, size), dtype=np.float64), np.asarray(won.reshape(size, size), dtype=np.float64)


def _most_likely(comparisons: Comparisons) -> Floats:
    """Return the scores, and `asked_about` after them, that maximise the penalised weighted likelihood."""
    size = len(comparisons.cards)
    met, won = _tables(comparisons)
    place, precision = np.zeros(size + 1), _precision(size)
    for _ in range(MOST_STEPS):
        chance = expit(place[None, :size] - place[:size, None] + place[size])
        surplus = won - met * chance
        gradient = np.append(surplus.sum(axis=0) - surplus.sum(axis=1), surplus.sum()) - precision * place
        step = np.linalg.solve(_curvature(met * chance * (1 - chance), precision), gradient)
        longest = np.abs(step).max()
        place = place + step * min(1.0, LONGEST_STEP / max(longest, LONGEST_STEP))
        if longest < SETTLED:
            return place
    raise ArithmeticError(f"Bradley-Terry did not settle within {MOST_STEPS} Newton steps.")


def _information(comparisons: Comparisons, place: Floats) -> Floats:
    size = len(comparisons.cards)
    met, _ = _tables(comparisons)
    chance = expit(place[None, :size] - place[:size, None] + place[size])
    return _curvature(met * chance * (1 - chance), _precision(size))


def _curvature(variance: Floats, precision: Floats) -> Floats:
    """Return minus the second derivative of the penalised log-likelihood, shape (cards + 1, cards + 1)."""
    as_second, as_first = variance.sum(axis=0), variance.sum(axis=1)
    asked = np.append(as_second - as_first, variance.sum())
    found = np.empty((precision.size, precision.size))
    found[:-1, :-1] = np.diag(as_second + as_first) - variance - variance.T
    found[-1, :] = found[:, -1] = asked
    return found + np.diag(precision)


def _columns(comparisons: Comparisons) -> Floats:
    """Return +1 for the second card, -1 for the first, and 1 for being asked about; shape (comparisons, cards + 1)."""
    rows = np.arange(len(comparisons))
    columns = np.zeros((len(comparisons), len(comparisons.cards) + 1))
    columns[rows, comparisons.second] = 1.0
    columns[rows, comparisons.first] = -1.0
    columns[:, -1] = 1.0
    return columns


def _scores_of_people(
    comparisons: Comparisons, columns: Floats, inverse: Floats, variance: Floats, surplus: Floats
) -> Floats:
    """Return each person's part of the likelihood's slope, as if the fit had been made without them.

    The leave-one-cluster-out (jackknife) correction: without it the residuals are too small, since each person pulls
    the fit to their own answers. People with as many comparisons are solved together.

    References
    ----------
    MacKinnon, Nielsen and Webb, "Cluster-robust inference: a guide to empirical practice", J. Econometrics 232 (2023),
    section 4 (CV3); Bell and McCaffrey, "Bias reduction in standard errors for linear regression with multi-stage
    samples", Survey Methodology 28 (2002).
    """
    found = np.zeros((comparisons.people, columns.shape[1]))
    weighted = comparisons.weight * surplus
    order = np.argsort(comparisons.person, kind="stable")
    times = np.bincount(comparisons.person, minlength=comparisons.people)
    starts = np.cumsum(times) - times
    for length in np.unique(times).tolist():
        people = np.flatnonzero(times == length)
        rows = order[starts[people][:, None] + np.arange(length)]
        mine = columns[rows]
        leverage = variance[rows][:, :, None] * (mine @ inverse @ np.swapaxes(mine, 1, 2))
        left_out = np.linalg.solve(np.eye(length) - leverage, weighted[rows][:, :, None])
        found[people] = (mine * left_out).sum(axis=1)
    return found


def _variance_of_differences(covariance: Floats) -> Floats:
    own = np.diagonal(covariance)
    found: Floats = np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0.0)
    return found


def is_comparable(fit: BradleyTerry, *, least: int) -> Facts:
    """Mark the cards with at least `least` comparisons in the largest group of such cards, shape (cards,).

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=range(4), first=["a", "b", "a", "c"], second=["b", "a", "b", "d"], context=["c"] * 4,
    ...     answer=["wiser"] * 4)
    >>> is_comparable(fit_bradley_terry(judgements), least=2).tolist()
    [True, True, False, False]
    """
    enough = fit.comparisons >= least
    if not enough.any():
        return enough
    sizes = np.bincount(fit.group[enough], minlength=int(fit.group.max()) + 1)
    found: Facts = enough & (fit.group == int(sizes.argmax()))
    return found
