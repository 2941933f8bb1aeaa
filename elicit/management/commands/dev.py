"""`manage.py dev`: the site and one Celery worker as child processes, on this machine alone.

Rule: both run or none does. If one ends, that is said and the other is stopped; neither is restarted silently and no
process outlives the command.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import psutil
from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from elicit.jobs import QUEUES

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
START_SECONDS = 60
STOP_SECONDS = 10  # a job that takes longer is queued again by the next sweep
LOOK_EVERY_SECONDS = 0.2
PR_SET_PDEATHSIG = 1  # of Linux's prctl: which signal a process gets when its parent dies
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    """A child process in a group of its own, so that what it starts ends with it."""

    name: str
    process: "subprocess.Popen[bytes]"

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def signal(self, number: int) -> None:
        """Send a signal to the process alone."""
        if not self.has_ended:
            self.process.send_signal(number)

    def descendants(self) -> list[psutil.Process]:
        """Return what it has started, such as a training run in a group of its own."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def end_group(self) -> None:
        """End whatever is left of it, at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


class Command(BaseCommand):
    """Start both, say where the site is, and stop both."""

    help = "Run the site and one Celery worker until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port."""
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="Port of the site on 127.0.0.1.")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Run until a signal comes or a child ends."""
        self.stop = threading.Event()
        refuse_taken_port(port)
        refuse_old_database()
        for number in STOPPING:
            signal.signal(number, self._asked_to_stop)
        children: list[Child] = []
        try:
            children += [start("site", site_command(port)), start("worker", worker_command())]
            self._wait_for("site", lambda: site_answers(port), children)
            self._wait_for("worker", worker_answers, children)
            if not self.stop.is_set():
                self.stdout.write(f"Wellspring runs at http://{HOST}:{port}/ . Ctrl-C stops it.")
                self.stdout.flush()
            self._watch(children)
        finally:
            end(children)
        self.stdout.write("Stopped.")

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _watch(self, children: list[Child]) -> None:
        while not self.stop.wait(LOOK_EVERY_SECONDS):
            refuse_dead(children)

    def _wait_for(self, name: str, answers: Callable[[], bool], children: list[Child]) -> None:
        end_of_patience = time.monotonic() + START_SECONDS
        while not self.stop.is_set() and not answers():
            refuse_dead(children)
            if time.monotonic() > end_of_patience:
                raise CommandError(f"The {name} did not answer within {START_SECONDS} seconds; see its output above.")
            self.stop.wait(LOOK_EVERY_SECONDS)


def refuse_taken_port(port: int) -> None:
    """Raise if something listens on the port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Stop what runs there, or choose another: --port {port + 1}"
            ) from error


def refuse_old_database() -> None:
    """Raise if migrations are missing."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date. Run: python manage.py migrate")
    connection.close()


def refuse_dead(children: list[Child]) -> None:
    """Raise if a child has ended by itself."""
    for child in children:
        if child.has_ended:
            raise CommandError(
                f"The {child.name} ended by itself (status {child.process.returncode}); everything is stopped. "
                "Its last words are above."
            )


def site_command(port: int) -> list[str]:
    """Return how the site is started. The access log is off: paths can hold entry tokens."""
    options = ["--host", HOST, "--port", str(port), "--no-access-log", "--log-level", "warning", "--lifespan", "off"]
    return [sys.executable, "-m", "uvicorn", "config.asgi:application", *options, "--timeout-graceful-shutdown", "5"]


def worker_name() -> str:
    """Return a name that no other worker has."""
    return f"dev-{os.getpid()}@{socket.gethostname()}"


def worker_command() -> list[str]:
    """Return how the worker is started, with the beat that sweeps."""
    options = ["-B", "--pool", "threads", "--concurrency", "4", "-Q", ",".join(QUEUES), "-n", worker_name()]
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "--quiet", "-A", "config.celery", "worker", *options, *quiet]


def start(name: str, command: list[str]) -> Child:
    """Start a child in a group of its own."""
    process = subprocess.Popen(  # noqa: S603 - the command is ours
        command,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent if sys.platform == "linux" else None,
    )
    return Child(name, process)


def end_with_parent() -> None:
    """Ask the kernel to end this process when the command is killed before it can stop its children."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def site_answers(port: int) -> bool:
    """Whether the site is healthy."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/health/", timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def worker_answers() -> bool:
    """Whether the worker takes messages from the broker."""
    return bool(current_app.control.ping(destination=[worker_name()], timeout=1))


def end(children: list[Child]) -> None:
    """Ask every child to end, wait a little, then leave nothing behind."""
    started = [process for child in children for process in child.descendants()]
    for child in children:
        child.signal(signal.SIGTERM)
    end_of_patience = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(timeout=max(0.0, end_of_patience - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.signal(signal.SIGKILL)
    for child in children:
        child.end_group()
    for process in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
