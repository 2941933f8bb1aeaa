"""Walk a study as a simulated person: read each page, fill its form, send it, follow where it leads.

Rule: the walker knows only what a browser shows. It goes through the real pages and cannot do what they do not offer.
Pure: no Django; whoever calls it brings the browser.
"""

import random
from collections.abc import Callable, Mapping
from urllib.parse import urljoin, urlsplit

from elicit.instruments import Instrument, answer_as_post, load_instrument, null_field_name
from elicit.simulation.acting import Act, CardAnswer, Mind, ScriptedMind
from elicit.simulation.behaviour import (
    declines_by,
    judge,
    knows_a_wiser_one,
    own_lines,
    rate,
    suggested_title,
    survey_answers,
)
from elicit.simulation.browsing import Browser, Page, SiteNotReached
from elicit.simulation.interviewing import ANSWERS_BEFORE_THE_OTHER_DEVICE, interview, values_card
from elicit.simulation.pages import FieldNotOffered, PageForm, form_offering, form_with, forms_of, text_of, texts_of
from elicit.simulation.personas import Persona
from elicit.study_files import StudyDesign, SurveyDesign

__all__ = ["Browser", "Page", "Walk", "WalkFailed"]

MOST_PAGES = 250  # nobody needs as many; more means that the walker goes in circles
MOST_WAITS = 240
CONFLICT = 409  # what a second click may get where the first was saved
GRANTED = frozenset({"take_part", "keep_transcript", "explore", "publish", "train"})
FOLLOW_UPS = (
    "Thank you. Can you say more about the last part?",
    "I'm not sure that fits. What would you do first?",
    "And if I only have ten minutes for it?",
)
Devices = Callable[[], tuple[Browser, str]]


class WalkFailed(RuntimeError):
    """The walk could not go on; the message names the person and the page."""


