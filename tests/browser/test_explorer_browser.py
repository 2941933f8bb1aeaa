"""The graph explorer in a real browser: by pointer, by keyboard and without scripts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from elicit.models import Study
from moralgraph.snapshots import build_snapshot
from tests.browser.watching import assert_accessible, assert_fits, wait_until
from tests.make import NOW, make_judgements, make_member, make_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PNG = b"\x89PNG"
DOT = """async (name) => {
  const frame = document.querySelector('.map-frame');
  const map = await (await fetch(frame.dataset.mapUrl)).json();
  const place = map.title.indexOf(name);
  return [12 + map.x[place] * (frame.clientWidth - 24) / map.width,
          14 + map.y[place] * (frame.clientHeight - 92 - 14) / map.height];
}"""
FOCUSED = "document.activeElement.dataset.id"


@pytest.fixture
def graph(live_server: Any) -> Study:
    """Deep and Kind above Plain, Wide above Deep, and Deep contested by Wide."""
    study = make_study(slug="explored")
    for first, second, wiser in (("Plain", "Deep", 8), ("Plain", "Kind", 7), ("Deep", "Wide", 9), ("Wide", "Deep", 6)):
        make_judgements(study, wiser=wiser, of=9, first=first, second=second)
    build_snapshot(study, method="repaired", now=NOW)
    return study


@pytest.fixture
def signed_in(graph: Study, live_server: Any, open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens a watched page as the study's organizer."""
    client = Client()
    client.force_login(make_member(study=graph), backend="django.contrib.auth.backends.ModelBackend")

    def opened(**options: Any) -> Any:
        page = open_page(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return opened


def test_a_dot_of_the_map_opens_the_layers_around_it(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 1280, "height": 860})
    page.goto("/organizer/explored/graph/?view=map")
    page.locator(".map-frame[data-ready]").wait_for()
    page.locator("a[data-map-id=Deep]").focus()
    assert page.locator(".map-frame.is-over").count() == 1
    assert_accessible(page)
    assert_fits(page)
    page.reload()
    page.locator(".map-frame[data-ready]").wait_for()
    x, y = page.evaluate(DOT, "Deep")
    page.locator(".map-frame").click(position={"x": x, "y": y})
    page.locator("a.graph-node.is-selected[data-id=Deep]").wait_for()
    assert_accessible(page)
    assert_fits(page)
    assert page.complaints == []


def test_the_keyboard_walks_along_the_upgrades(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 1280, "height": 860})
    page.goto("/organizer/explored/graph/")
    page.locator(".graph-frame.is-live").wait_for()
    page.locator("a.graph-node[data-id=Kind]").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == "Plain"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) in {"Deep", "Kind"}
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator(".explorer-details .chip", has_text="Selected value").wait_for()
    page.locator("a.graph-node.is-selected").focus()
    with page.expect_navigation():
        page.keyboard.press("Escape")
    assert "focus" not in page.url
    assert page.complaints == []


def test_the_keyboard_skips_to_the_values_and_stays_at_the_chosen_one(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 1280, "height": 860})
    page.goto("/organizer/explored/graph/?focus=Kind")
    page.locator(".graph-frame.is-live").wait_for()
    assert page.evaluate(FOCUSED) is None
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate(FOCUSED) == "Kind"
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_function(f"{FOCUSED} === 'Plain'")
    assert page.url.endswith("?focus=Plain")
    assert page.evaluate("scrollY") == 0
    with page.expect_navigation():
        page.keyboard.press("Escape")
    page.wait_for_function(f"{FOCUSED} === 'Plain'")
    assert page.complaints == []


def test_the_picture_is_saved_and_the_number_of_results_is_said(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 1280, "height": 860})
    page.goto("/organizer/explored/graph/?min=1&whole=1&agree=50")
    wait_until(page, "document.querySelector('[role=status].visually-hidden').textContent.includes('4 values')")
    page.get_by_text("Export").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="This picture (PNG)").click()
    assert Path(saved.value.path()).read_bytes().startswith(PNG)
    page.get_by_text("Export").click()
    page.locator("[data-graph-act=in]").click(click_count=4)
    page.locator("svg.graph-minimap:not([hidden])").wait_for()
    assert page.complaints == []


def test_without_scripts_everything_can_be_reached(signed_in: Callable[..., Any]):
    page = signed_in(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/organizer/explored/graph/?view=map")
    page.locator(".map-list").get_by_role("link", name="Wide", exact=True).click()
    page.get_by_text("Where it stands").wait_for()
    page.get_by_role("link", name="Tables").click()
    assert page.locator("tbody th", has_text="Wide").count() >= 1
    page.get_by_role("link", name="How sure is this?").click()
    assert page.locator("h1", has_text="How sure is this?").count() == 1
