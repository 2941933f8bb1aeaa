"""`manage.py build_moral_graph SLUG`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from elicit.errors import WellspringError
from elicit.models import Origin
from elicit.studies import study_named
from moralgraph.consented import PURPOSES
from moralgraph.models import Snapshot
from moralgraph.snapshots import build_snapshot


class Command(BaseCommand):
    """Build a study's moral graph."""

    help = "Build a study's moral graph from its judgements and keep it as a snapshot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the study, the rule and what may go in."""
        parser.add_argument("study", help="Name (slug) of the study.")
        parser.add_argument("--method", choices=Snapshot.Method.values, default=Snapshot.Method.REPAIRED.value)
        parser.add_argument("--purpose", choices=PURPOSES, default="explore", help="Use only what was granted for it.")
        parser.add_argument("--origin", action="append", default=[], choices=Origin.values, help="May be repeated.")

    def handle(self, *args: Any, study: str, method: str, purpose: str, origin: list[str], **options: Any) -> None:
        """Build and say what came out."""
        try:
            snapshot = build_snapshot(
                study_named(study), method=method, purpose=purpose, origins=origin, now=timezone.now()
            )
        except WellspringError as error:
            raise CommandError(str(error)) from error
        graph = snapshot.content["graph"]
        self.stdout.write(
            f"{study}: snapshot {snapshot.number} ({method}) has {len(graph['cards'])} values and "
            f"{len(graph['edges'])} upgrades from {snapshot.content['totals']['judgements']} judgements."
        )
