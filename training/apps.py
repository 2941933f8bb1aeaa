"""The app that learns, on the site's side. `training.engine` knows nothing of it."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Register the jobs of `training`."""

    name = "training"

    def ready(self) -> None:
        from training import registrations

        registrations.register()
