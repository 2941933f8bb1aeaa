import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elicit.analysis.battles import (
    average_win_fraction,
    battles_of,
    exposure,
    meetings,
    outcome_shares,
    win_fraction,
    win_matrix,
    wins_by_unit,
)
from elicit.analysis.ratings import Ratings

# Ann sees four models, Ben two, in the order of the columns.
ANN_AND_BEN = Ratings.from_columns(
    participant=[1, 1, 1, 1, 2, 2],
    interaction=[10, 10, 10, 10, 20, 20],
    model=["a", "b", "c", "d", "b", "a"],
    score=[90, 85, 84, 10, 40, 60],
)

answers = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 6), st.sampled_from("abcd"), st.integers(0, 100)), max_size=40
)


def drawn(rows: list[tuple[int, int, str, int]]) -> Ratings:
    people, interactions, models, scores = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Ratings.from_columns(
        participant=people, interaction=interactions, model=models, score=scores, models=tuple("abcd")
    )


def test_four_answers_make_six_battles_and_two_make_one():
    assert len(battles_of(ANN_AND_BEN)) == 7


def test_five_points_apart_is_a_tie_and_six_is_not():
    met = battles_of(ANN_AND_BEN)
    assert met.outcome.tolist() == [0, 1, 1, 0, 1, 1, -1]


def test_the_threshold_is_the_callers():
    assert battles_of(ANN_AND_BEN, threshold=0).outcome.tolist() == [1, 1, 1, 1, 1, 1, -1]


def test_wins_are_counted_from_row_to_column():
    wins = win_matrix(battles_of(ANN_AND_BEN))
    assert wins.tolist() == [[0, 2, 1, 1], [1, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]]


def test_a_tie_can_count_half_or_nothing():
    met = battles_of(ANN_AND_BEN)
    assert win_matrix(met, ties="half")[1].tolist() == [0.5, 0, 0.5, 1]
    assert win_matrix(met, ties="none")[1].tolist() == [0, 0, 0, 1]


def test_directed_comparisons_are_battles_and_the_ties_once_more():
    met = battles_of(ANN_AND_BEN)
    assert win_matrix(met).sum() == len(met) + (met.outcome == 0).sum() == 9


def test_exposure_counts_openings_and_meetings_count_battles():
    met = meetings(battles_of(ANN_AND_BEN))
    assert exposure(ANN_AND_BEN).tolist() == [2, 2, 1, 1]
    assert met.tolist() == [[0, 2, 1, 1], [2, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]


def test_the_win_fraction_keeps_ties_in_the_denominator():
    assert win_fraction(battles_of(ANN_AND_BEN)).tolist() == [3 / 4, 1 / 4, 1 / 3, 0]


def test_the_win_fraction_of_a_model_in_no_battle_is_not_a_number():
    alone = Ratings.from_columns(participant=[1], interaction=[1], model=["a"], score=[50])
    assert np.isnan(win_fraction(battles_of(alone))).all()


def test_the_average_win_fraction_weighs_every_opponent_alike():
    # a met b twice (a tie and a win), c and d once each; b lost one of two to a, tied with c, and beat d.
    assert average_win_fraction(battles_of(ANN_AND_BEN)) == pytest.approx([(1 / 2 + 1 + 1) / 3, 1 / 3, 1 / 3, 0])


def test_later_turns_make_no_battles():
    later = Ratings.from_columns(participant=[1, 1], interaction=[1, 1], model=["a", "b"], score=[9, 80], turn=[1, 1])
    assert len(battles_of(later)) == 0


def test_two_answers_of_one_model_are_no_battle():
    twice = Ratings.from_columns(participant=[1, 1], interaction=[1, 1], model=["a", "a"], score=[9, 80])
    assert len(battles_of(twice)) == 0


def test_two_peoples_answers_never_meet_even_under_one_number():
    shared = Ratings.from_columns(participant=[1, 2], interaction=[7, 7], model=["a", "b"], score=[9, 80])
    assert len(battles_of(shared)) == 0


def test_battles_among_some_models_take_their_order():
    met = battles_of(ANN_AND_BEN).among(("d", "a"))
    assert (met.models, met.a.tolist(), met.b.tolist(), met.outcome.tolist()) == (("d", "a"), [1], [0], [1])


def test_shares_of_no_battle_say_what_is_missing():
    with pytest.raises(ValueError, match="nobody has scored two answers"):
        outcome_shares(battles_of(ANN_AND_BEN).where(np.zeros(7, dtype=bool)))


@given(answers)
@settings(max_examples=60, deadline=None)
def test_battles_are_what_two_plain_loops_find(rows: list[tuple[int, int, str, int]]):
    found = battles_of(drawn(rows))
    plain = [
        (left[2], right[2], 0 if abs(left[3] - right[3]) <= 5 else (1 if left[3] > right[3] else -1))
        for i, left in enumerate(rows)
        for right in rows[i + 1 :]
        if left[:2] == right[:2] and left[2] != right[2]
    ]
    columns = zip(found.a.tolist(), found.b.tolist(), found.outcome.tolist(), strict=True)
    assert sorted(("abcd"[a], "abcd"[b], o) for a, b, o in columns) == sorted(plain)


@given(answers)
@settings(max_examples=60, deadline=None)
def test_the_win_matrices_of_people_add_up_to_everybodys(rows: list[tuple[int, int, str, int]]):
    met = battles_of(drawn(rows))
    people, by_person = wins_by_unit(met, ties="half")
    assert len(people) == by_person.shape[0]
    assert np.allclose(np.asarray(by_person.sum(axis=0)).reshape(4, 4), win_matrix(met, ties="half"))
