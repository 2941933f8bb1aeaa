"""A browser without JavaScript, over HTTP: pages, forms, cookies, redirects.

Rule: it sends what a person's browser would send and nothing that helps a program: no API, no shortcut past a page.
Pure: the standard library alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from http.cookies import SimpleCookie
from typing import Protocol
from urllib.parse import urlencode, urljoin, urlsplit

MOST_REDIRECTS = 10
LOOK_AGAIN_SECONDS = 0.5  # while something is being written, unless the page says when to look again
LONGEST_WAIT_SECONDS = 5.0
TIMEOUT_SECONDS = 60.0
SEE_OTHER = frozenset({301, 302, 303})
SAME_AGAIN = frozenset({307, 308})
REFRESH = re.compile(r'<meta[^>]+http-equiv="refresh"[^>]+content="(\d+)', re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What came back: where the browser is now, the status, and the page's text."""

    path: str
    status: int
    html: str


class Browser(Protocol):
    """What a walker needs of a browser. Both calls follow redirects."""

    def get(self, path: str) -> Page:
        """Open a page."""

    def post(self, path: str, data: Mapping[str, list[str]]) -> Page:
        """Send a form."""

    def wait(self) -> None:
        """Let background work go on."""


class SiteNotReached(ConnectionError):
    """Nothing answers at the site's address."""


class HttpBrowser:
    """One person's browser at a running site: its cookies, one connection, and where it is."""

    def __init__(self, site: str, *, while_waiting: Callable[[], object] = lambda: None) -> None:
        self.site = site.rstrip("/")
        self.while_waiting = while_waiting
        self.cookies: dict[str, str] = {}
        self.refresh_seconds = LOOK_AGAIN_SECONDS
        self._connection: HTTPConnection | None = None

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._follow("GET", path, b"")

    def post(self, path: str, data: Mapping[str, list[str]]) -> Page:
        """Send a form."""
        return self._follow("POST", path, urlencode(dict(data), doseq=True).encode())

    def wait(self) -> None:
        """Wait as long as the page asks for."""
        self.while_waiting()
        time.sleep(min(self.refresh_seconds, LONGEST_WAIT_SECONDS))

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _follow(self, method: str, path: str, body: bytes) -> Page:
        came_from = path
        for _ in range(MOST_REDIRECTS):
            status, headers, html = self._ask(method, path, body, referer=came_from)
            target = headers.get("location", "")
            if not target or status not in SEE_OTHER | SAME_AGAIN:
                return self._arrived(path, status, html)
            came_from, address = path, urljoin(self.site + path, target)
            if not address.startswith(f"{self.site}/"):
                return Page(path=address, status=status, html=html)
            path = address.removeprefix(self.site).partition("#")[0]
            if status in SEE_OTHER:
                method, body = "GET", b""
        raise SiteNotReached(f"{self.site}{path} leads in circles.")

    def _arrived(self, path: str, status: int, html: str) -> Page:
        told = REFRESH.search(html)
        self.refresh_seconds = float(told[1]) if told else LOOK_AGAIN_SECONDS
        return Page(path=path, status=status, html=html)

    def _ask(self, method: str, path: str, body: bytes, *, referer: str) -> tuple[int, dict[str, str], str]:
        response = self._sent(method, path, body, self._headers(method, referer))
        html = response.read().decode("utf-8", errors="replace")
        for line in response.headers.get_all("Set-Cookie", []):
            self._keep(line)
        return response.status, {name.lower(): value for name, value in response.getheaders()}, html

    def _sent(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        """Send, and once more on a new connection where the site had closed the one that was kept open."""
        for is_last in (self._connection is None, True):
            connection = self._connection or self._connect()
            try:
                connection.request(method, path, body=body or None, headers=headers)
                return connection.getresponse()
            except (HTTPException, OSError) as error:
                self.close()
                if is_last:
                    raise SiteNotReached(f"{self.site} does not answer ({type(error).__name__}).") from error
        raise AssertionError("The last try returns or raises.")

    def _connect(self) -> HTTPConnection:
        address = urlsplit(self.site)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._connection = kind(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
        return self._connection

    def _headers(self, method: str, referer: str) -> dict[str, str]:
        headers = {"Accept": "text/html", "Referer": self.site + referer}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.site}
        return headers

    def _keep(self, line: str) -> None:
        for name, cookie in SimpleCookie(line).items():
            if cookie["max-age"] == "0" or not cookie.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value
