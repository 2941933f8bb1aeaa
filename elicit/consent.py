"""Consent: what a person agreed to, in the exact words they saw.

Rule: what was not granted is not used. Whatever adds people up starts from `granting(purpose, study=...)`.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from elicit.errors import WellspringError
from elicit.models import ConsentGrant, Participant, Study
from elicit.participants import take_for_writing
from elicit.steps import complete_step
from elicit.study_files import ConsentItem, StudyDesign


class ConsentMissing(WellspringError):
    """Something that taking part needs was not agreed to."""


def words_hash(item: ConsentItem, *, design: StudyDesign, language: str) -> str:
    """Return the hash of the words that stand around one box: the version, the explanation and the sentence."""
    words = [
        design.consent.version,
        design.consent.details.for_language(language),
        item.text.for_language(language),
    ]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def record_consent(participant: Participant, answers: Mapping[str, bool], *, now: datetime) -> None:
    """Store one answer for each item and end the step; an item that was left open is a no.

    Raises
    ------
    ConsentMissing
        When an item that taking part needs was not granted; nothing was stored.
    """
    row = take_for_writing(participant)
    design = row.version.design
    if any(item.required and not answers.get(item.key, False) for item in design.consent.items):
        raise ConsentMissing("Without this agreement you cannot take part. You may also simply leave.")
    for item in design.consent.items:
        grant, _ = ConsentGrant.objects.update_or_create(
            participant=row,
            item=item.key,
            text_hash=words_hash(item, design=design, language=row.language),
            defaults={"granted": bool(answers.get(item.key, False))},
        )
        ConsentGrant.objects.filter(pk=grant.pk).update(at=now)
    complete_step(row, "consent", now=now)


def granting(purpose: str, *, study: Study) -> QuerySet[Participant]:
    """Return the participants of a study who granted every item of this purpose and have not withdrawn."""
    by_version = Q(pk__in=[])
    for version in study.versions.all():
        items = [item.key for item in version.design.consent.items if item.purpose == purpose]
        if items:
            by_version |= Q(version=version) & _granted_all(items)
    return Participant.objects.filter(by_version, study=study, withdrawn_at=None)


def has_granted(participant: Participant, purpose: str) -> bool:
    """Say whether a participant granted every item of this purpose."""
    return granting(purpose, study=participant.study).filter(pk=participant.pk).exists()


def _granted_all(items: list[str]) -> Q:
    refused = ConsentGrant.objects.filter(item__in=items, granted=False).values("participant")
    agreed = ~Q(pk__in=refused)
    for item in items:
        agreed &= Q(pk__in=ConsentGrant.objects.filter(item=item, granted=True).values("participant"))
    return agreed
