"""`manage.py dev`: both run or none does, and what a killed worker left is done after all, by the next one."""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds; a wait ends as soon as it can
NOT_GIVEN_AWAY = range(20_000, 32_000)  # ports that Linux hands to nobody who does not ask for them
pytestmark = pytest.mark.slow

BROKERS = [
    pytest.param("", id="filesystem"),
    pytest.param(os.environ.get("TEST_REDIS_URL", ""), id="redis", marks=pytest.mark.services),
]


def eventually(happened: Callable[[], bool], *, seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.1)
    return False


def free_port() -> int:
    while True:
        port = random.choice(NOT_GIVEN_AWAY)
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port


class Site:
    """One data folder, and the commands that run on it."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.folder = folder
        self.output = folder / "output.txt"
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "tests.dev_site.settings",
            "WELLSPRING_DATA_DIR": str(folder),
            "REDIS_URL": broker,
            "JOB_SWEEP_SECONDS": "1",
            "JOB_STALE_SECONDS": "8",
        }
        self.manage("migrate", "-v0")

    def manage(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)

    def enqueue(self, kind: str) -> None:
        self.manage("shell", "-v0", "-c", f"from elicit.jobs import enqueue; enqueue('{kind}', key='{kind}')")

    def job(self, kind: str) -> tuple[str, int]:
        with sqlite3.connect(self.folder / "wellspring.sqlite3", timeout=20) as database:
            found = database.execute("SELECT state, attempts FROM elicit_job WHERE kind = ?", [kind]).fetchone()
        return found or ("", 0)

    @contextmanager
    def dev(self, port: int) -> Iterator[psutil.Process]:
        with self.output.open("w") as output:
            command = [sys.executable, "manage.py", "dev", "--port", str(port)]
            process = psutil.Popen(command, cwd=ROOT, env=self.environment, stdout=output, stderr=output)
        try:
            assert eventually(lambda: "Wellspring runs at" in self.said() or not process.is_running()), self.said()
            yield process
        finally:
            started = process.children(recursive=True) if process.is_running() else []
            for left in [process, *started]:
                with suppress(psutil.NoSuchProcess):
                    left.kill()
            process.wait()

    def said(self) -> str:
        return self.output.read_text()


@pytest.fixture(params=BROKERS)
def site(request, tmp_path) -> Site:
    if request.node.callspec.id == "redis" and not request.param:
        pytest.skip("needs Redis: set TEST_REDIS_URL")
    return Site(tmp_path, request.param)


def all_gone(processes: list[psutil.Process]) -> bool:
    return not any(is_alive(process) for process in processes)


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def worker_of(dev: psutil.Process) -> psutil.Process:
    return next(child for child in dev.children() if "celery" in child.cmdline())


def test_the_site_answers_the_worker_works_and_ctrl_c_ends_both(site):
    port = free_port()
    with site.dev(port) as dev:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as response:
            assert response.status == 200
        site.enqueue("test.quick")
        assert eventually(lambda: site.job("test.quick") == ("done", 1)), site.said()
        started = dev.children(recursive=True)
        assert len(started) >= 3  # the site, the worker, and the worker's beat
        dev.send_signal(signal.SIGINT)
        assert dev.wait(timeout=PATIENCE) == 0
        assert eventually(lambda: all_gone(started))
    assert site.said().rstrip().endswith("Stopped.")


def test_a_killed_worker_stops_the_site_and_its_job_is_done_by_the_next(site):
    with site.dev(free_port()) as dev:
        site.enqueue("test.slow")
        assert eventually(lambda: site.job("test.slow") == ("running", 1)), site.said()
        started = dev.children(recursive=True)
        worker_of(dev).kill()
        assert dev.wait(timeout=PATIENCE) == 1
        assert eventually(lambda: all_gone(started))
    assert "The worker ended by itself (status -9)" in site.said()
    assert site.job("test.slow") == ("running", 1)
    with site.dev(free_port()):
        assert eventually(lambda: site.job("test.slow") == ("done", 2)), site.said()


@pytest.mark.parametrize("site", [""], ids=["filesystem"], indirect=True)
class TestOnOneBroker:
    def test_children_end_when_the_command_itself_is_killed(self, site):
        with site.dev(free_port()) as dev:
            started = dev.children(recursive=True)
            dev.kill()
            assert eventually(lambda: all_gone(started))

    def test_a_training_process_ends_with_the_command(self, site):
        with site.dev(free_port()) as dev:
            site.enqueue("test.trains")
            assert eventually(lambda: len(dev.children(recursive=True)) >= 4), site.said()
            started = dev.children(recursive=True)
            dev.send_signal(signal.SIGTERM)
            assert dev.wait(timeout=PATIENCE) == 0
            assert eventually(lambda: all_gone(started))

    def test_a_taken_port_is_named(self, site):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(subprocess.CalledProcessError) as caught:
                site.manage("dev", "--port", str(port))
        assert f"Port {port} cannot be used" in caught.value.stderr

    def test_an_empty_database_is_named(self, site):
        (site.folder / "wellspring.sqlite3").unlink()
        with pytest.raises(subprocess.CalledProcessError) as caught:
            site.manage("dev", "--port", str(free_port()))
        assert "manage.py migrate" in caught.value.stderr

    def test_a_dead_broker_keeps_nobody_waiting(self, site):
        site.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"
        code = "import time; from elicit.jobs import enqueue; start = time.monotonic(); enqueue('test.quick', key='k')"
        done = site.manage("shell", "-v0", "-c", f"{code}; print(time.monotonic() - start)")
        assert float(done.stdout) < 10  # without the time that the command itself takes to start
        assert site.job("test.quick") == ("queued", 0)
