"""What a person says about answers is stored as it was said, or it is told what is missing."""

import pytest

from elicit.rating import (
    ATTRIBUTES,
    Feedback,
    InvalidFeedback,
    InvalidRating,
    Rating,
    TiedRating,
    Verdict,
    check_feedback,
    verdict_of,
)

AB = ("A", "B")


def verdict(rating, *, with_society=False):
    return verdict_of(rating, AB, with_society=with_society)


def test_the_highest_score_goes_on():
    assert verdict(Rating({"A": 3, "B": 4})) == Verdict("B", was_tied=False)


def test_among_equals_the_chosen_one_goes_on_and_the_tie_is_kept():
    assert verdict(Rating({"A": 50, "B": 50}, chosen="B")) == Verdict("B", was_tied=True)


def test_a_tie_without_a_choice_names_the_letters():
    with pytest.raises(TiedRating) as error:
        verdict(Rating({"A": 50, "B": 50}))
    assert error.value.letters == ("A", "B")


@pytest.mark.parametrize("score", [0, 101, -1, True, 3.5, "7"])
def test_what_is_no_whole_number_from_1_to_100_is_refused(score):
    with pytest.raises(InvalidRating) as error:
        verdict(Rating({"A": score, "B": 4}))
    assert error.value.letters == ("A",)


@pytest.mark.parametrize(
    "rating",
    [
        Rating({"A": 1, "B": 2, "C": 3}),
        Rating({"A": 1, "B": 2}, chosen="C"),
        Rating({"A": 1, "B": 2}, society={"Z": 1}),
        Rating({"A": 1, "B": 2}, handling={"Z": {}}),
    ],
)
def test_an_answer_that_is_not_on_the_page_cannot_be_rated_or_chosen(rating):
    with pytest.raises(InvalidRating):
        verdict(rating)


def test_the_score_for_everybody_is_wanted_where_the_study_asks_for_it():
    rating = Rating({"A": 1, "B": 2}, society={"A": 9})
    assert verdict(rating) == Verdict("B")
    with pytest.raises(InvalidRating) as error:
        verdict(rating, with_society=True)
    assert (error.value.letters, error.value.society) == ((), ("B",))


def test_all_bad_needs_a_reason_and_no_scores():
    with pytest.raises(InvalidRating):
        verdict(Rating({}, all_bad=True, reason="  "), with_society=True)
    assert verdict(Rating({"A": 3}, all_bad=True, reason="Empty words."), with_society=True) == Verdict()


def test_scores_that_are_out_of_range_are_refused_also_where_all_are_bad():
    with pytest.raises(InvalidRating):
        verdict(Rating({"A": 0}, all_bad=True, reason="Empty words."))


def test_feedback_may_be_a_number_not_applicable_or_left_open():
    check_feedback(Feedback({"fluency": 1, "values": None}, {}))


@pytest.mark.parametrize("scores", [{"fluency": 0}, {"fluency": 101}, {"beauty": 50}, {"fluency": "x"}])
def test_feedback_out_of_range_names_its_fields(scores):
    with pytest.raises(InvalidFeedback) as error:
        check_feedback(Feedback({}, scores))
    assert error.value.fields == (("choice", next(iter(scores))),)


def test_there_are_seven_attributes():
    assert len(set(ATTRIBUTES)) == 7
