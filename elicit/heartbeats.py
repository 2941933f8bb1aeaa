"""Keep saying that a worker lives while its handler is busy with something long.

Rule: the beat stops with the process. A worker that was killed is silent, and its silence is how the sweep
finds what it left.
"""

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from django.db import DatabaseError, connection

log = logging.getLogger(__name__)


class Heartbeat:
    """Call `beat` every few seconds from a thread of its own, until it returns False or the block ends."""

    def __init__(self, beat: Callable[[], bool], *, every: float) -> None:
        self._beat = beat
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="job-heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                if not self._beat():
                    return
            except DatabaseError as error:
                log.warning("A heartbeat could not be written (%s); trying again.", type(error).__name__)
            finally:
                connection.close()
