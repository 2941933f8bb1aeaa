"""Take in a study file."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from elicit.errors import Conflict
from elicit.models import StudyVersion
from elicit.querysets import Role
from elicit.roles import add_member
from elicit.studies import load_design
from elicit.study_files import StudyFileError, load_study_file
from elicit.versions import diff, newest_of


class Command(BaseCommand):
    """Load a study, or a new version of it, and optionally name its organizer."""

    help = "Load a study from its file; a wrong file writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the study's YAML file")
        parser.add_argument("--owner", metavar="USERNAME", help="make this user the study's organizer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file and say which version the study now has."""
        owner = self._owner(options["owner"])
        try:
            design = load_study_file(options["file"])
            before = newest_of(design.slug)
            with transaction.atomic():
                study = load_design(design, now=timezone.now())
                if owner is not None:
                    add_member(study, user=owner, role=Role.ORGANIZER)
        except (StudyFileError, Conflict) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The study {study.slug!r} has version {study.current_version.number}.")
        if before is not None:
            self._say_changes(before, study.current_version)

    def _say_changes(self, before: StudyVersion, after: StudyVersion) -> None:
        changes = diff(before.content, after.content)
        if not changes:
            self.stdout.write("Nothing has changed.")
            return
        is_new = before.number != after.number
        self.stdout.write("People have begun with the one before, and keep it." if is_new else "It replaces the draft.")
        for change in changes:
            self.stdout.write(f"  {change.path}")
            self.stdout.write(f"    - {'(not there)' if change.before is None else change.before}")
            self.stdout.write(f"    + {'(taken out)' if change.after is None else change.after}")

    def _owner(self, username: str | None) -> Any:
        if username is None:
            return None
        owner = get_user_model().objects.filter(username=username).first()
        if owner is None:
            raise CommandError(f"There is no user {username!r}. Make one with `manage.py createsuperuser`.")
        return owner
