"""Consent: what a person agreed to, in the exact words they saw.

Rule: what was not granted is not used. Whatever adds people up starts from `granting(purpose, study=...)`, which holds
each person to the wording that they answered last, and to the newest answer that they gave to each item of it.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from elicit.errors import AlreadyWithdrawn, WellspringError
from elicit.models import ConsentGrant, PanelIdentity, Participant, Study, StudyVersion
from elicit.participants import has_agreed, take_for_asking, take_for_writing
from elicit.steps import complete_step
from elicit.study_files import ConsentItem, StudyDesign

ConsentHook = Callable[[Participant, str, bool, datetime], None]
USUAL_AGE = 18

_HOOKS: dict[str, ConsentHook] = {}


class ConsentMissing(WellspringError):
    """Something that taking part needs was not agreed to."""


def on_consent_changed(hook: ConsentHook) -> None:
    """Call `hook(participant, purpose, is_granted, now)` when an answer changes what may be done."""
    _HOOKS[f"{hook.__module__}.{hook.__qualname__}"] = hook


def words_hash(item: ConsentItem, *, design: StudyDesign, language: str) -> str:
    """Return the hash of the words that stand around one box: the version, what is explained, and the sentence."""
    words: list[Any] = [
        design.consent.version,
        design.consent.details.for_language(language),
        item.text.for_language(language),
    ]
    named = named_facts(design, language=language)
    return hashlib.sha256(json.dumps(words + ([named] if named else []), ensure_ascii=False).encode()).hexdigest()


def named_facts(design: StudyDesign, *, language: str) -> dict[str, Any]:
    """Return what the page names beside the study's own explanation, where the study says it."""
    consent = design.consent
    facts: dict[str, Any] = {
        "controller": consent.controller,
        "providers": [[each.name, each.country, each.does.for_language(language)] for each in consent.providers],
        "minimum_age": consent.minimum_age if consent.minimum_age != USUAL_AGE else None,
        "until": design.retention.until.isoformat() if design.retention else None,
    }
    return {name: fact for name, fact in facts.items() if fact not in (None, "", [])}


@transaction.atomic
def record_consent(participant: Participant, answers: Mapping[str, bool], *, now: datetime) -> None:
    """Store one answer for each item and end the step; an item that was left open is a no.

    Raises
    ------
    ConsentMissing
        When an item that taking part needs was not granted; nothing was stored.
    """
    row = take_for_writing(participant)
    _store(row, answers, design=row.version.design, now=now)
    complete_step(row, "consent", now=now)


@transaction.atomic
def renew_consent(participant: Participant, answers: Mapping[str, bool], *, now: datetime) -> None:
    """Store the answers to the newest wording of somebody who had answered an earlier one.

    Raises
    ------
    ConsentMissing
        When an item that taking part needs was not granted; nothing was stored.
    """
    row = take_for_asking(participant)
    before = granted_purposes(row)
    _store(row, answers, design=row.study.current_version.design, now=now)
    if row.ended == Participant.Ending.NO_CONSENT:
        row.ended = ""
        row.save(update_fields=["ended"])
    _announce(row, before, now=now)


@transaction.atomic
def decline(participant: Participant, *, now: datetime) -> None:
    """End a participation because its person said no; who has finished stays finished.

    Of a visit without any consent nothing is kept but that somebody said no. What was given under an earlier consent
    stays under it until it is withdrawn.
    """
    row = take_for_asking(participant)
    if not has_agreed(row):
        row.steps.all().delete()
        row.consent_grants.all().delete()
        PanelIdentity.objects.filter(participant=row).update(sealed=b"")
        row.began_at = row.last_seen_at = None
    if row.finished_at is None:
        row.ended = Participant.Ending.NO_CONSENT
    row.save(update_fields=["began_at", "last_seen_at", "ended"])


@transaction.atomic
def change_answer(participant: Participant, item_key: str, granted: bool, *, now: datetime) -> None:
    """Change the answer to one item of the wording that somebody answered last, with everything that follows from it.

    What was granted can be taken back at any time, also after the study has closed; a new grant needs an open study.

    Raises
    ------
    ConsentMissing
        When there is no such item, or taking part needs it: then withdrawing is the way.
    """
    row = take_for_writing(participant) if granted else _take_for_taking_back(participant)
    design = asked_design(row)
    item = next((each for each in design.consent.items if each.key == item_key), None)
    if item is None or item.required:
        raise ConsentMissing("This answer cannot be changed by itself. To end your part, withdraw.")
    before = granted_purposes(row)
    _answer(row, item, granted, design=design, now=now)
    _announce(row, before, now=now)


def _take_for_taking_back(participant: Participant) -> Participant:
    row = Participant.objects.select_for_update().get(pk=participant.pk)
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawn("This participant has withdrawn; there is nothing left to take back.")
    return row


def _store(participant: Participant, answers: Mapping[str, bool], *, design: StudyDesign, now: datetime) -> None:
    if any(item.required and not answers.get(item.key, False) for item in design.consent.items):
        raise ConsentMissing("Without this agreement you cannot take part. You may also simply leave.")
    for item in design.consent.items:
        _answer(participant, item, bool(answers.get(item.key, False)), design=design, now=now)


def _answer(participant: Participant, item: ConsentItem, granted: bool, *, design: StudyDesign, now: datetime) -> None:
    """Add an answer, unless the newest one says the same about the same words."""
    words = words_hash(item, design=design, language=participant.language)
    newest = ConsentGrant.objects.filter(participant=participant, item=item.key).last()
    if newest is None or (newest.text_hash, newest.granted) != (words, granted):
        ConsentGrant.objects.create(
            participant=participant, item=item.key, text_hash=words, version=design.consent.version, granted=granted,
            at=now,
        )  # fmt: skip


