"""The verb: check a folder, and write all of it in one transaction."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import reset_queries, transaction

from elicit.errors import ImportFailed
from elicit.models import Job, Origin, Study, StudyVersion
from elicit.prism.files import UnreadableFile
from elicit.prism.ids import id_number
from elicit.prism.reports import Report
from elicit.prism.validation import validate
from elicit.prism_export.people import IMPORT_JOB
from elicit.prism_export.vendors import providers
from elicit.prism_import import people, talks
from elicit.prism_import.designing import check_consents, granted_items, imported_design, write_study
from elicit.prism_import.reading import InvalidRelease, Source, bad_lines, is_complete, opened

Row = dict[str, Any]
Thing = TypeVar("Thing")

PEOPLE_AT_ONCE = 250
TALKS_AT_ONCE = 200


@dataclass(frozen=True)
class Imported:
    """What came in, and what was left out, by reason."""

    study: Study
    people: int
    conversations: int
    utterances: int
    skipped: Mapping[str, int]
    report: Report


def import_prism(
    folder: Path, *, slug: str, now: datetime, title: str = "", consents: Collection[str] = (), skip_bad: bool = False
) -> Imported:
    """Check a release and write it as a closed study of its own.

    `consents` are the purposes that its participants granted; with none the study is a method test. A wrong row
    refuses all of it, unless `skip_bad` leaves it out with what depends on it.

    Raises
    ------
    InvalidRelease
        When a rule is broken; nothing is written.
    ImportFailed
        When the study is there already, or a purpose is unknown; nothing is written.
    """
    check_consents(consents)
    if Study.objects.filter(slug=slug).exists():
        raise ImportFailed(f'There is already a study "{slug}"; an import never adds to one. Nothing was written.')
    report = _checked(folder, skip_bad=skip_bad)
    with opened(folder, bad=bad_lines(report)) as source, transaction.atomic():
        study, counts = _write(source, slug=slug, title=title, consents=consents, now=now)
        return Imported(study, *counts, skipped=+source.skipped, report=report)


def _checked(folder: Path, *, skip_bad: bool) -> Report:
    try:
        report = validate(folder)
    except UnreadableFile as error:
        raise ImportFailed(f"{error} Nothing was written.") from error
    if not (report.is_valid or skip_bad):
        raise InvalidRelease(report)
    return report


def _write(
    source: Source, *, slug: str, title: str, consents: Collection[str], now: datetime
) -> tuple[Study, tuple[int, int, int]]:
    """Write everything; return the study and how many people, conversations and answers it has."""
    models = list(source.rows("models"))
    names = [str(row["long_name"]) for row in models]
    given = title or source.release.title or f"Imported release {slug}"
    design = imported_design(slug, title=given, consents=consents, models=names)
    version = write_study(design, consents=consents, now=now)
    origin = Origin.SIMULATED.value if source.release.synthetic else Origin.IMPORTED.value
    keys = _write_people(source, people.Source(version, origin, granted_items(design), source.metadata))
    target = talks.Source(origin, source.metadata, providers(models), Counter())
    conversations, utterances = _write_talks(source, target, keys=keys)
    _note(version, source, models=models, rows=len(keys) + conversations + utterances, now=now)
    return version.study, (len(keys), conversations, utterances)


def _write_people(source: Source, target: people.Source) -> dict[int, int]:
    """Write everybody and return their keys by number."""
    keys: dict[int, int] = {}
    for chunk in _some(source.rows("survey"), PEOPLE_AT_ONCE):
        keys |= people.write_people([(_number(row["user_id"], "user"), row) for row in chunk], target)
        reset_queries()
    return keys


def _write_talks(source: Source, target: talks.Source, *, keys: Mapping[int, int]) -> tuple[int, int]:
    conversations = utterances = 0
    for chunk in _some(_whole(source, target, keys=keys), TALKS_AT_ONCE):
        utterances += talks.write_talks(chunk, target)
        conversations += len(chunk)
        reset_queries()
    return conversations, utterances


def _whole(source: Source, target: talks.Source, *, keys: Mapping[int, int]) -> Iterator[talks.Talk]:
    """Yield the conversations of which nothing is missing."""
    for row in source.rows("conversations"):
        person = keys.get(_number(row["user_id"], "user"))
        answers = source.answers_to(row)
        models = {item["model_name"] for item in row["conversation_history"] if item["role"] == "model"}
        if person is None:
            source.skipped["conversations of people who are left out"] += 1
        elif _number(row["conversation_id"], "c") in source.bad_conversations or not is_complete(row, answers):
            source.skipped["conversations with answers that break a rule"] += 1
        elif not models <= target.providers.keys():
            source.skipped["conversations with models that are left out"] += 1
        else:
            yield talks.Talk(person, row, answers)


def _note(version: StudyVersion, source: Source, *, models: list[Row], rows: int, now: datetime) -> None:
    """Keep what the release says of itself and of its models as the record of a job that is done."""
    release = source.release
    told = {name: getattr(release, name) for name in ("level", "synthetic", "vocabulary")} | {
        "models": [json.dumps(row) for row in models]  # as text, since PostgreSQL does not keep the order of keys
    }
    Job.objects.create(
        study=version.study, kind=IMPORT_JOB, key=f"{IMPORT_JOB}:{version.study.pk}", payload=told,
        state=Job.State.DONE, done_items=rows, total_items=rows, started_at=now, finished_at=now,
    )  # fmt: skip


def _number(identifier: str, prefix: str) -> int:
    number = id_number(identifier, prefix)
    if number is None:
        raise ImportFailed(f"{identifier!r:.60} is no id of this kind. Nothing was written.")
    return number


def _some(rows: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk
