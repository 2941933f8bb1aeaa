import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from elicit.analysis.ratings import Ratings
from elicit.analysis.scores import (
    drawn_ranks_within_turns,
    means_by_model,
    ranks_within_turns,
    standardised,
    standardised_means,
)

# Ann uses the whole scale, Ben a corner of it, Cem one point of it.
THREE = Ratings.from_columns(
    participant=[1, 1, 1, 2, 2, 3, 3],
    interaction=[1, 1, 1, 2, 2, 3, 3],
    model=["a", "b", "c", "a", "b", "a", "c"],
    score=[100, 50, 0, 52, 50, 70, 70],
)
score_lists = st.lists(st.integers(0, 5), min_size=1, max_size=6)


def test_means_are_those_of_the_answers():
    found = means_by_model(THREE)
    assert found.mean.tolist() == [74, 50, 35]
    assert (found.answers.tolist(), found.people.tolist()) == ([3, 2, 2], [3, 2, 2])


def test_the_error_of_a_mean_counts_people_and_not_answers():
    # Two people, two equal answers each: the error is that of two numbers, 40 and 60.
    twice = Ratings.from_columns(
        participant=[1, 1, 2, 2], interaction=[1, 2, 3, 4], model="aaaa", score=[40, 40, 60, 60]
    )
    assert means_by_model(twice).error[0] == pytest.approx(np.std([40, 60], ddof=1) / np.sqrt(2))


def test_a_model_that_nobody_rated_has_no_mean():
    found = means_by_model(Ratings.from_columns(participant=[1], interaction=[1], model="a", score=[5], models="ab"))
    assert np.isnan(found.mean[1])
    assert (found.answers[1], found.people[1]) == (0, 0)


def test_a_corner_of_the_scale_counts_as_much_as_the_whole():
    z = standardised(THREE).z
    assert z[:5] == pytest.approx([1, 0, -1, np.sqrt(0.5), -np.sqrt(0.5)])


def test_who_scores_everything_alike_is_marked_and_left_out_of_the_means():
    assert standardised(THREE).is_constant.tolist() == [False] * 5 + [True] * 2
    assert standardised_means(THREE).answers.tolist() == [2, 2, 1]


def test_openings_alone_have_a_scale_of_their_own():
    later = Ratings.from_columns(
        participant=[1, 1, 1], interaction=[1, 1, 2], model=["a", "b", "a"], score=[60, 40, 100], turn=[0, 0, 1]
    )
    assert standardised(later.openings()).z == pytest.approx([np.sqrt(0.5), -np.sqrt(0.5)])
    assert standardised(later).z[0] < 0


def test_ranks_start_anew_in_every_set():
    assert ranks_within_turns(THREE).tolist() == [1, 2, 3, 1, 2, 1.5, 1.5]


def test_drawn_ranks_break_equals_either_way():
    drawn = {tuple(drawn_ranks_within_turns(THREE, seed=seed)[5:]) for seed in range(20)}
    assert drawn == {(1, 2), (2, 1)}


@given(st.lists(score_lists, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_ranks_within_sets_are_those_of_scipy(sets: list[list[int]]):
    number = [at for at, scores in enumerate(sets) for _ in scores]
    ratings = Ratings.from_columns(
        participant=number, interaction=number, model="a" * len(number), score=[s for scores in sets for s in scores]
    )
    assert ranks_within_turns(ratings).tolist() == [rank for s in sets for rank in stats.rankdata(-np.array(s))]
    whole = [sorted(drawn_ranks_within_turns(ratings, seed=1)[np.array(number) == at]) for at in range(len(sets))]
    assert whole == [list(range(1, len(scores) + 1)) for scores in sets]
