"""`manage.py evaluate STUDY`: measure whether a trained model follows the message."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from elicit.studies import study_named
from training.commands import do, run_numbered
from training.evaluations import request_evaluation


class Command(BaseCommand):
    """Evaluate a run."""

    help = "Measure a study's newest run on its test splits and write its model card."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study and the run."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("--run", type=int, help="its number; the newest if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate, and print the tables."""
        try:
            run = run_numbered(study_named(options["study"]), options["run"])
            do(request_evaluation(run))
        except WellspringError as error:
            raise CommandError(str(error)) from error
        self.stdout.write((run.folder / "evaluation.txt").read_text())
