import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.analysis.quality import (
    FASTEST,
    HONEST,
    SENTENCES,
    Code,
    fast_by_item,
    fast_people,
    left_at_start,
    mean_less_three_deviations,
    missed_attention,
    not_said,
    pasted_texts,
    reliability,
    repeated_texts,
    retest,
    robust_deviations,
    straight_lines,
)
from elicit.analysis.repeated_text import near_copies, normalised, same_texts

PEOPLE = 2000
NAN = np.nan
CREED = "We should always treat other people with care, respect and a little patience"


def rng(seed=0):
    return np.random.default_rng(seed)


def of_honest(signal):
    return signal.is_flagged.mean()


def test_the_published_speed_checks_can_never_fire():
    # PRISM: survey 2,154 s (SD 20,557), conversations 556 s (SD 422).
    assert mean_less_three_deviations(2154, 20557) == -59517
    assert mean_less_three_deviations(556, 422) == -710


def test_robust_deviations_by_hand():
    # Median 6, absolute deviations 5 4 3 2 1 0 1 2 3 4 5, their median 3.
    found = robust_deviations(np.arange(1, 12))
    assert found[0] == pytest.approx(-5 / (1.4826 * 3))
    assert found[5] == 0


def test_times_that_are_mostly_equal_use_the_mean_deviation():
    found = robust_deviations([5] * 9 + [16])
    assert found[-1] == pytest.approx(11 / (1.2533 * 1.1))


@pytest.mark.parametrize("values", [[1.0] * 9, [7.0] * 20, [NAN] * 12])
def test_without_enough_or_different_times_nothing_is_usual(values):
    assert np.isnan(robust_deviations(values)).all()
    assert not fast_people(values).is_flagged.any()


def test_somebody_very_fast_is_flagged_and_somebody_very_slow_is_not():
    seconds = np.append(rng().lognormal(6, 0.5, 100), [5, 90_000])
    found = fast_people(seconds)
    assert found.is_flagged[-2:].tolist() == [True, False]
    assert found.limit[0] == pytest.approx(np.exp(np.median(np.log(seconds)) + FASTEST * 0.5), rel=0.4)


def test_the_limit_is_the_time_from_which_somebody_is_flagged():
    found = fast_people(np.append(rng(4).lognormal(6, 0.5, 300), [5.0]))
    assert (found.is_flagged == (found.value < found.limit)).all()


@pytest.mark.parametrize("seed", range(3))
def test_few_honest_people_are_fast(seed):
    assert of_honest(fast_people(rng(seed).lognormal(7, 0.6, PEOPLE))) <= HONEST
    heavy = np.exp(7 + 0.5 * rng(seed).standard_t(5, PEOPLE))
    assert of_honest(fast_people(heavy)) <= HONEST


def test_somebody_fast_on_every_item_is_flagged_though_no_single_time_is_strange():
    items, pace = rng(1).normal(2, 1, 20), rng(2).normal(0, 0.3, 300)
    pace[0] = -1.6
    seconds = np.exp(items + pace[:, None] + rng(3).normal(0, 0.5, (300, 20)))
    found = fast_by_item(seconds)
    assert found.is_flagged[0]
    assert found.value[0] == pytest.approx(np.exp(-1.6), rel=0.4)
    assert found.is_flagged[1:].mean() <= HONEST


def test_items_that_were_not_shown_say_nothing():
    seconds = rng().lognormal(2, 0.5, (50, 6))
    seconds[3] = NAN
    found = fast_by_item(seconds)
    assert np.isnan(found.value[3])
    assert not found.is_flagged[3]


def test_one_answer_throughout_is_flagged_where_others_vary():
    grid = rng().integers(1, 6, (200, 10)).astype(float)
    grid[7] = 3
    found = straight_lines(grid)
    assert found.value[7] == 10
    assert np.flatnonzero(found.is_flagged).tolist() == [7]


def test_a_question_that_invites_one_answer_flags_nobody():
    grid = np.where(rng().random((200, 1)) < 0.3, 5.0, rng(1).integers(1, 6, (200, 7)))
    assert not straight_lines(grid).is_flagged.any()


def test_of_two_possible_answers_long_runs_are_chance():
    assert not straight_lines(rng().integers(0, 2, (PEOPLE, 8))).is_flagged.any()


def test_runs_are_counted_over_what_was_answered():
    found = straight_lines([[1, 1, NAN, 1, 2], [NAN] * 5])
    assert found.value.tolist() == [3, 0]


@pytest.mark.parametrize("points", [3, 5, 100])
def test_few_honest_people_answer_in_straight_lines(points):
    lean = rng(1).integers(1, points + 1, (PEOPLE, 1))
    answers = np.where(rng(2).random((PEOPLE, 9)) < 0.2, lean, rng(3).integers(1, points + 1, (PEOPLE, 9)))
    assert of_honest(straight_lines(answers)) <= HONEST


def test_sliders_left_at_their_start_are_flagged_from_half():
    found = left_at_start([[50, 50, 50, 50, 10, 20, 30, 40], [50, 50, 50, 1, 10, 20, 30, 40]], start=50)
    assert found.value.tolist() == [0.5, 0.375]
    assert found.is_flagged.tolist() == [True, False]


def test_a_slider_that_was_touched_and_stands_in_the_middle_is_an_answer():
    found = left_at_start([[50, 50, 50, 50]], start=50, touched=[[True, True, True, False]])
    assert found.value.tolist() == [0.25]


def test_sliders_that_start_unset_are_left_when_they_were_answered_and_never_touched():
    touched = [[False, False, False, True], [False] * 4]
    found = left_at_start([[10, 20, 30, 40], [10, NAN, NAN, NAN]], start=None, touched=touched)
    assert found.is_flagged.tolist() == [True, False]
    assert np.isnan(found.value[1])


