import numpy as np
import pytest

from elicit.analysis.battles import Battles
from elicit.analysis.elo import elo, play

UPS_AND_DOWNS = Battles(
    ("a", "b", "c"), np.arange(4), np.arange(4), np.array([0, 0, 1, 2]), np.array([1, 2, 2, 0]), np.array([1, 0, 1, 1])
)


def by_hand(order: list[int]) -> list[float]:
    points = [1000.0, 1000.0, 1000.0]
    for at in order:
        a, b = UPS_AND_DOWNS.a[at], UPS_AND_DOWNS.b[at]
        expected = 1 / (1 + 10 ** ((points[b] - points[a]) / 400))
        moved = 4 * ((UPS_AND_DOWNS.outcome[at] + 1) / 2 - expected)
        points[a] += moved
        points[b] -= moved
    return points


def test_every_order_is_played_as_a_plain_loop_plays_it():
    orders = np.array([[0, 3], [1, 2], [2, 1], [3, 0]])
    assert np.allclose(play(UPS_AND_DOWNS, orders), [by_hand([0, 1, 2, 3]), by_hand([3, 2, 1, 0])])


def test_points_are_passed_on_and_never_made():
    assert elo(UPS_AND_DOWNS, seed=3).ratings.sum(axis=1) == pytest.approx(3000)


def test_a_tie_between_equals_moves_nobody():
    tie = UPS_AND_DOWNS.where(np.array([False, True, False, False]))
    assert (elo(tie, seed=0).ratings == 1000).all()


def test_the_seed_draws_the_orders():
    assert (elo(UPS_AND_DOWNS, seed=5).ratings == elo(UPS_AND_DOWNS, seed=5).ratings).all()
    assert elo(UPS_AND_DOWNS, seed=5).spread().max() > 0
