"""Give a connection to the database back while somebody waits for something else; work in several threads at once.

Rule: inside a transaction nothing is given back, because the transaction hangs on its connection, and nothing is handed
to another thread, because no other connection sees what the transaction has written.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")


def let_go() -> None:
    """Give this thread's connection back; the next query takes another one."""
    if not connection.in_atomic_block:
        connection.close()


def workers(count: int) -> Executor:
    """Return `count` threads that each use a connection of their own; inside a transaction, this thread alone."""
    return _ThisThread() if connection.in_atomic_block else _Threads(count, thread_name_prefix="worker")


class _Threads(ThreadPoolExecutor):
    """Threads that leave no connection behind."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        def run(*args: Any, **kwargs: Any) -> T:
            try:
                return work(*args, **kwargs)
            finally:
                connection.close()

        return super().submit(run, *args, **kwargs)


class _ThisThread(Executor):
    """Does everything at once, one after another."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        return future
