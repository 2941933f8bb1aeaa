"""PageRank on many small graphs side by side: contexts, resamples, or both, in one iteration.

The graphs form the blocks of one sparse matrix, so that a thousand of them cost little more than one. Every block has
ranks of its own: nothing flows from one to another.

Rule that must stay true: a block's ranks are those that it would have alone, and do not depend on the order of its
edges.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from moralgraph.algorithms.records import Codes
from moralgraph.algorithms.tally import Floats

DAMPING = 0.85
PUBLISHED_ITERATIONS = 100
TOLERANCE = 1e-12  # ranks are compared at nine decimals; the last step's error is at most 0.85 / 0.15 times the change
MOST_ITERATIONS = 200  # each step changes a block by at most 0.85 times as much as the one before: 0.85 ** 175 < 1e-12
SAME_RANK_DECIMALS = 9  # ranks that differ by less are equal: such differences come from rounding


class WeightError(ValueError):
    """A weight is negative or no number; the message names its edge."""


@dataclass(frozen=True, eq=False)
class Walks:
    """Nodes and weighted edges of graphs that stand side by side.

    Attributes
    ----------
    block
        The graph that each node belongs to, ascending from 0, shape (nodes,).
    source, target
        Nodes at the ends of each edge, of one block, shape (edges,).
    weight
        Weights, not negative, shape (edges,). Those that leave one node are taken as shares of their sum.
    """

    block: Codes
    source: Codes
    target: Codes
    weight: Floats


def published_ranks(walks: Walks) -> Floats:
    """Return the published PageRank: 100 iterations, and the mass that reaches a node without upgrades is lost.

    Returns
    -------
    Ranks, shape (nodes,); each block's sum is at most 1.

    References
    ----------
    The reference implementation of the Moral Graph Elicitation study, arXiv 2404.10636.

    Examples
    --------
    >>> one = Walks(np.zeros(2, dtype=int), np.array([0]), np.array([1]), np.array([1.0]))
    >>> published_ranks(one).round(5).tolist()
    [0.075, 0.13875]
    """
    moves, _ = _moves(walks)
    start = 1 / np.bincount(walks.block)[walks.block]
    rank = start
    for _ in range(PUBLISHED_ITERATIONS):
        rank = (1 - DAMPING) * start + moves @ rank
    return rank


def settled_ranks(walks: Walks) -> Floats:
    """Return PageRank with dangling mass: what reaches a node without upgrades is spread over its whole block.

    Returns
    -------
    Ranks, shape (nodes,); each block's sum is 1.

    Raises
    ------
    WeightError
        If a weight is negative or no number.

    References
    ----------
    Langville and Meyer, "Deeper inside PageRank", Internet Mathematics 1 (2004), section 3 (dangling nodes, weakly
    preferential).

    Examples
    --------
    >>> two = Walks(np.array([0, 0, 1]), np.array([0]), np.array([1]), np.array([1.0]))
    >>> settled_ranks(two).round(3).tolist()
    [0.351, 0.649, 1.0]
    """
    moves, leaving = _moves(walks)
    rank = start = 1 / np.bincount(walks.block)[walks.block]
    if rank.size == 0:
        return rank
    blocks = np.flatnonzero(np.diff(walks.block, prepend=-1))
    kept_back = np.where(leaving > 0, 0.0, DAMPING)
    for _ in range(MOST_ITERATIONS):
        spread = 1 - DAMPING + np.add.reduceat(kept_back * rank, blocks)
        moved = start * spread[walks.block] + moves @ rank
        change, rank = np.abs(moved - rank).max(), moved
        if change < TOLERANCE:
            break
    return rank


def _moves(walks: Walks) -> tuple[sparse.csr_array, Floats]:
    """Return the damped shares that flow along the edges, target by source, and the weight that leaves each node."""
    wrong = np.flatnonzero(~(walks.weight >= 0))
    if wrong.size:
        raise WeightError(f"edge {wrong[0]}: {walks.weight[wrong[0]]} is no weight; give a number that is not negative")
    nodes = walks.block.size
    leaving = np.bincount(walks.source, weights=walks.weight, minlength=nodes).astype(np.float64)
    out = leaving[walks.source]
    share = DAMPING * np.divide(walks.weight, out, out=np.zeros_like(walks.weight), where=out > 0)
    moves = sparse.csr_array((share, (walks.target, walks.source)), shape=(nodes, nodes))
    moves.sort_indices()
    return moves, leaving
