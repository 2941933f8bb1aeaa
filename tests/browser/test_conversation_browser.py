"""Rated conversations in a real browser: blind, by keyboard, at every width, and nothing is lost by a reload."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from elicit.jobs import run_queued_jobs
from elicit.models import ConversationFeedback, Exchange, Participant, Utterance
from elicit.participants import create_link
from tests.browser.watching import assert_accessible, assert_fits, wait_until
from tests.elicit.rated import person_in, rated_study
from tests.make import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
Open = Callable[..., Any]


@pytest.fixture
def person(live_server: Any) -> Participant:
    """Somebody whose next step is a rated conversation."""
    return person_in(rated_study(count=1, more="  society_rating: true"))


def opened(person: Participant, open_page: Open, **options: Any) -> Any:
    page = open_page(**{"viewport": DESK, **options})
    page.goto(f"/join/{create_link(person, now=NOW)}/")
    return page


def at_the_rating(person: Participant, open_page: Open, **options: Any) -> Any:
    page = opened(person, open_page, **options)
    page.get_by_role("radio").first.check()
    page.locator("textarea").fill("Should I tell my sister the truth?")
    page.get_by_role("button", name="Send").click()
    page.locator("[data-wait-url]").wait_for()
    run_queued_jobs()
    page.get_by_role("heading", name="How good is each answer?").wait_for()
    return page


def place(page: Any, letter: str, score: int) -> None:
    for words in ("For you", "For everybody"):
        page.get_by_role("spinbutton", name=f"{words}: answer {letter}").fill(str(score))


def rate_all(page: Any, best: int = 90) -> None:
    for letter, score in zip("ABCD", (best, 20, 30, 40), strict=True):
        place(page, letter, score)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_rating_page_is_accessible_and_fits(person: Participant, open_page: Open, scheme: str, language: str):
    page = at_the_rating(person, open_page, color_scheme=scheme)
    Participant.objects.filter(pk=person.pk).update(language=language)
    page.reload()
    assert_accessible(page)
    assert_fits(page)


def test_no_model_is_named_before_it_is_rated(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    named = Utterance.objects.values_list("model_name", flat=True)
    assert len(named) == 4
    assert [name for name in (*named, "offline") if name in page.content()] == []


def test_no_slider_stands_anywhere_until_it_is_placed(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    assert [box.input_value() for box in page.get_by_role("spinbutton").all()] == [""] * 8
    assert page.locator(".slider.is-unset").count() == 8
    assert page.locator(".response.is-rated").count() == 0


def test_a_card_is_marked_once_both_its_numbers_are_there(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page, viewport=PHONE)
    page.get_by_role("spinbutton", name="For you: answer B").fill("70")
    assert page.locator(".response.is-rated").count() == 0
    place(page, "B", 70)
    wait_until(page, "document.querySelectorAll('.response.is-rated').length === 1")
    assert page.get_by_role("link", name="B rated").is_visible()


def test_a_reload_loses_no_number(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    place(page, "A", 64)
    page.reload()
    assert page.get_by_role("spinbutton", name="For you: answer A").input_value() == "64"
    wait_until(page, "document.querySelectorAll('.response.is-rated').length === 1")


def test_what_was_typed_survives_a_reload_of_the_opening(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.locator("textarea").fill("Half a thought")
    page.reload()
    assert page.locator("textarea").input_value() == "Half a thought"


def test_whoever_leaves_leaves_no_words_in_the_tab(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.locator("textarea").fill("Half a thought")
    wait_until(page, "Object.values(sessionStorage).some((said) => said.includes('Half'))")
    page.goto(page.url.split("/study/")[0] + "/withdrawn/")
    wait_until(page, "!Object.values(sessionStorage).some((said) => said.includes('Half'))")


def test_what_somebody_typed_is_not_put_into_the_page_of_somebody_else(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.locator("textarea").fill("Half a thought")
    other = person_in(person.study)
    page.goto(f"/join/{create_link(other, now=NOW)}/")
    assert page.locator("textarea").input_value() == ""


def test_a_reload_keeps_how_a_slider_was_set(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    place(page, "A", 64)
    page.reload()
    place(page, "B", 20)
    told = page.locator('input[name="handling"]').input_value()
    assert "score_A" in told and "score_B" in told


def test_a_tie_is_asked_about_and_the_numbers_stay(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    rate_all(page)
    place(page, "B", 90)
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_role("radio", name="Answer B").check()
    assert page.get_by_role("spinbutton", name="For you: answer A").input_value() == "90"
    assert_accessible(page)
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_role("heading", name="Go on with the conversation").wait_for()
    exchange = Exchange.objects.get()
    assert (exchange.was_tied, exchange.utterances.get(is_chosen=True).letter) == (True, "B")


def test_how_a_slider_was_set_is_told_with_its_score(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    rate_all(page)
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_role("heading", name="Go on with the conversation").wait_for()
    first = Utterance.objects.get(position=0)
    assert (first.score, first.society_score, first.handling["touched"]) == (90, 90, True)


def test_all_of_them_can_be_called_bad_with_a_reason(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page, viewport=PHONE)
    page.get_by_role("checkbox", name="None of these answers is any good").check()
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_text("Please say in a few words what is bad").first.wait_for()
    page.get_by_label("What is bad about them?").fill("They all lecture me.")
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_role("heading", name="Go on with the conversation").wait_for()
    assert Exchange.objects.get().all_bad_reason == "They all lecture me."


def test_an_attribute_may_not_apply(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    rate_all(page)
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_role("link", name="End this conversation").click()
    page.get_by_role("checkbox", name=re.compile("Does not apply ?: It got its facts right")).first.check()
    page.get_by_role("spinbutton", name="It was well written").first.fill("80")
    assert_accessible(page)
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("heading", name="How was this conversation?").wait_for(state="detached")
    feedback = ConversationFeedback.objects.get()
    assert feedback.performance == {"factuality": None, "fluency": 80}
    assert sorted(feedback.attribute_order)[0] == "creativity" and len(feedback.attribute_order) == 7


def test_ratings_are_given_by_keyboard_alone(person: Participant, open_page: Open):
    page = at_the_rating(person, open_page)
    for letter in "ABCD":
        slider = page.get_by_role("slider", name=f"For you: answer {letter}")
        slider.focus()
        page.keyboard.press("PageUp")
        page.keyboard.press("ArrowRight" if letter == "C" else "ArrowLeft")
    scores = [page.get_by_role("spinbutton", name=f"For you: answer {letter}").input_value() for letter in "ABCD"]
    assert len(set(scores)) == 2 and scores[2] == max(scores, key=int)


def test_answers_are_rated_without_a_script(person: Participant, open_page: Open):
    page = opened(person, open_page, java_script_enabled=False, viewport=PHONE)
    page.get_by_role("radio").first.check()
    page.locator("textarea").fill("Should I tell my sister the truth?")
    page.get_by_role("button", name="Send").click()
    run_queued_jobs()
    page.goto(page.url)
    rate_all(page)
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_role("heading", name="Go on with the conversation").wait_for()
    assert Utterance.objects.get(position=0).handling == {}
