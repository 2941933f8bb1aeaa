"""A study is a file: load it, and open, pause or close what was loaded.

Rule: a file is taken in whole or not at all, in one transaction with everything that other apps read from the same
design. An unchanged file changes nothing; a changed one replaces a version that is still a draft, and makes a new one
where somebody has begun: whoever has begun keeps theirs.
Closing is for good, and keeps what consent promised about the words that were only lent.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from elicit.endings import end_unfinished
from elicit.errors import StudyNotOpen, WellspringError
from elicit.local_text import LocalText
from elicit.models import Question, Study, StudyVersion
from elicit.retention import erase_ungranted_words, lock_everybody
from elicit.study_files import StudyDesign, design_as_data, design_hash, load_study_file
from elicit.versions import is_draft, move_waiting_people

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
    """Write a design that was already checked: the study, a draft or a new version if it changed, and its questions."""
    study = _study_for(design)
    known = study.versions.select_for_update().order_by("-number").first()
    if known is not None and known.design_hash == design_hash(design):
        return study
    version = _write_version(study, design, number=_number_after(known), now=now)
    move_waiting_people(study, to=version)
    _write_study(study, design)
    for loader in _LOADERS.values():
        loader(study, design)
    return study


def open_study(study: Study) -> Study:
    """Let participants answer. A closed study stays closed, and one that knows no help for people does not open."""
    if study.state == Study.State.CLOSED:
        raise StudyNotOpen(f"The study {study.slug!r} is closed for good. Load it again under another slug.")
    if study.current_version.design.help is None:
        raise StudyNotOpen(
            f"The study {study.slug!r} says nothing about help. Add `help:` with links and a distress rule to its file."
        )
    return _move(study, Study.State.OPEN)


def pause(study: Study) -> Study:
    """Stop taking answers for now; every participant keeps their place."""
    if study.state != Study.State.OPEN:
        raise StudyNotOpen(f"The study {study.slug!r} is not open, so there is nothing to pause.")
    return _move(study, Study.State.PAUSED)


@transaction.atomic
def close(study: Study) -> Study:
    """Stop taking answers for good, and erase the words that may not be kept longer.

    People are locked before the study, in the order of whoever confirms a card, so that neither waits for the other.
    """
    lock_everybody(study)
    closed = _move(study, Study.State.CLOSED)
    erase_ungranted_words(closed)
    end_unfinished(closed)
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


def _number_after(known: StudyVersion | None) -> int:
    if known is None:
        return 1
    return known.number if is_draft(known) else known.number + 1


def _write_version(study: Study, design: StudyDesign, *, number: int, now: datetime) -> StudyVersion:
    """Write the version of this number, over the draft that may stand there."""
    written = {"content": design_as_data(design), "design_hash": design_hash(design)}
    version, _ = StudyVersion.objects.update_or_create(study=study, number=number, defaults=written)
    StudyVersion.objects.filter(pk=version.pk).update(created_at=now)
    return version


def _write_study(study: Study, design: StudyDesign) -> None:
    study.title = by_language(design.title, languages=design.languages)
    study.spend_cap_usd = design.spend_cap_usd
    study.spend_cap_participant_usd = design.spend_caps.participant_usd
    study.spend_cap_day_usd = design.spend_caps.day_usd
    study.save(update_fields=["title", "spend_cap_usd", "spend_cap_participant_usd", "spend_cap_day_usd"])
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
