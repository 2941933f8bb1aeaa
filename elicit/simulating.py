"""Let simulated people walk a study: over HTTP against a running site, or through its views in this process.

Rule: everyone who walks here is marked simulated before their first page, and only what the pages offer can be done.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from elicit.errors import WellspringError
from elicit.jobs import run_queued_jobs
from elicit.models import Origin, Participant, Study
from elicit.participants import add_participant, create_link
from elicit.simulation import Persona
from elicit.simulation.acting import Mind
from elicit.simulation.browsing import Browser, HttpBrowser, Page
from elicit.simulation.walking import Walk, WalkFailed

HOST = "127.0.0.1"
OpenBrowser = Callable[[], Browser]
MakeMind = Callable[[Persona, Participant], Mind]


class ViewBrowser:
    """A browser that asks the site's own views, with cookies, redirects and CSRF checks as a real one has them."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True, SERVER_NAME=HOST)
        self.is_secure = bool(settings.SECURE_SSL_REDIRECT)

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._page(self.client.get(path, follow=True, secure=self.is_secure))

    def post(self, path: str, data: Mapping[str, list[str]]) -> Page:
        """Send a form."""
        headers = {"referer": f"https://{HOST}{path}"}
        return self._page(self.client.post(path, dict(data), follow=True, secure=self.is_secure, headers=headers))

    def wait(self) -> None:
        """Do the background work that waits."""
        run_queued_jobs()

    @staticmethod
    def _page(response: object) -> Page:
        asked = response.request  # type: ignore[attr-defined]
        query = f"?{asked['QUERY_STRING']}" if asked["QUERY_STRING"] else ""
        html = response.getvalue().decode()  # type: ignore[attr-defined]
        return Page(path=asked["PATH_INFO"] + query, status=response.status_code, html=html)  # type: ignore[attr-defined]


class Worker:
    """Does the background work that waits, for a site that has no worker of its own; one thread at a time."""

    def __init__(self) -> None:
        self._is_busy = threading.Lock()

    def __call__(self) -> None:
        """Do what is due, unless another thread is at it."""
        if self._is_busy.acquire(blocking=False):
            try:
                run_queued_jobs()
            finally:
                self._is_busy.release()


@dataclass(frozen=True)
class Visit:
    """One person on their way: who walks, who they are to the site, and how they come in."""

    persona: Persona
    participant: Participant
    entries: tuple[str, str]


@dataclass
class Walked:
    """Who came to the end, and what stopped the others."""

    participants: list[Participant] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def simulated_participant(study: Study, persona: Persona, *, now: datetime) -> Participant:
    """Return the simulated participant of this persona, added on the first call."""
    known = study.participants.filter(origin=Origin.SIMULATED, seed=persona.number, withdrawn_at=None).first()
    return known or add_participant(
        study, origin=Origin.SIMULATED, language=persona.language, seed=persona.number, now=now
    )


def simulate(
    study: Study,
    personas: list[Persona],
    *,
    seed: int,
    now: datetime,
    after_each: Callable[[], object] = lambda: None,
    make_mind: MakeMind | None = None,
) -> list[Participant]:
    """Let each persona walk the study to its end in this process; whoever has finished already is left alone.

    Raises
    ------
    elicit.simulation.walking.WalkFailed
        When a page cannot be walked; everyone who finished before stays.
    """
    walked = []
    for persona in personas:
        visit = visit_of(study, persona, now=now)
        if visit.participant.finished_at is None:
            walk_one(visit, open_browser=ViewBrowser, seed=seed, make_mind=make_mind)
        walked.append(visit.participant)
        after_each()
    return walked


def simulate_at(
    open_browser: OpenBrowser,
    study: Study,
    personas: Sequence[Persona],
    *,
    seed: int,
    now: datetime,
    parallel: int = 1,
    after_each: Callable[[], object] = lambda: None,
    make_mind: MakeMind | None = None,
) -> Walked:
    """Let everybody walk a running site, so many at once; who cannot go on does not stop the others."""
    visits = [visit_of(study, persona, now=now) for persona in personas]
    walked = Walked([visit.participant for visit in visits if visit.participant.finished_at is not None])
    after = [visit for visit in visits if visit.participant.finished_at is None]

    def walk(visit: Visit) -> str:
        try:
            walk_one(visit, open_browser=open_browser, seed=seed, make_mind=make_mind)
        except (WalkFailed, WellspringError) as failure:
            return str(failure)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()
        return ""

    for visit, failure in _one_by_one(walk, after) if parallel == 1 else _at_once(walk, after, parallel):
        if failure:
            walked.failures.append(failure)
        else:
            walked.participants.append(visit.participant)
        after_each()
    return walked


def _one_by_one(walk: Callable[[Visit], str], visits: Sequence[Visit]) -> Iterator[tuple[Visit, str]]:
    for visit in visits:
        yield visit, walk(visit)


def _at_once(walk: Callable[[Visit], str], visits: Sequence[Visit], parallel: int) -> Iterator[tuple[Visit, str]]:
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        waiting = {pool.submit(walk, visit): visit for visit in visits}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def visit_of(study: Study, persona: Persona, *, now: datetime) -> Visit:
    """Mark somebody as simulated, and give them two links: one to come in, one to come back on another device."""
    speaking = persona.speaking(study.current_version.design.languages)
    participant = simulated_participant(study, speaking, now=now)
    first, second = (reverse("participant:join", args=[create_link(participant, now=now)]) for _ in range(2))
    return Visit(speaking, participant, (first, second))


def walk_one(visit: Visit, *, open_browser: OpenBrowser, seed: int, make_mind: MakeMind | None = None) -> Page:
    """Let one person walk to the end."""
    has_two = visit.persona.quirk == "other_device"
    walk = Walk(
        visit.persona,
        design=visit.participant.version.design,
        browser=open_browser(),
        seed=seed,
        mind=make_mind(visit.persona, visit.participant) if make_mind else None,
        another_device=(lambda: (open_browser(), visit.entries[1])) if has_two else None,
    )
    try:
        return walk.run(visit.entries[0])
    finally:
        if isinstance(walk.browser, HttpBrowser):
            walk.browser.close()
