"""The style guide in a real browser: accessible, self-contained, within the policy, and keys that work.

The pages are rendered here and handed to the browser by a route, so no server and no database is needed.
"""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from elicit.templatetags.style_examples import style_examples
from tests.browser.watching import assert_accessible, assert_fits

ORIGIN = "http://wellspring.test"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
PAGES = {"/": "home.html", "/style/": "style_guide.html", "/steps/": "participant_base.html", "/500/": "500.html"}

pytestmark = pytest.mark.browser


def serve(route: Any) -> None:
    """Answer with a rendered page or a static file, and refuse everything else."""
    address = urlsplit(route.request.url)
    if f"{address.scheme}://{address.netloc}" != ORIGIN:
        route.abort()
    elif address.path in PAGES:
        context = {"site_name": "Wellspring", "leave_url": "/", **style_examples()}
        html = render_to_string(PAGES[address.path], {} if address.path == "/500/" else context)
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})
    elif address.path == "/health/":
        route.fulfill(body="{}", content_type="application/json")
    else:
        found = finders.find(address.path.removeprefix("/static/"))
        kind = mimetypes.guess_type(address.path)[0]
        route.fulfill(body=Path(str(found)).read_bytes(), content_type=kind) if found else route.fulfill(status=404)


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """Open a page that collects what the browser complains about."""
    opened = chromium.new_page(viewport={"width": 1280, "height": 860}, base_url=ORIGIN)
    opened.route("**/*", serve)
    opened.complaints = []
    opened.on("console", lambda m: opened.complaints.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    opened.close()


@pytest.mark.parametrize("address", sorted(PAGES))
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_has_no_accessibility_fault(page: Any, address: str, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    assert_accessible(page)
    assert page.complaints == []


@pytest.mark.parametrize("address", sorted(PAGES))
def test_a_page_fits_a_320_pixel_screen(page: Any, address: str) -> None:
    page.goto(address)
    assert_fits(page)


def test_a_slider_is_unset_until_it_is_touched_and_can_be_emptied_again(page: Any) -> None:
    page.goto("/style/")
    box, bar = page.locator("#id_score"), page.locator(".slider input[type=range]").first
    assert (box.input_value(), bar.get_attribute("aria-valuetext")) == ("", "Not answered")
    bar.press("ArrowRight")
    assert (box.input_value(), bar.get_attribute("aria-valuetext")) == ("51", "51 of 100")
    box.fill("")
    assert bar.get_attribute("aria-valuetext") == "Not answered"


def test_without_scripts_only_the_number_box_is_shown(chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=ORIGIN)
    page = context.new_page()
    page.route("**/*", serve)
    page.goto("/style/")
    assert page.locator("#id_score").is_visible()
    assert not page.locator(".slider input[type=range]").first.is_visible()
    assert page.locator("a.graph-node").count() == 3
    context.close()


def test_arrow_keys_follow_the_edges_of_the_graph(page: Any) -> None:
    page.goto("/style/")
    focused = "document.activeElement.dataset.id"
    assert page.locator('a.graph-node[tabindex="0"]').count() == 1
    page.locator('a.graph-node[data-id="b"]').focus()
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "a"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "c"


def test_the_graph_can_be_enlarged_with_a_button_and_shown_whole_again(page: Any) -> None:
    page.goto("/style/")
    graph = page.locator("svg.graph")
    whole = graph.get_attribute("viewBox")
    page.get_by_role("button", name="Closer").click()
    assert graph.get_attribute("viewBox") != whole
    page.get_by_role("button", name="Show all").click()
    assert graph.get_attribute("viewBox") == whole


def test_a_form_saves_itself_and_says_so(page: Any) -> None:
    page.goto("/style/")
    with page.expect_request("**/health/") as sent:
        page.locator("#id_name").fill("Ada")
    assert sent.value.method == "POST" and sent.value.headers["x-autosave"] == "1"
    page.get_by_text("Saved", exact=True).last.wait_for()


def test_the_choice_of_colours_is_kept(page: Any) -> None:
    page.goto("/style/")
    page.get_by_label("Colours").select_option("dark")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
