"""Start the real thing on this machine: a database, Redis, a fake model, web, workers and the beat.

Rule: everything started here is ended here, by its own process group, and the database is one of its own.
"""

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to end this process when the benchmark is killed before it can."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])


@dataclass
class Part:
    """One process of the stack, which can be ended and started again."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    starts: int = 0

    def start(self) -> None:
        """Start it in a group of its own; its output goes to its log."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip
        self.starts += 1

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask it to end with this signal, and make it end if it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, number)
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def cpu_seconds(self) -> float:
        """Return the processor time it and its children have used so far."""
        import psutil

        if self.process is None or self.process.poll() is not None:
            return 0.0
        whole = psutil.Process(self.process.pid)
        total = 0.0
        for each in [whole, *whole.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                used = each.cpu_times()
                total += used.user + used.system
        return total


@dataclass
class Stack:
    """The whole machinery by name, and where the site is."""

    folder: Path
    env: dict[str, str]
    site_port: int
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where the site is."""
        return f"http://{HOST}:{self.site_port}"

    def restart(self, name: str, number: int = signal.SIGTERM) -> None:
        """End one part and start it again at once."""
        self.parts[name].stop(number)
        self.parts[name].start()


def make_database(admin_url: str) -> str:
    """Make an empty database and return its URL."""
    name = f"wellspring_bench_{secrets.token_hex(4)}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{admin_url.rsplit('/', 1)[0]}/{name}"


def drop_database(admin_url: str, url: str) -> None:
    """Remove what `make_database` made."""
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def environment(folder: Path, *, database_url: str, redis_port: int, provider_port: int) -> dict[str, str]:
    """Return the environment of a production site on this machine."""
    model = {"model": "hosted_vllm/loopback", "api_base": f"http://{HOST}:{provider_port}/v1"}
    price = {"input_per_million": 0.1, "output_per_million": 0.4}
    return {
        **os.environ,
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SECURE_SSL_REDIRECT": "false",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://{HOST}:{redis_port}/0",
        "WELLSPRING_DATA_DIR": str(folder / "data"),
        "LLM_MODELS": json.dumps({"fake": model | price}),
        "LLM_PURPOSES": json.dumps({"interview": ["fake"], "card": []}),
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "*",
    }


@contextlib.contextmanager
def running(
    folder: Path, *, admin_url: str, tokens_per_second: float, first_token_seconds: float, tokens: int, webs: int,
    threads: int,
) -> Iterator[Stack]:  # fmt: skip
    """Start everything, hand it over, and end everything."""
    if shutil.which("redis-server") is None:
        raise SystemExit("This benchmark restarts Redis, so it starts one of its own: install redis-server first.")
    database_url = make_database(admin_url)
    redis_port, provider_port, site_port = free_port(), free_port(), free_port()
    env = environment(folder, database_url=database_url, redis_port=redis_port, provider_port=provider_port)
    stack = Stack(folder, env, site_port)
    python = sys.executable
    celery = [python, "-m", "celery", "--quiet", "-A", "config.celery"]
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = ["worker", "--pool", "threads", "--concurrency"]
    commands = {
        "redis": ["redis-server", "--port", str(redis_port), "--bind", HOST, "--save", "", "--appendonly", "no"],
        "model": [
            python, "-m", "tests.loopback", "--port", str(provider_port), "--tokens-per-second",
            str(tokens_per_second), "--first-token-seconds", str(first_token_seconds), "--tokens", str(tokens),
        ],
        "web": [
            python, "-m", "uvicorn", "config.asgi:application", "--host", HOST, "--port", str(site_port),
            "--workers", str(webs), "--no-access-log", "--log-level", "warning", "--lifespan", "off",
            "--timeout-graceful-shutdown", "3",
        ],
        "worker": [*celery, *worker, str(threads), "-Q", "llm", "-n", "llm@bench", *quiet],
        "worker 2": [*celery, *worker, str(threads), "-Q", "llm", "-n", "llm2@bench", *quiet],
        "errands": [*celery, *worker, "2", "-B", "-Q", "default,gpu", "-n", "errands@bench", *quiet],
    }  # fmt: skip
    stack.parts = {name: Part(name, command, env, folder / f"{name}.log") for name, command in commands.items()}
    try:
        for task in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"]):
            subprocess.run([python, "manage.py", *task], cwd=ROOT, env=env, check=True)
        for part in stack.parts.values():
            part.start()
        wait_until_healthy(stack)
        yield stack
    finally:
        for part in reversed(list(stack.parts.values())):
            part.stop()
        drop_database(admin_url, database_url)


def wait_until_healthy(stack: Stack) -> None:
    """Wait until the site answers."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{stack.address}/health/", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"The site did not answer within {READY_SECONDS} seconds; see {stack.folder}.")
