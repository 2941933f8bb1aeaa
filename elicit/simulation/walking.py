"""Walk a study as a simulated person: read each page, fill its form, send it, follow where it leads.

Rule: the walker knows only what a browser shows. It goes through the real pages and cannot do what they do not offer.
Pure: no Django; whoever calls it brings the browser.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from elicit.guided import CardDraft, Evidence
from elicit.instruments import Instrument, answer_as_post, load_instrument
from elicit.simulation.behaviour import answer_interview, edit_card, judge, rate, survey_answers
from elicit.simulation.pages import PageForm, forms_of, text_of, texts_of
from elicit.simulation.personas import Persona
from elicit.study_files import StudyDesign

MOST_PAGES = 200  # nobody needs as many; more means that the walker goes in circles
MOST_WAITS = 20
FIT_SCALE = ("2", "3", "3", "4", "4")
GRANTED = frozenset({"take_part", "keep_transcript", "explore", "publish", "train"})


class WalkFailed(RuntimeError):
    """The walk could not go on; the message names the person and the page."""


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


class Walk:
    """One person's walk through one study."""

    def __init__(self, persona: Persona, *, design: StudyDesign, browser: Browser, seed: int) -> None:
        self.persona = persona
        self.design = design
        self.browser = browser
        self.rng = random.Random(f"{seed}:{persona.number}")
        self.answered = 0
        self.opened = 0
        self.prompts = list(persona.openings)

    def run(self, entry: str) -> Page:
        """Walk from the entry link to the last page and return it."""
        page = self._checked(self.browser.get(entry))
        page = self._checked(self.browser.get(self._begin(page)))
        for _ in range(MOST_PAGES):
            place = step_of(page.path)
            if place == "done":
                return page
            if place not in HANDLERS:
                raise WalkFailed(f"Person {self.persona.number} does not know the page {page.path}.")
            page = self._checked(HANDLERS[place](self, page))
        raise WalkFailed(f"Person {self.persona.number} was still at {page.path} after {MOST_PAGES} pages.")

    def _begin(self, page: Page) -> str:
        return f"/study/{self.design.slug}/consent/" if step_of(page.path) == self.design.slug else page.path

    def _checked(self, page: Page) -> Page:
        if page.status != 200:
            words = " / ".join(texts_of(page.html, "field-error") + texts_of(page.html, "notice"))
            raise WalkFailed(f"Person {self.persona.number} got {page.status} at {page.path}: {words}")
        return page

    def _send(self, page: Page, form: PageForm, answers: Mapping[str, str | list[str]], button: str = "") -> Page:
        pressed = next((each for each in form.buttons if each[1] == button), None) if button else None
        target = urljoin(page.path, form.action or page.path)
        return self.browser.post(target, form.filled(answers, button=pressed))

    def consent(self, page: Page) -> Page:
        """Tick what a simulated person grants."""
        form = form_with(page, "take_part")
        boxes = [item.key for item in self.design.consent.items if item.purpose in GRANTED]
        return self._send(page, form, {key: form.choices[key][:1] for key in boxes})

    def interview(self, page: Page) -> Page:
        """Choose the situation, then answer one question."""
        forms = forms_of(page.html)
        choosing = next((form for form in forms if "question" in form.choices), None)
        if choosing is not None:
            return self._send(page, choosing, {"question": self.persona.question})
        stage = text_of(page.html, "data-stage")
        said = answer_interview(self.persona, self.persona.question, self.answered, stage)
        self.answered += 1
        return self._send(page, form_with(page, "text"), {"text": said}, button="send")

    def values_card(self, page: Page) -> Page:
        """Edit the draft as this person would, and confirm it."""
        form = form_with(page, "title")
        lines = {name: values[0] for name, values in form.values.items() if name.startswith("policy-") and values[0]}
        draft = CardDraft(
            title=form.values["title"][0],
            description=form.values["description"][0],
            policies=tuple(lines.values()),
            evidence=tuple(Evidence(quote=line, answer=0) for line in lines.values()),
        )
        card = edit_card(self.persona, self.persona.question, draft)
        kept = [*card.policies, *[""] * (len(lines) - len(card.policies))]
        answers: dict[str, str | list[str]] = dict(zip(lines, kept, strict=True))
        fit = self.rng.choice(FIT_SCALE)
        return self._send(page, form, {**answers, "title": card.title, "fit": fit}, button="confirm")

    def judgements(self, page: Page) -> Page:
        """Judge the pair on the page."""
        first, second = texts_of(page.html, "values-card-title")[:2]
        context = text_of(page.html, "data-context")
        contexts = {each.text.for_language(self.persona.language): each.key for each in self.design.contexts}
        answer, why = judge(self.persona, first, second, contexts.get(context, ""), self.rng)
        form = form_with(page, "answer")
        answers: dict[str, str | list[str]] = {"answer": answer, "why": why}
        if answer == "cannot_judge" and form.choices.get("reason"):
            answers["reason"] = self.rng.choice([value for value in form.choices["reason"] if value])
        return self._send(page, form, answers)

    def conversations(self, page: Page) -> Page:
        """Do whatever the present conversation asks for."""
        forms = forms_of(page.html)
        if any("kind" in form.choices for form in forms):
            return self._open_conversation(page)
        if any(name.startswith("score_") for form in forms for name in form.values):
            return self._rate(page)
        if any("open_text" in form.values for form in forms):
            return self._feedback(page)
        if any("prompt" in form.values for form in forms):
            follow_up = self.rng.choice(FOLLOW_UPS)
            return self._send(page, form_with(page, "prompt"), {"prompt": follow_up})
        return self._wait(page)

    def _open_conversation(self, page: Page) -> Page:
        form = form_with(page, "kind")
        kinds = form.choices["kind"]
        opening = self.prompts[self.opened % len(self.prompts)]
        kind = kinds[min(self.opened, len(kinds) - 1)]
        self.opened += 1
        return self._send(page, form, {"kind": kind, "prompt": opening})

    def _rate(self, page: Page) -> Page:
        form = next(f for f in forms_of(page.html) if any(name.startswith("score_") for name in f.values))
        names = [name for name in form.values if name.startswith("score_")]
        scores = [rate(self.persona, text, self.rng) for text in texts_of(page.html, "response-text")]
        return self._send(page, form, dict(zip(names, map(str, apart(scores)), strict=True)))

    def _feedback(self, page: Page) -> Page:
        form = form_with(page, "open_text")
        sliders = [name for name in form.values if name.startswith(("performance_", "choice_"))]
        answers: dict[str, str | list[str]] = {name: str(self.rng.randint(30, 95)) for name in sliders}
        return self._send(page, form, answers)

    def _wait(self, page: Page) -> Page:
        for _ in range(MOST_WAITS):
            self.browser.wait()
            page = self._checked(self.browser.get(page.path))
            if any(set(form.values) - {"csrfmiddlewaretoken"} for form in forms_of(page.html)):
                return page
        raise WalkFailed(f"Person {self.persona.number} waited in vain at {page.path}.")

    def survey(self, page: Page) -> Page:
        """Answer one page of the survey."""
        return self._survey_page(page, self.design.survey.instrument if self.design.survey else "")

    def closing(self, page: Page) -> Page:
        """Answer one page of the closing questions."""
        return self._survey_page(page, self.design.closing.instrument if self.design.closing else "")

    def _survey_page(self, page: Page, name: str) -> Page:
        instrument = load_instrument(name)
        form = form_with(page, "part")
        return self._send(page, form, survey_fields(self.persona, instrument, form))


