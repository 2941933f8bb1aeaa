"""Tail a turn while it is written, as server-sent events.

Rule: the stream carries no work. It may end at any time and begin anywhere with `after`, and nothing is lost by it; it
holds no database connection while it waits.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotFound, StreamingHttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from elicit import connections, turns
from elicit.models import Participant, Turn
from elicit.turn_log import LOG, AsyncBell, Bell, Follower
from elicit.views.entry import study_view

LONGEST_SECONDS = 60  # then the page comes back, with `after`
SECONDS_BETWEEN_SIGNS = 10  # a comment now and then keeps proxies from closing
SECONDS_BETWEEN_LOOKS = 1.0  # what is offered also changes by the clock
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


@require_safe
@study_view  # type: ignore[arg-type]  # a stream is a response too, but not an HttpResponse
def stream(request: HttpRequest, participant: Participant, turn: int) -> HttpResponseBase:
    """Send what is written in a turn of the participant's own, from `after` on."""
    if not Turn.objects.filter(pk=turn, interview__participant=participant).exists():
        return HttpResponseNotFound()
    tail = Tail(after=request.GET.get("after", ""), language=participant.language)
    connections.let_go()
    events = _tail_async(turn, tail) if isinstance(request, ASGIRequest) else _tail(turn, tail)
    return StreamingHttpResponse(events, content_type="text/event-stream; charset=utf-8", headers=HEADERS)


async def _tail_async(turn: int, tail: "Tail") -> AsyncIterator[str]:
    bell = AsyncBell()
    with LOG.following(turn, bell.ring) as follower:
        while not tail.is_over:
            if text := tail.news(follower):
                yield text
            if not tail.is_over:
                await bell.wait(SECONDS_BETWEEN_LOOKS)


def _tail(turn: int, tail: "Tail") -> Iterator[str]:
    bell = Bell()
    with LOG.following(turn, bell.ring) as follower:
        while not tail.is_over:
            if text := tail.news(follower):
                yield text
            if not tail.is_over:
                bell.wait(SECONDS_BETWEEN_LOOKS)


class Tail:
    """What one page has been sent of a turn, and what it is sent next."""

    def __init__(self, *, after: str, language: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.attempt, self.number = read_after(after)
        self.language = language
        self.is_over = False
        self._clock = clock
        self._began = self._spoke = clock()
        self._state: dict[str, Any] = {}

    def news(self, follower: Follower) -> str:
        """Return the events that are due, as text; empty when there is nothing to say."""
        text = self._events(follower)
        now = self._clock()
        if not text and now - self._spoke >= SECONDS_BETWEEN_SIGNS:
            text = ": still here\n\n"
        if text:
            self._spoke = now
        if now - self._began >= LONGEST_SECONDS:
            self.is_over = True
        return text

    def _events(self, follower: Follower) -> str:
        if follower.is_gone:
            self.is_over = True
            return event("done", {})
        standing = follower.standing
        if standing is None:
            return ""
        turn = standing.turn
        text = ""
        if turn.attempt != self.attempt:
            text += event("restart", {}) if self.attempt else ""
            self.attempt, self.number = turn.attempt, 0
        if fresh := "".join(standing.words[self.number :]):
            self.number = len(standing.words)
            text += event("delta", {"after": f"{self.attempt}.{self.number}", "text": fresh})
        text += self._state_event(turn)
        if turn.state in (Turn.State.DONE, Turn.State.SET_ASIDE):
            self.is_over = True
            text += event("done", {})
        return text

    def _state_event(self, turn: Turn) -> str:
        now = timezone.now()
        with translation.override(self.language):
            state = {
                "state": turn.state,
                "sentence": turns.sentence_for(turn, now=now),
                "ways": turns.ways_on(turn, now=now),
            }
        if state == self._state:
            return ""
        self._state = state
        return event("state", state)


def event(name: str, data: dict[str, Any]) -> str:
    """Return one server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def read_after(given: str) -> tuple[int, int]:
    """Return attempt and number of the last piece that a page has, from `2.7`; zeros for anything else."""
    attempt, _dot, number = given.partition(".")
    is_place = attempt.isdecimal() and number.isdecimal() and len(given) <= 20
    return (int(attempt), int(number)) if is_place else (0, 0)


def described(turn: Turn, participant: Participant, address: str) -> dict[str, Any]:
    """Return a turn as pages and their scripts read it."""
    now = timezone.now()
    words = turns.chunks_of(turn) if turn.kind == Turn.Kind.QUESTION else []
    return {
        "id": turn.pk,
        "kind": turn.kind,
        "state": turn.state,
        "is_alive": turn.state in turns.ALIVE,
        "text": "".join(words),
        "after": f"{turn.attempt}.{len(words)}",
        "sentence": turns.sentence_for(turn, now=now),
        "ways": turns.ways_on(turn, now=now),
        "stream_url": address,
    }
