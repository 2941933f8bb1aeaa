"""Answer from a list, for tests: each call takes the next reply, or raises it when it is an error.

Rule: it has the interface of every other backend, so that what is tested is the gateway itself.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from elicit.llm.backends import Answer, LastingFailure, Request, install, uninstall

PREFIX = "scripted"


class Scripted:
    """Replies in order, and notes what it was asked."""

    def __init__(self, replies: tuple[str | Answer | Exception, ...]) -> None:
        self._replies = list(replies)
        self._lock = threading.Lock()
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answer:
        """Return the next reply or raise it."""
        with self._lock:
            self.asked.append(request)
            if not self._replies:
                raise LastingFailure("The script has no reply left; give it one more.")
            reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Answer) else Answer(reply, input_tokens=100, output_tokens=20)


@contextmanager
def scripted(*replies: str | Answer | Exception) -> Iterator[Scripted]:
    """Let every model named `scripted/...` answer from these replies."""
    backend = Scripted(replies)
    install(PREFIX, lambda: backend)
    try:
        yield backend
    finally:
        uninstall(PREFIX)
