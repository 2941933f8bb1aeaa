"""Let simulated people walk a study through its real views, in this process.

Rule: everyone who walks here is marked simulated before their first page, and only what the pages offer can be done.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.conf import settings
from django.test import Client
from django.urls import reverse

from elicit.jobs import run_queued_jobs
from elicit.models import Origin, Participant, Study
from elicit.participants import add_participant, create_link
from elicit.simulation import Persona
from elicit.simulation.walking import Page, Walk

HOST = "127.0.0.1"


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
        html = response.content.decode()  # type: ignore[attr-defined]
        return Page(path=asked["PATH_INFO"] + query, status=response.status_code, html=html)  # type: ignore[attr-defined]


def simulated_participant(study: Study, persona: Persona, *, now: datetime) -> Participant:
    """Return the simulated participant of this persona, added on the first call."""
    known = study.participants.filter(origin=Origin.SIMULATED, seed=persona.number, withdrawn_at=None).first()
    return known or add_participant(
        study, origin=Origin.SIMULATED, language=persona.language, seed=persona.number, now=now
    )


def simulate(
    study: Study, personas: list[Persona], *, seed: int, now: datetime, after_each: Callable[[], object] = lambda: None
) -> list[Participant]:
    """Let each persona walk the study to its end; whoever has finished already is left alone.

    Raises
    ------
    elicit.simulation.walking.WalkFailed
        When a page cannot be walked; everyone who finished before stays.
    """
    walked = []
    for persona in personas:
        participant = simulated_participant(study, persona, now=now)
        if participant.finished_at is None:
            entry = reverse("participant:join", args=[create_link(participant, now=now)])
            Walk(persona, design=participant.version.design, browser=ViewBrowser(), seed=seed).run(entry)
        walked.append(participant)
        after_each()
    return walked
