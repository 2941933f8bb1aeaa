"""`manage.py compare_snapshots SLUG A B`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from elicit.studies import study_named
from moralgraph.comparing import compare_snapshots
from moralgraph.snapshots import snapshot_numbered


class Command(BaseCommand):
    """Say what differs between two snapshots."""

    help = "List what differs between two snapshots of a study."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the study and the two snapshots."""
        parser.add_argument("study", help="Name (slug) of the study.")
        parser.add_argument("before", type=int, help="Number of the earlier snapshot.")
        parser.add_argument("after", type=int, help="Number of the later one.")

    def handle(self, *args: Any, study: str, before: int, after: int, **options: Any) -> None:
        """Compare and list."""
        try:
            found = study_named(study)
            rows = compare_snapshots(snapshot_numbered(found, before), snapshot_numbered(found, after))
        except WellspringError as error:
            raise CommandError(str(error)) from error
        for row in rows:
            self.stdout.write(row.words)
        self.stdout.write(f"{study}: {len(rows)} differences between snapshots {before} and {after}.")
