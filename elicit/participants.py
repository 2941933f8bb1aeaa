"""Participants and their links: who may come in, and how somebody leaves for good.

Rule: a link's token is never stored or logged, only its hash, and opening one starts nothing. Every verb that records
an answer first calls `take_for_writing`, so that nothing is kept for a person who has withdrawn or declined, or in a
study that is not open.
"""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from elicit.errors import AlreadyWithdrawn, InvalidLink, StudyNotOpen
from elicit.forgetting import forget
from elicit.models import EntryLink, Origin, Participant, Study, StudyLink
from elicit.versions import freeze

TOKEN_BYTES = 16  # 128 bits: nobody guesses one

Ending = Participant.Ending


class NotTakingPart(StudyNotOpen):
    """This person said no, so nothing is recorded for them."""


def add_participant(study: Study, *, origin: str, language: str, seed: int, now: datetime) -> Participant:
    """Add somebody to the newest version of a study."""
    participant = Participant.objects.create(
        study=study, version=study.current_version, origin=Origin(origin).value, language=language, seed=seed
    )
    Participant.objects.filter(pk=participant.pk).update(created_at=now)
    return participant


@transaction.atomic
def invite(study: Study, *, count: int, now: datetime, expires_at: datetime | None = None) -> list[str]:
    """Add participants, each with a personal link, and return the tokens, which cannot be read again."""
    language = study.current_version.design.languages[0]
    added = [
        add_participant(study, origin=Origin.PERSON, language=language, seed=secrets.randbits(48), now=now)
        for _ in range(count)
    ]
    return [create_link(participant, now=now, expires_at=expires_at) for participant in added]


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token(*, now: datetime, expires_at: datetime | None = None) -> str:
    """Return a token that nobody guesses, for a link that does not end before it begins."""
    if expires_at is not None and expires_at <= now:
        raise InvalidLink("A link cannot expire before it is made. Give a later time.")
    return secrets.token_urlsafe(TOKEN_BYTES)


def create_link(participant: Participant, *, now: datetime, expires_at: datetime | None = None) -> str:
    """Make a personal link and return its token, which cannot be read again."""
    token = new_token(now=now, expires_at=expires_at)
    EntryLink.objects.create(participant=participant, token_hash=token_hash(token), expires_at=expires_at)
    return token


@transaction.atomic
def replace_links(participant: Participant, *, now: datetime) -> str:
    """Make a new personal link and revoke the ones before it, for whoever lost one or showed it to somebody."""
    row = Participant.objects.select_for_update().get(pk=participant.pk)
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawn("This participant has withdrawn; there is nothing that a link could open.")
    EntryLink.objects.filter(participant=row, revoked_at=None).update(revoked_at=now)
    return create_link(row, now=now)


def revoke_link(link: EntryLink | StudyLink, *, now: datetime) -> None:
    """Make a link useless. Revoking it again changes nothing."""
    type(link)._default_manager.filter(pk=link.pk, revoked_at=None).update(revoked_at=now)


def is_alive(link: EntryLink | StudyLink, *, now: datetime) -> bool:
    """Say whether a link still opens something."""
    return link.revoked_at is None and (link.expires_at is None or link.expires_at > now)


def enter(token: str, *, now: datetime) -> Participant:
    """Return the participant whose token this is.

    Raises
    ------
    InvalidLink
        When the token is unknown, revoked or expired, or its owner has withdrawn. The message never says which.
    """
    link = (
        EntryLink.objects.select_related("participant__study")
        .filter(token_hash=token_hash(token), participant__withdrawn_at=None, participant__study__erased_at=None)
        .first()
    )
    if link is None or not is_alive(link, now=now):
        raise InvalidLink("This link does not work, or no longer does. Ask whoever sent it for a new one.")
    return link.participant


@transaction.atomic
def begin(participant: Participant, *, language: str, now: datetime) -> Participant:
    """Begin the study, in one of its languages and in its newest version. Beginning again changes nothing.

    The first real person who begins freezes the version. Whoever said no before they had agreed to anything is asked
    anew.
    """
    row = take_for_asking(participant)
    if row.ended == Ending.NO_CONSENT and not has_agreed(row):
        row.ended = ""
    if row.began_at is None and not row.steps.exists():
        row.version = row.study.current_version
        row.language = language if language in row.version.design.languages else row.version.design.languages[0]
        row.began_at = now
        if row.origin == Origin.PERSON:
            freeze(row.version, now=now)
    row.save(update_fields=["ended", "version", "language", "began_at"])
    return row


def has_agreed(participant: Participant) -> bool:
    """Say whether somebody has ever agreed to anything."""
    return participant.consent_grants.filter(granted=True).exists()


def note_seen(participant: Participant, *, now: datetime) -> None:
    """Remember when a participant last sent something that was taken; not of who said no."""
    row = Participant.objects.filter(pk=participant.pk, withdrawn_at=None).exclude(ended=Ending.NO_CONSENT)
    row.update(last_seen_at=now)


def is_taking_answers(participant: Participant) -> bool:
    """Say whether the study records answers now; previews also work before it opens."""
    study = participant.study
    return study.state == Study.State.OPEN or (
        participant.origin == Origin.PREVIEW and study.state == Study.State.DRAFT
    )


def take_for_asking(participant: Participant) -> Participant:
    """Return the participant's row, locked until the transaction ends, if they may be asked whether they take part.

    The study is read after the lock is held: whoever waited while it was being closed sees it closed.

    Raises
    ------
    AlreadyWithdrawn, StudyNotOpen
    """
    row = Participant.objects.select_for_update().get(pk=participant.pk)
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawn("This participant has withdrawn; nothing more is recorded.")
    if not is_taking_answers(row):
        raise StudyNotOpen("This study is not taking answers now. What was saved before is kept.")
    return row


def take_for_writing(participant: Participant) -> Participant:
    """Return the participant's row, locked until the transaction ends, if something may be recorded for them.

    Raises
    ------
    AlreadyWithdrawn, StudyNotOpen, NotTakingPart
    """
    row = take_for_asking(participant)
    if row.ended == Ending.NO_CONSENT:
        raise NotTakingPart("You said that you do not want to take part, so nothing is recorded.")
    return row


def tombstone_code(code: str) -> str:
    """Return the code that stays after withdrawal: a hash, so that an earlier export can be checked against it."""
    return hashlib.sha256(f"withdrawn:{code}".encode()).hexdigest()[:16]


@transaction.atomic
def withdraw(participant: Participant, *, now: datetime) -> None:
    """Erase everything a participant told us and keep a tombstone. Doing it twice changes nothing."""
    row = Participant.objects.select_for_update().get(pk=participant.pk)
    if row.withdrawn_at is None:
        forget(row)
        row.code = tombstone_code(row.code)
        row.seed = 0
        row.began_at = row.last_seen_at = row.finished_at = row.excluded_at = None
        row.excluded_because = row.ended = ""
        row.excluded_by = None
        row.withdrawn_at = now
        row.save()
    participant.refresh_from_db()
