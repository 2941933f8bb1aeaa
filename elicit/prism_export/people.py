"""Whose answers may be released, in which order, and what was left out.

Rule: a person is in a release when they granted publication with the newest words that they answered, have not
withdrawn, and nobody left them out. Whoever was asked whether their words may be kept and did not say yes lent them:
their numbers are released, and where words stood stands EMPTY STRING.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from elicit.consent import granting
from elicit.models import Job, Origin, Participant, ReleaseRecord, StepProgress, Study, SurveyAnswer
from elicit.prism.survey_rows import ITEMS, TEXTS, Person, missing_answers
from elicit.prism_export.asking import Asked, ReleaseRefused
from elicit.retention import without_grant

PURPOSE = "publish"
INSTRUMENT = "prism"
PEOPLE_AT_ONCE = 400
ADULT = 18
IMPORT_JOB = "import_prism"


@dataclass(frozen=True)
class Found:
    """A participant who is in the release: their row's key, answers, and what was found in their texts."""

    pk: int
    person: Person
    language: str
    origin: str
    checks: dict[str, dict[str, Any]]
    nulls: dict[str, str]


@dataclass(frozen=True)
class Chosen:
    """Who is in a release, in its order; who is not, by reason; and of whom no words are told."""

    pks: tuple[int, ...]
    left_out: Counter[str] = field(default_factory=Counter)
    wordless: frozenset[int] = frozenset()


def origins_of(asked: Asked) -> tuple[str, ...]:
    """Return whose rows are released: people's, wherever they answered, or those of programs."""
    return (Origin.SIMULATED.value,) if asked.simulated else (Origin.PERSON.value, Origin.IMPORTED.value)


def choose_people(study: Study, asked: Asked) -> Chosen:
    """Return who is in the release.

    Raises
    ------
    ReleaseRefused
        When nobody may be released, or the study's consent says something that PRISM's rows do not.
    """
    _refuse_study(study)
    everybody = Participant.objects.of_study(study).exclude(origin=Origin.PREVIEW)
    chosen = may_be_released(study, asked)
    left_out = _left_out(study, everybody, asked)
    answered, incomplete = [], 0
    for found in read_people(chosen.order_by("pk").values_list("pk", flat=True), study=study):
        is_missing = bool(missing_answers(found.person, is_raw=asked.is_raw))
        incomplete += is_missing
        if not is_missing:
            answered.append(found.pk)
    left_out["did not answer what every row must tell (familiarity, use, preferences)"] = incomplete
    if not answered:
        told = "; ".join(f"{reason}: {count}" for reason, count in left_out.items() if count) or "there is nobody"
        raise ReleaseRefused(f"Nobody of {study.slug!r} can be released ({told}). No folder was left.")
    wordless = frozenset(without_grant(study).values_list("pk", flat=True)) & frozenset(answered)
    return Chosen(in_order(answered, asked, study=study, kind="person"), +left_out, wordless)


def _refuse_study(study: Study) -> None:
    if study.is_method_test:
        raise ReleaseRefused(
            f"Consent was not recorded in {study.slug!r}: it is a method test only. No folder was left."
        )
    youngest = min(version.design.consent.minimum_age for version in study.versions.all())
    if youngest < ADULT:
        raise ReleaseRefused(
            f"Each row of a PRISM release says that the person is {ADULT} or older; {study.slug!r} takes people from "
            f"{youngest}. No folder was left."
        )


def may_be_released(study: Study, asked: Asked) -> QuerySet[Participant]:
    """Return the participants who granted publication, are still there, count, and are of the origins asked for."""
    return granting(PURPOSE, study=study).filter(excluded_at=None, origin__in=origins_of(asked))


