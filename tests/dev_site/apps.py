"""Job kinds that only tests ask for."""

import subprocess
import sys
import time

from django.apps import AppConfig

SLOW_SECONDS = 600  # far longer than a test waits for anything


class DevSite(AppConfig):
    """Register a job that is over at once, one whose first attempt takes very long, and one that starts a process."""

    name = "tests.dev_site"
    label = "dev_site"

    def ready(self) -> None:
        from elicit.jobs import register_job

        register_job("test.quick", lambda progress: progress.report(1, 1, "Done"), queue="gpu")
        register_job("test.slow", self.slow, queue="llm")
        register_job("test.trains", self.trains, queue="gpu")

    @staticmethod
    def slow(progress) -> None:
        if progress.job.attempts == 1:
            time.sleep(SLOW_SECONDS)

    @staticmethod
    def trains(progress) -> None:
        subprocess.run(
            [sys.executable, "-c", f"import time; time.sleep({SLOW_SECONDS})"], start_new_session=True, check=False
        )
