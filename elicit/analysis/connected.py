"""Say whether battles put all models on one scale, and which groups they leave apart.

Rule that must stay true: models are comparable only where a chain of wins leads from each to every other (Ford's
condition). Without it a ranking would be made up, so an estimator raises instead.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse.csgraph import connected_components

from elicit.analysis.ratings import Bools, Floats


class NotComparable(ValueError):
    """Raised where battles do not put all models on one scale; `groups` says which models hang together."""

    def __init__(self, groups: Sequence[tuple[str, ...]]) -> None:
        self.groups = tuple(groups)
        named = "; ".join(", ".join(group) for group in self.groups)
        super().__init__(
            f"The battles do not put all models on one scale. These groups never met, or one of them won every battle "
            f"against another: {named}. Collect more ratings, rank each group alone, or use a regularised estimate."
        )


def comparison_groups(wins: Floats, models: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of models within which wins lead both ways, in the order of `models`.

    Source: L. R. Ford, "Solution of a ranking problem from binary comparisons", Am. Math. Monthly 64 (1957).

    Examples
    --------
    Heron and kite beat each other; wren only lost.

    >>> comparison_groups(np.array([[0, 1, 2], [1, 0, 1], [0, 0, 0]]), ["heron", "kite", "wren"])
    (('heron', 'kite'), ('wren',))
    """
    _, label = connected_components(np.asarray(wins) > 0, directed=True, connection="strong")
    order = dict.fromkeys(label.tolist())
    return tuple(tuple(name for name, own in zip(models, label, strict=True) if own == group) for group in order)


def is_connected(wins: Floats) -> Bools:
    """Return whether each of a stack of win matrices, shape (..., models, models), is one group.

    Examples
    --------
    >>> is_connected(np.array([[[0, 1], [1, 0]], [[0, 5], [0, 0]]])).tolist()
    [True, False]
    """
    count = wins.shape[-1]
    reached = ((wins > 0) | np.eye(count, dtype=np.bool_)).astype(np.float32)
    for _ in range(max(1, int(np.ceil(np.log2(count))))):
        reached = np.minimum(reached @ reached, 1)
    return np.asarray((reached > 0).all(axis=(-2, -1)))


def require_connected(wins: Floats, models: Sequence[str] | None = None) -> None:
    """Raise NotComparable, with names where they are known, unless every win matrix of the stack is one group."""
    connected = is_connected(wins)
    if connected.all():
        return
    apart = wins[~connected][0] if wins.ndim > 2 else wins
    names = models if models is not None else [f"model {number}" for number in range(wins.shape[-1])]
    raise NotComparable(comparison_groups(apart, names))
