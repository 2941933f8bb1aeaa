"""`manage.py train STUDY`: train a recipe on a dataset."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from elicit.studies import study_named
from training.commands import dataset_numbered, do
from training.runs import request_run


class Command(BaseCommand):
    """Train a model."""

    help = "Train a recipe on a study's newest dataset, in a process of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study, the dataset, the recipe and the seed."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("--dataset", type=int, help="its number; the newest if left out")
        parser.add_argument("--recipe", default="tiny_cpu")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, and say what is next."""
        try:
            dataset = dataset_numbered(study_named(options["study"]), options["dataset"])
            run = request_run(dataset, recipe_name=options["recipe"], seed=options["seed"])
            do(run.job)
        except WellspringError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Run {run.number} at {run.folder}. Next: manage.py evaluate {options['study']}")
