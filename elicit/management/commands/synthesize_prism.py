"""Make up a release in the form of PRISM."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from elicit.prism.synthesis import synthesize


class Command(BaseCommand):
    """Write a release that never happened, with the counts that PRISM published."""

    help = "Make up a release in PRISM's form, for trying importers and analyses."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that is new or empty")
        parser.add_argument("-n", "--participants", type=int, default=1500, help="how many people (default: 1500)")
        parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same bytes (default: 0)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the release and say how many rows it has."""
        try:
            written = synthesize(options["folder"], participants=options["participants"], seed=options["seed"])
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        counts = ", ".join(f"{name} {count:,}" for name, count in vars(written).items())
        self.stdout.write(f"Synthetic release in {options['folder']}: {counts}.")
