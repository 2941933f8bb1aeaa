"""The app that collects."""

from django.apps import AppConfig


class ElicitConfig(AppConfig):
    """Register the steps and jobs that `elicit` itself provides."""

    name = "elicit"

    def ready(self) -> None:
        from elicit import registrations

        registrations.register()
