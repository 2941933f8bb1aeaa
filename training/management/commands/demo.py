"""`manage.py demo`: the demo study from end to end, then the site with one worker."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from elicit.errors import WellspringError
from elicit.management.commands.dev import refuse_taken_port
from elicit.models import Study
from elicit.simulation.walking import WalkFailed
from training.demo import USERNAME, demo_study, organizer_password, run_demo, visitor_link


class Command(BaseCommand):
    """Run the demo and serve it."""

    help = "Run the demo study from end to end, then serve the site. A second start uses what is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port, and whether to serve afterwards."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="stop when everything has been made")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, say what to open, serve."""
        if not options["no_serve"]:
            refuse_taken_port(options["port"])
        call_command("migrate", verbosity=0)
        study = demo_study(now=timezone.now())
        password = organizer_password(study, note=Path(settings.DATA_DIR) / "organizer_password")
        try:
            run_demo(study)
        except (WellspringError, WalkFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(what_to_open(study, password=password, port=options["port"]))
        self.stdout.flush()
        if not options["no_serve"]:
            call_command("dev", port=options["port"])


def what_to_open(study: Study, *, password: str, port: int) -> str:
    """Return the addresses and the login, as people read them."""
    site = f"http://127.0.0.1:{port}"
    link = reverse("participant:join", args=[visitor_link(study, now=timezone.now())])
    run = study.runs.order_by("-number").first()
    pages = {
        "Take part yourself": link,
        "Study": reverse("organizer:study", args=[study.slug]),
        "Moral graph": reverse("moralgraph:graph", args=[study.slug]),
        "Report (a draft)": reverse("moralgraph:reports", args=[study.slug]),
        "Training run": reverse("training:run", args=[study.slug, run.number]) if run else "",
    }
    lines = [f"  {words + ':':<20}{site}{path}" for words, path in pages.items() if path]
    lines.insert(1, f"  {'Organizer login:':<20}{site}{reverse('login')}   {USERNAME} / {password}")
    return "\nThe demo study is ready. Everybody in it is simulated.\n\n" + "\n".join(lines) + "\n"
