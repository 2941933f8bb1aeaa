"""What every test gets: no network but loopback, and a training folder of its own."""

import ipaddress
import socket
from pathlib import Path
from typing import Any

import pytest

_connect = socket.socket.connect


class NetworkRefused(AssertionError):
    """A test tried to leave this machine."""


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _guarded_connect(self: socket.socket, address: Any) -> Any:
    if not _is_loopback(address):
        raise NetworkRefused(f"A test tried to connect to {address!r}. Tests use loopback alone.")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves the machine."""
    monkeypatch.setattr(socket.socket, "connect", _guarded_connect)


@pytest.fixture(autouse=True)
def own_training_folder(settings: Any, tmp_path: Path) -> None:
    """Keep the files of one test from another."""
    settings.TRAINING_DIR = tmp_path / "training"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hash the passwords of test users quickly; how they are hashed is Django's."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
