"""Turn scores into ranks, and say how far two rankings agree.

Rule that must stay true: rank 1 is the best, and equal scores share the mean of their ranks.
"""

import numpy as np

from elicit.analysis.ratings import Floats


def ranks(scores: Floats) -> Floats:
    """Rank along the last axis, the highest score first; shape of `scores`.

    Examples
    --------
    >>> ranks(np.array([0.2, 0.5, 0.2, 0.1])).tolist()
    [2.5, 1.0, 2.5, 4.0]
    """
    above = (scores[..., None, :] > scores[..., :, None]).sum(axis=-1)
    level = (scores[..., None, :] == scores[..., :, None]).sum(axis=-1)
    return np.asarray(above + (level + 1) / 2, dtype=np.float64)


def spearman(first: Floats, second: Floats) -> Floats:
    """Return Spearman's rank correlation along the last axis, from -1 to 1; NaN where one side is all equal.

    References
    ----------
    Spearman, "The proof and measurement of association between two things", Am. J. Psychology 15 (1904).

    Examples
    --------
    >>> spearman(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0])).item()
    0.5
    """
    x, y = (ranks(side) - (side.shape[-1] + 1) / 2 for side in (np.asarray(first), np.asarray(second)))
    return _ratio((x * y).sum(axis=-1), (x**2).sum(axis=-1) * (y**2).sum(axis=-1))


def kendall(first: Floats, second: Floats) -> Floats:
    """Return Kendall's tau-b along the last axis, from -1 to 1; NaN where one side is all equal.

    References
    ----------
    Kendall, "The treatment of ties in ranking problems", Biometrika 33 (1945).

    Examples
    --------
    Of three pairs two stand in the same order and one in the other: (2 - 1) / 3.

    >>> round(kendall(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0])).item(), 3)
    0.333
    """
    x, y = (np.sign(side[..., None, :] - side[..., :, None]) for side in (np.asarray(first), np.asarray(second)))
    return _ratio((x * y).sum(axis=(-2, -1)), (x**2).sum(axis=(-2, -1)) * (y**2).sum(axis=(-2, -1)))


def _ratio(joint: Floats, product: Floats) -> Floats:
    root = np.sqrt(np.asarray(product, dtype=np.float64))
    return np.divide(joint, root, out=np.full(root.shape, np.nan), where=root > 0)
