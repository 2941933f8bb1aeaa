"""`manage.py simulate STUDY -n 24`: simulated people walk a study."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from elicit.errors import WellspringError
from elicit.simulating import simulate
from elicit.simulation import load_personas
from elicit.simulation.walking import WalkFailed
from elicit.studies import study_named


class Command(BaseCommand):
    """Walk a study with simulated people."""

    help = "Let simulated people walk a study through its real pages. They are marked simulated for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study, how many people, and the seed."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("-n", type=int, default=len(load_personas()), help="how many people")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk, and say how many finished."""
        personas = list(load_personas())[: options["n"]]
        try:
            study = study_named(options["study"])
            with tqdm(total=len(personas), desc="simulated people", unit="") as bar:
                walked = simulate(study, personas, seed=options["seed"], now=timezone.now(), after_each=bar.update)
        except (WellspringError, WalkFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(walked)} simulated people have finished {study.slug}.")
