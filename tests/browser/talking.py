"""A person at the interview's page, and the hand of a worker that writes a turn piece by piece."""

import time
from typing import Any

from django.utils import timezone

from elicit import turns
from elicit.interviews import finish_interview, questions_for, record_message, start_interview
from elicit.models import Interview, Participant, Turn, ValuesCard
from elicit.participants import create_link
from elicit.turn_log import LOG
from tests.make import NOW, make_consenting_participant, make_study

DESK = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}}
BY_A_MODEL = "interview: {mode: model}\n"
PATIENCE = 60  # seconds; a wait ends as soon as it can
NEVER_STALE = 3_600  # seconds; a test's writer sends no signs of life while the page is looked at


def make_talk(settings: Any, *, by_a_model: bool = False) -> Interview:
    """Begin an interview for somebody who takes part; a model asks after the opening, or the guide."""
    settings.LLM_MODELS, settings.LLM_PURPOSES = {}, {"interview": ["scripted/main"]}
    settings.TURN_STALE_SECONDS = NEVER_STALE
    person = make_consenting_participant(make_study(more=BY_A_MODEL if by_a_model else ""))
    return start_interview(person, questions_for(person)[0], now=timezone.now())


SAID = "My aunt sat with me. <b>She</b> listened before she said anything."
POLICIES = ["Silences that leave room", "Listening before a word is said", "Hours that are hardest"]


def make_draft(settings: Any) -> ValuesCard:
    """Finish an interview of one answer, and give its card three lines of which the first two rest on words."""
    talk = make_talk(settings)
    message = record_message(talk, SAID, idempotency_key="one", now=timezone.now())
    finish_interview(talk, now=timezone.now())
    quotes = [[_quote(message.number, "My aunt sat with me")], [_quote(message.number, "listened before")], []]
    card = ValuesCard.objects.get(interview=talk)
    ValuesCard.objects.filter(pk=card.pk).update(title="Room to speak", policies=POLICIES, evidence=quotes)
    card.refresh_from_db()
    return card


def _quote(number: int, words: str) -> dict[str, object]:
    start = SAID.index(words)
    return {"message": number, "start": start, "end": start + len(words), "quote": words}


def enter(person: Participant, page: Any, *, step: str = "interview") -> Any:
    """Open a step with the personal link."""
    page.goto(f"/join/{create_link(person, now=NOW)}/")
    page.goto(f"/study/{person.study.slug}/{step}/")
    return page


def send(page: Any, text: str) -> None:
    """Type an answer and press Send."""
    page.get_by_label("Your answer").fill(text)
    page.get_by_role("button", name="Send").click()


class Writer:
    """Takes up an interview's turn as a worker does, and writes when it is told to."""

    def __init__(self, talk: Interview) -> None:
        turn = turns.live_turn(talk)
        assert turn is not None, "Nothing waits to be written."
        self.attempt = turns.Attempt(turn.pk, turn.attempt)
        self.text = ""
        self.pieces = 0
        assert turns.take_up(self.attempt, now=timezone.now())

    def write(self, text: str) -> bool:
        """Write a piece; False when no more is wanted."""
        self.pieces += 1
        self.text += text
        return turns.add_words(self.attempt, number=self.pieces, text=text, now=timezone.now())

    def finish(self, *, was_cut: bool = False) -> None:
        """Store what was written as the question."""
        written = turns.Written(self.text, model_name="scripted/main", was_cut=was_cut)
        turns.keep_question(self.attempt, written, now=timezone.now())

    def hand_over(self) -> None:
        """Give up; the guide asks from here on."""
        turns.hand_over(self.attempt, trouble="budget", now=timezone.now())

    def die(self) -> None:
        """Stop in the middle."""
        turns.interrupt(self.attempt, trouble="broken_off", now=timezone.now())


def end_streams(talk: Interview) -> None:
    """End what still reads the turns, so that the next test finds the database free."""
    Turn.objects.filter(interview=talk).delete()
    until = time.monotonic() + PATIENCE
    while LOG.is_reading and time.monotonic() < until:
        time.sleep(0.05)
