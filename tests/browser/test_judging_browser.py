"""The judgement page in a real browser: judged by keyboard alone, in either direction of reading, light and dark."""

from collections.abc import Callable
from typing import Any

import pytest

from elicit.models import Participant
from moralgraph.draws import draw_judgement
from moralgraph.models import Judgement, Suggestion
from tests.browser.talking import DESK, PHONE, enter
from tests.browser.watching import assert_accessible, assert_fits
from tests.make import NOW, make_consenting_participant
from tests.moralgraph.test_judgements import more, study_with

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Any]
TOLD = ", story_forward: I gave a plan first. Now I listen., story_reverse: I listened first. Now I give a plan."


@pytest.fixture
def participant() -> Participant:
    person = make_consenting_participant(study_with(more(stories=TOLD)), explore=True)
    draw_judgement(person, now=NOW)
    person.judgements.update(story_arm="both")
    return person


def at(participant: Participant, open_page: Open, **options: Any) -> Any:
    return enter(participant, open_page(**{**DESK, **options}), step="judgements")


def test_the_page_fits_and_has_no_fault_on_either_side_light_and_dark(
    participant: Participant, open_page: Open
) -> None:
    page = at(participant, open_page)
    for side, scheme in (("start", "light"), ("end", "dark")):
        Judgement.objects.update(first_side=side)
        page.emulate_media(color_scheme=scheme)
        page.reload()
        assert_accessible(page)
        assert_fits(page)
        sizes = [card.bounding_box()["width"] for card in page.locator(".values-card").all()]
        assert abs(sizes[0] - sizes[1]) < 1
    assert page.complaints == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_on_a_phone_the_arrow_points_at_the_card_that_is_asked_about(
    participant: Participant, open_page: Open, language: str
) -> None:
    Participant.objects.update(language=language)
    page = at(participant, open_page, **PHONE)
    for side, points_down in (("start", True), ("end", False)):
        Judgement.objects.update(first_side=side)
        page.reload()
        assert (page.locator(".icon-arrow").evaluate("icon => icon.getScreenCTM().b") > 0) == points_down


def test_a_pair_is_judged_by_keyboard_alone_and_back_shows_the_answer(
    participant: Participant, open_page: Open
) -> None:
    page = at(participant, open_page)
    page.locator("[name=answer]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("It goes deeper.")
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue").press("Enter")
    judgement = Judgement.objects.get(number=1)
    assert (judgement.answer, judgement.why) == ("about_equal", "It goes deeper.")
    page.go_back()
    page.reload()
    page.get_by_role("link", name="Back").click()
    assert page.locator("[name=answer]:checked").get_attribute("value") == "about_equal"


def test_a_wiser_one_is_named_on_a_phone_without_scripts(participant: Participant, open_page: Open) -> None:
    page = at(participant, open_page, java_script_enabled=False, **PHONE)
    page.get_by_text("Less wise", exact=True).click()
    page.get_by_role("button", name="Save, and name a wiser one").click()
    page.get_by_text("A: ").click()
    page.get_by_label("Its name").fill("Calm hands")
    page.get_by_label("What one attends to").fill("Signs of calm\nMoments of rest\nWords that stay")
    page.get_by_role("button", name="Send and continue").click()
    assert Suggestion.objects.get().title == "Calm hands"
