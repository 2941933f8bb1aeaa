"""Follow turns while they are written: one reader for everybody whom this process serves.

Rule: whoever waits holds no database connection. One thread reads the states and new chunks of all turns that somebody
follows here, a few queries however many follow, and gives its connection back when nobody does. A turn's chunks are
numbered without gaps, so a missing one is seen and read again.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from django.db import Error, connection
from django.utils import timezone

from elicit import turns
from elicit.models import Turn, TurnChunk

log = logging.getLogger(__name__)

SECONDS_BETWEEN_READS = 0.08
SECONDS_AFTER_TROUBLE = 1.0
SECONDS_BETWEEN_LOOKS = 1.0  # for turns whose worker died
LATE_IDS = 64  # chunks written at the same time may become visible in another order than their ids

Wake = Callable[[], None]


@dataclass(frozen=True)
class Standing:
    """How it stands with a turn: its row as it was read, and the words of its present attempt. Never changed, only
    replaced."""

    turn: Turn
    words: tuple[str, ...] = ()


@dataclass
class _Followed:
    standing: Standing | None = None
    is_gone: bool = False
    wakes: list[Wake] = field(default_factory=list)


@dataclass(frozen=True)
class Follower:
    """One stream's view of one turn."""

    followed: _Followed

    @property
    def standing(self) -> Standing | None:
        """The newest standing; None before the first reading."""
        return self.followed.standing

    @property
    def is_gone(self) -> bool:
        """Whether the turn is no more: its person has withdrawn."""
        return self.followed.is_gone


class TurnLog:
    """Reads for all followers of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followed: dict[int, _Followed] = {}
        self._thread: threading.Thread | None = None
        self._newest_chunk = 0
        self._next_look = 0.0

    @contextmanager
    def following(self, turn_id: int, wake: Wake) -> Iterator[Follower]:
        """Follow a turn inside the block; `wake` is called from the reader's thread whenever something is new."""
        with self._lock:
            followed = self._followed.setdefault(turn_id, _Followed())
            followed.wakes.append(wake)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="turn-log", daemon=True)
                self._thread.start()
        try:
            yield Follower(followed)
        finally:
            with self._lock:
                followed.wakes.remove(wake)
                if not followed.wakes:
                    self._followed.pop(turn_id, None)

    @property
    def is_reading(self) -> bool:
        """Whether anybody follows a turn here."""
        return self._thread is not None

    def _run(self) -> None:
        self._newest_chunk = 0
        try:
            while self._has_followers():
                pause = SECONDS_BETWEEN_READS
                try:
                    self._read()
                except Error as error:
                    log.warning("The turn log could not be read (%s); trying again.", type(error).__name__)
                    connection.close()
                    pause = SECONDS_AFTER_TROUBLE
                time.sleep(pause)
        finally:
            connection.close()

    def _has_followers(self) -> bool:
        """Say whether to go on; the thread ends under the lock, so that the next follower starts another."""
        with self._lock:
            if not self._followed:
                self._thread = None
            return bool(self._followed)

    def _read(self) -> None:
        with self._lock:
            followed = dict(self._followed)
        rows = Turn.objects.filter(pk__in=followed).in_bulk()
        if self._interrupted_any(rows):
            rows = Turn.objects.filter(pk__in=followed).in_bulk()
        self._take_chunks(followed, rows)
        for pk, each in followed.items():
            if pk not in rows and not each.is_gone:
                each.is_gone = True
                self._wake(each)

    def _interrupted_any(self, rows: dict[int, Turn]) -> bool:
        """Interrupt what a dead worker left, and say whether there was any; looked at once a second at most."""
        now = timezone.now()
        if time.monotonic() < self._next_look or not any(turns.is_stale(row, now=now) for row in rows.values()):
            return False
        self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS
        return bool(turns.interrupt_stale(now=now))

    def _take_chunks(self, followed: dict[int, _Followed], rows: dict[int, Turn]) -> None:
        known = {pk for pk, each in followed.items() if each.standing is not None}
        fresh = TurnChunk.objects.filter(turn__in=known, pk__gt=self._newest_chunk - LATE_IDS) if known else ()
        whole = TurnChunk.objects.filter(turn__in=rows.keys() - known) if rows.keys() - known else ()
        by_turn: dict[int, list[TurnChunk]] = {}
        for chunk in (*fresh, *whole):
            by_turn.setdefault(chunk.turn_id, []).append(chunk)
            self._newest_chunk = max(self._newest_chunk, chunk.pk)
        for pk, row in rows.items():
            self._update(followed[pk], row, by_turn.get(pk, []))

    def _update(self, followed: _Followed, row: Turn, chunks: list[TurnChunk]) -> None:
        before = followed.standing
        words = before.words if before and before.turn.attempt == row.attempt else ()
        words = joined(words, row, chunks)
        if len(words) < max((chunk.number for chunk in chunks if chunk.attempt == row.attempt), default=0):
            words = joined((), row, list(TurnChunk.objects.filter(turn=row)))
        after = Standing(row, words)
        if before is None or _seen(before) != _seen(after):
            followed.standing = after
            self._wake(followed)
        else:
            followed.standing = replace(before, turn=row)

    def _wake(self, followed: _Followed) -> None:
        with self._lock:
            wakes = list(followed.wakes)
        for wake in wakes:
            wake()


def joined(words: tuple[str, ...], row: Turn, chunks: list[TurnChunk]) -> tuple[str, ...]:
    """Return the words with the chunks that come next, up to the first gap."""
    numbered = {chunk.number: chunk.text for chunk in chunks if chunk.attempt == row.attempt}
    kept = list(words)
    while (text := numbered.get(len(kept) + 1)) is not None:
        kept.append(text)
    return tuple(kept)


def _seen(standing: Standing) -> tuple[object, ...]:
    """Return what a follower would notice."""
    row = standing.turn
    return row.state, row.attempt, row.trouble, row.fell_back_from, len(standing.words)


LOG = TurnLog()


class AsyncBell:
    """Rung from any thread, waited for in an event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, or so long."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout=seconds)
        except TimeoutError:
            return
        finally:
            self._event.clear()


class Bell:
    """The same for a thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Wait until it rings, or so long."""
        self._event.wait(seconds)
        self._event.clear()
