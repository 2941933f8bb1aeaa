"""What a person reads about themselves: their answers in the words in which they were asked."""

import pytest
from django.test import Client

from elicit.my_data import answers_in_words
from tests.make import make_browser, make_consenting_participant, make_participant, make_study


def answer(item: str, value: object, *, reason: str = "") -> dict[str, object]:
    return {"instrument": "prism", "item": item, "value": value, "null_reason": reason}


def test_a_chosen_option_is_read_in_its_own_words():
    assert answers_in_words([answer("lm_frequency_use", "Once per month")], "en") == [
        ("About how often do you use one?", "About once a month")
    ]


def test_only_what_was_ticked_is_listed():
    [(question, words)] = answers_in_words(
        [answer("lm_usecases", {"games": 1, "research": 0, "other_text": None})], "en"
    )
    assert (question, words) == ("What do you use them for?", "Playing games")


def test_a_question_left_open_is_said_to_be_unanswered():
    [(_, words)] = answers_in_words([answer("age", None, reason="skipped")], "en")
    assert words == "Not answered"


def test_an_item_of_an_earlier_instrument_is_shown_as_it_is():
    assert answers_in_words([answer("gone", "x")], "en") == [("gone", "x")]


@pytest.mark.django_db
def test_leaving_before_consent_says_that_nothing_is_recorded():
    study = make_study(slug="leaving")
    new, consenting = make_browser(make_participant(study)), make_browser(make_consenting_participant(study))

    def words(browser: Client) -> str:
        return browser.get("/study/leaving/leave/").content.decode()

    assert "You have not agreed to anything" in words(new)
    assert "Everything is saved" in words(consenting)