class Walk:
    """One person's walk through one study."""

    def __init__(
        self,
        persona: Persona,
        *,
        design: StudyDesign,
        browser: Browser,
        seed: int,
        mind: Mind | None = None,
        another_device: Devices | None = None,
    ) -> None:
        self.persona = persona
        self.design = design
        self.browser = browser
        self.rng = random.Random(f"{seed}:{persona.number}")
        self.mind = mind or ScriptedMind(persona, rng=self.rng)
        self.another_device = another_device
        self.question = persona.question
        self.acts: list[Act] = []
        self.waits = 0
        self.has_retried = False
        self.has_talked_again = False
        self.card: CardAnswer | None = None
        self.cards_shown = 0
        self.opened = 0
        self.prompts = list(persona.openings)

    def run(self, entry: str) -> Page:
        """Walk from the entry link to the last page and return it."""
        page = self._begin(self.open(entry))
        for _ in range(MOST_PAGES):
            place = step_of(page.path)
            if place == "done":
                return page
            if place not in HANDLERS:
                raise WalkFailed(f"Person {self.persona.number} does not know the page {page.path}.")
            page = self._at(place, page)
        raise WalkFailed(f"Person {self.persona.number} was still at {page.path} after {MOST_PAGES} pages.")

    def _at(self, place: str, page: Page) -> Page:
        try:
            return HANDLERS[place](self, page)
        except (FieldNotOffered, SiteNotReached) as error:
            raise WalkFailed(f"Person {self.persona.number} could not go on at {page.path}. {error}") from error

    def open(self, path: str) -> Page:
        """Open a page that must work."""
        return self._checked(self.browser.get(path))

    def _begin(self, page: Page) -> Page:
        """Press "Begin" on the welcome page; whoever comes back is past it."""
        if step_of(page.path) != self.design.slug:
            return page
        form = form_offering(page.html, "begin") or next(
            (each for each in forms_of(page.html) if each.method == "post" and "leave" not in each.action), None
        )
        if form is None:
            return self.open(f"/study/{self.design.slug}/consent/")
        is_asked = self.persona.language in form.choices.get("language", [])
        speaks = {"language": self.persona.language} if is_asked else {}
        return self.send(page, form, speaks, button="begin")

    def _checked(self, page: Page) -> Page:
        if page.status != 200:
            words = " / ".join(texts_of(page.html, "field-error") + texts_of(page.html, "notice"))
            raise WalkFailed(f"Person {self.persona.number} got {page.status} at {page.path}: {words}")
        return page

    def send(self, page: Page, form: PageForm, answers: Mapping[str, str | list[str]], button: str = "") -> Page:
        """Fill in a form and press its button, twice where that is this person's habit."""
        pressed = next((each for each in form.buttons if button in each), None) if button else None
        target = urljoin(page.path, form.action or page.path)
        data = form.filled(answers, button=pressed)
        came = self._checked(self.browser.post(target, data))
        if self.persona.quirk != "double_clicks" or step_of(page.path) not in {"interview", "values-card"}:
            return came
        again = self.browser.post(target, data)
        return came if again.status == CONFLICT else self._checked(again)

    def wait_at(self, page: Page) -> Page:
        """Look at the page again after a while, as somebody without JavaScript does."""
        self.waits += 1
        if self.waits > MOST_WAITS:
            raise WalkFailed(f"Person {self.persona.number} waited in vain at {page.path}.")
        self.browser.wait()
        return self.open(page.path)

    def leaves_this_device(self) -> bool:
        """Say whether this person goes away now, to come back on another device."""
        answered = sum(act.action == "send" for act in self.acts)
        return self.another_device is not None and answered >= ANSWERS_BEFORE_THE_OTHER_DEVICE

    def change_device(self) -> Page:
        """Come back with the personal link, in a browser that knows nothing."""
        if self.another_device is None:
            raise WalkFailed(f"Person {self.persona.number} has no other device.")
        self.browser, entry = self.another_device()
        self.another_device = None
        return self.open(entry)

    def consent(self, page: Page) -> Page:
        """Tick what a simulated person grants, also where a new wording is asked about again."""
        form = form_with(page.html, "take_part")
        refused = {item.key for item in self.design.consent.items if item.purpose not in GRANTED}
        return self.send(page, form, {key: offered[:1] for key, offered in form.choices.items() if key not in refused})

    def judgements(self, page: Page) -> Page:
        """Judge the pair on the page; now and then, say that something else is wiser."""
        titles = texts_of(page.html, "values-card-title")[:2]
        first, second = titles if text_of(page.html, "data-asked-about") == "b" else titles[::-1]
        context = text_of(page.html, "data-context")
        contexts = {each.text.for_language(self.persona.language): each.key for each in self.design.contexts}
        answer, why = judge(self.persona, first, second, contexts.get(context, ""), self.rng)
        form = form_with(page.html, "answer")
        answers: dict[str, str | list[str]] = {"answer": answer, "why": why}
        if answer == "cannot_judge" and form.choices.get("reason"):
            answers["reason"] = self.rng.choice([value for value in form.choices["reason"] if value])
        is_naming = knows_a_wiser_one(self.persona, first, second)
        return self.send(page, form, answers, button="suggest" if is_naming else "")

    def wiser(self, page: Page) -> Page:
        """Name a wiser value: one's own card, where there is one."""
        form = form_with(page.html, "above")
        which = form.choices["which"][0]
        answers: dict[str, str | list[str]] = {"above": form.choices["above"][0], "which": which}
        if which == "new":
            lines = own_lines(self.persona, self.question)
            answers |= {"title": suggested_title(self.persona), "lines": "\n".join(lines)}
        return self.send(page, form, answers)

    def conversations(self, page: Page) -> Page:
        """Do whatever the present conversation asks for."""
        forms = forms_of(page.html)
        if any("kind" in form.values for form in forms):
            return self._open_conversation(page)
        if any(name.startswith("score_") for form in forms for name in form.values):
            return self._rate(page)
        if any("open_text" in form.values for form in forms):
            return self._feedback(page)
        if any("prompt" in form.values for form in forms):
            follow_up = self.rng.choice(FOLLOW_UPS)
            return self.send(page, form_with(page.html, "prompt"), {"prompt": follow_up})
        return self.wait_at(page)

    def _open_conversation(self, page: Page) -> Page:
        form = form_with(page.html, "kind")
        kinds = form.choices.get("kind")
        if not kinds:  # the study gives the first prompt
            return self.send(page, form, {})
        opening = self.prompts[self.opened % len(self.prompts)]
        kind = kinds[min(self.opened, len(kinds) - 1)]
        self.opened += 1
        return self.send(page, form, {"kind": kind, "prompt": opening})

    def _rate(self, page: Page) -> Page:
        form = next(f for f in forms_of(page.html) if any(name.startswith("score_") for name in f.values))
        names = [name for name in form.values if name.startswith("score_")]
        scores = [rate(self.persona, text, self.rng) for text in texts_of(page.html, "response-text")]
        given = dict(zip(names, map(str, apart(scores)), strict=True))
        for_everybody = {
            name: str(rate(self.persona, text, self.rng))
            for name, text in zip(
                [name for name in form.values if name.startswith("society_")],
                texts_of(page.html, "response-text"),
                strict=False,
            )
        }
        return self.send(page, form, {**given, **for_everybody})

    def _feedback(self, page: Page) -> Page:
        form = form_with(page.html, "open_text")
        blocks = [name for name in form.values if name.startswith(("performance_", "choice_"))]
        sliders = [name for name in blocks if not name.endswith("_na")]
        answers: dict[str, str | list[str]] = {name: str(self.rng.randint(30, 95)) for name in sliders}
        return self.send(page, form, answers)

    def survey(self, page: Page) -> Page:
        """Answer one page of the survey."""
        return self._survey_page(page, self.design.survey)

    def closing(self, page: Page) -> Page:
        """Answer one page of the closing questions."""
        return self._survey_page(page, self.design.closing)

    def _survey_page(self, page: Page, asked: SurveyDesign | None) -> Page:
        keys = [asked.instrument, *asked.batteries] if asked else []
        form = form_with(page.html, "part")
        fields: dict[str, str | list[str]] = {}
        for instrument in map(load_instrument, keys):
            fields |= survey_fields(self.persona, instrument, form)
        return self.send(page, form, fields)


HANDLERS: dict[str, Callable[[Walk, Page], Page]] = {
    "consent": Walk.consent,
    "again": Walk.consent,
    "interview": interview,
    "values-card": values_card,
    "judgements": Walk.judgements,
    "wiser": Walk.wiser,
    "conversations": Walk.conversations,
    "survey": Walk.survey,
    "closing": Walk.closing,
}


def step_of(path: str) -> str:
    """Return the last part of a path: the step that it shows."""
    return [part for part in urlsplit(path).path.split("/") if part][-1]


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
        declined = declines_by(persona, item)
        if declined is not None and item.name in answers:
            posted = {null_field_name(item): declined}
        fields.update({name: value for name, value in posted.items() if name in form.values})
    return fields