def _announce(participant: Participant, before: Collection[str], *, now: datetime) -> None:
    after = granted_purposes(participant)
    for purpose in sorted(set(before) ^ after):
        for hook in _HOOKS.values():
            hook(participant, purpose, purpose in after, now)


def newest_answers(participant: Participant) -> dict[str, ConsentGrant]:
    """Return the newest answer to each item that somebody was ever asked about."""
    return {grant.item: grant for grant in ConsentGrant.objects.filter(participant=participant)}


def asked_design(participant: Participant) -> StudyDesign:
    """Return the design whose wording somebody answered last; their own version's before they have."""
    last = ConsentGrant.objects.filter(participant=participant).last()
    own = participant.version.design
    if last is None or last.text_hash in _hashes(own, languages=[participant.language]):
        return own
    for version in participant.study.versions.order_by("-number"):
        if last.text_hash in _hashes(version.design, languages=[participant.language]):
            return version.design
    return own


def granted_purposes(participant: Participant) -> frozenset[str]:
    """Return the purposes of which somebody granted every item."""
    given, found = newest_answers(participant), dict[str, bool]()
    for item in asked_design(participant).consent.items:
        is_granted = item.key in given and given[item.key].granted
        found[item.purpose] = found.get(item.purpose, True) and is_granted
    return frozenset(purpose for purpose, is_granted in found.items() if is_granted)


def must_ask_again(participant: Participant) -> bool:
    """Say whether the study's newest version words its consent otherwise than what somebody has answered."""
    newer = participant.study.versions.filter(number__gt=participant.version.number).order_by("-number").first()
    if newer is None:
        return False
    given = newest_answers(participant)
    answered = {grant.text_hash for grant in given.values()}
    return bool(given) and not _hashes(newer.design, languages=[participant.language]) <= answered


@dataclass(frozen=True)
class Changes:
    """What is new in a wording: keys of items, and whether the explanation and the named facts differ."""

    new_items: frozenset[str]
    changed_items: frozenset[str]
    details: bool
    facts: frozenset[str]


def changes_between(old: StudyDesign, new: StudyDesign, *, language: str) -> Changes:
    """Compare two wordings, in the language in which a person reads them."""
    before = {item.key: item.text.for_language(language) for item in old.consent.items}
    after = {item.key: item.text.for_language(language) for item in new.consent.items}
    facts, old_facts = named_facts(new, language=language), named_facts(old, language=language)
    return Changes(
        new_items=frozenset(after.keys() - before.keys()),
        changed_items=frozenset(key for key in after.keys() & before.keys() if after[key] != before[key]),
        details=new.consent.details.for_language(language) != old.consent.details.for_language(language),
        facts=frozenset(name for name in facts.keys() | old_facts.keys() if facts.get(name) != old_facts.get(name)),
    )


def granting(purpose: str, *, study: Study) -> QuerySet[Participant]:
    """Return the participants of a study who granted every item of this purpose and have not withdrawn."""
    newest = ConsentGrant.objects.filter(participant=OuterRef("pk")).order_by("-at", "-pk").values("text_hash")[:1]
    granted, refused = Q(pk__in=[]), Q(pk__in=[])
    for hashes, items in _wordings(purpose, study=study):
        asked = Q(last_words__in=hashes)
        granted |= asked & _granted_all(items)
        refused |= asked & Q(pk__in=_newest_answers().filter(item__in=items, granted=False).values("participant"))
    people = Participant.objects.filter(study=study, withdrawn_at=None).alias(last_words=Subquery(newest))
    return people.filter(granted).exclude(refused)


def has_granted(participant: Participant, purpose: str) -> bool:
    """Say whether a participant granted every item of this purpose."""
    return granting(purpose, study=participant.study).filter(pk=participant.pk).exists()


def _wordings(purpose: str, *, study: Study) -> list[tuple[list[str], list[str]]]:
    """Return the study's wordings that ask for a purpose: the hashes of their words, and their items for it.

    Versions that word their consent alike are one. Where two share words, the one with more items decides.
    """
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for version in study.versions.all():
        items = tuple(item.key for item in version.design.consent.items if item.purpose == purpose)
        if items:
            found[tuple(sorted(_hashes(version.design, languages=version.design.languages)))] = items
    return [(list(hashes), list(items)) for hashes, items in found.items()]


def _hashes(design: StudyDesign, *, languages: Collection[str]) -> set[str]:
    return {
        words_hash(item, design=design, language=language) for item in design.consent.items for language in languages
    }


def _newest_answers() -> QuerySet[ConsentGrant]:
    later = ConsentGrant.objects.filter(participant=OuterRef("participant"), item=OuterRef("item")).order_by(
        "-at", "-pk"
    )
    return ConsentGrant.objects.filter(pk=Subquery(later.values("pk")[:1]))


def _granted_all(items: list[str]) -> Q:
    agreed = Q()
    for item in items:
        agreed &= Q(pk__in=_newest_answers().filter(item=item, granted=True).values("participant"))
    return agreed


def consent_words(study: Study, *, purpose: str) -> list[str]:
    """Return the sentences by which a purpose was granted, each wording and language once and on one line."""
    found: dict[str, None] = {}
    for version in study.versions.order_by("number"):
        design = version.design
        items = [item for item in design.consent.items if item.purpose == purpose]
        texts = (item.text.for_language(code) for item in items for code in design.languages)
        found |= dict.fromkeys(" ".join(text.split()) for text in texts)
    return list(found)


def versions_that_ask(study: Study, *, purpose: str) -> list[StudyVersion]:
    """Return the versions of a study that ask for a purpose."""
    return [
        version
        for version in study.versions.all()
        if any(item.purpose == purpose for item in version.design.consent.items)
    ]
