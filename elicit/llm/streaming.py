"""Hear a model's words as they come: `stream`.

Rule: a model that says nothing, pings for ever or dies half-way holds nobody up. Whoever listens is asked between the
pieces, and several times a second of silence, whether to go on; every attempt is paid and written down exactly once,
also when the listener just leaves. Once words have come, no other model goes on in the first one's place.
"""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from elicit.errors import LLMError
from elicit.llm import prompts
from elicit.llm.backends import Answer, Ended, PassingFailure, Refused, Request, TimedOut, backend_for
from elicit.llm.configuration import ConfiguredModel, model_named, names_to_ask
from elicit.llm.ledger import CallContext
from elicit.llm.metering import Completion, MeteredCall, Stopped
from elicit.llm.prompts import Prompt
from elicit.llm.replies import EmptyReply

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.2
TRIES_OF_THE_LAST_MODEL = 2  # another model answers sooner than the same one after a pause; the last has none behind it
PAUSE_SECONDS = 1.0
GRACE_SECONDS = 1.0  # an interviewer's question is over with its question mark; what it took comes right after


class BrokenOff(LLMError):
    """An answer ended before its end, after words of it had come. They may be kept, or the answer asked for again."""

    trouble = "broken_off"


@dataclass(frozen=True)
class Started:
    """This model is being asked now; what follows until the next event of this kind is its."""

    model_name: str
    prompt_name: str
    prompt_hash: str


@dataclass(frozen=True)
class Piece:
    """Some words."""

    text: str


@dataclass(frozen=True)
class FellBack:
    """This model gave no word, for this reason (a value of `Turn.Trouble`); the next one is asked."""

    model_name: str
    trouble: str


@dataclass(frozen=True)
class Finished:
    """The answer is whole."""

    completion: Completion


Event = Started | Piece | FellBack | Finished


def _always() -> bool:
    return True


def stream(
    prompt: str | Prompt | Sequence[Mapping[str, str]],
    variables: Mapping[str, Any] | None = None,
    *,
    call: CallContext,
    model_names: Sequence[str] = (),
    purpose: str = "interview",
    watch: Callable[[], bool] = _always,
) -> Iterator[Event]:
    """Give the words of the first model that answers, as they come.

    `watch` says whether to go on. When it says no, the call ends at once, without `Finished`. Close the iterator, or
    use it up: then the call is settled too.

    Raises
    ------
    BrokenOff
        When words had come already.
    LLMError
        When no model gave a word, none is configured, or a spending cap is reached. `trouble` says which.
    """
    names = names_to_ask(model_names, purpose=purpose)
    asked = prompts.prompt_of(prompt, variables or {})
    for place, name in enumerate(names, start=1):
        yield Started(name, asked.name, asked.hash)
        try:
            tries = TRIES_OF_THE_LAST_MODEL if place == len(names) else 1
            yield from _words_of(model_named(name), _Question(asked, call, watch), tries=tries)
            return
        except Stopped:
            return
        except BrokenOff:
            raise
        except LLMError as error:
            log.warning("%s got no word from %s (%s).", asked.name or "a prompt", name, type(error).__name__)
            if place == len(names):
                raise
            failed = FellBack(name, error.trouble)
        yield failed


@dataclass(frozen=True)
class _Question:
    prompt: Prompt
    call: CallContext
    watch: Callable[[], bool]


def _words_of(model: ConfiguredModel, question: _Question, *, tries: int) -> Iterator[Event]:
    """Ask one model, again only after a failure that passes and that took no time."""
    end = time.monotonic() + settings.LLM_DEADLINE_SECONDS
    for tries_left in reversed(range(tries)):
        try:
            return (yield from _attempt(model, question, end=end))
        except TimedOut:
            raise
        except PassingFailure:
            if not tries_left:
                raise
        _wait(PAUSE_SECONDS, question.watch)
    raise AssertionError("The last try returns or raises.")