def test_without_a_start_and_without_touches_nothing_can_be_said():
    with pytest.raises(ValueError, match="nothing can be said"):
        left_at_start([[1, 2, 3, 4]], start=None)


def test_few_honest_people_stand_in_the_middle_on_half_of_the_sliders():
    values = np.where(rng().random((PEOPLE, 8)) < 0.1, 50, rng(1).integers(0, 101, (PEOPLE, 8)))
    assert of_honest(left_at_start(values, start=50)) <= HONEST


def test_a_text_is_compared_without_case_form_and_punctuation():
    assert normalised("Ｂe KIND,\u00a0please…  ") == "be kind please"


def test_equal_long_texts_are_counted_and_short_ones_are_not():
    assert same_texts([CREED, CREED.upper() + "!", "I do not know", "I do not know"]).tolist() == [1, 1, 0, 0]


def test_near_copies_by_hand():
    # 13 words are 11 shingles; one more word adds a twelfth that is not shared: 11 / 12.
    assert near_copies([CREED, CREED + " too"], [0, 1]).tolist() == pytest.approx([11 / 12] * 2)


def test_a_persons_own_repetition_is_the_same_text_and_no_near_copy():
    again, alike = repeated_texts(
        [CREED, CREED, "Something else entirely, of my own, in eight words"], [0, 0, 1], count=3
    )
    assert again.is_flagged.tolist() == [True, False, False]
    assert not alike.is_flagged.any()


def test_a_text_shared_by_two_people_is_flagged_for_both():
    again, alike = repeated_texts([CREED, CREED], [0, 2], count=3)
    assert again.is_flagged.tolist() == [True, False, True]
    assert alike.value.tolist() == [1, 0, 1]


def test_few_honest_texts_about_one_question_are_near_copies():
    words = [f"word{number}" for number in range(400)]
    weights = 1 / np.arange(1, 401)
    texts = [
        "what matters to me most is " + " ".join(rng(person).choice(words, 30, p=weights / weights.sum()))
        for person in range(600)
    ]
    again, alike = repeated_texts(texts, range(600), count=600)
    assert of_honest(again) <= HONEST
    assert of_honest(alike) <= HONEST


def test_most_of_a_long_text_pasted_is_flagged_and_a_pasted_link_is_not():
    found = pasted_texts([400, 60, 60, 900], [600, 70, 600, 0])
    assert found.is_flagged.tolist() == [True, False, False, False]
    assert found.value[:3].tolist() == pytest.approx([2 / 3, 6 / 7, 0.1])


def test_two_missed_attention_items_are_flagged_and_one_slip_is_not():
    found = missed_attention([[3, 1, 5], [3, 1, 1], [1, 1, 1]], [3, 1, 5])
    assert found.value.tolist() == [0, 1, 2]
    assert found.is_flagged.tolist() == [False, False, True]


def test_of_a_single_attention_item_one_miss_is_flagged():
    assert missed_attention([[3], [1], [NAN]], [3]).is_flagged.tolist() == [False, True, False]


def test_few_honest_people_miss_two_of_three():
    given_answers = np.where(rng().random((PEOPLE, 3)) < 0.05, 0, 1)
    assert of_honest(missed_attention(given_answers, [1, 1, 1])) <= HONEST


def test_somebody_who_answers_repeated_items_like_a_stranger_is_flagged():
    first = rng().integers(1, 101, (100, 5)).astype(float)
    second = np.clip(first + rng(1).normal(0, 8, first.shape), 1, 100)
    second[0] = 101 - first[0]
    first[0], second[0] = [5, 95, 10, 90, 3], [95, 5, 90, 10, 97]
    found = retest(first, second)
    assert np.flatnonzero(found.is_flagged).tolist() == [0]
    assert found.limit[0] == pytest.approx(100 / 3, abs=3)


def test_two_repeated_items_are_too_few():
    assert not retest([[1, 1], [9, 9]], [[9, 9], [1, 1]]).is_flagged.any()


def test_few_honest_people_differ_from_themselves_like_strangers():
    first = rng().integers(1, 101, (PEOPLE, 4)).astype(float)
    second = np.clip(first + rng(1).normal(0, 12, first.shape), 1, 100)
    assert of_honest(retest(first, second)) <= HONEST
    assert reliability(first, second) > 0.85


def test_preferring_not_to_say_is_reported_and_never_flags():
    found = not_said([0, 3, 12])
    assert found.value.tolist() == [0, 3, 12]
    assert not found.is_flagged.any()
    assert "right" in found.said(2)


def test_a_sentence_shows_the_number_and_the_limit():
    sentence = left_at_start([[50, 50, 50, 1]], start=50).said(0)
    assert "75%" in sentence
    assert "50%" in sentence


def test_a_sentence_is_translated_before_the_numbers_are_put_in():
    found = missed_attention([[1, 1, 1]], [3, 1, 5])
    assert found.said(0, translate=lambda sentence: "%(limit)s, %(value)s") == "2, 2"


def test_every_signal_has_a_sentence():
    assert set(SENTENCES) == set(Code)


@given(st.lists(st.floats(1, 1e6), min_size=10, max_size=60), st.floats(0.01, 100))
def test_flags_do_not_depend_on_the_unit_of_time(seconds, unit):
    deviations = robust_deviations(np.log(seconds))
    again = robust_deviations(np.log(np.array(seconds) * unit))
    assert (
        np.isnan(deviations).all()
        or again == pytest.approx(deviations, abs=1e-6, nan_ok=True)
        or np.ptp(seconds) < 1e-3
    )
