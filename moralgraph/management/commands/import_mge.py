"""`manage.py import_mge DIR --study SLUG`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import ImportFailed
from moralgraph.importing import import_mge, time_of


class Command(BaseCommand):
    """Read a public Moral Graph Elicitation study as a method test."""

    help = "Read the cards and judgements of a Moral Graph Elicitation study from a folder, as a method test only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the folder and the study."""
        parser.add_argument(
            "folder",
            type=Path,
            help="Folder with values_cards.json and judgements.jsonl, or with the reference's own tables.",
        )
        parser.add_argument("--study", required=True, help="Name (slug) of the new study.")
        parser.add_argument("--until", default="", help="Leave out what was made later; ISO 8601 with a time zone.")
        parser.add_argument("--title", default="", help="Title for people.")

    def handle(self, *args: Any, folder: Path, study: str, title: str, until: str, **options: Any) -> None:
        """Import and say what came in."""
        try:
            found = import_mge(folder, slug=study, title=title, until=time_of(until))
        except ImportFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{found.study}: {found.judgements} judgements by {found.participants} participants about {found.cards} "
            f"cards in {found.contexts} contexts. Consent was not recorded: method test only."
        )
        if found.own_cards:
            self.stdout.write(f"{found.own_cards} cards of participants came along; whose they are is not known.")
        if found.later:
            self.stdout.write(f"{found.later} judgements were made after {until} and left out.")
        self.stdout.write(f"Next: manage.py build_moral_graph {found.study} --method classic")
