"""The public report and what participants get back, in a real browser: both schemes, two windows, with axe."""

from collections.abc import Callable
from typing import Any

import pytest

from elicit.participants import create_link
from moralgraph.feedback import appeal
from moralgraph.reports import draft_newest_report, draft_report, publish_report
from tests.browser.watching import assert_accessible, assert_fits
from tests.make import NOW, make_member
from tests.moralgraph.publishing import Judged, judged_study
from tests.moralgraph.reporting.snapshots import with_everything

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def judged() -> Judged:
    """A study with a published report that says all that one can say, and an appeal."""
    made = judged_study()
    snapshot = draft_newest_report(made.study, introduction="Who we are.", now=NOW).snapshot
    plain, deep = (made.cards[title].content_id for title in ("Plain", "Deep"))
    snapshot.content = with_everything(snapshot.content, plain=plain, deep=deep)
    snapshot.save()
    publish_report(draft_report(snapshot, now=NOW), by=make_member(study=made.study), now=NOW)
    appeal(made.plain, words="Why so low?", now=NOW)
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_and_what_people_get_back_are_accessible_and_fit(
    judged: Judged, open_page: Callable[..., Any], scheme: str
):
    page = open_page(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"/join/{create_link(judged.plain, now=NOW)}/")
    for path in ("/reports/published/", "/study/published/result/"):
        assert page.goto(path).status == 200
        assert_accessible(page)
        assert_fits(page)
        assert page.complaints == []


def test_without_scripts_a_person_says_that_their_place_is_not_fair(judged: Judged, open_page: Callable[..., Any]):
    page = open_page(java_script_enabled=False)
    page.goto(f"/join/{create_link(judged.plain, now=NOW)}/")
    page.goto("/study/published/result/")
    form = page.locator("#place-1")
    form.get_by_label("No, it is not").check()
    form.get_by_role("button").click()
    assert page.locator("#place-1 .quiet.small").inner_text() == "Saved. You can change it."
