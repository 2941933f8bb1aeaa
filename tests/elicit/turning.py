"""What tests of turns share: a study led by a model, its words, and a worker in the test's own process."""

from collections.abc import Callable, Iterator
from typing import Any

from elicit import interviewing, turns
from elicit.errors import LLMError
from elicit.interviews import record_message, start_interview
from elicit.jobs import run_queued_jobs
from elicit.llm.streaming import Event, Finished, Piece, Started
from elicit.models import Interview, Message, Participant, Turn
from elicit.turns import Attempt
from tests.make import NOW, make_consenting_participant, make_study

MODEL_LED = "interview: {mode: model}\n"
MODEL = "scripted/one"
STORY = "I was sitting with my brother the whole night, and I noticed that he only spoke when I stopped asking."
QUESTION = "You stayed beside him. What did you watch for while he was silent?"


def make_model_led(more: str = MODEL_LED) -> Participant:
    """Make somebody whose interview a model leads; the test's settings must name one."""
    return make_consenting_participant(make_study(more=more))


def begin(participant: Participant, *, question: str = "night") -> Interview:
    """Start talking about a situation."""
    return start_interview(participant, participant.study.questions.get(key=question), now=NOW)


def say(interview: Interview, text: str = STORY, *, key: str = "one", **more: Any) -> Message:
    """Send an answer."""
    return record_message(interview, text, idempotency_key=key, now=NOW, **more)


def the_turn(interview: Interview) -> Turn:
    """Return the interview's newest turn."""
    return Turn.objects.filter(interview=interview).latest("pk")


def attempt_at(interview: Interview) -> Attempt:
    """Return the present attempt at the newest turn."""
    turn = the_turn(interview)
    return Attempt(turn.pk, turn.attempt)


def work() -> int:
    """Do the work of a worker: run every job that is due."""
    return run_queued_jobs()


class Script:
    """Words in place of a model's stream: pieces to say, errors to raise, things to do between them."""

    def __init__(self, *parts: str | LLMError | Callable[[], object]) -> None:
        self.parts = parts
        self.asked: list[dict[str, Any]] = []
        self.was_stopped = False

    def stream(self, prompt: str, variables: dict[str, Any], **more: Any) -> Iterator[Event]:
        """Play the parts, as `elicit.llm.streaming.stream` would."""
        self.asked.append({"prompt": prompt, **variables, **more})
        yield Started(MODEL, "interview_question", "hash")
        for part in self.parts:
            if not more["watch"]():
                self.was_stopped = True
                return
            if isinstance(part, LLMError):
                raise part
            if callable(part):
                part()
            else:
                yield Piece(part)
        yield Finished(None)  # type: ignore[arg-type]


def play(monkeypatch: Any, *parts: str | LLMError | Callable[[], object]) -> Script:
    """Let the next turns be written by a script."""
    script = Script(*parts)
    monkeypatch.setattr(interviewing, "stream", script.stream)
    return script


def beside(text: str) -> list[str]:
    """Cut a text into pieces as a model sends them."""
    return [f"{word} " for word in text.split()]


__all__ = [
    "MODEL", "MODEL_LED", "NOW", "QUESTION", "STORY", "Script", "attempt_at", "begin", "beside", "make_model_led",
    "play", "say", "the_turn", "turns", "work",
]  # fmt: skip
