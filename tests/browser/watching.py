"""What every page must hold to: no fault axe can find, no complaint, no request to elsewhere, no overflow."""

import time
from typing import Any
from urllib.parse import urlsplit

import pytest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROWEST = 320
PATIENCE = 60  # seconds; a wait ends as soon as it can
REPORT_VIOLATIONS = (
    "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + e.blockedURI))"
)


def watched_page(context: Any, *, site: str) -> Any:
    """Open a page that keeps in `complaints` what the browser says and what it asks of other hosts.

    Every request waits for this process, so that none is under way while the test itself uses the database.
    """
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda message: _keep(page, message))
    page.add_init_script(REPORT_VIOLATIONS)
    host = urlsplit(site).netloc

    def let_through(route: Any) -> None:
        if urlsplit(route.request.url).netloc == host:
            route.continue_()
        else:
            page.complaints.append(f"a request to {route.request.url}")
            route.abort()

    context.route("**/*", let_through)
    return page


def _keep(page: Any, message: Any) -> None:
    if message.type in ("error", "warning"):
        page.complaints.append(message.text)


def wait_until(page: Any, expression: str, *, patience: float = PATIENCE) -> None:
    """Wait until an expression is true on the page; `wait_for_function` needs an `eval` that our policy forbids."""
    until = time.monotonic() + patience
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"{expression} did not become true on {page.url}."
        page.wait_for_timeout(50)


def assert_accessible(page: Any) -> None:
    """Run axe over the page as it stands."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, options={"runOnly": RULES}).response["violations"]
    faults = [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]
    assert faults == [], page.url


def assert_fits(page: Any, *, width: int = NARROWEST) -> None:
    """Make the window narrow, look whether the page fits, and put the window back."""
    before = page.viewport_size
    _resize(page, width=width, height=before["height"])
    needed = page.evaluate("document.documentElement.scrollWidth")
    _resize(page, **before)
    assert needed <= width, f"{page.url} needs {needed} px"


def _resize(page: Any, *, width: int, height: int) -> None:
    """Give the window a size, and wait until the page has it."""
    page.set_viewport_size({"width": width, "height": height})
    wait_until(page, f"innerWidth === {width} && innerHeight === {height}")
