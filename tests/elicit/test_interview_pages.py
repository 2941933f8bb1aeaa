"""The interview's page and what its script is told: saved or not, in words, and where to go on."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elicit import turns
from elicit.interviews import finish_interview, start_interview, talk_about_another
from elicit.models import Interview, Message, Turn
from elicit.studies import pause
from elicit.values_cards import Line, card_of, confirm_card, edit_card
from tests.elicit.turning import MODEL, NOW, QUESTION, STORY, begin, make_model_led, play, say, the_turn, work
from tests.make import make_browser, make_consenting_participant, make_study

pytestmark = pytest.mark.django_db

MOST_QUERIES_OF_A_POST = 28


@pytest.fixture(autouse=True)
def models(settings):
    settings.LLM_PURPOSES = {"interview": [MODEL]}


@pytest.fixture
def interview():
    return begin(make_model_led())


@pytest.fixture
def browser(interview):
    return make_browser(interview.participant)


@pytest.fixture
def address(interview):
    return f"/study/{interview.participant.study.slug}/interview/"


def fields(page):
    return dict(re.findall(r'name="(key|answering)" value="([^"]+)"', page))


def post(browser, address, page=None, **sent):
    """Send a form as the page's script does."""
    page = page or browser.get(address).content.decode()
    data = {**fields(page), "action": "send", "text": STORY, **sent}
    return browser.post(address, data, headers={"Accept": "application/json"})


def test_a_script_is_told_that_the_words_are_saved_and_what_to_follow(browser, address, interview):
    answer = post(browser, address).json()
    turn = the_turn(interview)
    assert (answer["saved"], answer["next"]) == (True, None)
    assert answer["turn"] == {"id": turn.pk, "state": "waiting", "stream_url": f"{address}turns/{turn.pk}/stream"}
    assert STORY in answer["html"]


def test_without_a_script_the_same_button_leads_back_to_the_page(browser, address):
    page = browser.get(address).content.decode()
    answer = browser.post(address, {**fields(page), "action": "send", "text": STORY})
    assert answer["Location"] == f"{address}#question"
    shown = browser.get(address).content.decode()
    assert "The interviewer is replying" in shown
    assert 'http-equiv="refresh"' in shown


def test_the_same_post_twice_is_saved_once_and_answered_the_same(browser, address, interview):
    page = browser.get(address).content.decode()
    answers = [post(browser, address, page).json() for _ in range(2)]
    assert [answer["saved"] for answer in answers] == [True, True]
    assert interview.messages.filter(author="participant").count() == 1


def test_what_cannot_be_saved_is_said_and_given_back(browser, address):
    page = browser.get(address).content.decode()
    post(browser, address, page)
    answer = post(browser, address, page, key="11111111-1111-4111-8111-111111111111", text="From the second tab")
    assert answer.status_code == 409
    assert answer.json()["saved"] is False
    assert "still being written" in answer.json()["trouble"]
    assert "From the second tab" in answer.json()["html"]


def test_nothing_written_is_a_sentence_too(browser, address):
    answer = post(browser, address, text="  ")
    assert answer.status_code == 422
    assert "Please write something" in answer.json()["trouble"]


def test_a_repeated_last_answer_is_saved_also_when_the_interview_is_over(browser, address, interview):
    page = browser.get(address).content.decode()
    post(browser, address, page)
    finish_interview(interview, now=NOW)
    answer = post(browser, address, page).json()
    assert (answer["saved"], answer["next"].endswith("/values-card/")) == (True, True)
    late = post(browser, address, page, key="11111111-1111-4111-8111-111111111111").json()
    assert late["saved"] is False


def test_in_a_paused_study_a_script_learns_that_nothing_was_saved(browser, address, interview):
    page = browser.get(address).content.decode()
    pause(interview.participant.study)
    answer = post(browser, address, page)
    assert answer.status_code == 409
    assert answer.json()["saved"] is False


@pytest.mark.parametrize(
    ("action", "kind"), [("skip", "skipped"), ("decline", "declined"), ("differently", "differently")]
)
def test_each_button_keeps_what_the_person_did(browser, address, interview, action, kind):
    assert post(browser, address, action=action).json()["saved"]
    assert interview.messages.last().kind == kind


