"""What a person reads about themselves: their answers in the words in which they were asked."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from elicit.consent import change_answer
from elicit.interviews import record_message, start_interview
from elicit.models import (
    Message,
    MessageRevision,
    PanelIdentity,
    Participant,
    StudyLink,
    Turn,
    TurnChunk,
)
from elicit.my_data import answers_in_words, own_data
from elicit.panels import Visit, seal
from elicit.study_links import create_study_link
from tests.make import (
    NOW,
    make_browser,
    make_confirmed_card,
    make_consenting_participant,
    make_participant,
    make_study,
)


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


@pytest.fixture
def person(settings: Any) -> Participant:
    """Somebody of whom everything is kept that can be."""
    settings.PANEL_KEY = [Fernet.generate_key().decode()]
    person = make_consenting_participant(make_study(more="retention: {until: 2031-05-04}\n"), train=True)
    create_study_link(person.study, label="launch", panel="prolific", now=NOW)
    PanelIdentity.objects.create(
        participant=person, link=StudyLink.objects.get(), panel="prolific", lookup="l", browser="b",
        sealed=seal(Visit("prolific", "their-number")).encode(),
    )  # fmt: skip
    interview = start_interview(person, person.study.questions.first(), now=NOW)
    record_message(interview, "What I say now.", idempotency_key="1", now=NOW)
    said = Message.objects.get(interview=interview, author="participant")
    MessageRevision.objects.create(message=said, number=1, text="What I said first.", replaced_at=NOW)
    Message.objects.filter(interview=interview, author="interviewer").update(model_name="m", prompt_hash="hash of it")
    turn = Turn.objects.create(
        interview=interview, number=9, state="interrupted", trouble="timed_out", created_at=NOW, model_name="slow"
    )
    TurnChunk.objects.create(turn=turn, attempt=1, number=1, text="Half a quest")
    make_confirmed_card(
        person, interview=interview, fit=2, fit_reason="It left out my brother.", prompt_name="values_card",
        evidence=[[{"quote": "I say", "message": 2, "start": 5, "end": 10}]],
    )  # fmt: skip
    return person


@pytest.mark.django_db
def test_the_download_holds_everything_that_is_kept(person: Participant):
    change_answer(person, "train", False, now=NOW)
    mine = make_browser(person).get(f"/study/{person.study.slug}/my-data/download/").json()
    [talk] = mine["interviews"]
    assert talk["messages"][1]["earlier"][0]["text"] == "What I said first."
    assert (talk["messages"][0]["model_name"], talk["messages"][0]["prompt_hash"]) == ("m", "hash of it")
    assert (talk["turns"][0]["trouble"], talk["turns"][0]["written_so_far"]) == ("timed_out", "Half a quest")
    [card] = mine["values_cards"]
    assert (card["fit_reason"], card["prompt_name"]) == ("It left out my brother.", "values_card")
    assert card["evidence"][0][0]["start"] == 5
    assert [given["granted"] for given in mine["consent"] if given["item"] == "train"] == [True, False]
    assert all(len(given["text_hash"]) == 64 and given["text"] for given in mine["consent"])
    assert {"name": "until", "value": "2031-05-04"} in mine["consent_names"]
    assert mine["panel"][0]["participant"] == "their-number"


@pytest.mark.django_db
def test_numbers_that_cannot_be_opened_any_more_are_said_to_be_sealed(person: Participant, settings: Any):
    settings.PANEL_KEY = []
    assert own_data(person)["panel"][0]["sealed"] == "yes"


@pytest.mark.django_db
def test_the_page_tells_until_when_and_offers_every_right(person: Participant):
    page = make_browser(person).get(f"/study/{person.study.slug}/my-data/").content.decode()
    for words in ("4 May 2031", "Take this back", "Say yes to this", "Make a new link", "Withdraw and erase", "123"):
        assert words in page
    assert "What I said first." in page
