"""Rank models by where a walk ends up that always steps towards the model that wins: pairwise rank centrality.

From model j the walk steps to model i with probability (share of their battles that i won) / (models - 1) and stays
otherwise. A model's score is the share of time the walk spends there; scores add up to 1.

Rule that must stay true: "correct" is what we report. "published" repeats a slip of the released PRISM analysis, whose
sums of wins pair the wrong models from four models on, and exists only to compare with PRISM's printed table.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from elicit.analysis.connected import require_connected
from elicit.analysis.ratings import Floats

ALPHA = 1.0  # added to every pair's wins each way, as PRISM does (section 6.2)
POWER_ITERATIONS = 1000

Mode = Literal["correct", "published"]


def pair_totals(wins: Floats, *, mode: Mode = "correct") -> Floats:
    """Return what each win count is divided by; shape of `wins`, 0 on the diagonal.

    "correct" adds each pair's wins both ways. "published" puts the models in order of their wins, most first, lists the
    wins above the diagonal row by row, lists those below it row by row, and adds the two lists. Both halves are divided
    by that one list of sums. The lists match up to three models; then (0, 3) is added to (2, 1), (0, 4) to (3, 0), and
    so on, and what (0, 3) and (3, 0) are divided by differs.

    Source: published numbers, section 6.2; tests hold the reading against PRISM's print-outs.

    Examples
    --------
    >>> wins = np.array([[0.0, 9, 9, 9], [1, 0, 8, 8], [2, 3, 0, 7], [6, 2, 1, 0]])
    >>> pair_totals(wins)[0].tolist(), pair_totals(wins, mode="published")[0].tolist()
    ([0.0, 10.0, 11.0, 15.0], [0.0, 10.0, 11.0, 12.0])
    """
    if mode == "correct":
        return np.asarray((wins + np.swapaxes(wins, -1, -2)) * (1 - np.eye(wins.shape[-1])))
    order = np.argsort(-wins.sum(axis=-1), axis=-1, kind="stable")
    back = np.argsort(order, axis=-1)
    return _reordered(_published_totals(_reordered(wins, order)), back)


def _published_totals(wins: Floats) -> Floats:
    above, below = np.triu_indices(wins.shape[-1], 1), np.tril_indices(wins.shape[-1], -1)
    sums = wins[..., above[0], above[1]] + wins[..., below[0], below[1]]
    totals = np.zeros_like(wins, dtype=np.float64)
    totals[..., above[0], above[1]] = sums
    totals[..., below[0], below[1]] = sums
    return totals


def _reordered(matrix: Floats, order: NDArray[np.intp]) -> Floats:
    rows = np.take_along_axis(matrix, order[..., :, None], axis=-2)
    return np.take_along_axis(rows, order[..., None, :], axis=-1)


def transition_matrix(wins: Floats, *, mode: Mode = "correct", alpha: float = ALPHA) -> Floats:
    """Return the walk's probabilities from the model of each column to the model of each row; columns add up to 1.

    `wins` has shape (..., models, models): a stack is answered as a stack. Pairs that never met are never stepped
    between when alpha is 0.

    Examples
    --------
    Heron beat kite three times and lost once; alpha adds one each way.

    >>> transition_matrix(np.array([[0.0, 3.0], [1.0, 0.0]])).round(3).tolist()
    [[0.667, 0.667], [0.333, 0.333]]
    """
    count = wins.shape[-1]
    if count < 2:
        raise ValueError("A ranking needs two models or more.")
    regularised = np.asarray(wins, dtype=np.float64) + alpha
    diagonal = np.arange(count)
    regularised[..., diagonal, diagonal] = 0
    totals = pair_totals(regularised, mode=mode)
    steps = np.divide(regularised, totals, out=np.zeros_like(totals), where=totals > 0) / (count - 1)
    steps[..., diagonal, diagonal] = 1 - steps.sum(axis=-2)
    return steps


def rank_centrality(wins: Floats, *, mode: Mode = "correct", alpha: float = ALPHA) -> Floats:
    """Return each model's share of the walk's time, solved exactly; shape (..., models), adding up to 1.

    Raises NotComparable where alpha is 0 and wins do not lead from every model to every other.

    References
    ----------
    Negahban, Oh and Shah, "Rank Centrality: ranking from pairwise comparisons", Operations Research 65 (2017).

    Examples
    --------
    Two models: the odds of the scores are the odds of the (regularised) wins.

    >>> rank_centrality(np.array([[0.0, 3.0], [1.0, 0.0]])).round(3).tolist()
    [0.667, 0.333]
    >>> rank_centrality(np.array([[0.0, 3.0], [1.0, 0.0]]), alpha=0).round(3).tolist()
    [0.75, 0.25]
    """
    if alpha == 0:
        require_connected(wins)
    steps = transition_matrix(wins, mode=mode, alpha=alpha)
    equations = np.eye(wins.shape[-1]) - steps
    equations[..., -1, :] = 1
    known = np.zeros((*steps.shape[:-1], 1))
    known[..., -1, :] = 1
    return np.asarray(np.linalg.solve(equations, known)[..., 0])


def rank_centrality_by_steps(
    wins: Floats, *, mode: Mode = "correct", alpha: float = ALPHA, iterations: int = POWER_ITERATIONS
) -> Floats:
    """Return the walk's whereabouts after so many steps from everywhere alike, as PRISM computes it.

    The same as `rank_centrality` once the walk has settled; a test holds the two together.
    """
    steps = transition_matrix(wins, mode=mode, alpha=alpha)
    place = np.full((*steps.shape[:-1], 1), 1 / steps.shape[-1])
    for _ in range(iterations):
        place = steps @ place
    return np.asarray(place[..., 0])


def self_loops(wins: Floats, *, mode: Mode = "correct", alpha: float = ALPHA) -> Floats:
    """Return the probability that the walk stays where it is: high for models that seldom lose; shape (..., models).

    Examples
    --------
    >>> self_loops(np.array([[0.0, 3.0], [1.0, 0.0]])).round(3).tolist()
    [0.667, 0.333]
    """
    return np.diagonal(transition_matrix(wins, mode=mode, alpha=alpha), axis1=-2, axis2=-1).copy()
