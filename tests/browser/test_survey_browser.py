"""Surveys in a real browser: saved field by field, by keyboard, at every width, without scripts and without a line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from elicit.models import Participant, SurveyAnswer
from elicit.participants import create_link
from tests.browser.watching import assert_accessible, assert_fits, wait_until
from tests.make import NOW
from tests.surveying import make_asked, use_kinds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
SAVED = "document.querySelector('[data-autosave-status]').dataset.state === 'saved'"
FOCUS = "document.activeElement.name || document.activeElement.id"
NO_LINE = "Failed to load resource: net::ERR_"
Open = Callable[..., Any]


@pytest.fixture
def person(live_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Participant:
    """Somebody whose next page asks every kind of question."""
    use_kinds(monkeypatch, tmp_path)
    return make_asked()


def opened(person: Participant, open_page: Open, **options: Any) -> Any:
    page = open_page(**{"viewport": PHONE, **options})
    page.goto(f"/join/{create_link(person, now=NOW)}/")
    return page


def saved(page: Any) -> None:
    wait_until(page, SAVED)


def value(person: Participant, item: str) -> Any:
    return SurveyAnswer.objects.get(participant=person, item=item).value


def answer_everything(page: Any) -> None:
    """Answer each kind of question, with a reason for no answer among them."""
    page.get_by_role("radio", name="Blue").check()
    page.get_by_label("Which blue?").fill("Ink")
    page.get_by_label("Another", exact=True).check()
    page.get_by_label("In your words: Another").fill("A plane")
    page.get_by_label("Which country?").select_option("KE")
    for name in ("People", "Papers", "Programs"):
        page.get_by_role("spinbutton", name=name).fill("40")
    page.get_by_label("How many years?").fill("12")
    page.get_by_role("group", name="Walking").get_by_label("Often").check()
    page.get_by_label("What happened?").fill("My friend Aylin came by.")
    page.locator('[data-item="years"]').get_by_label("I don't know").check()
    saved(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_kind_of_question_is_accessible_before_and_after_it_is_answered(
    person: Participant, open_page: Open, scheme: str, language: str
):
    Participant.objects.filter(pk=person.pk).update(language=language)
    page = opened(person, open_page, color_scheme=scheme)
    assert_accessible(page)
    if language == "en":
        answer_everything(page)
    page.locator(".actions .button-primary").click()
    page.locator("#error-summary, [value=mixed]").first.wait_for(state="attached")
    page.goto(page.url.split("?")[0] + "?part=kinds")
    assert_accessible(page)
    assert_fits(page)


def test_a_page_with_errors_says_them_on_top_and_keeps_what_was_typed(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.get_by_label("How many years?").fill("many")
    page.get_by_role("button", name="Save and continue").click()
    page.locator("#error-summary").wait_for()
    wait_until(page, "document.activeElement.id === 'error-summary'")
    assert page.get_by_label("How many years?").input_value() == "many"
    assert_accessible(page)
    page.locator("#error-summary a", has_text="How many years?").click()
    wait_until(page, f"({FOCUS}) === 'years'")
    assert "whole number" in page.locator('[data-item="years"] .field-error').first.inner_text()


def test_an_answer_is_saved_as_soon_as_it_is_given_with_how_it_was_given(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.get_by_label("Red").check()
    saved(page)
    row = SurveyAnswer.objects.get(participant=person, item="colour")
    assert row.value == "red" and row.handling["touched"] and row.handling["changes"] == 1


def test_a_question_that_an_answer_brings_up_comes_and_goes_and_keeps_its_answer(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.get_by_role("radio", name="Blue").check()
    page.get_by_label("Which blue?").fill("Ink")
    saved(page)
    assert page.locator("[data-news]").inner_text() == "A question was added below."
    page.get_by_label("Red").check()
    page.get_by_label("Which blue?").wait_for(state="detached")
    page.get_by_role("radio", name="Blue").check()
    page.get_by_label("Which blue?").wait_for()
    assert page.get_by_label("Which blue?").input_value() == "Ink"
    assert page.complaints == []


def test_a_slider_is_unset_until_it_is_placed_and_obeys_the_keys(person: Participant, open_page: Open):
    page = opened(person, open_page)
    box = page.get_by_role("spinbutton", name="People")
    slider = page.get_by_role("slider", name="People")
    assert box.input_value() == "" and slider.get_attribute("aria-valuetext") == "Not answered"
    assert page.locator(".slider.is-unset").count() == 3
    slider.focus()
    page.keyboard.press("Space")
    start = int(box.input_value())
    for key in ("PageUp", "ArrowRight", "ArrowRight", "PageDown", "PageDown"):
        page.keyboard.press(key)
    assert int(box.input_value()) == start - 8
    saved(page)
    row = SurveyAnswer.objects.get(participant=person, item="trust")
    assert row.value == {"people": start - 8, "papers": None, "programs": None}
    assert row.handling["people"]["touched"] and "papers" not in row.handling


def test_choosing_not_to_say_leaves_the_words_until_the_page_is_left(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.get_by_label("What happened?").fill("I went to sea.")
    page.locator('[data-item="story"]').get_by_label("I'd rather not say").check()
    saved(page)
    assert page.get_by_label("What happened?").input_value() == "I went to sea."
    assert value(person, "story") == "I went to sea."
    page.get_by_role("link", name="Save and leave").click()
    page.wait_for_url("**/leave/")
    row = SurveyAnswer.objects.get(participant=person, item="story")
    assert (row.value, row.null_reason) == (None, "refused")


def test_one_reason_is_chosen_at_a_time(person: Participant, open_page: Open):
    page = opened(person, open_page)
    years = page.locator('[data-item="years"]')
    years.get_by_label("I don't know").check()
    years.get_by_label("I'd rather not say").check()
    assert not years.get_by_label("I don't know").is_checked()


def test_leaving_by_a_link_waits_for_the_save_and_back_keeps_the_answers(person: Participant, open_page: Open):
    page = opened(person, open_page)
    answer_everything(page)
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("One?").fill("First")
    page.get_by_role("link", name="Back", exact=True).click()
    page.get_by_label("Which blue?").wait_for()
    assert value(person, "one") == "First"
    assert page.get_by_role("radio", name="Blue").is_checked()
    page.go_back()
    wait_until(page, "document.querySelector('[name=one]')?.value === 'First'")
    page.go_back()
    wait_until(page, "document.querySelector('[name=shade]')?.value === 'Ink'")


def test_a_double_click_is_harmless(person: Participant, open_page: Open):
    page = opened(person, open_page)
    answer_everything(page)
    page.get_by_role("button", name="Save and continue").dblclick()
    page.get_by_label("One?").wait_for()
    assert page.url.endswith("?part=mixed")
    assert person.survey_answers.filter(item="colour").count() == 1


def test_without_a_line_nothing_is_lost_and_it_is_said(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.context.set_offline(True)
    page.get_by_label("What happened?").fill("Written in a tunnel.")
    wait_until(page, "document.querySelector('[data-autosave-status]').dataset.state === 'failed'")
    page.get_by_role("button", name="Save and continue").click()
    assert page.get_by_label("What happened?").input_value() == "Written in a tunnel."
    page.context.set_offline(False)
    saved(page)
    assert value(person, "story") == "Written in a tunnel."
    assert [words for words in page.complaints if not words.startswith(NO_LINE)] == []
    assert page.evaluate("sessionStorage.length") == 0


def test_what_was_not_saved_comes_back_in_the_tab_and_is_then_saved(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.context.set_offline(True)
    page.get_by_label("What happened?").fill("Written in a tunnel.")
    wait_until(page, "sessionStorage.length === 1")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(f"/study/{person.study.slug}/survey/")
    assert page.get_by_label("What happened?").input_value() == "Written in a tunnel."
    saved(page)
    assert value(person, "story") == "Written in a tunnel."
    wait_until(page, "sessionStorage.length === 0")


def test_a_copy_that_was_left_in_a_tab_does_not_overwrite_a_newer_answer(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.context.set_offline(True)
    page.get_by_label("What happened?").fill("Old.")
    wait_until(page, "sessionStorage.length === 1")
    page.goto("about:blank")
    page.context.set_offline(False)
    other = page.context.new_page()
    other.goto(f"/study/{person.study.slug}/survey/")
    other.get_by_label("What happened?").fill("New.")
    saved(other)
    page.goto(f"/study/{person.study.slug}/survey/")
    problem = page.locator('[data-item="story"] [data-problem]')
    problem.filter(has_text="another window").wait_for()
    assert value(person, "story") == "New."


def test_a_name_in_free_text_is_pointed_out_beside_it(person: Participant, open_page: Open):
    page = opened(person, open_page)
    page.get_by_label("What happened?").fill("My friend Aylin came by.")
    page.locator('[data-item="story"] [data-hint]').filter(has_text="Aylin").wait_for()
    assert page.locator('[data-item="story"] [data-count] span').first.inner_text() == "24 of 400 characters"
    assert_accessible(page)


def test_the_whole_page_is_reached_by_tab_in_the_order_in_which_it_is_read(person: Participant, open_page: Open):
    page = opened(person, open_page, viewport={"width": 1280, "height": 860})
    page.get_by_label("Red").focus()
    reached = []
    for _step in range(40):
        reached.append(page.evaluate(FOCUS))
        page.keyboard.press("Tab")
    wanted = ["colour", "tools", "home", "home__null", "years", "habits__walk", "habits__sing", "story", "story__null"]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)


def test_without_scripts_a_survey_is_answered_by_number_boxes(person: Participant, open_page: Open):
    page = opened(person, open_page, java_script_enabled=False)
    assert page.locator("input[type=range]:visible").count() == 0
    page.get_by_role("radio", name="Blue").check()
    for name in ("People", "Papers", "Programs"):
        page.get_by_role("spinbutton", name=name).fill("40")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("Which blue?").fill("Ink")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("One?").wait_for()
    row = SurveyAnswer.objects.get(participant=person, item="trust")
    assert row.value == {"people": 40, "papers": 40, "programs": 40} and row.handling == {}


@pytest.mark.parametrize("width", [320, 640])
def test_a_survey_fits_small_and_enlarged_windows(person: Participant, open_page: Open, width: int):
    """At 200 % a window of 1,280 pixels shows as many as one of 640."""
    page = opened(person, open_page, viewport={"width": width, "height": 700}, device_scale_factor=2)
    assert_fits(page, width=width)
    heights = page.locator(".choice, .check, .button").evaluate_all(
        "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24
