import numpy as np
import pytest

from moralgraph.algorithms.rank_confidence import (
    Differences,
    least_ranks,
    may_be_among_best,
    may_be_best,
    rank_intervals,
)


def between(score: list[float], apart: float, **more: object) -> Differences:
    covariance = apart**2 / 2 * np.eye(len(score))
    return Differences.from_covariance(np.array(score), covariance, rng=np.random.default_rng(1), **more)


def test_two_cards_are_told_apart_by_the_one_sided_limit():
    assert may_be_best(between([1.80, 0], 1)).tolist() == [True, False]
    assert may_be_best(between([1.50, 0], 1)).tolist() == [True, True]


def test_few_degrees_of_freedom_ask_for_more():
    assert may_be_best(between([1.80, 0], 1, degrees=4)).tolist() == [True, True]


def test_a_rank_interval_uses_the_two_sided_limit():
    assert [ends.tolist() for ends in rank_intervals(between([1.80, 0], 1))] == [[1, 1], [2, 2]]
    assert [ends.tolist() for ends in rank_intervals(between([2.10, 0], 1))] == [[1, 2], [1, 2]]


def test_a_card_that_cannot_be_compared_has_every_rank_and_may_be_best():
    error = np.array([[0, 0.1, np.inf], [0.1, 0, np.inf], [np.inf, np.inf, 0]])
    found = between([3.0, 0.0, 9.0], 0.1, error=error)
    assert may_be_best(found).tolist() == [True, False, True]
    assert [ends.tolist() for ends in rank_intervals(found)] == [[1, 2, 1], [2, 3, 3]]


def test_the_best_card_always_is_in_its_own_set():
    rng = np.random.default_rng(3)
    for _ in range(20):
        score = rng.normal(size=6)
        assert may_be_best(between(score.tolist(), 0.4))[score.argmax()]


def test_the_set_of_all_equally_best_is_wider_than_the_set_of_the_best():
    found = between([2.0, 1.2, 0.6, 0.3, 0.0, -0.1], 0.8)
    assert (may_be_best(found) <= may_be_among_best(found, best=1)).all()
    assert may_be_among_best(found, best=1).sum() > may_be_best(found).sum()


def test_simultaneous_lower_ends_are_no_better_than_marginal_ones():
    found = between([2.0, 1.2, 0.6, 0.3, 0.0, -0.1], 0.5)
    low, high = rank_intervals(found)
    assert (least_ranks(found) <= low + 1).all()
    assert (low <= np.arange(1, 7)).all()
    assert (high >= np.arange(1, 7)).all()


def test_stepping_down_rules_out_more_once_the_clear_ones_are_gone():
    alone = between([3.0, 0.0], 1)
    low, _high = rank_intervals(between([9.0] * 10 + [3.0, 0.8], 1))
    assert rank_intervals(alone)[0].tolist() == [1, 2]
    assert low[-1] == 12


def test_bootstrap_draws_give_the_set_that_their_covariance_gives():
    rng = np.random.default_rng(5)
    covariance = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
    score = np.array([4.0, 2.2, 0.5])
    drawn = Differences.from_draws(score, rng.multivariate_normal(score, covariance, size=4000))
    known = Differences.from_covariance(score, covariance, rng=rng)
    assert may_be_best(drawn).tolist() == may_be_best(known).tolist() == [True, False, False]
    assert drawn.t == pytest.approx(known.t, abs=0.1)


@pytest.mark.parametrize("best", [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, -3.0, -3.0], [0.0, -1.0, -1.0, -1.0]])
def test_the_best_card_is_covered_as_often_as_asked(best: list[float]):
    rng, truth = np.random.default_rng(6), np.array(best)
    covered = [
        may_be_best(between((truth + rng.normal(size=4) / np.sqrt(2)).tolist(), 1, draws=400))[0] for _ in range(400)
    ]
    assert np.mean(covered) > 0.92
