"""The card's page in a real browser: every line can be traced, changed and moved, and a low answer leads on."""

from collections.abc import Callable
from typing import Any

import pytest

from elicit.models import ValuesCard
from tests.browser.talking import DESK, PHONE, POLICIES, SAID, enter, make_draft
from tests.browser.watching import assert_accessible, assert_fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Any]


@pytest.fixture
def card(settings: Any) -> ValuesCard:
    """A draft with three lines; the first two rest on words of its author."""
    return make_draft(settings)


def at(card: ValuesCard, open_page: Open, **options: Any) -> Any:
    return enter(card.participant, open_page(**{**DESK, **options}), step="values-card")


def lines(page: Any) -> list[str]:
    return [box.input_value() for box in page.locator("[name^=policy-]").all()]


def line(page: Any, number: int) -> Any:
    return page.locator(f"[data-line='{number - 1}']")


def press(page: Any, number: int, button: str) -> None:
    with page.expect_navigation():
        line(page, number).get_by_role("button", name=button).click()


def test_a_line_shows_the_words_that_it_rests_on(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    line(page, 2).get_by_text("Why is this here?").click()
    page.locator("mark.is-lit").wait_for()
    assert page.locator("mark.is-lit").all_inner_texts() == ["listened before"]
    assert line(page, 2).locator("blockquote").inner_text() == "“listened before”"
    line(page, 2).get_by_role("link", name="show where").click()
    assert SAID in page.evaluate("document.activeElement.textContent")
    assert_accessible(page)
    assert page.complaints == []


def test_a_line_leads_to_its_words_without_scripts_too(card: ValuesCard, open_page: Open):
    page = at(card, open_page, java_script_enabled=False)
    line(page, 1).get_by_text("Why is this here?").click()
    line(page, 1).get_by_role("link", name="show where").click()
    assert page.locator(".transcript li:target").inner_text().endswith(SAID)


def test_markup_in_what_was_said_stays_text(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    assert page.locator(".transcript .is-own b").count() == 0
    assert "<b>She</b>" in page.locator(".transcript .is-own").inner_text()


def test_a_line_without_words_of_the_author_says_so(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    assert line(page, 3).get_by_text("No words of yours were found").is_visible()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_lines_move_and_go_with_buttons(card: ValuesCard, open_page: Open, has_scripts: bool):
    page = at(card, open_page, java_script_enabled=has_scripts)
    press(page, 1, "Down")
    assert lines(page) == [POLICIES[1], POLICIES[0], POLICIES[2], ""]
    press(page, 2, "Up")
    press(page, 3, "Remove")
    assert lines(page) == [POLICIES[0], POLICIES[1], ""]
    card.refresh_from_db()
    assert [quotes[0]["quote"] for quotes in card.evidence] == ["My aunt sat with me", "listened before"]


def test_a_line_is_added_with_the_keyboard_alone(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    page.get_by_label("Another line").focus()
    page.keyboard.type("Hands that stay open")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert lines(page) == [*POLICIES, "Hands that stay open", ""]
    assert_accessible(page)


def test_a_low_answer_asks_what_is_missing_and_offers_two_ways(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    reason = page.get_by_label("What does the card not say")
    assert not reason.is_visible()
    page.get_by_label("Partly").check()
    reason.wait_for()
    assert page.get_by_role("button", name="Talk about it more").is_visible()
    assert page.get_by_role("button", name="Keep it as it is").is_visible()
    assert not page.get_by_role("button", name="This is my card").is_visible()
    assert_accessible(page)


def test_a_low_answer_without_a_reason_is_asked_about_once(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    page.get_by_label("Partly").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Keep it as it is").click()
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("What does the card not say").evaluate("e => e === document.activeElement")
    assert_accessible(page)
    page.get_by_role("button", name="Keep it as it is").click()
    page.get_by_role("heading", name="Your card is kept").wait_for()
    card.refresh_from_db()
    assert (card.state, card.fit) == ("confirmed", 2)


def test_talking_more_leads_back_with_the_reason(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    page.get_by_label("No, not really").check()
    page.get_by_label("What does the card not say").fill("The laughter is missing")
    with page.expect_navigation():
        page.get_by_role("button", name="Talk about it more").click()
    page.get_by_label("Your answer").wait_for()
    assert "The laughter is missing" in page.locator(".message-ai .message-body").last.inner_text()
    assert_accessible(page)


def test_two_tabs_show_both_cards(card: ValuesCard, open_page: Open):
    page, other = at(card, open_page), at(card, open_page)
    other.get_by_label("Name").fill("From the other tab")
    with other.expect_navigation():
        other.get_by_role("button", name="Save and look again").click()
    page.get_by_label("Name").fill("From this tab")
    with page.expect_navigation():
        page.get_by_role("button", name="Save and look again").click()
    assert page.get_by_role("alert").is_visible()
    mine = page.get_by_role("region", name="What you sent just now")
    assert mine.get_by_text("From this tab").is_visible()
    assert page.get_by_label("Name").input_value() == "From the other tab"
    assert_accessible(page)


def test_changes_are_not_left_behind_unasked(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Name").press_sequentially("!")
    page.get_by_role("link", name="Save and leave").click()
    page.wait_for_url("**/leave/")
    assert asked == ["beforeunload"]


def test_after_a_card_another_situation_can_be_talked_about(card: ValuesCard, open_page: Open):
    page = at(card, open_page)
    page.get_by_label("Mostly").check()
    page.get_by_role("button", name="This is my card").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Talk about another situation").click()
    page.get_by_role("heading", name="Choose a situation").wait_for()
    assert page.get_by_role("radio").count() == 1
    assert_accessible(page)


LOOKS = [
    {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    {**PHONE, "color_scheme": "dark"},
    {"viewport": {"width": 640, "height": 430}, "device_scale_factor": 2},
    {"viewport": {"width": 1280, "height": 860}, "forced_colors": "active"},
]


@pytest.mark.parametrize("look", LOOKS, ids=["desk", "dark", "phone", "zoomed", "forced-colours"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_card_is_accessible_and_fits_in_every_look(card: ValuesCard, open_page: Open, look: Any, direction: str):
    page = at(card, open_page, **look)
    page.evaluate(f"document.documentElement.dir = '{direction}'")
    line(page, 1).get_by_text("Why is this here?").click()
    page.get_by_label("Partly").check()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_fits(page)
    assert page.complaints == []
