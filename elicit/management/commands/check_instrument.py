"""Say whether an instrument can be asked, and what it asks."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from elicit.instruments import Instrument, InstrumentError, available_instruments, load_instrument, minutes_of


class Command(BaseCommand):
    """Check an instrument's file, or one that comes with the site."""

    help = "Check an instrument: refuse it with line, key and fix, or say what it asks. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("instrument", help="a YAML file, or one of: " + ", ".join(available_instruments()))

    def handle(self, *args: Any, **options: Any) -> None:
        """Check it and print what it asks."""
        given = options["instrument"]
        try:
            instrument = load_instrument(given if given in available_instruments() else Path(given))
        except InstrumentError as error:
            raise CommandError(str(error)) from error
        for line in _summary(instrument):
            self.stdout.write(line)


def _summary(instrument: Instrument) -> list[str]:
    items = instrument.items()
    types = ", ".join(f"{number} {kind}" for kind, number in sorted(Counter(item.type for item in items).items()))
    lines = [
        f"{instrument.key}, version {instrument.version}: {instrument.title}",
        f"  questions: {len(items)} ({types})",
        f"  pages: {len(instrument.parts)}",
        f"  languages: {', '.join(instrument.languages) or 'not declared'}",
        f"  minutes: about {minutes_of(instrument)}, if every question is shown",
        f"  required: {sum(item.required for item in items)}",
        f"  shown to some only: {sum(item.show_if is not None for item in items)}",
        f"  can be declined: {sum('refused' in item.null_choices() or item.demographic for item in items)}",
    ]
    if instrument.releases_as:
        lines.append(f"  names and values: those of a {instrument.releases_as.upper()} release")
    return lines
