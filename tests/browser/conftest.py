"""One Chromium for all browser tests, and pages that are watched: what they complain of or ask elsewhere is kept."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.watching import watched_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start one browser for all tests; without it they are skipped, and say so."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a watched page of the live site; its arguments are the context's."""
    contexts = []

    def opened(**options: Any) -> Any:
        contexts.append(chromium.new_context(base_url=live_server.url, **options))
        return watched_page(contexts[-1], site=live_server.url)

    yield opened
    for context in contexts:
        context.close()
