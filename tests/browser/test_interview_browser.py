"""The interview in a real browser: nothing typed is lost, replies stream, and every state says what to do."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from elicit.models import Interview
from tests.browser.talking import DESK, PHONE, Writer, end_streams, enter, make_talk, send
from tests.browser.watching import assert_accessible, assert_fits, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAID = "My aunt sat with me and did not say anything."
ASKED = "What did her silence make room for?"
Open = Callable[..., Any]


@pytest.fixture
def talk(settings: Any) -> Interview:
    """An interview that the guide leads."""
    return make_talk(settings)


@pytest.fixture
def model_talk(settings: Any) -> Iterator[Interview]:
    """An interview in which a model writes the questions after the opening."""
    talk = make_talk(settings, by_a_model=True)
    yield talk
    end_streams(talk)


def at(talk: Interview, open_page: Open, **options: Any) -> Any:
    return enter(talk.participant, open_page(**{**DESK, **options}))


def scroll_to_the_top(page: Any) -> None:
    """Turn the wheel until the page is there; turning once may fall into a moment in which the page moves itself."""
    while page.evaluate("scrollY") > 0:
        page.mouse.wheel(0, -4000)
        page.wait_for_timeout(50)


def texts(page: Any, who: str) -> list[str]:
    return [text.strip() for text in page.locator(f".message-{who}:not(#turn) .message-body").all_inner_texts()]


def test_words_are_saved_and_the_next_question_comes_without_a_reload(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.evaluate("window.isSamePage = true")
    send(page, SAID)
    page.get_by_text("Saved", exact=True).wait_for()
    assert texts(page, "you") == [SAID] and len(texts(page, "ai")) == 2
    assert page.get_by_label("Your answer").input_value() == ""
    assert page.locator("[data-announce]").inner_text().endswith(texts(page, "ai")[-1])
    assert page.evaluate("window.isSamePage")
    assert_accessible(page)
    assert page.complaints == []


def test_words_that_could_not_be_sent_stay_and_are_stored_once(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.context.set_offline(True)
    send(page, SAID)
    page.locator(".is-unsaved").get_by_text("Not saved yet").wait_for()
    assert page.get_by_label("Your answer").input_value() == SAID
    page.locator("[data-offline]").wait_for()
    assert_accessible(page)
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("Saved", exact=True).wait_for()
    assert list(talk.messages.filter(author="participant").values_list("text", flat=True)) == [SAID]
    assert page.get_by_label("Your answer").input_value() == ""


def test_a_lost_answer_of_the_server_does_not_store_words_twice(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.route("**/interview/", lambda route: (route.fetch(), route.abort()), times=1)
    send(page, SAID)
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("Saved", exact=True).wait_for()
    assert talk.messages.filter(author="participant").count() == 1
    assert texts(page, "you") == [SAID]


def test_an_empty_answer_is_explained(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.get_by_role("button", name="Send").click()
    notice = page.get_by_role("alert").get_by_text("write something")
    notice.wait_for()
    for corner in ("r.x + 5, r.y + 5", "r.right - 5, r.y + 5"):
        assert notice.evaluate(f"e => (r => document.elementFromPoint({corner}) === e)(e.getBoundingClientRect())")
    assert_accessible(page)


@pytest.mark.parametrize("way", ["Skip this question", "I'd rather not say", "Ask me that differently"])
def test_every_way_past_a_question_is_a_button(talk: Interview, open_page: Open, way: str):
    page = at(talk, open_page)
    page.get_by_role("button", name=way).click()
    page.locator(".message-ai").nth(1).wait_for()
    assert page.get_by_label("Your answer").evaluate("e => e === document.activeElement")
    assert_accessible(page)


def test_a_person_ends_the_interview_when_it_is_enough(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    send(page, SAID)
    page.get_by_role("button", name="Enough, show me my card").click()
    page.wait_for_url("**/values-card/")
    assert page.get_by_role("button", name="This is my card").is_visible()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_last_answer_can_be_changed(talk: Interview, open_page: Open, has_scripts: bool):
    page = at(talk, open_page, java_script_enabled=has_scripts)
    send(page, SAID)
    page.locator(".edit summary").click()
    page.get_by_label("Change what you wrote").fill("She held my hand.")
    page.get_by_role("button", name="Save the change").click()
    page.get_by_text("Changed by you").wait_for()
    page.wait_for_load_state()
    assert texts(page, "you") == ["She held my hand."]
    assert talk.messages.get(author="participant").revisions.get().text == SAID


# --- a reply that a model writes ------------------------------------------------------------------------------------


def test_a_reply_is_drawn_as_it_is_written_and_read_out_once(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    send(page, SAID)
    page.get_by_text("Thinking of a question").wait_for()
    writer = Writer(model_talk)
    writer.write("What did her <b>silence</b> ")
    page.locator("#turn").get_by_text("What did her <b>silence</b>").wait_for()
    assert page.locator("#turn").get_attribute("aria-hidden") == "true"
    assert page.locator("[data-announce]").inner_text() == "The interviewer is replying."
    assert_accessible(page)
    writer.write("make room for?")
    writer.finish()
    page.locator("#turn").wait_for(state="detached")
    assert texts(page, "ai")[-1] == "What did her <b>silence</b> make room for?"
    assert page.locator("[data-announce]").inner_text().endswith("make room for?")
    assert_accessible(page)
    assert page.complaints == []


def test_a_stream_that_begins_late_leaves_what_the_page_says(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    held = []
    page.route("**/stream*", lambda route: held.append(route), times=1)
    send(page, SAID)
    page.get_by_text("Thinking of a question").wait_for()
    with page.expect_response("**/stream*"):
        held[0].continue_()
    page.wait_for_timeout(500)
    assert page.get_by_text("Thinking of a question").is_visible()


def test_the_next_answer_can_be_typed_while_the_reply_is_written(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    send(page, SAID)
    page.locator("#turn").wait_for()
    box = page.get_by_label("Your answer")
    box.focus()
    box.type("And th")
    writer = Writer(model_talk)
    writer.write(ASKED)
    writer.finish()
    page.locator("#turn").wait_for(state="detached")
    box.type("en")
    assert box.input_value() == "And then"
    assert box.evaluate("e => e === document.activeElement")


def test_a_reload_shows_what_was_written_so_far_and_goes_on(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    send(page, SAID)
    page.locator("#turn").wait_for()
    writer = Writer(model_talk)
    writer.write("What did her ")
    page.locator("#turn").get_by_text("What did her").wait_for()
    page.reload()
    assert page.locator("[data-stream]").inner_text().strip() == "What did her"
    writer.write("silence")
    page.locator("#turn").get_by_text("What did her silence", exact=True).wait_for()
    assert page.get_by_role("button", name="Stop").is_visible()
    writer.finish()
    page.locator("#turn").wait_for(state="detached")


def test_escape_stops_the_reply_and_keeps_what_has_come(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    send(page, SAID)
    page.locator("#turn").wait_for()
    writer = Writer(model_talk)
    writer.write("What did her silence")
    page.locator("#turn").get_by_text("What did her silence").wait_for()
    with page.expect_response("**/interview/"):
        page.keyboard.press("Escape")
    assert writer.write(" make") is False
    writer.finish(was_cut=True)
    page.get_by_text("Stopped here").wait_for()


def test_after_15_seconds_without_a_word_the_person_may_go_on(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    page.clock.install()
    send(page, SAID)
    page.locator("#turn").wait_for()
    go_on = page.get_by_role("button", name="Continue without waiting")
    assert not go_on.is_visible()
    page.clock.fast_forward(16_000)
    go_on.wait_for()
    assert_accessible(page)
    go_on.click()
    page.locator("#turn").wait_for(state="detached")
    assert len(texts(page, "ai")) == 2


@pytest.mark.parametrize("way", ["Try again", "Continue without waiting"])
def test_an_interrupted_reply_offers_both_ways_on(model_talk: Interview, open_page: Open, way: str):
    page = at(model_talk, open_page)
    send(page, SAID)
    page.locator("#turn").wait_for()
    writer = Writer(model_talk)
    writer.write("What did")
    writer.die()
    button = page.get_by_role("button", name=way)
    button.wait_for()
    assert_accessible(page)
    button.click()
    if way == "Try again":
        page.locator("#turn.is-streaming").wait_for()
        again = Writer(model_talk)
        again.write(ASKED)
        again.finish()
    page.locator("#turn").wait_for(state="detached")
    assert len(texts(page, "ai")) == 2


def test_a_person_is_told_when_the_guide_takes_over(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    send(page, SAID)
    page.locator("#turn").wait_for()
    Writer(model_talk).hand_over()
    page.get_by_text("The language model cannot go on").wait_for()
    assert len(texts(page, "ai")) == 2
    assert_accessible(page)


def test_a_server_that_cannot_stream_is_asked_again_and_again(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    page.route("**/stream*", lambda route: route.fulfill(body="", content_type="text/plain"))
    send(page, SAID)
    page.locator("#turn").wait_for()
    writer = Writer(model_talk)
    writer.write("What did her")
    page.locator("#turn").get_by_text("What did her").wait_for()
    writer.finish()
    page.locator("#turn").wait_for(state="detached")
    assert texts(page, "ai")[-1] == "What did her"


def test_a_broken_connection_goes_on_where_it_stopped(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/stream" in request.url else None)
    cut = ['event: delta\ndata: {"after": "1.1", "text": "What did "}\n\n']

    def break_off_once(route: Any) -> None:
        if cut:
            route.fulfill(body=cut.pop(), content_type="text/event-stream")
        else:
            route.fallback()

    page.route("**/stream*", break_off_once)
    send(page, SAID)
    page.locator("#turn").get_by_text("What did").wait_for()
    writer = Writer(model_talk)
    writer.write("What did ")
    writer.write("she leave")
    page.locator("#turn").get_by_text("What did she leave", exact=True).wait_for()
    assert [url.partition("after=")[2] for url in asked[:2]] == ["1.0", "1.1"]


def test_without_scripts_the_page_looks_again_by_itself_and_offers_to_go_on(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page, java_script_enabled=False)
    send(page, SAID)
    page.get_by_role("button", name="Continue without waiting").wait_for()
    without = page.locator("head noscript").evaluate("e => e.textContent || e.innerHTML")
    assert 'http-equiv="refresh"' in without and "no_script.css" in without
    page.get_by_role("button", name="Continue without waiting").click()
    page.locator(".message-ai:not(#turn)").nth(1).wait_for()  # the page may look again first, and is empty meanwhile
    page.wait_for_load_state()
    assert page.locator("#turn").count() == 0
    assert len(texts(page, "ai")) == 2
    assert page.complaints == []


def test_a_page_that_renews_itself_takes_no_words_away(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page)
    page.route("**/*.js", lambda route: route.abort())
    send(page, SAID)
    page.locator("#turn").wait_for()
    page.reload()
    page.add_style_tag(url="/static/elicit/css/no_script.css")
    assert not page.get_by_label("Your answer").is_visible()
    assert page.get_by_role("link", name="Look again").is_visible()


# --- tabs, devices, the box -----------------------------------------------------------------------------------------


def test_an_older_tab_says_that_the_talk_went_on_and_offers_to_be_used(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_label("Your answer").fill("Half a thought")
    send(other, SAID)
    other.get_by_text("Saved", exact=True).wait_for()
    page.get_by_text("gone on in another tab").wait_for()
    assert texts(page, "you") == []
    page.get_by_role("button", name="Go on here").click()
    page.locator(".message-you").get_by_text(SAID).first.wait_for()
    assert page.get_by_label("Your answer").input_value() == "Half a thought"
    assert_accessible(page)


def test_words_sent_from_an_older_device_are_not_lost(talk: Interview, open_page: Open):
    page, elsewhere = at(talk, open_page), at(talk, open_page)
    send(elsewhere, SAID)
    elsewhere.get_by_text("Saved", exact=True).wait_for()
    send(page, "Other words")
    page.get_by_role("alert").get_by_text("gone on in another tab").wait_for()
    assert page.get_by_label("Your answer").input_value() == "Other words"
    assert texts(page, "you") == [SAID]


def test_what_is_typed_survives_a_reload_until_it_is_saved(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    box = page.get_by_label("Your answer")
    box.fill("Half a thought")
    page.reload()
    assert box.input_value() == "Half a thought"
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Saved", exact=True).wait_for()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('draft'))") == []


@pytest.mark.parametrize("last_page", ["/left/", "/withdrawn/"])
def test_whoever_leaves_leaves_no_draft_in_the_browser(last_page: str, talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.get_by_label("Your answer").fill("Half a thought")
    wait_until(page, "Object.keys(localStorage).some(key => key.includes('draft'))")
    page.goto(page.url.split("/study/")[0] + last_page)
    wait_until(page, "!Object.keys(localStorage).some(key => key.includes('draft'))")
    assert page.complaints == []


def test_a_person_on_a_shared_device_keeps_no_copy(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.get_by_label("Your answer").fill("Half a thought")
    page.get_by_text("How this box works").click()
    page.get_by_label("Do not keep a copy").check()
    assert_accessible(page)
    assert page.evaluate("Object.values(localStorage).join()") == "yes"
    page.reload()
    assert page.get_by_label("Your answer").input_value() == ""


def test_enter_sends_for_whoever_wants_it(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    box = page.get_by_label("Your answer")
    box.type("One")
    box.press("Enter")
    assert box.input_value() == "One\n"
    page.get_by_text("How this box works").click()
    page.get_by_label("Enter sends").check()
    box.press("Enter")
    page.get_by_text("Saved", exact=True).wait_for()
    assert texts(page, "you") == ["One"]


def test_control_and_enter_send(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.get_by_label("Your answer").fill(SAID)
    page.keyboard.press("Control+Enter")
    page.get_by_text("Saved", exact=True).wait_for()


def test_whoever_scrolled_up_is_left_there(model_talk: Interview, open_page: Open):
    page = at(model_talk, open_page, viewport={"width": 390, "height": 640})
    send(page, "Many words. " * 120)
    page.locator("#turn").wait_for()
    scroll_to_the_top(page)
    writer = Writer(model_talk)
    writer.write("What did her silence make room for, and how did you notice?")
    jump = page.get_by_role("button", name="Jump to latest")
    jump.wait_for()
    assert page.evaluate("scrollY") == 0
    jump.click()
    wait_until(page, "scrollY > 300")
    jump.wait_for(state="hidden")


@pytest.mark.parametrize("pixels", [30, 300])
def test_whoever_just_begins_to_scroll_up_is_not_taken_back(model_talk: Interview, open_page: Open, pixels: int):
    page = at(model_talk, open_page, viewport={"width": 390, "height": 640})
    send(page, "Many words. " * 120)
    page.locator("#turn").wait_for()
    grown = "document.dispatchEvent(new CustomEvent('interview:grown'))"
    places = page.evaluate(f"(before => [scrollBy(0, -{pixels}), {grown}, before - scrollY])(scrollY)")
    assert places[-1] == pixels


def test_what_was_read_before_words_were_sent_is_not_taken_for_news(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    held = []
    page.route("**/interview/live/", lambda route: held.append(route), times=1)
    with page.expect_request("**/interview/live/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("1")  # by now the route has been handed over
    read = held[0].fetch()
    send(page, SAID)
    page.get_by_text("Saved", exact=True).wait_for()
    with page.expect_event("requestfinished"):
        held[0].fulfill(response=read)
    page.wait_for_timeout(200)
    assert page.get_by_role("alert").count() == 0
    assert texts(page, "you") == [SAID]


def test_a_page_of_an_older_version_renews_itself_between_turns(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.evaluate("document.getElementById('live').dataset.assets = 'of last week'")
    with page.expect_navigation():
        send(page, SAID)
    assert texts(page, "you") == [SAID]


def test_an_ended_link_is_explained_and_the_words_stay(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    page.context.clear_cookies()
    send(page, SAID)
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Your answer").input_value() == SAID


def test_heavy_words_bring_help_that_can_be_reached(talk: Interview, open_page: Open):
    page = at(talk, open_page)
    send(page, "I want to kill myself.")
    help_panel = page.get_by_role("region", name="If this is a lot right now")
    help_panel.get_by_text("That sounds heavy.").wait_for()
    assert help_panel.get_by_role("link", name="123").get_attribute("href") == "tel:123"
    assert help_panel.get_by_role("link", name="Stop for now").is_visible()
    assert_accessible(page)


LOOKS = [
    {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    {**PHONE, "color_scheme": "light"},
    {"viewport": {"width": 640, "height": 430}, "device_scale_factor": 2, "color_scheme": "dark"},
    {"viewport": {"width": 1280, "height": 860}, "forced_colors": "active"},
]


@pytest.mark.parametrize("look", LOOKS, ids=["desk", "dark", "phone", "zoomed", "forced-colours"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_page_is_accessible_and_fits_in_every_look(talk: Interview, open_page: Open, look: Any, direction: str):
    page = at(talk, open_page, **look)
    page.evaluate(f"document.documentElement.dir = '{direction}'")
    send(page, SAID)
    page.get_by_text("Saved", exact=True).wait_for()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_fits(page)
    assert page.complaints == []


def test_a_focused_control_is_never_hidden_behind_the_composer(talk: Interview, open_page: Open):
    page = at(talk, open_page, **PHONE)
    send(page, SAID)
    page.get_by_text("Saved", exact=True).wait_for()
    page.evaluate("scrollTo(0, 0)")
    summary = page.locator(".edit summary")
    summary.focus()
    lowest = page.locator(".composer").bounding_box()["y"]
    box = summary.bounding_box()
    assert box["y"] + box["height"] <= lowest
