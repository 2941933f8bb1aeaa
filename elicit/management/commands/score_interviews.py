"""`manage.py score_interviews STUDY`: say whether the interviews of simulated people became better or worse."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from elicit.scored_interviews import read_scores, scores_of_guide, scores_of_study, write_scores
from elicit.simulation.comparing import Change, Scores, compare, summary
from elicit.simulation.scoring import MEASURES
from elicit.studies import study_named


class Command(BaseCommand):
    """Score a study's simulated interviews, or the guided interview alone."""

    help = "Score the interviews of simulated people, and compare them with a stored baseline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study, or the guide alone, and the files."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("study", nargs="?", help="the study's slug")
        whose.add_argument("--guided", action="store_true", help="the guided interview alone, without a site")
        parser.add_argument("--compare", type=Path, help="scores to compare with; worse ones are an error")
        parser.add_argument("--write", type=Path, help="where to store these scores")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score, show, compare, store."""
        try:
            scores = scores_of_guide() if options["guided"] else scores_of_study(study_named(options["study"]))
            if not scores:
                raise CommandError("No simulated person has a card there yet. Let some walk first: manage.py simulate")
            self._show(scores)
            changes = compare(scores, read_scores(options["compare"])) if options["compare"] else []
            if options["write"]:
                write_scores(scores, options["write"])
        except WellspringError as error:
            raise CommandError(str(error)) from error
        self._show_changes(changes)

    def _show(self, scores: Scores) -> None:
        found = summary(scores)
        self.stdout.write(f"{len(scores)} interviews\n{'':<30}{'mean':>8}  {'95 % interval':<18}what it counts")
        for measure in MEASURES:
            if measure.name in found:
                each = found[measure.name]
                between = f"{each.low:.3f} to {each.high:.3f}"
                self.stdout.write(f"{measure.title:<30}{each.mean:>8.3f}  {between:<18}{measure.counts}")

    def _show_changes(self, changes: list[Change]) -> None:
        for change in changes:
            moved = change.difference
            between = f"{moved.low:+.3f} to {moved.high:+.3f}"
            self.stdout.write(f"{change.measure.title:<30}{moved.mean:>+8.3f}  {between:<18}{change.verdict}")
        worse = [change.measure.title for change in changes if change.verdict == "worse"]
        if worse:
            raise CommandError(f"Worse than the baseline beyond noise: {', '.join(worse)}.")
