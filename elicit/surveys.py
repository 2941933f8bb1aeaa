"""Answers to surveys: the survey step and the closing questions.

Rule: a row is what the person said, and a missing value has its reason. An answer that a later answer hides stays until
the step ends, so that going back and changing one's mind loses nothing; then it is stored as not shown.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext

from elicit.errors import WellspringError
from elicit.instruments import (
    AnswerError,
    Instrument,
    Item,
    Part,
    answer_from_post,
    load_instrument,
    ordered_options,
    validate_answer,
    visible_items,
)
from elicit.models import Participant, SurveyAnswer
from elicit.participants import take_for_writing
from elicit.steps import complete_step

NullReason = SurveyAnswer.NullReason
Fields = Callable[[str], Sequence[str]]


class InvalidAnswers(WellspringError):
    """Some answers of a page cannot be stored. `problems` has one sentence for each item's name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("Some answers could not be saved yet. Each says below what is missing.")
        self.problems = dict(problems)


@dataclass(frozen=True)
class Survey:
    """What one step asks: an instrument and the parts of it that the study wants."""

    kind: str
    instrument: Instrument
    parts: tuple[Part, ...]
    version: str

    def part(self, key: str) -> Part | None:
        """Return the part called `key` if it is asked here."""
        return next((part for part in self.parts if part.key == key), None)


def survey_of(participant: Participant, kind: str) -> Survey:
    """Return the survey of the step `survey` or `closing` of this person's study."""
    design = getattr(participant.version.design, kind)
    instrument = load_instrument(design.instrument)
    parts = tuple(part for part in instrument.parts if not design.parts or part.key in design.parts)
    version = hashlib.sha256(instrument.model_dump_json().encode()).hexdigest()[:12]
    return Survey(kind=kind, instrument=instrument, parts=parts, version=version)


def answers_of(participant: Participant, survey: Survey) -> dict[str, SurveyAnswer]:
    """Return the person's stored answers by item."""
    rows = participant.survey_answers.filter(instrument=survey.instrument.key)
    return {row.item: row for row in rows}


def shown_items(survey: Survey, part: Part, values: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return the items of a part that are shown, given the values so far."""
    shown = {item.name for item in visible_items(survey.instrument, values)}
    return tuple(item for item in part.items if item.name in shown)


def shown_parts(survey: Survey, answers: Mapping[str, SurveyAnswer]) -> tuple[Part, ...]:
    """Return the parts of which something is shown."""
    values = _values(answers)
    return tuple(part for part in survey.parts if shown_items(survey, part, values))


def first_open_part(survey: Survey, answers: Mapping[str, SurveyAnswer]) -> Part | None:
    """Return the first part in which a shown item still lacks a complete answer."""
    values = _values(answers)
    for part in survey.parts:
        items = shown_items(survey, part, values)
        if not all(_is_complete(item, answers.get(item.name)) for item in items):
            return part
    return None


def _is_complete(item: Item, row: SurveyAnswer | None) -> bool:
    if row is None or row.null_reason == NullReason.NOT_SHOWN:
        return False
    try:
        validate_answer(item, row.value)
    except AnswerError:
        return False
    return True


@transaction.atomic
def save_answers(
    participant: Participant, part: Part, raw: Mapping[str, Any], *, survey: Survey, now: datetime
) -> bool:
    """Store the answers to one part and say whether this finished the step.

    `raw` holds each item's answer in the shape that `validate_answer` reads. Nothing of the part is stored when one
    answer is wrong. The step is done with the last part, once every other part is complete too.

    Raises
    ------
    InvalidAnswers
        With a sentence for each item that needs another look.
    """
    row = take_for_writing(participant)
    values = _checked(survey, part, raw, before=_values(answers_of(row, survey)))
    for item in part.items:
        if item.name in values:
            _store(row, survey, item, value=values[item.name])
        else:
            _store_as_not_shown(row, survey, item, only_if_new=True)
    return _finish_when_complete(row, survey, part, now=now)


def _checked(survey: Survey, part: Part, raw: Mapping[str, Any], *, before: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in before.items() if name not in {item.name for item in part.items}}
    checked: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for item in part.items:
        if item not in shown_items(survey, part, {**values, **checked}):
            continue
        try:
            checked[item.name] = validate_answer(item, raw.get(item.name))
        except AnswerError as error:
            problems[item.name] = error.said(language=get_language() or "en", translate=gettext)
    if problems:
        raise InvalidAnswers(problems)
    return checked


@transaction.atomic
def save_draft(participant: Participant, part: Part, raw: Mapping[str, Any], *, survey: Survey) -> dict[str, str]:
    """Store what is on a page so far and return a sentence for each item that cannot be stored as it is.

    A draft may be incomplete. What the person has neither answered now nor before is left without a row.
    """
    row = take_for_writing(participant)
    stored = answers_of(row, survey)
    values = _values(stored)
    problems: dict[str, str] = {}
    for item in part.items:
        if item not in shown_items(survey, part, values):
            continue
        try:
            values[item.name] = validate_answer(item.model_copy(update={"required": False}), raw.get(item.name))
        except AnswerError as error:
            problems[item.name] = error.said(language=get_language() or "en", translate=gettext)
            continue
        if says_something(item, values[item.name]) or item.name in stored:
            _store(row, survey, item, value=values[item.name])
    return problems


def raw_answers(part: Part, values_of: Fields) -> dict[str, Any]:
    """Collect the raw answers to a part from a submitted form (`request.POST.getlist`)."""
    return {item.name: answer_from_post(item, values_of) for item in part.items}


def says_something(item: Item, value: Any) -> bool:
    """Say whether a checked answer holds anything: a ticked option, a placed slider, a word."""
    if not isinstance(value, dict):
        return value is not None
    if item.type == "slider":
        return any(part is not None for part in value.values())
    return any(value.values())


def _values(rows: Mapping[str, SurveyAnswer]) -> dict[str, Any]:
    return {name: row.value for name, row in rows.items()}


def _store(participant: Participant, survey: Survey, item: Item, *, value: Any) -> None:
    has_value = says_something(item, value)
    SurveyAnswer.objects.update_or_create(
        participant=participant,
        instrument=survey.instrument.key,
        item=item.name,
        defaults={
            "instrument_version": survey.version,
            "value": value if has_value else None,
            "null_reason": "" if has_value else NullReason.SKIPPED,
            "option_order": [option.value for option in ordered_options(item, participant.seed)],
            "origin": participant.origin,
        },
    )


def _store_as_not_shown(participant: Participant, survey: Survey, item: Item, *, only_if_new: bool) -> None:
    values = {"instrument_version": survey.version, "value": None, "null_reason": NullReason.NOT_SHOWN}
    SurveyAnswer.objects.update_or_create(
        participant=participant,
        instrument=survey.instrument.key,
        item=item.name,
        defaults={} if only_if_new else {**values, "option_order": []},
        create_defaults={**values, "origin": participant.origin},
    )


def _finish_when_complete(participant: Participant, survey: Survey, part: Part, *, now: datetime) -> bool:
    answers = answers_of(participant, survey)
    if part != shown_parts(survey, answers)[-1] or first_open_part(survey, answers) is not None:
        return False
    shown = visible_items(survey.instrument, _values(answers))
    for item in (item for asked in survey.parts for item in asked.items):
        if item not in shown:
            _store_as_not_shown(participant, survey, item, only_if_new=False)
    complete_step(participant, survey.kind, now=now)
    return True