FOLLOW_UPS = (
    "Thank you. Can you say more about the last part?",
    "I'm not sure that fits. What would you do first?",
    "And if I only have ten minutes for it?",
)
HANDLERS: dict[str, Callable[[Walk, Page], Page]] = {
    "consent": Walk.consent,
    "interview": Walk.interview,
    "values-card": Walk.values_card,
    "judgements": Walk.judgements,
    "conversations": Walk.conversations,
    "survey": Walk.survey,
    "closing": Walk.closing,
}


def step_of(path: str) -> str:
    """Return the last part of a path: the step that it shows."""
    return [part for part in urlsplit(path).path.split("/") if part][-1]


def form_with(page: Page, name: str) -> PageForm:
    """Return the page's form that has a field of this name."""
    for form in forms_of(page.html):
        if name in form.values:
            return form
    raise WalkFailed(f"The page {page.path} has no form with {name!r}.")


def apart(scores: list[int]) -> list[int]:
    """Return the scores with the best one alone at the top, as somebody who has a favourite would give them."""
    best = max(scores)
    place = scores.index(best)
    return [score if index == place or score < best else best - 1 for index, score in enumerate(scores)]


def survey_fields(persona: Persona, instrument: Instrument, form: PageForm) -> dict[str, str | list[str]]:
    """Return this person's answers for the fields that the form shows."""
    answers = survey_answers(persona, instrument)
    fields: dict[str, str | list[str]] = {}
    for item in instrument.items():
        posted = answer_as_post(item, answers.get(item.name))
        fields.update({name: value for name, value in posted.items() if name in form.values})
    return fields
