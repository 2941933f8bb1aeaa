"""Whose answers are in an export, what they are called there, and what stays out.

Rule: a person is in it when they granted the purpose with the newest words that they answered, have not withdrawn and
were not left out. Codes are HMACs with the server's key and the release's name: they fit no other release, and rows
stand in their order, which tells nothing.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Min, QuerySet

from elicit.consent import granting
from elicit.models import Origin, Participant, Study, ValuesCard
from elicit.retention import without_grant
from moralgraph.consented import cards_for, usual_origins
from moralgraph.models import CanonicalValuesCard, Snapshot
from moralgraph.study_export.asking import Asked, ExportRefused

CODE_LENGTH = 16  # hexadecimal digits: among a million people two share a code once in 37 million releases


@dataclass(frozen=True)
class Release:
    """What every table of an export is read from.

    Attributes
    ----------
    people
        Code of each participant who is in it, by key.
    wordless
        Keys of those who were asked whether their words may be kept, and did not say yes.
    canonical
        Content id of each canonical card that may be used, by key.
    confirmed
        Code of each values card that may be used, by key.
    began
        When each participant was first shown a pair, by key.
    """

    study: Study
    asked: Asked
    origins: tuple[str, ...]
    snapshot: Snapshot
    people: Mapping[int, str]
    wordless: frozenset[int]
    canonical: Mapping[int, str]
    confirmed: Mapping[int, str]
    began: Mapping[int, datetime]
    withheld: Counter[str] = field(default_factory=Counter)

    def code(self, participant: int | None) -> str | None:
        """Return what a participant is called; None for nobody, and for who is not in it."""
        return None if participant is None else self.people.get(participant)

    def text(self, participant: int, words: str) -> str:
        """Return what somebody wrote beside a card or an answer, where it may be told: to the study team at most."""
        if words and self.asked.is_public:
            self.withheld["reasons, which people wrote for the study team"] += 1
            return ""
        if not words or (self.asked.keeps_texts and participant not in self.wordless):
            return words
        self.withheld["texts beside the cards, lent or left out by choice"] += 1
        return ""

    def time(self, at: datetime | None) -> str | None:
        """Return a time: to the month where anybody may read it."""
        if at is None:
            return None
        return f"{at:%Y-%m}" if self.asked.is_public else at.isoformat()

    def seconds(self, participant: int, at: datetime | None) -> float | None:
        """Return seconds since the participant was first shown a pair."""
        began = self.began.get(participant)
        return None if at is None or began is None else round((at - began).total_seconds(), 3)


def gather(study: Study, asked: Asked, *, snapshot: Snapshot) -> Release:
    """Find out who and what may be in the export.

    Raises
    ------
    ExportRefused
        When nobody may be in it.
    """
    origins = origins_of(study, asked)
    people = {pk: code_of(asked, study, "person", pk) for pk in _allowed(study, asked, origins)}
    if not people:
        raise ExportRefused(f'Nobody of "{study}" may be exported for "{asked.purpose}". No folder was left.')
    canonical = cards_for(study, purpose=asked.purpose, origins=origins)
    own = ValuesCard.objects.of_study(study).filter(participant__in=people).exclude(release__in=WITHHELD_CARDS)
    return Release(
        study=study,
        asked=asked,
        origins=origins,
        snapshot=snapshot,
        people=people,
        wordless=frozenset(without_grant(study).filter(pk__in=people).values_list("pk", flat=True)),
        canonical=dict(canonical.values_list("pk", "content_id")),
        confirmed={
            pk: code_of(asked, study, "card", pk) for pk in own.confirmed().values_list("pk", flat=True)
        },
        began=_began(study, people),
        withheld=_left_out(study, asked, origins, canonical),
    )  # fmt: skip


WITHHELD_CARDS = (ValuesCard.Release.HELD, ValuesCard.Release.REFUSED)


def origins_of(study: Study, asked: Asked) -> tuple[str, ...]:
    """Return whose rows are exported."""
    return tuple(asked.origins) or usual_origins(study)


def code_of(asked: Asked, study: Study, kind: str, pk: int) -> str:
    """Return the code of a row in this release."""
    key = f"{settings.SECRET_KEY}:{study.slug}:{asked.name}:{kind}".encode()
    return hmac.new(key, str(pk).encode(), hashlib.sha256).hexdigest()[:CODE_LENGTH]


def allowed_people(study: Study, asked: Asked, origins: Collection[str]) -> QuerySet[Participant]:
    """Return the participants who may be in an export."""
    there = Participant.objects.of_study(study).filter(withdrawn_at=None, excluded_at=None, origin__in=origins)
    return there if study.is_method_test else there.filter(pk__in=granting(asked.purpose, study=study).values("pk"))


def _allowed(study: Study, asked: Asked, origins: Collection[str]) -> list[int]:
    found = allowed_people(study, asked, origins).values_list("pk", flat=True)
    return sorted(found, key=lambda pk: code_of(asked, study, "person", pk))


def _began(study: Study, people: Collection[int]) -> dict[int, datetime]:
    rows = Participant.objects.filter(pk__in=people).annotate(first=Min("judgements__seen_at"))
    return {pk: first for pk, first in rows.values_list("pk", "first") if first is not None}


def _left_out(study: Study, asked: Asked, origins: Collection[str], canonical: QuerySet[Any]) -> Counter[str]:
    everybody = Participant.objects.of_study(study).exclude(origin=Origin.PREVIEW)
    there = everybody.filter(withdrawn_at=None, origin__in=origins)
    counted = there.filter(excluded_at=None).count()
    cards = CanonicalValuesCard.objects.of_study(study).exclude(origin=Origin.PREVIEW)
    return Counter(
        {
            "people who withdrew": everybody.filter(withdrawn_at__isnull=False).count(),
            "people left out of results by the team": there.exclude(excluded_at=None).count(),
            f"people who did not agree to the purpose {asked.purpose}": counted
            - allowed_people(study, asked, origins).count(),
            "participants of another origin": everybody.filter(withdrawn_at=None).exclude(origin__in=origins).count(),
            "canonical cards that may not be used for it": cards.count() - canonical.count(),
        }
    )
