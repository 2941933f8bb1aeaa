"""Measures, controls and intervals, worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.engine.controls import empty_message, foreign_messages, paraphrase, shuffled_messages
from training.engine.metrics import cluster, estimate, margins, measures

PERFECT = np.array([[[2.0, 0.0], [0.0, 3.0]]])
REVERSED = PERFECT[:, ::-1, :]
DEAF = np.array([[[2.0, 0.0], [2.0, 0.0]]])  # ignores the message


def means(scores: np.ndarray) -> dict[str, float]:
    return {name: float(outcome.mean()) for name, outcome in measures(scores).items()}


def test_each_message_preferring_its_own_answer_is_a_reversal() -> None:
    assert means(PERFECT) == {
        "reversal": 1,
        "anti_reversal": 0,
        "net_reversal": 1,
        "directional": 1,
        "interaction": 5,
    }


def test_exchanged_messages_are_an_anti_reversal() -> None:
    assert means(REVERSED)["anti_reversal"] == 1
    assert means(REVERSED)["interaction"] == -5


def test_a_model_that_ignores_the_message_has_no_interaction_and_ties_count_half() -> None:
    assert means(DEAF) == {"reversal": 0, "anti_reversal": 0, "net_reversal": 0, "directional": 0.5, "interaction": 0}


def test_a_right_direction_without_both_signs_is_no_reversal() -> None:
    biased = np.array([[[9.0, 0.0], [5.0, 0.0]]])
    assert means(biased)["directional"] == 1
    assert means(biased)["reversal"] == 0


def test_three_messages_give_three_pairs() -> None:
    scores = np.array([[[5.0, 1.0, 2.0], [0.0, 4.0, 6.0], [1.0, 1.0, 3.0]]])
    found = margins(scores)
    assert found.first.tolist() == [[4, 3, -2]]
    assert found.second.tolist() == [[-4, -2, -2]]
    assert measures(scores)["reversal"].tolist() == [[1, 1, 0]]


@given(st.integers(0, 2**32 - 1), st.floats(-5, 5), st.floats(-5, 5))
def test_what_depends_on_the_answer_alone_or_the_message_cancels(
    seed: int, by_answer: float, by_message: float
) -> None:
    scores = np.random.default_rng(seed).normal(size=(4, 3, 3))
    moved = scores + by_answer * np.arange(3)[None, None, :] + by_message * np.arange(3)[None, :, None]
    assert np.allclose(margins(moved).interaction, margins(scores).interaction)


def test_shuffled_messages_lose_all_net_reversal_whatever_the_answer_bias() -> None:
    scores = np.repeat(PERFECT, 60, axis=0) + np.array([0.0, 1.5])
    result = shuffled_messages(scores, draws=400, seed=0)
    assert result.observed == 1
    assert result.net_reversal == pytest.approx(0, abs=0.03)
    assert result.reversal == pytest.approx(0.5, abs=0.03)
    assert result.holds
    assert result.as_large == pytest.approx(1 / 401)


def blocks_of(count: int) -> tuple[list[str], list[list[str]]]:
    return [f"p{number}" for number in range(count)], [[f"c{number}", f"d{number}"] for number in range(count)]


def test_messages_without_information_hold_and_informed_ones_do_not() -> None:
    prompts, cards = blocks_of(200)
    clusters = cluster(prompts, cards=cards)
    noise = np.random.default_rng(5).normal(size=(200, 2, 2))
    assert foreign_messages(noise, clusters=clusters, draws=200, seed=0).holds
    informed = np.repeat(PERFECT, 200, axis=0) + 0.1 * noise
    assert not foreign_messages(informed, clusters=clusters, draws=200, seed=0).holds


def test_an_empty_message_stands_between_two_that_pull_apart() -> None:
    prompts, cards = blocks_of(2)
    scores, empty = np.repeat(PERFECT, 2, axis=0), np.zeros((2, 2))
    result = empty_message(scores, empty=empty, clusters=cluster(prompts, cards=cards), draws=100, seed=0)
    assert (result.first_moves.value, result.second_moves.value) == (1, 1)
    biased = np.array([[5.0, 0.0], [5.0, 0.0]])
    result = empty_message(scores, empty=biased, clusters=cluster(prompts, cards=cards), draws=100, seed=0)
    assert (result.first_moves.value, result.second_moves.value) == (0, 1)


def test_a_paraphrase_is_measured_by_how_far_it_moves_the_margin() -> None:
    prompts, cards = blocks_of(2)
    scores = np.repeat(PERFECT, 2, axis=0)
    anew = scores + np.array([[0.0, 0.0], [1.0, 0.0]])
    result = paraphrase(scores, said_anew=anew, clusters=cluster(prompts, cards=cards), draws=100, seed=0)
    assert (result.reversal.value, result.shift, result.effect) == (1, 1, 3)


def test_an_interval_over_clusters_is_wider_than_over_pairs() -> None:
    outcomes = np.repeat([[1.0], [0.0], [1.0], [0.0]], 50, axis=0)
    few = cluster([f"p{number // 50}" for number in range(200)], cards=[[f"a{n}", f"b{n}"] for n in range(200)])
    result = estimate(outcomes, clusters=few, draws=500, seed=0)
    assert result.value == 0.5
    assert result.by_prompt[1] - result.by_prompt[0] > 0.8
    assert result.by_value[1] - result.by_value[0] < 0.4


def test_a_perfect_share_keeps_an_open_end() -> None:
    prompts, cards = blocks_of(30)
    result = estimate(np.ones((30, 1)), clusters=cluster(prompts, cards=cards), draws=100, seed=0)
    assert result.by_prompt == (pytest.approx(0.9), 1)
    assert result.by_value == (pytest.approx(0.95), 1)


def test_the_same_seed_gives_the_same_interval() -> None:
    prompts, cards = blocks_of(9)
    outcomes = (np.arange(9) % 2).astype(float)[:, None]
    one, two = (estimate(outcomes, clusters=cluster(prompts, cards=cards), draws=100, seed=7) for _ in range(2))
    assert one == two
