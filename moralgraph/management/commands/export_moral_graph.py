"""`manage.py export_moral_graph SLUG --format FORMAT --out FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from elicit.studies import study_named
from moralgraph.exporting import FORMATS, write_export
from moralgraph.models import Snapshot
from moralgraph.snapshots import newest_snapshot


class Command(BaseCommand):
    """Write a study's newest moral graph to a file."""

    help = "Write a study's newest standing snapshot to a file, whole or not at all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the study, the format and the file."""
        parser.add_argument("study", help="Name (slug) of the study.")
        parser.add_argument("--format", dest="form", choices=list(FORMATS), default="json")
        parser.add_argument("--out", type=Path, required=True, help="File to write; replaced in one step.")
        parser.add_argument("--method", choices=Snapshot.Method.values, default="", help="Newest of this method.")
        parser.add_argument("--snapshot", type=int, help="Number of one snapshot.")

    def handle(self, *args: Any, study: str, form: str, out: Path, **options: Any) -> None:
        """Write the file and say where."""
        try:
            snapshot = newest_snapshot(study_named(study), method=options["method"] or "", number=options["snapshot"])
            if snapshot is None:
                raise CommandError(f"{study} has no such snapshot. Build one: manage.py build_moral_graph {study}")
            write_export(snapshot, form=form, path=out)
        except WellspringError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{out}: snapshot {snapshot.number} of {study} as {form}.")
