"""Check a folder in the form of a PRISM release."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from elicit.prism.validation import validate


class Command(BaseCommand):
    """Name everything that is wrong with a release; fails where anything is."""

    help = "Check a release in PRISM's form: every violation by file, line, field and rule."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that holds survey.jsonl and the others")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the folder and say what was found."""
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        report = validate(folder)
        for violation in report.violations:
            self.stdout.write(str(violation))
        rows = ", ".join(f"{name} {count:,}" for name, count in report.rows.items())
        self.stdout.write(f"Rows: {rows or 'none'}.")
        if not report.is_valid:
            counts = ", ".join(f"{rule} {count:,}" for rule, count in report.counts.items())
            raise CommandError(f"{sum(report.counts.values()):,} violations: {counts}.")
        self.stdout.write("Nothing is wrong.")
