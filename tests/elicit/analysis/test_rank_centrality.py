import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elicit.analysis.connected import NotComparable, comparison_groups, is_connected
from elicit.analysis.rank_centrality import (
    pair_totals,
    rank_centrality,
    rank_centrality_by_steps,
    self_loops,
    transition_matrix,
)

wins_of_four = arrays(np.int64, (4, 4), elements=st.integers(0, 30)).map(
    lambda counts: (counts * (1 - np.eye(4))).astype(float)
)
wins_of_three = arrays(np.int64, (3, 3), elements=st.integers(0, 30)).map(
    lambda counts: (counts * (1 - np.eye(3))).astype(float)
)
ONE_WAY = np.array([[0.0, 4.0, 1.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])


def test_three_models_worked_by_hand():
    # a beats b 2:1, b beats c 2:1, a and c 1:1. Steps of a third or two thirds, halved because there are two others.
    wins = np.array([[0.0, 2, 1], [1, 0, 2], [1, 1, 0]])
    steps = transition_matrix(wins, alpha=0) * 12
    assert np.allclose(steps, [[7, 4, 3], [2, 6, 4], [3, 2, 5]])
    assert np.allclose(rank_centrality(wins, alpha=0) * 41, [17, 13, 11])


@given(wins_of_four)
@settings(max_examples=50, deadline=None)
def test_scores_add_up_and_columns_are_probabilities(wins: np.ndarray):
    assert np.isclose(rank_centrality(wins).sum(), 1)
    assert np.allclose(transition_matrix(wins).sum(axis=0), 1)
    assert (transition_matrix(wins) >= 0).all()


@given(wins_of_four, st.sampled_from(["correct", "published"]))
@settings(max_examples=50, deadline=None)
def test_a_thousand_steps_end_where_the_exact_solution_is(wins: np.ndarray, mode: str):
    steps = transition_matrix(wins, mode=mode)
    settles = np.sort(np.abs(np.linalg.eigvals(steps)))[-2] < 0.98
    if settles:
        assert np.allclose(rank_centrality(wins, mode=mode), rank_centrality_by_steps(wins, mode=mode))


@given(wins_of_four)
@settings(max_examples=50, deadline=None)
def test_the_names_order_is_nothing_to_the_correct_mode(wins: np.ndarray):
    turned = np.array([2, 0, 3, 1])
    assert np.allclose(rank_centrality(wins[np.ix_(turned, turned)]), rank_centrality(wins)[turned])


def test_the_published_mode_orders_models_by_wins_itself():
    wins = np.array([[0.0, 9, 8, 1], [2, 0, 7, 3], [3, 4, 0, 9], [20, 1, 2, 0]])
    turned = np.array([2, 0, 3, 1])
    again = rank_centrality(wins[np.ix_(turned, turned)], mode="published")
    assert np.allclose(again, rank_centrality(wins, mode="published")[turned])
    assert not np.allclose(again, rank_centrality(wins)[turned])


@given(wins_of_three)
@settings(max_examples=50, deadline=None)
def test_up_to_three_models_both_modes_agree(wins: np.ndarray):
    assert np.allclose(rank_centrality(wins), rank_centrality(wins, mode="published"))


def test_from_four_models_on_the_published_mode_adds_the_wrong_pairs():
    wins = np.array([[0.0, 9, 9, 9], [1, 0, 8, 8], [2, 3, 0, 7], [6, 2, 1, 0]])  # most wins first
    published = pair_totals(wins, mode="published")
    assert (published[0, 3], published[3, 0]) == (wins[0, 3] + wins[2, 1], wins[1, 2] + wins[3, 0])
    assert (published[1, 2], published[2, 1]) == (wins[1, 2] + wins[3, 0], wins[0, 3] + wins[2, 1])


def test_without_noise_scores_are_the_strengths_themselves():
    strength = np.array([1.0, 2, 3, 4])
    shares = strength[:, None] / (strength[:, None] + strength[None, :])
    wins = 100 * shares * (1 - np.eye(4))
    assert np.allclose(rank_centrality(wins, alpha=0), strength / 10)


def test_a_stack_is_answered_as_a_stack():
    stack = np.random.default_rng(5).integers(0, 9, (6, 4, 4)).astype(float)
    assert np.allclose(rank_centrality(stack), [rank_centrality(wins) for wins in stack])


def test_a_model_that_seldom_loses_keeps_the_walk():
    assert self_loops(ONE_WAY).argmax() == 0


def test_without_alpha_models_that_share_no_scale_are_named():
    with pytest.raises(NotComparable, match="model 0, model 1; model 2"):
        rank_centrality(ONE_WAY, alpha=0)


def test_one_model_is_no_ranking():
    with pytest.raises(ValueError, match="two models"):
        rank_centrality(np.zeros((1, 1)))


def test_models_that_never_met_are_groups_of_their_own():
    wins = np.zeros((4, 4))
    wins[0, 2] = wins[2, 0] = wins[1, 3] = wins[3, 1] = 1
    assert comparison_groups(wins, "abcd") == (("a", "c"), ("b", "d"))


@given(wins_of_four)
@settings(max_examples=50, deadline=None)
def test_a_matrix_is_connected_where_it_is_one_group(wins: np.ndarray):
    assert is_connected(wins) == (len(comparison_groups(wins, "abcd")) == 1)
