"""Job kinds that only tests ask for."""

import time

from django.apps import AppConfig


class DevSite(AppConfig):
    """Register a job that is over at once, and one whose first attempt takes very long."""

    name = "tests.dev_site"
    label = "dev_site"

    def ready(self) -> None:
        from elicit.jobs import register_job

        register_job("test.quick", lambda progress: progress.report(1, 1, "Done"), queue="gpu")
        register_job("test.slow", self.slow, queue="llm")

    @staticmethod
    def slow(progress) -> None:
        if progress.job.attempts == 1:
            time.sleep(120)
