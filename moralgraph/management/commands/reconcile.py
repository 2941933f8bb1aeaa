"""`manage.py reconcile SLUG`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from elicit.errors import WellspringError
from elicit.studies import study_named
from moralgraph.models import CanonicalValuesCard
from moralgraph.reconciliation.batch import reconcile
from moralgraph.reconciliation.stability import Stability, newest_stability


class Command(BaseCommand):
    """Compare all cards of a study and put the partition in force."""

    help = "Compare all cards of a study, put the partition in force, and say how it moves with the threshold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the study."""
        parser.add_argument("study", help="Name (slug) of the study.")

    def handle(self, *args: Any, study: str, **options: Any) -> None:
        """Reconcile and say what came out."""
        try:
            found = study_named(study)
            partition = reconcile(found, now=timezone.now())
        except WellspringError as error:
            raise CommandError(str(error)) from error
        standing = CanonicalValuesCard.objects.of_study(found).filter(merged_into=None).exclude(policies=[])
        self.stdout.write(f"{study}: version {partition.number} has {standing.count()} values.")
        table = newest_stability(found)
        if table is not None:
            self._say(table)

    def _say(self, table: Stability) -> None:
        self.stdout.write("threshold  values  largest  adjusted Rand  pairs changed")
        for row in table.rows:
            self.stdout.write(
                f"{row.threshold:9.2f}  {row.groups:6d}  {row.largest:7d}  {row.compared.rand_index:13.3f}  "
                f"{row.compared.share_changed:13.1%}{'  <- in use' if row.threshold == table.threshold else ''}"
            )
        for move in table.first_moves:
            happens = "would part" if move.is_together else "would join"
            self.stdout.write(f"{move.similarity:9.2f}  {move.first} / {move.second}: {happens} first")
