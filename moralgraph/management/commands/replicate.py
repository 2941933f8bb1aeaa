"""`manage.py replicate DIR [--out DIR]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from moralgraph.replicating import replicate
from moralgraph.replicating_files import write_replica
from moralgraph.replicating_report import NOTE, rebuild_report


class Command(BaseCommand):
    """Rebuild a study from an exported folder."""

    help = "Rebuild every number and figure of a study from a folder that export_study wrote, without a database."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the folder."""
        parser.add_argument("folder", type=Path, help="A folder that export_study wrote.")
        parser.add_argument("--out", type=Path, help="Also write what was rebuilt into this new folder.")

    def handle(self, *args: Any, folder: Path, out: Path | None, **options: Any) -> None:
        """Rebuild, compare, and say whether it is the same."""
        try:
            found = replicate(folder)
            report = rebuild_report(found)
            if out is not None:
                write_replica(found, out, report=report)
        except WellspringError as error:
            raise CommandError(str(error)) from error
        for note in found.notes:
            self.stdout.write(note)
        differs = [*found.differs, *(report.differs if report else ())]
        if differs:
            raise CommandError("\n".join([f"{folder}: the numbers are not the same.", *differs]))
        graph, totals = found.snapshot["content"]["graph"], found.snapshot["content"]["totals"]
        self.stdout.write(
            f"{folder}: the same numbers. {len(graph['cards'])} values and {len(graph['edges'])} upgrades "
            f"from {totals['judgements']} judgements, rebuilt from the folder alone."
        )
        if report is not None:
            self.stdout.write(f"Report {report.number}: the same numbers, and {len(report.figures)} figures. {NOTE}")
