"""People who come by their link, read, think, type and wait for the next question, over plain HTTP.

Rule: they do what the page's script does: send with a key of their own, ask again with the same key until the server
says "saved", and follow the turn's stream by `after`. Everything they were told is saved is remembered for the check.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

import aiohttp

from elicit.simulation.pages import PageForm, forms_of

SENTENCES = (
    "I remember the kitchen table and how long nobody said anything.",
    "She did not tell me what to do, she asked what I had already tried.",
    "What mattered was that somebody noticed I was tired before I said so.",
    "Moments when a person wants to be heard more than to be helped.",
    "Signs that the question behind the question is a different one.",
    "Words that leave the decision where it belongs.",
    "I would look for small hesitations before an answer.",
    "It felt like there was time, although there was none.",
)
PAUSES = (0.5, 1.0, 2.0, 4.0)
REQUEST_SECONDS = 30
QUIET_SECONDS = 90  # a turn that says nothing for this long is given up and asked for again


class Lost(Exception):
    """The site answered in a way that a person could not go on from."""


@dataclass
class Sample:
    """One measured thing: when it began (seconds since the start), how long it took, and whether it needed a retry."""

    at: float
    seconds: float
    retried: bool


@dataclass
class Notes:
    """What all people together saw."""

    started: float
    saved: list[Sample] = field(default_factory=list)
    first_words: list[Sample] = field(default_factory=list)
    arrivals: list[Sample] = field(default_factory=list)
    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    in_progress: int = 0
    streams: int = 0
    most_streams: int = 0
    stream_seconds: float = 0.0
    finished: int = 0

    def now(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.started


class Person:
    """One person, from the link to the last question."""

    def __init__(self, http: aiohttp.ClientSession, *, address: str, token: str, notes: Notes, seed: str) -> None:
        self.http = http
        self.address = address
        self.token = token
        self.notes = notes
        self.rng = random.Random(seed)
        self.cookies: dict[str, str] = {}
        self.place = ""
        self.html = ""

    async def live(self, until: float, *, pause: tuple[float, float]) -> None:
        """Arrive, then talk until the interview or the benchmark is over."""
        began = time.monotonic()
        await self._arrive()
        self.notes.arrivals.append(Sample(began - self.notes.started, time.monotonic() - began, retried=False))
        self.notes.in_progress += 1
        try:
            while self.notes.now() < until:
                await asyncio.sleep(self.rng.uniform(*pause))
                if not await self._say_something():
                    self.notes.finished += 1
                    return
        finally:
            self.notes.in_progress -= 1

    # --- the way in ---------------------------------------------------------------------------------------------

    async def _arrive(self) -> None:
        await self._open("get", f"/join/{self.token}/")
        for _ in range(8):
            if "/interview/" in self.place and self._composer() is not None:
                return
            await self._submit_first_form()
        raise Lost(f"did not reach the interview; stuck at {self.place}")

    async def _submit_first_form(self) -> None:
        form = self._main_form()
        answers: dict[str, str | list[str]] = {}
        for name, offered in form.choices.items():
            answers[name] = offered[:1]
        await self._open(
            "post", urljoin(self.place, form.action or self.place), form.filled(answers, button=_first(form))
        )

    def _main_form(self) -> PageForm:
        posts = [form for form in forms_of(self.html) if form.method == "post" and "csrfmiddlewaretoken" in form.values]
        if not posts:
            raise Lost(f"{self.place} offers nothing to send")
        return posts[0]

    def _composer(self) -> PageForm | None:
        return next(
            (form for form in forms_of(self.html) if "text" in form.values and "answering" in form.values), None
        )

    # --- one turn -----------------------------------------------------------------------------------------------

    async def _say_something(self) -> bool:
        form = self._composer()
        if form is None:
            raise Lost(f"there is no composer at {self.place}")
        words = " ".join(self.rng.sample(SENTENCES, self.rng.randint(1, 3)))
        sent = form.filled({"text": f"{words} [{self.rng.getrandbits(40):x}]"}, button=("action", "send"))
        key, text = sent["key"][0], sent["text"][0]
        began = time.monotonic()
        answer, retried = await self._send(sent)
        self.notes.saved.append(Sample(began - self.notes.started, time.monotonic() - began, retried))
        self.notes.acknowledged[key] = (self.token, text)
        if answer.get("next"):
            return False
        self.html = answer["html"]
        turn = answer.get("turn")
        if turn:
            await self._follow(turn["stream_url"], began=began, was_retried=retried)
            self.html = await self._live_part()
        return self._composer() is not None

    async def _send(self, sent: dict[str, list[str]]) -> tuple[dict[str, object], bool]:
        retried = False
        for attempt in range(40):
            try:
                status, body = await self._ask("post", self.place, sent, accept="application/json")
                if status == 200 and json.loads(body).get("saved"):
                    return json.loads(body), retried
                if status < 500:
                    raise Lost(f"{status} for an answer: {body[:300]}")
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            retried = True
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
        raise Lost("an answer could not be saved")

    async def _follow(self, path: str, *, began: float, was_retried: bool) -> None:
        """Follow the turn to its end, coming back with `after` whenever the connection ends."""
        after, heard, attempt, retried = "", False, 0, was_retried
        last_sign = time.monotonic()
        self.notes.streams += 1
        self.notes.most_streams = max(self.notes.most_streams, self.notes.streams)
        opened = time.monotonic()
        try:
            while True:
                try:
                    async for name, data in self._events(f"{path}?after={after}"):
                        if name == "delta":
                            after, last_sign = data["after"], time.monotonic()
                            if not heard:
                                heard = True
                                self.notes.first_words.append(
                                    Sample(began - self.notes.started, time.monotonic() - began, retried)
                                )
                        elif name == "restart":
                            after = ""
                        elif name == "done" or (name == "state" and data["state"] in ("done", "set_aside")):
                            return
                        elif name == "state" and data["state"] == "interrupted":
                            retried = True
                            await self._try_again()
                except (aiohttp.ClientError, TimeoutError, OSError):
                    retried = True
                if time.monotonic() - last_sign > QUIET_SECONDS:
                    raise Lost(f"nothing came of {path} for {QUIET_SECONDS} seconds")
                await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)] if retried else 0.05)
                attempt += 1
        finally:
            self.notes.streams -= 1
            self.notes.stream_seconds += time.monotonic() - opened

    async def _try_again(self) -> None:
        html = await self._live_part()
        form = next((f for f in forms_of(html) if ("action", "retry") in f.buttons), None)
        if form is not None:
            await self._ask("post", self.place, form.filled({}, button=("action", "retry")), accept="application/json")

    async def _live_part(self) -> str:
        for attempt in range(40):
            try:
                status, body = await self._ask("get", urljoin(self.place, "live/"))
                if status == 200:
                    return body
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
        raise Lost("the conversation could not be read again")

    # --- plain HTTP ---------------------------------------------------------------------------------------------

    async def _events(self, path: str) -> AsyncIterator[tuple[str, dict[str, object]]]:
        timeout = aiohttp.ClientTimeout(total=None, sock_read=20)
        async with self.http.get(self.address + path, headers=self._headers(), timeout=timeout) as response:
            if response.status != 200:
                raise aiohttp.ClientPayloadError(f"{response.status} for {path}")
            name = "message"
            async for raw in response.content:
                line = raw.decode().rstrip("\r\n")
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    yield name, json.loads(line[5:])

    async def _open(self, method: str, path: str, data: dict[str, list[str]] | None = None) -> None:
        """Open a page as a browser does, following redirects, with patience while the site is away."""
        for attempt in range(40):
            try:
                status, self.html = await self._ask(method, path, data)
            except (aiohttp.ClientError, TimeoutError, OSError):
                status = 503
            if status < 500:
                break
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
        if status != 200:
            raise Lost(f"{status} at {path}")

    async def _ask(
        self, method: str, path: str, data: dict[str, list[str]] | None = None, *, accept: str = "text/html"
    ) -> tuple[int, str]:
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        pairs = [(name, value) for name, values in (data or {}).items() for value in values]
        for _ in range(8):
            async with self.http.request(
                method, self.address + path, headers=self._headers(accept), data=pairs or None, timeout=timeout,
                allow_redirects=False,
            ) as response:  # fmt: skip
                for name, cookie in response.cookies.items():
                    self.cookies[name] = cookie.value
                if response.status not in (301, 302, 303):
                    self.place = self.place if accept != "text/html" or path.endswith("live/") else path
                    return response.status, await response.text()
                path, method, pairs = urljoin(path, response.headers["Location"]).partition("#")[0], "get", []
        raise Lost(f"redirected in circles at {path}")

    def _headers(self, accept: str = "*/*") -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept": accept, **({"Cookie": cookies} if cookies else {})}


def _first(form: PageForm) -> tuple[str, str] | None:
    return next((button for button in form.buttons if re.match(r"begin|agree|send|save|", button[1])), None)
