"""The app that adds up."""

from django.apps import AppConfig


class MoralGraphConfig(AppConfig):
    """Register the judgement step, the jobs and the forget verb of `moralgraph`."""

    name = "moralgraph"

    def ready(self) -> None:
        from moralgraph import registrations

        registrations.register()
