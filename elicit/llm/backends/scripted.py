"""Answer from a list, for tests: each call takes the next reply, or raises it when it is an error.

Rule: it has the interface of every other backend, so that what is tested is the gateway itself.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from elicit.llm.backends import Answer, ChatMessage, Ended, LastingFailure, Request, in_pieces, install, uninstall

PREFIX = "scripted"


@dataclass(frozen=True)
class Broken:
    """A reply that breaks off: these words, then this failure. Without a stream there is only the failure."""

    text: str
    failure: Exception


Scriptable = str | Answer | Exception | Broken


class Scripted:
    """Replies in order, and notes what it was asked."""

    def __init__(self, replies: tuple[Scriptable, ...]) -> None:
        self._replies = list(replies)
        self._lock = threading.Lock()
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answer:
        """Return the next reply or raise it."""
        reply = self._next(request)
        if isinstance(reply, Broken):
            raise reply.failure
        return reply

    def stream(self, request: Request) -> Iterator[str | Ended]:
        """Give the next reply word by word, or raise it."""
        reply = self._next(request)
        if isinstance(reply, Broken):
            yield from (piece for piece in in_pieces(Answer(reply.text, None, None)) if isinstance(piece, str))
            raise reply.failure
        yield from in_pieces(reply)

    def embed(self, model_name: str, texts: Sequence[str], *, seconds: float) -> tuple[list[list[float]], int]:
        """Return the next reply, a JSON list of vectors, or raise it."""
        request = Request(model_name, tuple(ChatMessage("user", text) for text in texts), seconds, 0)
        reply = self._next(request)
        return json.loads(reply.text if isinstance(reply, Answer) else ""), 100

    def _next(self, request: Request) -> Answer | Broken:
        with self._lock:
            self.asked.append(request)
            if not self._replies:
                raise LastingFailure("The script has no reply left; give it one more.")
            reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Answer | Broken) else Answer(reply, input_tokens=100, output_tokens=20)


@contextmanager
def scripted(*replies: Scriptable) -> Iterator[Scripted]:
    """Let every model named `scripted/...` answer from these replies."""
    backend = Scripted(replies)
    install(PREFIX, lambda: backend)
    try:
        yield backend
    finally:
        uninstall(PREFIX)
