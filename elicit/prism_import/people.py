"""Rows of survey.jsonl as participants with their answers, their consent and what no answer says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from elicit.models import ConsentGrant, Participant, ReleaseRecord, StudyVersion, SurveyAnswer
from elicit.prism.metadata_rows import checks_of
from elicit.prism.schema import DATETIME, REFUSED_TEXT
from elicit.prism.survey_rows import CODED, ITEMS, TEXTS, Person, person_of
from elicit.prism_import.lookups import Lookup

Row = Mapping[str, Any]
NullReason = SurveyAnswer.NullReason

VERSION = "imported"
INSTRUMENT = "prism"
ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class Source:
    """What every imported person shares."""

    version: StudyVersion
    origin: str
    items: Mapping[str, str]
    metadata: Lookup


def time_of(words: str) -> datetime:
    """Return a time of a release, which names no time zone and is taken for UTC."""
    return datetime.strptime(words, DATETIME).replace(tzinfo=UTC)


def write_people(rows: Sequence[tuple[int, Row]], source: Source) -> dict[int, int]:
    """Write people, each with the number that the release gives them; return their keys by that number."""
    people = [_participant(number, row, source) for number, row in rows]
    saved = Participant.objects.bulk_create(people, batch_size=ROWS_AT_ONCE)
    read = [person_of(row) for _, row in rows]
    ReleaseRecord.objects.bulk_create(
        [
            ReleaseRecord(participant=who, fields=dict(person.recorded))
            for who, person in zip(saved, read, strict=True)
        ],
        batch_size=ROWS_AT_ONCE,
    )  # fmt: skip
    answers = [
        answer
        for who, person, (number, row) in zip(saved, read, rows, strict=True)
        for answer in _answers(who, person, row, _checks(number, source))
    ]
    SurveyAnswer.objects.bulk_create(answers, batch_size=ROWS_AT_ONCE)
    ConsentGrant.objects.bulk_create(
        [
            ConsentGrant(
                participant=who, item=item, text_hash=words, version=VERSION, granted=True,
                at=time_of(row["generated_datetime"]),
            )
            for who, (_, row) in zip(saved, rows, strict=True)
            for item, words in source.items.items()
        ],
        batch_size=ROWS_AT_ONCE,
    )  # fmt: skip
    return {number: who.pk for (number, _), who in zip(rows, saved, strict=True)}


def _participant(number: int, row: Row, source: Source) -> Participant:
    finished = time_of(row["generated_datetime"])
    return Participant(
        study=source.version.study,
        version=source.version,
        origin=source.origin,
        seed=number,
        began_at=finished - timedelta(seconds=row["timing_duration_s"] or 0),
        last_seen_at=finished,
        finished_at=finished,
        ended=Participant.Ending.COMPLETE,
    )


def _checks(number: int, source: Source) -> dict[str, dict[str, Any]]:
    found = {name: source.metadata.row(name, number) for name in TEXTS}
    return {name: checks_of(row) for name, row in found.items() if row is not None}


def _answers(who: Participant, person: Person, row: Row, checks: Mapping[str, dict[str, Any]]) -> list[SurveyAnswer]:
    return [
        SurveyAnswer(
            participant=who,
            instrument=INSTRUMENT,
            instrument_version=VERSION,
            item=item,
            value=person.answers.get(item),
            null_reason="" if item in person.answers else _why_missing(item, row),
            option_order=list(person.orders.get(item, ())),
            checks=checks.get(item, {}),
            origin=who.origin,
        )
        for item in ITEMS
    ]


def _why_missing(item: str, row: Row) -> str:
    """Return why a release has no answer: refused or left open where it says so; otherwise it was not asked or told."""
    if item in CODED and row[item]["self_described"] == REFUSED_TEXT:
        return NullReason.REFUSED
    is_left_open = item in TEXTS and row[item] is not None
    return NullReason.SKIPPED if is_left_open else NullReason.NOT_SHOWN
