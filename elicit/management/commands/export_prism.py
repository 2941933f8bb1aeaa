"""Release a study in the form of PRISM."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from elicit.errors import WellspringError
from elicit.prism.generalising import USUAL_K
from elicit.prism_export import Asked, export_prism
from elicit.studies import study_named


class Command(BaseCommand):
    """Write the five files and what explains them into a folder."""

    help = "Release a study in the form of PRISM, for publication; people are made alike unless --level raw."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("folder", type=Path, help="a folder that is not there yet")
        parser.add_argument("--level", choices=["generalised", "raw"], default="generalised")
        parser.add_argument("--k", type=int, default=USUAL_K, help="least number of people who look alike")
        parser.add_argument(
            "--texts", choices=["kept", "none"], default="kept", help="free text, which is not anonymous"
        )
        parser.add_argument("--simulated", action="store_true", help="release simulated people, marked synthetic")
        parser.add_argument("--licence", default="CC BY 4.0", help="for texts and answers of people")
        parser.add_argument("--title", default="", help="name of the release; the folder's name by default")
        parser.add_argument(
            "--i-may-hand-out-raw", metavar="WHO_AND_WHY", default="", help="needed for --level raw; stands in the card"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the folder and say what is in it and what is not."""
        asked = Asked(
            name=options["title"] or options["folder"].name,
            level=options["level"],
            raw_for=options["i_may_hand_out_raw"],
            k=options["k"],
            keeps_texts=options["texts"] == "kept",
            simulated=options["simulated"],
            licence=options["licence"],
        )
        try:
            done = export_prism(study_named(options["study"]), options["folder"], asked, now=timezone.now())
        except WellspringError as error:
            raise CommandError(str(error)) from error
        for name, count in done.counts.items():
            self.stdout.write(f"{name}: {count:,}")
        for reason, count in done.left_out.items():
            self.stdout.write(f"not in it: {reason}: {count:,}")
        alike = "as they are" if done.k is None else f"in groups of at least {done.k}"
        self.stdout.write(f"{done.folder}: complete and valid; people are told {alike}.")
