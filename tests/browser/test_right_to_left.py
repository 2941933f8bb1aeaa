"""Somebody walks the interview study in Arabic: the pages run from right to left, at every width, light and dark."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from elicit.models import Participant
from elicit.participants import create_link
from elicit.simulation import load_personas
from elicit.simulation.walking import Walk
from elicit.studies import load_study, open_study
from tests.browser.hands import Hands, Keyboard, Pointer
from tests.browser.watching import assert_accessible, assert_fits
from tests.make import NOW, make_participant, study_text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
WRITER = next(persona for persona in load_personas() if persona.language == "ar")
ARABIC = {"locale": "ar-EG"}
WHAT_SHE_SAID = "She said stay a little please"
OWN_NAMES = set(  # of the site, the study's people and companies, languages, keys
    re.findall(
        r"\w+",
        "Wellspring English The study team example org https com Find Helpline findahelpline lifeline "
        "Befrienders Worldwide befrienders Example Models Ltd Ireland Ctrl Enter Shift",
    )
)
SAID_ON_THE_PAGE = """() => document.title + ' ' + document.body.innerText + ' ' +
    [...document.querySelectorAll('[aria-label]')].map(e => e.getAttribute('aria-label')).join(' ')"""
SIDE_OF_THE_PAGE = "e => (r => r.left + r.width / 2 < innerWidth / 2 ? 'left' : 'right')(e.getBoundingClientRect())"


@pytest.fixture
def person(live_server: Any) -> Participant:
    """Somebody who was invited to the interview study."""
    text = (Path(settings.BASE_DIR) / "studies" / "interview.yaml").read_text()
    return make_participant(open_study(load_study(text, now=NOW)))


def walk(person: Participant, hands: Hands) -> None:
    """Walk from the personal link to the last page, in the words of somebody who writes Arabic."""
    entry = f"/join/{create_link(person, now=NOW)}/"
    Walk(WRITER, design=person.version.design, browser=hands, seed=1).run(entry)
    person.refresh_from_db()
    assert person.finished_at is not None
    assert person.language == "ar"


def assert_right_to_left(page: Any) -> None:
    """Look whether a page is in Arabic, says who translated it, and fits."""
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"], page.url
    assert page.locator("[data-translation-note]").count() == 1, page.url
    left_in_english = set(re.findall(r"[A-Za-z]{2,}", page.evaluate(SAID_ON_THE_PAGE))) - OWN_NAMES
    assert left_in_english - {*WHAT_SHE_SAID.split()} == set(), page.url
    assert_fits(page)
    assert page.complaints == [], page.url


def test_a_person_walks_the_study_from_right_to_left_with_the_keyboard(
    person: Participant, open_page: Callable[..., Any]
):
    def look(page: Any) -> None:
        assert_right_to_left(page)
        assert_accessible(page)

    walk(person, Keyboard(open_page(viewport=PHONE, **ARABIC), look=look))
    card = person.values_cards.get()
    assert (card.state, card.language, card.title) == ("confirmed", "ar", WRITER.words["check"])


def test_a_person_walks_the_study_from_right_to_left_without_scripts(
    person: Participant, open_page: Callable[..., Any]
):
    page = open_page(viewport=PHONE, java_script_enabled=False, **ARABIC)
    walk(person, Pointer(page, look=assert_right_to_left))


def test_a_dark_wide_page_puts_the_conversation_on_the_right_and_the_card_on_the_left(
    person: Participant, open_page: Callable[..., Any]
):
    seen: dict[str, str] = {}

    def look(page: Any) -> None:
        assert_right_to_left(page)
        assert_accessible(page)
        if page.locator("#live aside").count():
            seen["card"] = page.locator("#live aside").evaluate(SIDE_OF_THE_PAGE)
            seen["composer"] = page.locator(".composer").evaluate(SIDE_OF_THE_PAGE)

    page = open_page(viewport={"width": 1280, "height": 860}, color_scheme="dark", **ARABIC)
    walk(person, Pointer(page, look=look))
    assert seen == {"card": "left", "composer": "right"}


def test_english_words_in_an_arabic_page_keep_their_own_direction(person: Participant, open_page: Callable[..., Any]):
    page = open_page(viewport=PHONE, **ARABIC)
    hands = Pointer(page, look=assert_right_to_left)
    walking = Walk(WRITER, design=person.version.design, browser=hands, seed=1)
    begun = walking._begin(walking.open(f"/join/{create_link(person, now=NOW)}/"))
    walking.consent(begun)
    hands.post(page.url, {"question": ["night"]})
    assert page.locator(".composer textarea").evaluate("e => getComputedStyle(e).unicodeBidi") == "plaintext"
    hands.post(page.url, {"text": [WHAT_SHE_SAID], "action": ["send"]})
    said = page.locator(".message-you .message-body").last
    assert said.evaluate("e => getComputedStyle(e).direction") == "ltr"


@pytest.mark.parametrize("path", ["my-data/", "leave/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_beside_the_steps_run_from_right_to_left(
    person: Participant, open_page: Callable[..., Any], path: str, scheme: str
):
    page = open_page(viewport=PHONE, color_scheme=scheme, **ARABIC)
    walking = Walk(WRITER, design=person.version.design, browser=Pointer(page, look=assert_right_to_left), seed=1)
    walking.consent(walking._begin(walking.open(f"/join/{create_link(person, now=NOW)}/")))
    page.goto(f"/study/interview/{path}")
    assert_right_to_left(page)
    assert_accessible(page)


def test_every_kind_of_step_fits_from_right_to_left(live_server: Any, open_page: Callable[..., Any]):
    text = (Path(settings.BASE_DIR) / "studies" / "demo.yaml").read_text().replace("languages: [en]", "languages: [ar]")
    person = make_participant(open_study(load_study(text, now=NOW)))
    seen: set[str] = set()

    def look(page: Any) -> None:
        assert page.evaluate("document.documentElement.dir") == "rtl", page.url
        assert_fits(page)
        assert_accessible(page)
        assert page.complaints == [], page.url
        seen.add(urlsplit(page.url).path.rstrip("/").split("/")[-1])

    walk(person, Pointer(open_page(viewport=PHONE, **ARABIC), look=look))
    assert {"judgements", "conversations", "survey", "closing", "done"} <= seen


def test_a_slider_begins_at_the_right(live_server: Any, open_page: Callable[..., Any]):
    text = study_text(slug="sliding", steps="consent, survey", more="survey: {instrument: prism, parts: [wishes]}\n")
    person = make_participant(open_study(load_study(text.replace("languages: [en]", "languages: [ar]"), now=NOW)))
    page = open_page(viewport=PHONE, **ARABIC)
    walking = Walk(WRITER, design=person.version.design, browser=Pointer(page, look=assert_fits), seed=1)
    walking.consent(walking._begin(walking.open(f"/join/{create_link(person, now=NOW)}/")))
    slider, box = page.locator('input[type="range"]').first, page.locator('input[type="number"]').first
    slider.focus()
    page.keyboard.press("Home")
    before = int(box.input_value())
    page.keyboard.press("ArrowLeft")
    assert int(box.input_value()) == before + 1
    ends = slider.locator("xpath=ancestor::*[@data-slider]").locator(".slider-ends > span")
    assert ends.first.evaluate(SIDE_OF_THE_PAGE) == "right"
    assert ends.last.evaluate(SIDE_OF_THE_PAGE) == "left"


@pytest.mark.parametrize("path", ["/study/interview/", "/join/no-such-link/", "/no/such/page/"])
def test_a_page_without_a_participant_follows_the_browser(live_server: Any, open_page: Callable[..., Any], path: str):
    page = open_page(viewport=PHONE, **ARABIC)
    assert page.goto(path).status == 404
    page.complaints.clear()  # the browser complains of the 404 itself
    assert_right_to_left(page)
    assert_accessible(page)
