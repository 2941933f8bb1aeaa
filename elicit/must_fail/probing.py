"""The study and the people with which the forbidden is tried.

Rule: every attempt starts from somebody who may do the ordinary thing, so that a refusal is for the reason that is
tried. What an attempt left is read from the database and not from the page that answered.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from uuid import uuid4

from django.urls import reverse

from elicit.errors import WellspringError
from elicit.guided.answerers import OFFLINE_MODELS
from elicit.models import ConsentGrant, Interview, Message, Origin, Participant, Study, ValuesCard
from elicit.participants import add_participant, create_link
from elicit.simulating import OpenBrowser
from elicit.simulation.browsing import Page
from elicit.simulation.pages import FieldNotOffered, form_offering, form_with, forms_of
from elicit.studies import load_study, open_study
from elicit.study_files import StudyDesign, design_as_data

STEPS = ("consent", "interview", "values_card")
WORDS = "A neighbour sat down beside me and let the silence be. I want to be near like that."
LINES = "silences that leave room\nhands that shake\nwords they come back to"


RATED = {
    "steps": ["consent", "conversations"],
    "languages": ["en"],
    "machine_translated": [],
    "conversation": {
        "count": 1,
        "turns": 1,
        "models": list(OFFLINE_MODELS),
        "types": [{"key": "unguided", "title": "Anything", "text": "Whatever you like."}],
        "anchors": {"count": 1, "prompts": [{"key": "day", "type": "unguided", "text": "What makes a day good?"}]},
        "society_rating": True,
    },
}


class NotTried(WellspringError):
    """Something could not be tried here; the message says what it needs."""


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt: refused, got through (and how), or not tried (and why)."""

    name: str
    complaint: str = ""
    not_tried: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether the site did what it must."""
        return not self.complaint and not self.not_tried


@dataclass
class Visitor:
    """A simulated participant and their browser."""

    participant: Participant
    browser: object
    page: Page = field(default_factory=lambda: Page("/", 0, ""))

    @property
    def slug(self) -> str:
        """The study's name in addresses."""
        return self.participant.study.slug

    def address(self, step: str) -> str:
        """Return the address of a step."""
        return f"/study/{self.slug}/{step}/"

    def get(self, path: str) -> Page:
        """Open a page."""
        self.page = self.browser.get(path)  # type: ignore[attr-defined]
        return self.page

    def post(self, path: str, data: Mapping[str, str | list[str]]) -> Page:
        """Send whatever one likes, with the page's token unless `data` brings one."""
        sent = {"csrfmiddlewaretoken": self.token(), **data}
        listed = {name: [value] if isinstance(value, str) else value for name, value in sent.items()}
        self.page = self.browser.post(path, listed)  # type: ignore[attr-defined]
        return self.page

    def token(self) -> str:
        """Return the token of any form of this site that the browser can open."""
        if not any("csrfmiddlewaretoken" in form.values for form in forms_of(self.page.html)):
            page: Page = self.browser.get(f"/study/{self.slug}/my-data/withdraw/")  # type: ignore[attr-defined]
        else:
            page = self.page
        try:
            return form_with(page.html, "csrfmiddlewaretoken").values["csrfmiddlewaretoken"][0]
        except FieldNotOffered:
            return "x" * 64

    def press(self, action: str, answers: Mapping[str, str | list[str]] | None = None) -> Page:
        """Press a button of the present page, as a person would."""
        form = form_offering(self.page.html, action)
        if form is None:
            raise NotTried(f"{self.page.path} has no button {action!r} (status {self.page.status}).")
        self.page = self.browser.post(  # type: ignore[attr-defined]
            form.action or self.page.path, form.filled(answers or {}, button=("action", action))
        )
        return self.page

    def turn(self, text: str, **changes: str) -> dict[str, str]:
        """Return the fields of an answer, for the question on the page or for the first."""
        form = form_offering(self.page.html, "send")
        known = {name: values[0] for name, values in form.values.items() if values} if form else {}
        fields = {"key": str(uuid4()), "answering": "1", **known, "action": "send", "text": text}
        return fields | changes

    def messages(self) -> list[str]:
        """Return what the site has kept of their words."""
        mine = Message.objects.filter(interview__participant=self.participant, author=Message.Author.PARTICIPANT)
        return list(mine.values_list("text", flat=True))

    def card(self) -> ValuesCard:
        """Return their newest card as it is kept."""
        return ValuesCard.objects.filter(participant=self.participant).latest("pk")

    def has_anything(self) -> bool:
        """Whether something was kept: an answer to the consent, an interview or a card."""
        mine = {"participant": self.participant}
        return any(model.objects.filter(**mine).exists() for model in (ConsentGrant, Interview, ValuesCard))


