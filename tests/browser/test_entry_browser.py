"""Somebody comes from a panel in a real browser: begins, says no, looks again, changes an answer, is asked again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from django.conf import settings as site

from elicit.models import Participant, Study
from elicit.studies import load_study, open_study
from elicit.study_links import create_study_link
from tests.browser.watching import assert_accessible, assert_fits
from tests.make import NOW, make_version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [{"width": 1280, "height": 860}, {"width": 320, "height": 640}]
NUMBERS = "PROLIFIC_PID=5f0c1a2b3c4d5e6f70819203&STUDY_ID=60aabbccddeeff0011223344&SESSION_ID=61aabbccddeeff0011223344"
EXITS = {"complete": "DONE1", "no_consent": "NO2", "technical": "BAD5"}


@pytest.fixture
def entry(live_server: Any, settings: Any) -> str:
    """The address that a panel opens."""
    settings.PANEL_KEY = [Fernet.generate_key().decode()]
    design = yaml.safe_load((Path(site.BASE_DIR) / "studies" / "demo.yaml").read_text())
    design |= {"panels": [{"name": "prolific", "exits": EXITS}], "retention": {"until": "2031-05-04"}}
    study = open_study(load_study(yaml.safe_dump(design, sort_keys=False), now=NOW))
    return f"/panel/{create_study_link(study, label='launch', panel='prolific', now=NOW)}/"


def looked_at(page: Any, heading: str) -> None:
    page.get_by_role("heading", name=heading, level=1).wait_for()
    page.wait_for_load_state()
    assert_accessible(page)
    assert_fits(page)
    assert page.complaints == []


@pytest.mark.parametrize("screen", SCREENS, ids=["desk", "phone"])
def test_somebody_from_a_panel_begins_says_no_comes_back_and_is_asked_again(
    entry: str, open_page: Callable[..., Any], screen: dict[str, int]
):
    page = open_page(viewport=screen)
    page.goto(f"{entry}?{NUMBERS}")
    assert page.url.endswith(entry)
    looked_at(page, "When someone comes with something hard")
    page.get_by_role("button", name="Begin").click()
    looked_at(page, "Keep this link")
    page.get_by_role("link", name="Go on").click()
    looked_at(page, "Before you begin")
    page.get_by_role("button", name="I do not want to take part").click()
    looked_at(page, "You said no, and that is fine")
    page.get_by_text("NO2").wait_for()
    page.get_by_role("button", name="Look at it again").click()
    looked_at(page, "Before you begin")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/interview/")
    page.goto("/study/demo/my-data/")
    page.get_by_role("button", name="Take this back").first.click()
    page.get_by_role("button", name="Say yes to this").wait_for()
    looked_at(page, "Help and your data")
    _reword(Study.objects.get())
    page.goto("/study/demo/")
    looked_at(page, "Something has changed since you agreed")
    assert page.get_by_text("Changed", exact=True).count() == 2
    page.get_by_role("button", name="I do not agree, and I stop here").click()
    looked_at(page, "You said no, and that is fine")
    assert Participant.objects.get().ended == "no_consent"


def _reword(study: Study) -> None:
    content = study.current_version.content["consent"]
    make_version(study, consent=content | {"version": "new", "details": "Other words.", "controller": "A university"})
