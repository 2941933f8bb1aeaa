"""`manage.py build_dataset STUDY`: counterfactual blocks from the newest alignment target."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from elicit.studies import study_named
from training.commands import do, newest_target
from training.datasets import request_dataset


class Command(BaseCommand):
    """Build a dataset."""

    help = "Build a dataset of counterfactual blocks from a study's newest alignment target."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study, the recipe and the seed."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("--recipe", default="tiny_cpu")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, and say where it lies."""
        try:
            target = newest_target(study_named(options["study"]))
            dataset = request_dataset(target, recipe_name=options["recipe"], seed=options["seed"])
            do(dataset.job)
        except WellspringError as error:
            raise CommandError(str(error)) from error
        dataset.refresh_from_db()
        labels = ", ".join(dataset.summary["labels"])
        self.stdout.write(f"Dataset {dataset.number} at {dataset.folder}" + (f" ({labels})" if labels else ""))
