"""The job behind a turn: have a model find the words for the interviewer's next question.

Rule: the guide has decided what the question is for; the model's text decides nothing. Whatever happens to the model,
the turn ends as a message of its words, as one of the guide's, or as interrupted with a way on. No word of anybody's
is logged.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from elicit import asking, connections, turns, wording
from elicit.errors import AlreadyWithdrawn, LLMError, StudyNotOpen
from elicit.jobs import JobProgress
from elicit.llm.configuration import models_for
from elicit.llm.ledger import CallContext
from elicit.llm.prompts import Ours
from elicit.llm.streaming import BrokenOff, Event, FellBack, Piece, Started, stream
from elicit.models import Message, Turn
from elicit.turns import Asked, Attempt, Written

PROMPT = "interview_question"
PURPOSE = "interview"
SECONDS_BETWEEN_WRITES = 0.25
SECONDS_BETWEEN_BEATS = 0.5  # also how soon a stop is heard while no words come
WHO = {Message.Author.INTERVIEWER.value: "You asked", Message.Author.PARTICIPANT.value: "The person answered"}
NOTES = {
    Message.Kind.SKIPPED.value: "(they skipped the question)",
    Message.Kind.DECLINED.value: "(they would rather not say)",
    Message.Kind.DIFFERENTLY.value: "(they asked for it to be put differently)",
}
LANGUAGE_NAMES = {"en": "English", "ar": "Arabic"}  # what a model knows best; others go by their code


class Pen:
    """Writes one attempt's words into the turn log, the first at once and then a few times a second."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.raw = ""
        self.written = Written("", seed="")
        self.failed: list[str] = []
        self._shown = ""
        self._chunks = 0
        self._last = time.monotonic()
        self._last_write = 0.0
        self._is_ended = False

    def goes_on(self) -> bool:
        """Say whether more words are wanted; asked several times a second, and where the turn is kept alive."""
        if not self._is_ended and time.monotonic() - self._last >= SECONDS_BETWEEN_BEATS:
            self._last = time.monotonic()
            self._is_ended = not turns.beat(self.attempt, now=timezone.now())
        connections.let_go()  # nobody holds a connection while a model thinks
        return not self._is_ended

    @property
    def is_ended(self) -> bool:
        """Whether somebody wants no more words, or the question stands."""
        return self._is_ended

    def ask_of(self, started: Started) -> None:
        """Note who is asked now."""
        self.written = replace(
            self.written,
            model_name=started.model_name,
            prompt_name=started.prompt_name,
            prompt_hash=started.prompt_hash,
        )
        turns.note_model(self.attempt, started.model_name, failed=tuple(self.failed), now=timezone.now())

    def add(self, text: str) -> None:
        """Take a piece as it arrives."""
        self.raw += text
        if not self._chunks or time.monotonic() - self._last_write >= SECONDS_BETWEEN_WRITES:
            self.flush()
        if wording.has_question(self.raw):
            self.flush()
            self._is_ended = True

    def flush(self) -> None:
        """Write what can no longer change."""
        words = wording.settled(self.raw)
        if len(words) <= len(self._shown) or not words.startswith(self._shown) or self._is_ended:
            return
        self._chunks += 1
        fresh = words[len(self._shown) :]
        if not turns.add_words(self.attempt, number=self._chunks, text=fresh, now=timezone.now()):
            self._is_ended = True
        self._shown = words
        self._last = self._last_write = time.monotonic()

    def finished(self, *, was_cut: bool) -> Written:
        """Return what is to be kept."""
        return replace(self.written, text=wording.as_question(self.raw), was_cut=was_cut)


def write_question(progress: JobProgress) -> None:
    """Do the job: write one turn, unless it needs no work any more."""
    attempt = Attempt(progress.payload["turn"], progress.payload["attempt"])
    asked = turns.take_up(attempt, now=timezone.now())
    if asked is None:
        return
    pen = Pen(attempt)
    try:
        _write(asked, pen)
    except (AlreadyWithdrawn, StudyNotOpen):
        return  # nothing may be kept: the turn is gone, or waits to be tried again when the study opens


def _write(asked: Asked, pen: Pen) -> None:
    pen.written = replace(pen.written, seed=f"{asking.seed_of(asked.interview)}:{asked.turn.number}")
    try:
        for event in _events(asked, pen):
            if isinstance(event, Piece):
                pen.add(event.text)
            elif isinstance(event, Started):
                pen.ask_of(event)
            elif isinstance(event, FellBack):
                pen.failed.append(event.model_name)
        pen.flush()
    except BrokenOff as error:
        _end_broken(pen, trouble=error.trouble)
    except LLMError as error:
        turns.hand_over(pen.attempt, trouble=trouble_of(error), now=timezone.now())
    else:
        _end_well(pen)


def _events(asked: Asked, pen: Pen) -> Iterator[Event]:
    participant = asked.interview.participant
    call = CallContext(
        study=participant.study, purpose=PURPOSE, participant_code=participant.code, seed=pen.written.seed
    )
    return stream(PROMPT, variables(asked), call=call, model_names=models_for(PURPOSE), watch=pen.goes_on)


def _end_well(pen: Pen) -> None:
    """Keep the words; where the person stopped it or it was cut before any question, say so."""
    now = timezone.now()
    is_whole = wording.has_question(pen.raw)
    written = pen.finished(was_cut=pen.is_ended and not is_whole)
    if written.text:
        turns.keep_question(pen.attempt, written, now=now)
    elif not pen.is_ended:
        turns.hand_over(pen.attempt, trouble=Turn.Trouble.EMPTY, now=now)
    else:
        turns.ask_instead(pen.attempt, now=now)


def _end_broken(pen: Pen, *, trouble: str) -> None:
    """Keep half an answer that already asks its question; leave any other to be tried again."""
    pen.flush()
    if wording.has_question(pen.raw):
        turns.keep_question(pen.attempt, pen.finished(was_cut=True), now=timezone.now())
    else:
        turns.interrupt(pen.attempt, trouble=trouble or Turn.Trouble.BROKEN_OFF, now=timezone.now())


def trouble_of(error: LLMError) -> str:
    """Name what went wrong by one of the turn's troubles."""
    return error.trouble if error.trouble in Turn.Trouble.values and error.trouble else Turn.Trouble.PROVIDER


def variables(asked: Asked) -> dict[str, Any]:
    """Return what the prompt is made of; everything that somebody wrote stays data."""
    interview, turn = asked.interview, asked.turn
    language = interview.participant.language
    question = asking.next_turn(interview, asked.messages, now=turn.created_at)
    return {
        "language": Ours(language_name(language)),
        "situation": asking.situation(interview).text.for_language(language),
        "transcript": transcript(asked.messages),
        "aim": Ours(question.aim if question else ""),
        "again": bool(asked.messages) and asked.messages[-1].kind == Message.Kind.DIFFERENTLY,
        "is_last": bool(question and question.is_last),
    }


def transcript(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Return what was said as a prompt's loop reads it; the words themselves stay data."""
    return [
        {"who": Ours(WHO[message.author]), "note": Ours(NOTES.get(message.kind, "")), "text": message.text}
        for message in messages
    ]


def language_name(language: str) -> str:
    """Return the name of a language as prompts use it."""
    return LANGUAGE_NAMES.get(language.split("-")[0], language)
