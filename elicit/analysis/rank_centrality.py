"""Rank models by where a walk ends up that always steps towards the model that wins: pairwise rank centrality.

From model j the walk steps to model i with probability (share of their battles that i won) / (models - 1) and stays
otherwise. A model's score is the share of time the walk spends there; scores add up to 1.

Rule that must stay true: "correct" is what we report. "published" repeats a slip of the released PRISM code, whose
sums of wins pair the wrong models from four models on, and exists only to compare with PRISM's printed table. It
depends on the order of the models, which is the order of their first appearance there.
"""

from typing import Literal

import numpy as np

from elicit.analysis.connected import require_connected
from elicit.analysis.ratings import Floats

ALPHA = 1.0  # added to every pair's wins each way, as PRISM does (section 6.2)
POWER_ITERATIONS = 1000

Mode = Literal["correct", "published"]


def pair_totals(wins: Floats, *, mode: Mode = "correct") -> Floats:
    """Return what each win count is divided by; shape of `wins`, symmetric, 0 on the diagonal.

    "correct" adds each pair's wins both ways. "published" takes the wins above the diagonal row by row, adds the wins
    below it row by row, and mirrors the sums: it pairs (0, 3) with (2, 1), (0, 4) with (3, 0), and so on. Up to three
    models both are the same.

    Source: published numbers, section 6.2; that the sums are mirrored follows from the printed self-loops (tests).

    Examples
    --------
    >>> wins = np.arange(16.0).reshape(4, 4)
    >>> pair_totals(wins)[0].tolist(), pair_totals(wins, mode="published")[0].tolist()
    ([0.0, 5.0, 10.0, 15.0], [0.0, 5.0, 10.0, 12.0])
    """
    above, below = np.triu_indices(wins.shape[-1], 1), np.tril_indices(wins.shape[-1], -1)
    if mode == "correct":
        below = (above[1], above[0])
    totals = np.zeros_like(wins, dtype=np.float64)
    totals[..., above[0], above[1]] = wins[..., above[0], above[1]] + wins[..., below[0], below[1]]
    return totals + np.swapaxes(totals, -1, -2)


def transition_matrix(wins: Floats, *, mode: Mode = "correct", alpha: float = ALPHA) -> Floats:
    """Return the walk's probabilities from the model of each column to the model of each row; columns add up to 1.

    `wins` has shape (..., models, models): a stack is answered as a stack. Pairs that never met are never stepped
    between when alpha is 0. In mode "published" an entry need not be a probability.

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
