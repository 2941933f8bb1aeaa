from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elicit.analysis import bradley_terry as models
from moralgraph.algorithms.bradley_terry import SCORE_SPREAD, fit_bradley_terry
from moralgraph.algorithms.records import Answer
from tests.moralgraph.algorithms.studies import Asked, judged, wiser


def less_wise(first: str, second: str, people: int) -> Asked:
    return (first, second, "at work", Answer.LESS_WISE, people)


def from_both_sides(first: str, second: str, won: int, lost: int) -> list[Asked]:
    """Ask `won + lost` people from each side; `won` say that the second is wiser."""
    asked = [wiser(first, second, won), less_wise(first, second, lost)]
    return [*asked, less_wise(second, first, won), wiser(second, first, lost)]


THREE = judged(*from_both_sides("a", "b", 8, 4), *from_both_sides("b", "c", 7, 5), *from_both_sides("a", "c", 10, 2))


def test_scores_are_those_of_the_plain_fit_when_every_pair_is_asked_from_both_sides():
    wins = np.zeros((3, 3))
    for low, high, won, lost in ((0, 1, 8, 4), (1, 2, 7, 5), (0, 2, 10, 2)):
        wins[high, low], wins[low, high] = 2 * won, 2 * lost
    expected = models.strengths(wins, penalty=1 / SCORE_SPREAD**2)
    fit = fit_bradley_terry(THREE)
    assert fit.score.tolist() == pytest.approx(expected.tolist(), abs=1e-7)
    assert fit.asked_about == pytest.approx(0, abs=1e-9)


def test_being_asked_about_is_kept_apart_from_the_score():
    everybody_agrees = judged(
        wiser("a", "b", 30), wiser("b", "a", 30), less_wise("a", "b", 10), less_wise("b", "a", 10)
    )
    fit = fit_bradley_terry(everybody_agrees)
    assert fit.score.tolist() == pytest.approx([0, 0], abs=1e-9)
    assert fit.asked_about == pytest.approx(np.log(3), abs=0.1)


def test_about_equal_is_half_a_win_each():
    ties = judged(("a", "b", "at work", Answer.ABOUT_EQUAL, 20), ("b", "a", "at work", Answer.ABOUT_EQUAL, 20))
    assert fit_bradley_terry(ties).score.tolist() == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize("answer", [Answer.BOTH_NEEDED, Answer.DIFFERENT_CONCERNS, Answer.CANNOT_JUDGE])
def test_answers_that_say_nothing_of_the_order_leave_the_card_uncompared(answer: Answer):
    fit = fit_bradley_terry(judged(*from_both_sides("a", "b", 8, 4), ("a", "c", "at work", answer, 9)))
    assert fit.comparisons.tolist() == [24, 24, 0]
    assert fit.group[2] not in fit.group[:2]
    assert np.isinf(fit.error_of_differences()[0, 2])


def test_a_card_that_was_never_beaten_has_a_finite_score_and_an_honest_error():
    fit = fit_bradley_terry(judged(wiser("a", "b", 3), less_wise("b", "a", 3)))
    difference = fit.score[1] - fit.score[0]
    assert 1 < difference < 4
    assert fit.error_of_differences()[0, 1] > difference / 3


def test_clustered_errors_count_people_and_not_judgements():
    asked = judged(*from_both_sides("a", "b", 30, 10))
    alone = fit_bradley_terry(asked)
    in_camps = replace(asked, participant=np.argsort(np.argsort(asked.answer * 2 + asked.first, kind="stable")) // 5)
    assert fit_bradley_terry(in_camps).people == 16
    assert fit_bradley_terry(in_camps).covariance[0, 0] > 2 * alone.covariance[0, 0]


def test_the_clustered_error_of_independent_people_is_near_the_model_s():
    fit = fit_bradley_terry(judged(*from_both_sides("a", "b", 300, 100)))
    assert fit.covariance[0, 0] == pytest.approx(fit.model_covariance[0, 0], rel=0.05)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(len(THREE))))
def test_the_order_of_the_rows_changes_nothing(rows: list[int]):
    assert fit_bradley_terry(THREE.select(np.array(rows))).score == pytest.approx(fit_bradley_terry(THREE).score)


def test_the_order_is_borda_s_in_a_circle_of_three():
    circle = [*from_both_sides("a", "b", 9, 3), *from_both_sides("b", "c", 9, 3), *from_both_sides("c", "a", 8, 4)]
    fit = fit_bradley_terry(judged(*circle))
    assert [fit.cards[row] for row in np.argsort(-fit.score)] == ["c", "b", "a"]


def test_no_judgement_gives_no_card():
    assert fit_bradley_terry(judged()).cards == ()
