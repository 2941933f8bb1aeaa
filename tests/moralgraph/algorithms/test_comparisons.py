import numpy as np
import pytest

from moralgraph.algorithms.comparisons import balanced_weights, comparisons_of, inverse_probability, times_asked
from moralgraph.algorithms.records import Judgements


def test_pairs_that_were_asked_often_count_hardly_more_in_all_than_others():
    weight = balanced_weights(np.repeat([400, 100], [400, 100]))
    assert weight[:400].sum() / weight[400:].sum() == pytest.approx(1.07, abs=0.01)


def test_both_sides_of_a_pair_are_one_pair():
    assert times_asked(np.array([0, 1, 0]), np.array([1, 0, 2])).tolist() == [2, 2, 1]


def test_answers_that_say_nothing_of_the_order_count_as_asked():
    asked = ["wiser", *["different_concerns"] * 30, "wiser"]
    found = comparisons_of(Judgements.from_columns(
        participant=range(32), first=["a"] * 31 + ["b"], second=["b"] * 31 + ["c"], context=["c"] * 32, answer=asked,
    ))  # fmt: skip
    assert found.weight[1] > 3 * found.weight[0]


def test_pairs_asked_alike_weigh_alike():
    assert balanced_weights(np.array([3, 3, 3])).tolist() == pytest.approx([1, 1, 1])


def test_rare_draws_weigh_more_by_their_probability():
    weight = inverse_probability(np.array([0.1, 0.4, 0.4]))
    assert weight[0] == pytest.approx(4 * weight[1])
    assert weight.mean() == pytest.approx(1)


def test_one_very_rare_draw_never_decides():
    assert inverse_probability(np.array([1e-9, *[0.5] * 99])).max() < 100
    assert inverse_probability(np.array([np.nan, np.nan])).tolist() == [1, 1]


def test_a_repeated_question_is_not_counted_again():
    twice = Judgements.from_columns(
        participant=["p", "p"], first=["a", "b"], second=["b", "a"], context=["c"] * 2, answer=["wiser"] * 2,
        repeat=[0, 1],
    )  # fmt: skip
    assert len(comparisons_of(twice)) == 1
