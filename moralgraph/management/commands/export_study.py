"""`manage.py export_study SLUG --out DIR --purpose PURPOSE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from elicit.errors import WellspringError
from elicit.models import Origin
from elicit.studies import study_named
from moralgraph.models import Snapshot
from moralgraph.study_export import Asked, export_study
from moralgraph.study_export.asking import PURPOSES


class Command(BaseCommand):
    """Export a whole study."""

    help = "Write what was granted of a study into a folder, from which `replicate` rebuilds every number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the study, the folder and the purpose."""
        parser.add_argument("study", help="Name (slug) of the study.")
        parser.add_argument("--out", type=Path, required=True, help="A folder that is not there yet.")
        parser.add_argument("--purpose", choices=PURPOSES, required=True, help="Only what was granted for it.")
        parser.add_argument("--origin", action="append", default=[], choices=Origin.values, help="May be repeated.")
        parser.add_argument("--method", choices=Snapshot.Method.values, default=Snapshot.Method.REPAIRED.value)
        parser.add_argument("--texts", choices=["kept", "none"], default="kept", help="Reasons, to explore only.")
        parser.add_argument("--title", default="", help="Name of the release; the folder's name by default.")

    def handle(self, *args: Any, study: str, out: Path, **options: Any) -> None:
        """Export and say what is in the folder and what is not."""
        asked = Asked(
            name=options["title"] or out.name,
            purpose=options["purpose"],
            origins=options["origin"],
            method=options["method"],
            keeps_texts=options["texts"] == "kept",
        )
        try:
            done = export_study(study_named(study), out, asked, now=timezone.now())
        except WellspringError as error:
            raise CommandError(str(error)) from error
        for name, count in done.rows.items():
            self.stdout.write(f"{name}: {count:,}")
        for reason, count in done.withheld.items():
            self.stdout.write(f"not in it: {reason}: {count:,}")
        self.stdout.write(f"{out}: complete, with snapshot {done.snapshot.number}. Check it: manage.py replicate {out}")