def test_going_on_trying_again_and_stopping_are_buttons(browser, address, interview):
    post(browser, address)
    Turn.objects.update(state=Turn.State.INTERRUPTED)
    assert post(browser, address, action="retry").json()["turn"]["state"] == "waiting"
    assert post(browser, address, action="stop").json()["turn"]["state"] == "waiting"
    assert post(browser, address, action="continue").json()["turn"] is None
    assert interview.messages.count() == 3


def test_enough_leads_to_the_card(browser, address):
    post(browser, address)
    assert post(browser, address, action="enough").json()["next"].endswith("/values-card/")


def test_the_last_answer_can_be_changed_on_the_page(browser, address, interview):
    post(browser, address)
    answer = post(browser, address, action="edit", message=2, text="I meant my sister.")
    assert answer.json()["saved"]
    assert interview.messages.get(number=2).text == "I meant my sister."


def test_the_live_part_is_sent_only_when_it_changed(browser, address, interview, monkeypatch):
    play(monkeypatch, QUESTION)
    first = browser.get(f"{address}live/")
    assert browser.get(f"{address}live/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    say(interview)
    work()
    changed = browser.get(f"{address}live/", headers={"If-None-Match": first["ETag"]})
    assert QUESTION in changed.content.decode()
    assert b"<html" not in changed.content


def test_a_second_device_sees_the_words_so_far_and_where_to_go_on(browser, address, interview):
    say(interview)
    attempt = turns.Attempt(the_turn(interview).pk, 1)
    turns.take_up(attempt, now=timezone.now())
    turns.add_words(attempt, number=1, text="You stayed", now=timezone.now())
    page = make_browser(interview.participant).get(address).content.decode()
    assert "You stayed" in page
    assert 'data-after="1.1"' in page


def test_whoever_opens_the_page_interrupts_a_turn_whose_worker_died(browser, address, interview):
    say(interview)
    turns.take_up(turns.Attempt(the_turn(interview).pk, 1), now=NOW)
    assert b"Try again" in browser.get(address).content
    assert the_turn(interview).trouble == "worker"


def test_words_that_sound_like_danger_bring_the_study_s_help(browser, address):
    answer = post(browser, address, text="Some nights I want to die and I do not know whom to tell.").json()
    assert "That sounds heavy. You can stop here." in answer["html"]
    assert "A helpline for tests" in answer["html"]


def test_a_post_asks_the_database_for_little(browser, address, interview):
    page = browser.get(address).content.decode()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert post(browser, address, page).json()["saved"]
    assert len(asked) <= MOST_QUERIES_OF_A_POST, "\n".join(query["sql"][:120] for query in asked)


def test_looking_again_without_news_asks_for_next_to_nothing(browser, address):
    tag = browser.get(f"{address}live/")["ETag"]
    with CaptureQueriesContext(connection) as asked:
        browser.get(f"{address}live/", headers={"If-None-Match": tag})
    assert len(asked) <= 12, "\n".join(query["sql"][:120] for query in asked)


def test_a_person_who_chooses_begins_one_interview_however_often_they_press(interview, browser, address):
    for _ in range(2):
        browser.post(address, {"question": "choice"})
    assert Interview.objects.count() == 1


def test_a_tab_of_the_situation_before_answers_nothing_about_the_next():
    person = make_consenting_participant(make_study(more="interview: {most_cards: 2}\n"))
    situations, browser = person.study.questions, make_browser(person)
    finish_interview(start_interview(person, situations.get(key="night"), now=NOW), now=NOW)
    card = card_of(person)
    lines = [Line("Signs that they tire")]
    confirm_card(edit_card(card, title="Near", description="", lines=lines, revision=card.revision), fit=4, now=NOW)
    talk_about_another(person, now=NOW)
    start_interview(person, situations.get(key="choice"), now=NOW)
    sent = {"action": "send", "key": "0b0f5a1e-6f0e-4e8e-8a54-1f0d3c0b9b11", "answering": 1, "text": "About the first."}
    answer = browser.post(f"/study/{person.study.slug}/interview/", sent)
    assert answer.status_code == 409
    assert not Message.objects.filter(author="participant").exists()