def _wait(seconds: float, watch: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not watch():
            raise Stopped
        time.sleep(min(left, SECONDS_BETWEEN_LOOKS))


def _attempt(model: ConfiguredModel, question: _Question, *, end: float) -> Iterator[Event]:
    """Lease, listen, settle, write down."""
    request = Request(
        model_name=model.name,
        messages=question.prompt.messages,
        seconds=end - time.monotonic(),
        most_output_tokens=model.most_output_tokens,
        seed=question.call.seed,
        quiet_seconds=settings.LLM_FIRST_TOKEN_SECONDS,
        settings=model.settings,
    )
    words: list[str] = []
    with MeteredCall(question.call, model=model, prompt=question.prompt) as metered:
        try:
            with Listener(request) as listener:
                for piece in listener.heard(question.watch):
                    words.append(piece)
                    yield Piece(piece)
            metered.answer = _whole(words, listener.ended)
            _check(metered.answer, model)
        except Stopped:
            metered.answer = _whole(words, listener.ended) if listener.ended else None
            raise Stopped(has_words=bool(words)) from None
        except LLMError as error:
            if "".join(words).strip():
                raise _broken_off(error, model) from error
            raise
    yield Finished(metered.completion())


def _whole(words: Sequence[str], ended: Ended | None) -> Answer:
    last = ended or Ended()
    return Answer("".join(words), last.input_tokens, last.output_tokens, last.finish)


def _check(answer: Answer, model: ConfiguredModel) -> None:
    """Refuse an answer that is none."""
    if answer.finish == "refused":
        raise Refused(f"{model.name} declined to answer.")
    if not answer.text.strip():
        raise EmptyReply


def _broken_off(error: LLMError, model: ConfiguredModel) -> BrokenOff:
    broken = BrokenOff(f"{model.name} broke off ({type(error).__name__}).")
    if isinstance(error, Refused):
        broken.trouble = error.trouble
    return broken


class Listener:
    """Hears a backend from a thread of its own, because a silent socket blocks whoever reads it.

    Leaving the block never waits: the thread hangs up with the next piece, or after the longest silence. `ended` is
    what the backend said last.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.ended: Ended | None = None
        self._said: queue.SimpleQueue[str | Ended | Exception | None] = queue.SimpleQueue()
        self._has_left = threading.Event()

    def __enter__(self) -> "Listener":
        threading.Thread(target=self._listen, name="listener", daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._has_left.set()

    def heard(self, watch: Callable[[], bool]) -> Iterator[str]:
        """Give the pieces as they come; raise what the backend raised, `Stopped`, or `TimedOut` after a silence."""
        end = time.monotonic() + self.request.seconds
        quiet_until = time.monotonic() + self.request.quiet_seconds
        has_words = False
        while True:
            if not watch():
                self._wait_for_the_end(GRACE_SECONDS if has_words else 0.0)
                raise Stopped
            try:
                piece = self._next(SECONDS_BETWEEN_LOOKS)
            except queue.Empty:
                if time.monotonic() >= min(end, quiet_until):
                    raise TimedOut(f"{self.request.model_name} was silent for too long.") from None
                continue
            if piece is None:
                return
            if time.monotonic() >= end:
                raise TimedOut(f"{self.request.model_name} took longer than {self.request.seconds:.0f} seconds.")
            quiet_until = time.monotonic() + self.request.quiet_seconds
            has_words = True
            yield piece

    def _next(self, seconds: float) -> str | None:
        """Return the next piece, or None at the end."""
        said = self._said.get(timeout=seconds)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Ended):
            self.ended = said
            return None
        return said

    def _wait_for_the_end(self, seconds: float) -> None:
        """Give an answer that is nearly over the time to say what it took; otherwise it is paid at its most."""
        until = time.monotonic() + seconds
        with contextlib.suppress(queue.Empty, LLMError):
            while (left := until - time.monotonic()) > 0 and self._next(left) is not None:
                pass

    def _listen(self) -> None:
        try:
            with closing(backend_for(self.request.model_name).stream(self.request)) as pieces:  # type: ignore[type-var]
                for piece in pieces:
                    if self._has_left.is_set():
                        return
                    self._said.put(piece)
            self._said.put(None)
        except Exception as error:  # noqa: BLE001 - raised again where the pieces are read
            self._said.put(error)