class Probe:
    """Makes people who have come so far, in a study made for the attempts."""

    def __init__(self, study: Study, other: Study, rated: Study, *, open_browser: OpenBrowser, now: datetime) -> None:
        self.study = study
        self.other = other
        self.rated = rated  # with rated conversations alone
        self.open_browser = open_browser
        self.now = now
        self._seeds = count(1)

    def add(self, study: Study | None = None) -> Participant:
        """Add a simulated participant."""
        where = study or self.study
        language = where.current_version.design.languages[0]
        return add_participant(where, origin=Origin.SIMULATED, language=language, seed=next(self._seeds), now=self.now)

    def stranger(self) -> Visitor:
        """Return a browser that has opened nothing, beside a participant whom it knows nothing of."""
        return Visitor(self.add(), self.open_browser())

    def arrived(self, study: Study | None = None) -> Visitor:
        """Return somebody who has opened their link."""
        visitor = Visitor(self.add(study), self.open_browser())
        visitor.get(link_of(visitor.participant, now=self.now))
        return visitor

    def begun(self, study: Study | None = None) -> Visitor:
        """Return somebody who stands before the consent."""
        visitor = self.arrived(study)
        if form_offering(visitor.page.html, "begin"):
            visitor.press("begin")
        else:
            visitor.get(visitor.address("consent"))
        return visitor

    def consenting(self, study: Study | None = None) -> Visitor:
        """Return somebody who has agreed to everything and chooses a situation."""
        visitor = self.begun(study)
        form = form_with(visitor.page.html, "take_part")
        data = form.filled({name: offered[:1] for name, offered in form.choices.items()})
        visitor.post(visitor.page.path, data)
        return visitor

    def talking(self, study: Study | None = None) -> Visitor:
        """Return somebody who has been asked the first question."""
        visitor = self.consenting(study)
        form = form_with(visitor.page.html, "question")
        visitor.post(visitor.page.path, form.filled({"question": form.choices["question"][0]}))
        if form_offering(visitor.page.html, "send") is None:
            raise NotTried(f"The interview did not begin: {visitor.page.path} answered {visitor.page.status}.")
        return visitor

    def with_draft(self, study: Study | None = None) -> Visitor:
        """Return somebody who sees the draft of their card."""
        visitor = self.talking(study)
        visitor.press("send", {"text": WORDS})
        visitor.press("enough")
        if not ValuesCard.objects.filter(participant=visitor.participant).exists():
            raise NotTried(f"No card was drafted: {visitor.page.path} answered {visitor.page.status}.")
        return visitor

    def card_fields(self, visitor: Visitor, **changes: str) -> dict[str, str | list[str]]:
        """Return the fields with which they would confirm their card."""
        form = form_with(visitor.page.html, "title")
        first = next(name for name in form.values if name.startswith("policy-"))
        sent = form.filled({"title": "Near", first: "Silences that leave room", "fit": "4"})
        return {**sent, "action": "confirm", **changes}

    def finished(self) -> Visitor:
        """Return somebody who has confirmed their card and is done."""
        visitor = self.with_draft()
        visitor.post(visitor.page.path, self.card_fields(visitor))
        visitor.participant.refresh_from_db()
        if visitor.participant.finished_at is None:
            raise NotTried(f"The study could not be finished: {visitor.page.path} answered {visitor.page.status}.")
        return visitor


def link_of(participant: Participant, *, now: datetime, expires_at: datetime | None = None) -> str:
    """Return the address of a new personal link."""
    return reverse("participant:join", args=[create_link(participant, now=now, expires_at=expires_at)])


Case = Callable[[Probe], str]


def run_all(
    design: StudyDesign, cases: Mapping[str, Case], *, open_browser: OpenBrowser, now: datetime
) -> list[Outcome]:
    """Try every case in copies of a study, and take the copies away again."""
    short = {"steps": list(STEPS)}
    with (
        _copy(design, short, now=now) as study,
        _copy(design, short, now=now) as other,
        _copy(design, RATED, now=now) as rated,
    ):
        probe = Probe(study, other, rated, open_browser=open_browser, now=now)
        return [_run(name, case, probe) for name, case in cases.items()]


def _run(name: str, case: Case, probe: Probe) -> Outcome:
    try:
        return Outcome(name, complaint=case(probe))
    except NotTried as reason:
        return Outcome(name, not_tried=str(reason))


@contextmanager
def _copy(design: StudyDesign, changes: Mapping[str, object], *, now: datetime) -> Iterator[Study]:
    """Make a short open study with the same consent and situations, and remove it with everything in it."""
    data = design_as_data(design)
    short = {
        **data,
        "slug": f"must-fail-{secrets.token_hex(4)}",
        "interview": {**data["interview"], "mode": "guided"},
        "panels": [],
        "seed_cards": [],
        "upgrades": [],
        "contexts": [],
        **changes,
    }
    study = open_study(load_study(json.dumps(short, indent=1), now=now))
    try:
        yield study
    finally:
        remove(study)


def remove(study: Study) -> None:
    """Delete a study in which only simulated people were.

    Raises
    ------
    NotTried
        When somebody else is in it: then nothing is deleted.
    """
    if study.participants.exclude(origin=Origin.SIMULATED).exists():
        raise NotTried(f"Somebody who is not simulated has come into {study.slug}; it was left as it is.")
    for participant in study.participants.all():
        participant.delete()
    study.delete()
