"""A site of one's own on a free port, in the same database, for as long as a block runs.

Rule: it listens on this machine alone and ends with the block, also when the command is killed.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from elicit.errors import WellspringError
from elicit.management.commands.dev import (
    HOST,
    LOOK_EVERY_SECONDS,
    START_SECONDS,
    Child,
    end,
    end_with_parent,
    site_answers,
    site_command,
)


class SiteDidNotStart(WellspringError):
    """The site that a command wanted for itself could not be started."""


@contextmanager
def own_site() -> Iterator[str]:
    """Run the site and give its address.

    Raises
    ------
    SiteDidNotStart
        When it ends by itself or does not answer in time.
    """
    port = free_port()
    hosts = ",".join({*settings.ALLOWED_HOSTS, HOST})
    environment = {**os.environ, "SECURE_SSL_REDIRECT": "false", "ALLOWED_HOSTS": hosts}
    process = subprocess.Popen(  # noqa: S603 - the command is ours
        site_command(port),
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent if os.uname().sysname == "Linux" else None,
    )
    children = [Child("site", process)]
    try:
        _wait_for(children[0], port)
        yield f"http://{HOST}:{port}"
    finally:
        end(children)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])


def _wait_for(site: Child, port: int) -> None:
    end_of_patience = time.monotonic() + START_SECONDS
    while not site_answers(port):
        if site.has_ended or time.monotonic() > end_of_patience:
            raise SiteDidNotStart("The site for this command did not start; its last words are above.")
        time.sleep(LOOK_EVERY_SECONDS)
