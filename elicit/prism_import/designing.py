"""An imported release as a study, so that every page can read it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, get_args

from pydantic import ValidationError

from elicit.consent import words_hash
from elicit.errors import ImportFailed
from elicit.models import Study, StudyVersion
from elicit.study_files import MOST_MODELS, Purpose, StudyDesign, design_as_data, design_hash

GRANTABLE = tuple(purpose for purpose in get_args(Purpose) if purpose not in ("take_part", "keep_transcript"))
UNKNOWN = "This study was made elsewhere and imported. Its pages were not recorded here."
KINDS = ("unguided", "values_guided", "controversy_guided")


def check_consents(consents: Collection[str]) -> None:
    """Refuse a purpose that nobody could have granted.

    Raises
    ------
    ImportFailed
    """
    unknown = sorted(set(consents) - set(GRANTABLE))
    if unknown:
        known = ", ".join(GRANTABLE)
        raise ImportFailed(f"{', '.join(unknown)}: no such purpose; --consents takes {known}. Nothing was written.")


def imported_design(slug: str, *, title: str, consents: Collection[str], models: Sequence[str]) -> StudyDesign:
    """Describe a release as a study of which everybody granted `consents`.

    Raises
    ------
    ImportFailed
        When the slug or title cannot be a study's.
    """
    said = "As whoever imported the release says, its participants agreed to this purpose: {}."
    items = [{"key": "take_part", "text": UNKNOWN, "purpose": "take_part", "required": True}]
    items += [{"key": name, "text": said.format(name), "purpose": name, "required": False} for name in sorted(consents)]
    described: dict[str, Any] = {
        "format_version": 1,
        "slug": slug,
        "title": title,
        "welcome": UNKNOWN,
        "contact": {"name": "Not recorded", "email": "not-recorded@example.org"},
        "languages": ["en"],
        "minutes": 1,
        "consent": {"version": "imported", "items": items, "details": UNKNOWN},
        "steps": ["consent", "survey"],
        "questions": [{"key": "imported", "title": "Imported conversations", "text": UNKNOWN}],
        "survey": {"instrument": "prism"},
    }
    if 2 <= len(models) <= MOST_MODELS:
        described["conversation"] = {"count": 6, "turns": 20, "models": list(models), "types": _types()}
        described["steps"] = ["consent", "survey", "conversations"]
    try:
        return StudyDesign.model_validate(described)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()[:3])
        raise ImportFailed(f'"{slug}" cannot be imported as a study ({told}). Nothing was written.') from error


def _types() -> list[dict[str, str]]:
    return [{"key": kind, "title": kind.replace("_", " "), "text": UNKNOWN} for kind in KINDS]


def write_study(design: StudyDesign, *, consents: Collection[str], now: datetime) -> StudyVersion:
    """Write the study, closed, and its only version."""
    records = Study.ConsentRecord
    study = Study.objects.create(
        slug=design.slug,
        title={"en": str(design.title)},
        state=Study.State.CLOSED,
        consent_record=records.RECORDED if consents else records.NOT_RECORDED,
    )
    return StudyVersion.objects.create(
        study=study, number=1, content=design_as_data(design), design_hash=design_hash(design), frozen_at=now
    )


def granted_items(design: StudyDesign) -> dict[str, str]:
    """Return the hash of the words of each consent item, as a person who read them in English would leave it."""
    return {item.key: words_hash(item, design=design, language="en") for item in design.consent.items}
