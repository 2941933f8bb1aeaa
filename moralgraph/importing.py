"""Take in the public data of a Moral Graph Elicitation study.

Rule: all of it or nothing, in one transaction. What comes in is marked `imported`, its participants are numbers, and
its consent is not recorded, so that whatever is built from it is a method test only.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from pydantic import ValidationError

from elicit.errors import ImportFailed
from elicit.models import Origin, Participant, Study, StudyVersion, ValuesCard
from elicit.study_files import StudyDesign, design_as_data, design_hash
from moralgraph.algorithms.records import MGE_VERDICTS
from moralgraph.mge_files import MgeCard, MgeJudgement, read_cards, read_judgements
from moralgraph.mge_upstream import OwnCard, Upstream, is_upstream, read_upstream, refuse_personal
from moralgraph.models import CanonicalValuesCard, CardMembership, Context, Judgement

ROWS_AT_ONCE = 1000
LONGEST_KEY = 60
LONGEST_DESCRIPTION = 600
STORY_ARMS = {
    None: Judgement.StoryArm.UNKNOWN,
    True: Judgement.StoryArm.FORWARD,  # the reference told of somebody who moved from the first to the second
    False: Judgement.StoryArm.UNKNOWN,
}


@dataclass(frozen=True)
class Imported:
    """What came in."""

    study: Study
    cards: int
    contexts: int
    participants: int
    judgements: int
    own_cards: int = 0
    later: int = 0


def import_mge(folder: Path, *, slug: str, title: str = "", until: datetime | None = None) -> Imported:
    """Read the folder, in either layout, and write it as a closed study of its own. What came after `until` stays out.

    Raises
    ------
    ImportFailed
        When a file is wrong, or a study of that name is already there; nothing is written then.
    """
    _refuse_used(slug)
    found = _read(folder, until=until)
    cards, judgements = found.cards, found.judgements
    if not judgements:
        raise ImportFailed(f"{folder}: there are no judgements in it. Nothing was written.")
    keys = _context_keys(row.context for row in judgements)
    design = _design(slug, title=title or f"Imported study {slug}", contexts=keys)
    with transaction.atomic():
        version = _write_study(design)
        people = _write_participants(judgements, version=version)
        nodes = _write_cards(cards.values(), study=version.study)
        contexts = _write_contexts(keys, study=version.study)
        _write_judgements(judgements, study=version.study, people=people, nodes=nodes, contexts=contexts)
        _write_own_cards(found.own_cards, study=version.study, nodes=nodes)
    return Imported(
        version.study, len(cards), len(contexts), len(people), len(judgements), len(found.own_cards), found.later
    )


def _read(folder: Path, *, until: datetime | None) -> Upstream:
    """Read a folder in the layout that it has."""
    if is_upstream(folder):
        return read_upstream(folder, until=until)
    refuse_personal(folder)
    cards = read_cards(folder)
    every = list(read_judgements(folder, cards=cards))
    kept = [row for row in every if until is None or row.created_at <= until]
    return Upstream(cards, kept, [], len(every) - len(kept))


def time_of(text: str) -> datetime | None:
    """Read a time with its zone; none where nothing is given.

    Raises
    ------
    ImportFailed
        When it is no time, or has no zone.

    >>> time_of("2023-10-18T00:00:00Z").isoformat()
    '2023-10-18T00:00:00+00:00'
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ImportFailed(f'"{text}" is no time; write it as 2023-10-18T00:00:00Z. Nothing was written.') from error
    if found.tzinfo is None:
        raise ImportFailed(f'"{text}" has no time zone; write it as {text}Z for UTC. Nothing was written.')
    return found


def _refuse_used(slug: str) -> None:
    if Study.objects.filter(slug=slug).exists():
        raise ImportFailed(
            f'There is already a study "{slug}"; an import never adds to one. '
            "Choose another name with --study. Nothing was written."
        )


def _context_keys(texts: Iterable[str]) -> dict[str, str]:
    """Give each context a key, in order of first appearance."""
    keys: dict[str, str] = {}
    used: Counter[str] = Counter()
    for text in dict.fromkeys(texts):
        plain = re.sub(r"[^a-z0-9]+", "_", text.lower().removeprefix("when ")).strip("_")[:LONGEST_KEY]
        plain = plain if plain[:1].isalpha() else f"context_{plain}".rstrip("_")
        used[plain] += 1
        keys[text] = plain if used[plain] == 1 else f"{plain}_{used[plain]}"
    return keys


