"""Take in a release in the form of PRISM."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from elicit.errors import WellspringError
from elicit.prism.reports import Violation
from elicit.prism_import import InvalidRelease, import_prism


class Command(BaseCommand):
    """Check a folder and write it as a closed study of its own."""

    help = "Read a release in the form of PRISM into a study of its own; a wrong folder writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="folder with the five files")
        parser.add_argument("--study", required=True, metavar="SLUG", help="name of the new study")
        parser.add_argument("--title", default="", help="its title")
        parser.add_argument(
            "--consents", default="", metavar="PURPOSE,...", help="what the participants granted; nothing by default"
        )
        parser.add_argument("--skip-bad", action="store_true", help="leave out rows that break a rule, and say which")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the study and say what came in, or name every violation."""
        consents = [purpose.strip() for purpose in options["consents"].split(",") if purpose.strip()]
        try:
            done = import_prism(
                options["folder"], slug=options["study"], title=options["title"], consents=consents,
                skip_bad=options["skip_bad"], now=timezone.now(),
            )  # fmt: skip
        except InvalidRelease as error:
            self._name(error.violations, error.counts)
            raise CommandError("The release is not valid, and nothing was written.") from error
        except WellspringError as error:
            raise CommandError(str(error)) from error
        self._name(done.report.violations, done.report.counts)
        for reason, count in done.skipped.items():
            self.stdout.write(f"left out: {reason}: {count:,}")
        self.stdout.write(
            f"The study {done.study.slug!r} has {done.people:,} participants, {done.conversations:,} conversations "
            f"and {done.utterances:,} rated answers."
        )
        if done.study.is_method_test:
            self.stdout.write("Consent was not recorded: it is a method test only and cannot be published.")

    def _name(self, violations: Iterable[Violation], counts: Mapping[str, int]) -> None:
        """Name what is wrong, by file, line, field and rule; of a rule that is broken often the first places."""
        named: Counter[str] = Counter()
        for violation in violations:
            named[violation.rule] += 1
            self.stderr.write(str(violation))
        for rule, count in counts.items():
            if count > named[rule]:
                self.stderr.write(f"... and {count - named[rule]:,} more of [{rule}]")
