"""Run the engine as a child process and watch it.

The rule: the engine writes its own folder, this module only reads it, reports progress to the job and ends the
process when the job is cancelled. A worker that was killed leaves a process behind; the next attempt ends it first.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from elicit.jobs import JobProgress
from training.errors import EngineFailed

LOOK_EVERY_SECONDS = 1.0
SECONDS_TO_STOP = 30
LINES_OF_LOG_IN_AN_ERROR = 15
STATUS_FILE = "status.json"
PID_FILE = "engine.pid"
LOG_FILE = "engine.log"


def run_engine(arguments: Sequence[str], *, watch: Path, progress: JobProgress) -> None:
    """Run `python -m training.engine ARGUMENTS` until it ends; `watch` is the folder that it works in.

    Raises
    ------
    EngineFailed
        When the process ends with an error.
    JobCancelled
        When the job was cancelled; the process has been ended.
    """
    notes = notes_of(watch)
    notes.mkdir(parents=True, exist_ok=True)
    end_leftover(notes)
    with (notes / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module, arguments never pass a shell
            [sys.executable, "-u", "-m", "training.engine", *arguments],
            cwd=settings.BASE_DIR,
            env=engine_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        (notes / PID_FILE).write_text(json.dumps({"pid": process.pid, "started": started_at(process.pid)}))
        try:
            follow(process, watch=watch, progress=progress)
        finally:
            stop(process)
            (notes / PID_FILE).unlink(missing_ok=True)
    if process.returncode:
        raise EngineFailed(f"The engine ended with code {process.returncode}:\n{last_lines(notes / LOG_FILE)}")


def engine_environment() -> dict[str, str]:
    """Return the environment of the engine: ours, less the secrets that it has no use for."""
    secret = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in secret and not name.endswith("_API_KEY")}
    return {**kept, "TOKENIZERS_PARALLELISM": "false", "PYTHONHASHSEED": "0"}


def follow(process: subprocess.Popen[bytes], *, watch: Path, progress: JobProgress) -> None:
    """Report the engine's status to the job until the process ends."""
    while process.poll() is None:
        status = read_status(watch)
        progress.report(status.get("step", 0), status.get("total", 0), status.get("stage", ""))
        time.sleep(LOOK_EVERY_SECONDS)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process, kindly first."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def started_at(pid: int) -> float:
    """Return when a process began, so that a reused pid is not taken for it."""
    return psutil.Process(pid).create_time()


def end_leftover(notes: Path) -> None:
    """End the process that an earlier, killed worker left in this folder."""
    path = notes / PID_FILE
    if not path.exists():
        return
    noted = json.loads(path.read_text())
    try:
        process = psutil.Process(noted["pid"])
        if process.create_time() == noted["started"]:
            process.terminate()
            process.wait(SECONDS_TO_STOP)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        process.kill()
    path.unlink(missing_ok=True)


def clear_unfinished(folder: Path) -> None:
    """Remove what an attempt left that did not come to its end, after ending its process. The engine starts anew."""
    end_leftover(notes_of(folder))
    if folder.exists():
        shutil.rmtree(folder)


def notes_of(folder: Path) -> Path:
    """Return the folder beside a run's own in which its process and log are noted."""
    return folder.with_name(f"{folder.name}.process")


def read_status(folder: Path) -> dict[str, Any]:
    """Return what the engine last said of itself, or nothing before it has said anything."""
    path = folder / STATUS_FILE
    return json.loads(path.read_text()) if path.exists() else {}


def last_lines(path: Path) -> str:
    """Return the end of a log; nothing when it was erased meanwhile."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-LINES_OF_LOG_IN_AN_ERROR:])


def erase_log(folder: Path) -> None:
    """Erase what the engine wrote while it worked in this folder: an error may quote a row."""
    (notes_of(folder) / LOG_FILE).unlink(missing_ok=True)
