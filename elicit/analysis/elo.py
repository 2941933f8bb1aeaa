"""Let models play their battles one after another: Elo ratings.

Rule that must stay true: Elo depends on the order of the battles, which means nothing here. So the order is drawn by a
seed, more than once, and the spread over orders is shown beside the mean.
"""

from dataclasses import dataclass

import numpy as np

from elicit.analysis.battles import Battles
from elicit.analysis.ratings import Floats

K = 4.0  # points a surprise moves at most: small, so that late battles do not rule (PRISM and LMSYS)
SCALE = 400.0
BASE = 10.0
START = 1000.0
ORDERS = 50


@dataclass(frozen=True)
class Elo:
    """Ratings in points after all battles, one row for each order drawn; shape (orders, models)."""

    models: tuple[str, ...]
    ratings: Floats

    def mean(self) -> Floats:
        """Return each model's rating, averaged over the orders."""
        return np.asarray(self.ratings.mean(axis=0))

    def spread(self) -> Floats:
        """Return the standard deviation over the orders: what the order alone does, and not the sampling error."""
        return np.asarray(self.ratings.std(axis=0))


def elo(
    battles: Battles,
    *,
    seed: int,
    orders: int = ORDERS,
    k: float = K,
    scale: float = SCALE,
    base: float = BASE,
    start: float = START,
) -> Elo:
    """Return ratings after battles in orders drawn by the seed; a tie scores a half.

    All orders advance side by side, so that fifty take hardly longer than one.

    References
    ----------
    Elo, "The Rating of Chessplayers, Past and Present" (1978); K 4, scale 400, base 10 and start 1000 as in PRISM.

    Examples
    --------
    One battle between equals moves the winner up by half of K.

    >>> from elicit.analysis.battles import battles_of
    >>> from elicit.analysis.ratings import Ratings
    >>> ratings = Ratings.from_columns(participant=[1, 1], interaction=[1, 1], model=["heron", "kite"], score=[80, 20])
    >>> elo(battles_of(ratings), seed=0, orders=1).ratings.tolist()
    [[1002.0, 998.0]]
    """
    rng = np.random.default_rng(seed)
    order = np.stack([rng.permutation(len(battles)) for _ in range(orders)], axis=1)
    return Elo(battles.models, play(battles, order, k=k, scale=scale, base=base, start=start))


def play(
    battles: Battles,
    order: np.ndarray,
    *,
    k: float = K,
    scale: float = SCALE,
    base: float = BASE,
    start: float = START,
) -> Floats:
    """Return ratings after battles in the given orders, one a column; shape (orders, models).

    `order` has shape (battles, orders) and holds places in `battles`.
    """
    each = np.arange(order.shape[1])
    ratings = np.full((order.shape[1], len(battles.models)), start)
    a, b, result = battles.a[order], battles.b[order], (battles.outcome[order] + 1) / 2
    for first, second, scored in zip(a, b, result, strict=True):
        expected = 1 / (1 + base ** ((ratings[each, second] - ratings[each, first]) / scale))
        moved = k * (scored - expected)
        ratings[each, first] += moved
        ratings[each, second] -= moved
    return ratings