def _design(slug: str, *, title: str, contexts: Mapping[str, str]) -> StudyDesign:
    """Describe the import as a study, so that every page can read it."""
    unknown = "This study was made elsewhere. Its questions and its consent were not recorded here."
    listed = [{"key": key, "text": text, "questions": ["imported"]} for text, key in contexts.items()]
    try:
        return StudyDesign.model_validate(
            {
                "format_version": 1,
                "slug": slug,
                "title": title,
                "welcome": unknown,
                "contact": {"name": "Not recorded", "email": "not-recorded@example.org"},
                "languages": ["en"],
                "minutes": 1,
                "consent": {
                    "version": "not recorded",
                    "items": [{"key": "take_part", "text": unknown, "purpose": "take_part", "required": True}],
                    "details": unknown,
                },
                "steps": ["consent", "judgements"],
                "questions": [{"key": "imported", "title": "Imported judgements", "text": unknown}],
                "contexts": listed,
            }
        )
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()[:3])
        raise ImportFailed(f'"{slug}" cannot be imported as a study ({told}). Nothing was written.') from error


def _write_study(design: StudyDesign) -> StudyVersion:
    study = Study.objects.create(
        slug=design.slug,
        title={"en": str(design.title)},
        state=Study.State.CLOSED,
        consent_record=Study.ConsentRecord.NOT_RECORDED,
    )
    return StudyVersion.objects.create(
        study=study, number=1, content=design_as_data(design), design_hash=design_hash(design)
    )


def _write_participants(judgements: Iterable[MgeJudgement], *, version: StudyVersion) -> dict[str, int]:
    """Write one participant a number, in order of first appearance; return their keys by number."""
    numbers = dict.fromkeys(str(row.participant) for row in judgements)
    rows = [
        Participant(study=version.study, version=version, origin=Origin.IMPORTED, seed=position)
        for position, _ in enumerate(numbers)
    ]
    saved = Participant.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    return {number: row.pk for number, row in zip(numbers, saved, strict=True)}


def _write_cards(cards: Iterable[MgeCard], *, study: Study) -> dict[str, int]:
    rows = [
        CanonicalValuesCard(
            study=study,
            content_id=str(card.id),
            title=card.title,
            description=card.instructions_short,
            policies=list(card.evaluation_criteria),
            details=card.model_dump(
                by_alias=True, exclude_none=True, exclude={"title", "instructions_short", "evaluation_criteria"}
            ),
            origin=Origin.IMPORTED,
        )
        for card in cards
    ]
    saved = CanonicalValuesCard.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    return {row.content_id: row.pk for row in saved}


def _write_own_cards(cards: Iterable[OwnCard], *, study: Study, nodes: Mapping[str, int]) -> None:
    """Write participants' own cards, without an author, and under which canonical card the source put each."""
    given = list(cards)
    rows = [
        ValuesCard(
            study=study,
            title=card.title,
            description=card.description[:LONGEST_DESCRIPTION],
            policies=card.policies,
            origin=Origin.IMPORTED,
            state=ValuesCard.State.CONFIRMED,
            confirmed_at=card.created_at,
        )
        for card in given
    ]
    saved = ValuesCard.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    CardMembership.objects.bulk_create(
        [
            CardMembership(
                card=row, canonical_id=nodes[str(card.canonical)], decision=CardMembership.Decision.MODEL,
                is_provisional=False,
            )
            for card, row in zip(given, saved, strict=True)
            if card.canonical is not None
        ],
        batch_size=ROWS_AT_ONCE,
    )  # fmt: skip


def _write_contexts(keys: Mapping[str, str], *, study: Study) -> dict[str, int]:
    rows = [
        Context(
            study=study,
            key=key,
            text={"en": text},
            origin=Origin.IMPORTED,
            position=position,
            source=Context.Source.IMPORTED,
        )
        for position, (text, key) in enumerate(keys.items())
    ]
    saved = Context.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    return {text: row.pk for text, row in zip(keys, saved, strict=True)}


def _write_judgements(
    judgements: Iterable[MgeJudgement],
    *,
    study: Study,
    people: Mapping[str, int],
    nodes: Mapping[str, int],
    contexts: Mapping[str, int],
) -> None:
    """Write the judgements in the source's order. A person who judged a pair twice in a context repeats it."""
    times: Counter[tuple[int, int, int, int]] = Counter()
    rows = []
    for number, row in enumerate(judgements):
        ends = nodes[str(row.from_card)], nodes[str(row.to_card)]
        pair = people[str(row.participant)], min(ends), max(ends), contexts[row.context]
        columns = _columns(row, number=number, ends=ends, pair=pair, repeat=times[pair])
        rows.append(Judgement(study=study, **columns))
        times[pair] += 1
    Judgement.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def _columns(
    row: MgeJudgement, *, number: int, ends: tuple[int, int], pair: tuple[int, int, int, int], repeat: int
) -> dict[str, Any]:
    participant, lower, upper, context = pair
    return {
        "participant_id": participant,
        "context_id": context,
        "first_id": ends[0],
        "second_id": ends[1],
        "lower": lower,
        "upper": upper,
        "repeat": repeat,
        "number": number,
        "story_arm": STORY_ARMS[row.has_story],
        "answer": MGE_VERDICTS[row.verdict].value,
        "origin": Origin.IMPORTED,
        "answered_at": row.created_at,
    }
