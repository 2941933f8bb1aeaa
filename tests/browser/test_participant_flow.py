"""A person walks the whole demo study in a real browser: with scripts and the keyboard alone, and without scripts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from elicit.models import Participant
from elicit.participants import create_link
from elicit.simulation import load_personas
from elicit.simulation.walking import Walk
from elicit.studies import load_study, open_study
from tests.browser.hands import Hands, Keyboard, Pointer
from tests.browser.watching import assert_accessible, assert_fits
from tests.make import NOW, make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def person(live_server: Any) -> Participant:
    """Somebody who was invited to the demo study."""
    text = (Path(settings.BASE_DIR) / "studies" / "demo.yaml").read_text()
    return make_participant(open_study(load_study(text, now=NOW)))


def walk(person: Participant, hands: Hands) -> None:
    """Walk from the personal link to the last page in the words of the first persona."""
    entry = f"/join/{create_link(person, now=NOW)}/"
    last = Walk(load_personas()[0], design=person.version.design, browser=hands, seed=1).run(entry)
    person.refresh_from_db()
    assert person.finished_at is not None
    assert last.path == "/study/demo/done/"


def test_a_person_walks_the_whole_study_with_the_keyboard(person: Participant, open_page: Callable[..., Any]):
    def look(page: Any) -> None:
        assert_accessible(page)
        assert_fits(page)
        assert page.complaints == [], page.url

    page = open_page(viewport={"width": 1280, "height": 860})
    walk(person, Keyboard(page, look=look))
    assert person.values_cards.get().state == "confirmed"
    assert person.conversations.count() == 2


def test_a_person_walks_the_whole_study_without_scripts(person: Participant, open_page: Callable[..., Any]):
    def look(page: Any) -> None:
        assert_fits(page)
        assert page.complaints == [], page.url

    page = open_page(viewport=PHONE, java_script_enabled=False)
    walk(person, Pointer(page, look=look))


@pytest.mark.parametrize("path", ["my-data/", "leave/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_beside_the_steps_are_accessible(
    person: Participant, open_page: Callable[..., Any], path: str, scheme: str
):
    page = open_page(viewport=PHONE, color_scheme=scheme)
    page.goto(f"/join/{create_link(person, now=NOW)}/")
    page.goto(f"/study/demo/{path}")
    assert_accessible(page)
    assert_fits(page)
    assert page.complaints == []


def test_a_person_can_withdraw_and_the_link_then_opens_nothing(person: Participant, open_page: Callable[..., Any]):
    link = f"/join/{create_link(person, now=NOW)}/"
    page = open_page(viewport=PHONE)
    page.goto(link)
    page.goto("/study/demo/my-data/")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("heading", name="Your answers are erased").wait_for()
    assert page.goto(link).status == 404
    assert_accessible(page)
