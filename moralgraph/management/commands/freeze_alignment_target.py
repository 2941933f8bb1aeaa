"""`manage.py freeze_alignment_target SLUG`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from elicit.errors import WellspringError
from elicit.models import Origin
from elicit.studies import study_named
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.exporting import write_in_one_step


class Command(BaseCommand):
    """Freeze a study's alignment target."""

    help = "Build the graph from what was granted for training and freeze it as an alignment target."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the study and the file."""
        parser.add_argument("study", help="Name (slug) of the study.")
        parser.add_argument("--origin", action="append", default=[], choices=Origin.values, help="May be repeated.")
        parser.add_argument("--out", type=Path, help="Also write alignment_target.json here, in one step.")

    def handle(self, *args: Any, study: str, origin: list[str], out: Path | None, **options: Any) -> None:
        """Freeze and say what is in it."""
        try:
            target = freeze_newest_target(study_named(study), origins=origin, now=timezone.now())
            content = target.content
            if out is not None:
                write_in_one_step(out, json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2) + "\n")
        except WellspringError as error:
            raise CommandError(str(error)) from error
        labels = f" ({', '.join(content['labels'])})" if content["labels"] else ""
        self.stdout.write(
            f"{study}: alignment target {target.version}{labels} has {len(content['cards'])} cards, "
            f"{len(content['contexts'])} contexts, {len(content['edges'])} edges and {len(content['prompts'])} prompts."
        )