def _left_out(study: Study, everybody: QuerySet[Participant], asked: Asked) -> Counter[str]:
    there = everybody.filter(withdrawn_at=None, origin__in=origins_of(asked))
    counted = there.filter(excluded_at=None)
    other = (
        "simulated, and this release is of people" if not asked.simulated else "people, and this release is simulated"
    )
    return Counter(
        {
            "withdrew": everybody.filter(withdrawn_at__isnull=False).count(),
            other: everybody.filter(withdrawn_at=None).exclude(origin__in=origins_of(asked)).count(),
            "left out of results by the team": there.filter(excluded_at__isnull=False).count(),
            "did not agree to publication": counted.count() - may_be_released(study, asked).count(),
        }
    )


def imported_facts(study: Study) -> dict[str, Any]:
    """Return what an import noted about the whole release that it read; nothing for a study of our own."""
    job = Job.objects.filter(study=study, kind=IMPORT_JOB).order_by("pk").first()
    if job is None:
        return {}
    return job.payload | {"models": [json.loads(row) for row in job.payload["models"]]}


def in_order(pks: Sequence[int], asked: Asked, *, study: Study, kind: str) -> tuple[int, ...]:
    """Return keys in the order of the release: as they came when raw, otherwise one that tells nothing.

    What was imported from a generalised release stands in an order that tells nothing already, and keeps it.
    """
    if asked.is_raw or imported_facts(study).get("level") == "generalised":
        return tuple(sorted(pks))
    key = f"{settings.SECRET_KEY}:{study.slug}:{asked.name}:{kind}".encode()
    return tuple(sorted(pks, key=lambda pk: hmac.new(key, str(pk).encode(), hashlib.sha256).digest()))


def chunks(pks: Any, size: int = PEOPLE_AT_ONCE) -> Iterator[list[int]]:
    """Yield keys some at a time, in their order."""
    iterator = iter(pks)
    while chunk := list(islice(iterator, size)):
        yield chunk


def read_people(pks: Any, *, study: Study) -> Iterator[Found]:
    """Yield what each participant answered, in the order of the keys."""
    for chunk in chunks(pks):
        answers, orders, checks, nulls = _answers(chunk)
        records = dict(ReleaseRecord.objects.filter(participant__in=chunk).values_list("participant", "fields"))
        times = _times(chunk)
        people = {row.pk: row for row in Participant.objects.filter(pk__in=chunk)}
        for pk in chunk:
            began, finished = times.get(pk, (None, None))
            took = finished - began if finished and began else timedelta(0)
            person = Person(
                answers.get(pk, {}), orders.get(pk, {}), records.get(pk, {}), _study_id(study, people[pk]), finished,
                int(took.total_seconds()),
            )  # fmt: skip
            row = people[pk]
            yield Found(pk, person, row.language, row.origin, checks.get(pk, {}), nulls.get(pk, {}))


def _study_id(study: Study, participant: Participant) -> str:
    return f"synthetic-{study.slug}" if participant.origin == Origin.SIMULATED else study.slug


def _answers(chunk: list[int]) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any], dict[int, Any]]:
    answers: dict[int, dict[str, Any]] = {}
    orders: dict[int, dict[str, Any]] = {}
    checks: dict[int, dict[str, Any]] = {}
    nulls: dict[int, dict[str, str]] = {}
    rows = SurveyAnswer.objects.filter(participant__in=chunk, instrument=INSTRUMENT, item__in=ITEMS)
    for pk, item, value, reason, order, found in rows.values_list(
        "participant", "item", "value", "null_reason", "option_order", "checks"
    ).iterator(chunk_size=5000):
        if value is None:
            nulls.setdefault(pk, {})[item] = reason
        else:
            answers.setdefault(pk, {})[item] = value
        if order:
            orders.setdefault(pk, {})[item] = order
        if item in TEXTS:
            checks.setdefault(pk, {})[item] = found
    return answers, orders, checks, nulls


def _times(chunk: list[int]) -> dict[int, tuple[Any, Any]]:
    steps = StepProgress.objects.filter(participant__in=chunk, key="survey", finished_at__isnull=False)
    return {
        pk: (began, finished) for pk, began, finished in steps.values_list("participant", "started_at", "finished_at")
    }
