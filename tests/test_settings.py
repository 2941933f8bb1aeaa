"""The settings: none are needed, and a public site does not start on a weak key."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOOD_KEY = "k3y-with-many-different-letters-and-numbers-0123456789-abcdefghij"


def start(tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Load the site in a fresh interpreter whose environment holds nothing but `environment`."""
    kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "WELLSPRING_DATA_DIR": str(tmp_path / "var")}
    return subprocess.run(
        [sys.executable, "-c", "import config.asgi; from django.conf import settings; print(settings.SECRET_KEY)"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
    )


def test_the_site_starts_with_nothing_set(tmp_path: Path):
    assert start(tmp_path).returncode == 0


def test_without_a_key_each_installation_makes_its_own(tmp_path: Path):
    first, again, other = start(tmp_path), start(tmp_path), start(tmp_path / "other")
    assert first.stdout == again.stdout != other.stdout
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_at_the_same_time_agree_on_the_key(tmp_path: Path):
    with ThreadPoolExecutor(6) as pool:
        started = list(pool.map(lambda _: start(tmp_path), range(6)))
    assert len({process.stdout for process in started}) == 1
    assert len(started[0].stdout.strip()) >= 50
    assert [path.name for path in (tmp_path / "var").glob("secret_key*")] == ["secret_key"]


@pytest.mark.parametrize("key", ["", "short", "a" * 80, "django-insecure-" + GOOD_KEY])
def test_outside_debug_a_weak_key_stops_the_site(tmp_path: Path, key: str):
    started = start(tmp_path, DEBUG="0", SECRET_KEY=key)
    assert started.returncode != 0
    assert "SECRET_KEY must be set" in started.stderr


def test_outside_debug_a_good_key_starts_it(tmp_path: Path):
    assert start(tmp_path, DEBUG="0", SECRET_KEY=GOOD_KEY).returncode == 0


def test_every_page_forbids_inline_code_and_other_hosts(client, db):
    policy = client.get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
