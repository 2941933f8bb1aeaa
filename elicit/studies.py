"""A study is a file: load it, and open, pause or close what was loaded.

Rule: a file is taken in whole or not at all, in one transaction with everything that other apps read from the same
design. An unchanged file changes nothing; a changed one makes a new version, and whoever has begun keeps theirs.
Closing is for good, and keeps what consent promised about the words that were only lent.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from elicit.errors import StudyNotOpen, WellspringError
from elicit.local_text import LocalText
from elicit.models import Question, Study, StudyVersion
from elicit.retention import erase_ungranted_words
from elicit.study_files import StudyDesign, design_as_data, design_hash, load_study_file

Loader = Callable[[Study, StudyDesign], None]

_LOADERS: dict[str, Loader] = {}


class UnknownStudy(WellspringError):
    """There is no study of that name."""


def study_named(slug: str) -> Study:
    """Return a study by its slug, for commands; views use `member_view`.

    Raises
    ------
    UnknownStudy
    """
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        known = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
        raise UnknownStudy(f'There is no study "{slug}". The studies here are: {known}.')
    return study


def register_loader(loader: Loader) -> None:
    """Let another app write its own rows from a design, in the same transaction. Twice is as good as once."""
    _LOADERS[f"{loader.__module__}.{loader.__qualname__}"] = loader


def by_language(text: LocalText, *, languages: list[str]) -> dict[str, str]:
    """Return a text by language code; one given once for all of them stands under the study's first language."""
    return dict(text.root) if isinstance(text.root, dict) else {languages[0]: text.root}


def load_study(source: Path | str, *, now: datetime) -> Study:
    """Take in a study file, or its text, and return the study.

    Raises
    ------
    StudyFileError
        When the file is wrong; nothing was written.
    """
    return load_design(load_study_file(source), now=now)


@transaction.atomic
def load_design(design: StudyDesign, *, now: datetime) -> Study:
    """Write a design that was already checked: the study, a new version if it changed, and its questions."""
    study = _study_for(design)
    known = study.versions.order_by("-number").first()
    fingerprint = design_hash(design)
    if known is not None and known.design_hash == fingerprint:
        return study
    version = StudyVersion.objects.create(
        study=study,
        number=known.number + 1 if known else 1,
        content=design_as_data(design),
        design_hash=fingerprint,
    )
    StudyVersion.objects.filter(pk=version.pk).update(created_at=now)
    _write_study(study, design)
    for loader in _LOADERS.values():
        loader(study, design)
    return study


def open_study(study: Study) -> Study:
    """Let participants answer. A closed study stays closed."""
    if study.state == Study.State.CLOSED:
        raise StudyNotOpen(f"The study {study.slug!r} is closed for good. Load it again under another slug.")
    return _move(study, Study.State.OPEN)


def pause(study: Study) -> Study:
    """Stop taking answers for now; every participant keeps their place."""
    if study.state != Study.State.OPEN:
        raise StudyNotOpen(f"The study {study.slug!r} is not open, so there is nothing to pause.")
    return _move(study, Study.State.PAUSED)


@transaction.atomic
def close(study: Study) -> Study:
    """Stop taking answers for good, and erase the words that may not be kept longer."""
    closed = _move(study, Study.State.CLOSED)
    erase_ungranted_words(closed)
    return closed


def _move(study: Study, state: str) -> Study:
    study.state = state
    study.save(update_fields=["state"])
    return study


def _study_for(design: StudyDesign) -> Study:
    title = by_language(design.title, languages=design.languages)
    study, _ = Study.objects.get_or_create(
        slug=design.slug, defaults={"title": title, "spend_cap_usd": design.spend_cap_usd}
    )
    return Study.objects.select_for_update().get(pk=study.pk)


def _write_study(study: Study, design: StudyDesign) -> None:
    study.title = by_language(design.title, languages=design.languages)
    study.spend_cap_usd = design.spend_cap_usd
    study.save(update_fields=["title", "spend_cap_usd"])
    for position, question in enumerate(design.questions):
        Question.objects.update_or_create(
            study=study,
            key=question.key,
            defaults={
                "title": by_language(question.title, languages=design.languages),
                "text": by_language(question.text, languages=design.languages),
                "position": position,
            },
        )
