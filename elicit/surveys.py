"""Answers to surveys: the survey step and the closing questions.

Rule: a row is what the person said, and a missing value has its reason. An answer that a later answer hides stays until
the step ends, so that going back and changing one's mind loses nothing; then it is stored as not shown. A page that is
out of date never overwrites a newer answer.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
    has_answer,
    load_instrument,
    ordered_items,
    ordered_options,
    validate_answer,
    visible_items,
)
from elicit.models import Participant, SurveyAnswer
from elicit.participants import take_for_writing
from elicit.steps import complete_step
from elicit.survey_pages import NOTHING_TOLD, PageFacts, mark_of, mark_of_row, personal_in

NullReason = SurveyAnswer.NullReason
Rows = Mapping[str, SurveyAnswer]
HASH_LENGTH = 9  # hex digits; with an instrument's version before it they fill the column
WRITTEN = (
    "instrument_version", "value", "null_reason", "option_order", "place", "handling", "checks", "answered_at"
)  # fmt: skip


class InvalidAnswers(WellspringError):
    """Some answers of a page cannot be stored. `problems` has one sentence for each item's name.

    `conflicts` names the items that were answered elsewhere since the page was built.
    """

    def __init__(self, problems: Mapping[str, str], *, conflicts: Iterable[str] = ()) -> None:
        super().__init__("Some answers could not be saved yet. Each says below what is missing.")
        self.problems = dict(problems)
        self.conflicts = frozenset(conflicts)


@dataclass(frozen=True)
class Survey:
    """What one step asks of one person: the parts of an instrument that the study wants, then its batteries."""

    kind: str
    instruments: tuple[Instrument, ...]
    parts: tuple[Part, ...]
    seed: int

    def part(self, key: str) -> Part | None:
        """Return the part called `key` if it is asked here."""
        return next((part for part in self.parts if part.key == key), None)

    def instrument_of(self, part: Part) -> Instrument:
        """Return the instrument that a part stands in."""
        return next(found for found in self.instruments if any(own.key == part.key for own in found.parts))


@dataclass(frozen=True)
class Saved:
    """What saving a page came to. `unseen` names items that its answers brought up and that it did not show."""

    is_done: bool = False
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """An answer that was read: a value, or the reason why there is none."""

    value: Any
    reason: str = ""


@dataclass
class Reading:
    """What a page's answers mean beside those that are stored."""

    values: dict[str, Any]
    writes: dict[str, Given] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)

    @property
    def sentences(self) -> dict[str, str]:
        """What has to be said beside items."""
        return self.problems | self.conflicts


def survey_of(participant: Participant, kind: str) -> Survey:
    """Return the survey of the step `survey` or `closing` of this person's study."""
    design = getattr(participant.version.design, kind)
    first = load_instrument(design.instrument)
    batteries = [load_instrument(name) for name in design.batteries]
    wanted = [part for part in first.parts if not design.parts or part.key in design.parts]
    parts = (*wanted, *(part for battery in batteries for part in battery.parts))
    return Survey(kind=kind, instruments=(first, *batteries), parts=parts, seed=participant.seed)


@functools.lru_cache(maxsize=64)
def instrument_version(name: str) -> str:
    """Return the version of an instrument with a hash of its whole content."""
    instrument = load_instrument(name)
    return f"{instrument.version}-{hashlib.sha256(instrument.model_dump_json().encode()).hexdigest()[:HASH_LENGTH]}"


def answers_of(participant: Participant, survey: Survey) -> dict[str, SurveyAnswer]:
    """Return the person's stored answers by item."""
    names = [instrument.key for instrument in survey.instruments]
    return {row.item: row for row in participant.survey_answers.filter(instrument__in=names)}


def shown_items(survey: Survey, part: Part, values: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return the items of a part that are shown, given the values so far, in the order of this person's page."""
    shown = {item.name for item in visible_items(survey.instrument_of(part), values)}
    return tuple(item for item in ordered_items(part, survey.seed) if item.name in shown)


def shown_parts(survey: Survey, answers: Rows) -> tuple[Part, ...]:
    """Return the parts of which something is shown."""
    values = _values(answers)
    return tuple(part for part in survey.parts if shown_items(survey, part, values))


def first_open_part(survey: Survey, answers: Rows) -> Part | None:
    """Return the first part in which a shown item still lacks a complete answer."""
    values = _values(answers)
    for part in survey.parts:
        if not all(is_complete(item, answers.get(item.name)) for item in shown_items(survey, part, values)):
            return part
    return None


def is_complete(item: Item, row: SurveyAnswer | None) -> bool:
    """Say whether an item that is shown needs nothing more."""
    if row is None or row.null_reason == NullReason.NOT_SHOWN:
        return False
    if row.null_reason in item.null_choices():
        return True
    try:
        validate_answer(item, row.value)
    except AnswerError:
        return False
    return True


@transaction.atomic
def save_answers(
    participant: Participant, part: Part, raw: Mapping[str, Any], *, survey: Survey, now: datetime,
    page: PageFacts = NOTHING_TOLD,
) -> Saved:  # fmt: skip
    """Store the answers to one part and say whether this finished the step.

    `raw` holds each item's answer in the shape that `validate_answer` reads. Nothing of the part is stored when one
    answer is wrong. The step is done with the last part, once every other part is complete too. Saving the same page
    twice changes nothing.

    Raises
    ------
    InvalidAnswers
        With a sentence for each item that needs another look, or that was answered elsewhere since.
    """
    row = take_for_writing(participant)
    stored = answers_of(row, survey)
    reading = _read(survey, part, raw, page, stored, read=_settled)
    if reading.sentences:
        raise InvalidAnswers(reading.sentences, conflicts=reading.conflicts)
    shown = {item.name for item in shown_items(survey, part, reading.values)}
    reading.writes |= _passed_over(part, reading, shown - set(reading.unseen), stored)
    _store(row, survey, part, reading, stored, page)
    if reading.unseen:
        return Saved(unseen=tuple(reading.unseen))
    hidden = [item for item in part.items if item.name not in shown and item.name not in stored]
    _store_as_not_shown(row, survey, hidden)
    return Saved(is_done=_finish_when_complete(row, survey, part, now=now))


@transaction.atomic
def save_draft(
    participant: Participant, part: Part, raw: Mapping[str, Any], *, survey: Survey, page: PageFacts = NOTHING_TOLD
) -> dict[str, str]:
    """Store what is on a page so far and return a sentence for each item that cannot be stored as it is.

    A draft may be incomplete. What the person has neither answered now nor before is left without a row. A choice to
    give no answer takes the place of words only when the person leaves the page, or saves it.
    """
    row = take_for_writing(participant)
    stored = answers_of(row, survey)
    reading = _read(survey, part, raw, page, stored, read=_left if page.is_leaving else _drafted)
    _store(row, survey, part, reading, stored, page)
    return reading.sentences


def _settled(item: Item, raw: Any, choice: str) -> Given:
    """Read an answer of a page that is done with."""
    return Given(None, choice) if choice else _given(item, validate_answer(item, raw))


def _left(item: Item, raw: Any, choice: str) -> Given:
    """Read an answer of a page that is left before it is done with."""
    return Given(None, choice) if choice else _drafted(item, raw, "")


def _drafted(item: Item, raw: Any, choice: str) -> Given:
    """Read an answer of a page that is still being filled in."""
    try:
        given = _given(item, validate_answer(item.model_copy(update={"required": False}), raw))
    except AnswerError:
        if not choice:
            raise
        return Given(None, choice)
    return given if given.value is not None or not choice else Given(None, choice)


def _given(item: Item, value: Any) -> Given:
    return Given(value) if has_answer(item, value) else Given(None, NullReason.SKIPPED)


def _read(
    survey: Survey, part: Part, raw: Mapping[str, Any], page: PageFacts, stored: Rows,
    *, read: Callable[[Item, Any, str], Given],
) -> Reading:  # fmt: skip
    """Compare each answer with the one that its page was built on and with the one that is stored now."""
    reading = Reading(values=_values(stored))
    for item in part.items:
        if item not in shown_items(survey, part, reading.values):
            _keep_hidden(item, raw, stored, page, reading)
            continue
        if not page.has_shown(item):
            reading.unseen.append(item.name)
            continue
        try:
            given = read(item, raw.get(item.name), page.choices.get(item.name, ""))
        except AnswerError as error:
            reading.problems[item.name] = error.said(language=get_language() or "en", translate=gettext)
            continue
        _compare(item, given, stored.get(item.name), page, reading)
    return reading


def _keep_hidden(item: Item, raw: Mapping[str, Any], stored: Rows, page: PageFacts, reading: Reading) -> None:
    """Take what was typed into a question that another answer on the same page has hidden since; it may come back."""
    if page.known is None or item.name not in page.known:
        return
    try:
        given = _drafted(item, raw.get(item.name), page.choices.get(item.name, ""))
    except AnswerError:
        return
    if given.value is not None and page.known[item.name] == mark_of_row(stored.get(item.name)):
        reading.writes[item.name] = given


def _compare(item: Item, given: Given, row: SurveyAnswer | None, page: PageFacts, reading: Reading) -> None:
    own, now = mark_of(given.value, given.reason), mark_of_row(row)
    before = now if page.known is None else page.known[item.name]
    if own == now or before == now:
        reading.values[item.name] = given.value
    elif own != before:
        reading.conflicts[item.name] = gettext("This was answered in another window in the meantime.")
    if own != now and before == now:
        reading.writes[item.name] = given


def _passed_over(part: Part, reading: Reading, shown: set[str], stored: Rows) -> dict[str, Given]:
    """Return the items that the person saw, left open and has no row for yet."""
    open_ones = {item.name: stored.get(item.name) for item in part.items if item.name in shown}
    return {
        name: Given(None, NullReason.SKIPPED)
        for name, row in open_ones.items()
        if name not in reading.writes and (row is None or row.null_reason == NullReason.NOT_SHOWN)
    }


def _values(rows: Rows) -> dict[str, Any]:
    return {name: row.value for name, row in rows.items()}


def _store(
    participant: Participant, survey: Survey, part: Part, reading: Reading, stored: Rows, page: PageFacts
) -> None:
    """Write the answers that changed, and how the others were handled since."""
    places = {item.name: place for place, item in enumerate(shown_items(survey, part, reading.values), start=1)}
    changed = [
        _row(
            participant, survey, item, reading.writes[item.name],
            place=places.get(item.name), handling=_handling(item, stored, page),
        )
        for item in part.items if item.name in reading.writes
    ]  # fmt: skip
    _write(changed)
    unchanged = [stored[name] for name in places if name in stored and name not in reading.writes]
    handled = [row for row in unchanged if row.handling != page.handling.get(row.item, row.handling)]
    for row in handled:
        row.handling = page.handling[row.item]
    SurveyAnswer.objects.bulk_update(handled, ["handling"])


def _handling(item: Item, stored: Rows, page: PageFacts) -> dict[str, Any]:
    before = stored[item.name].handling if item.name in stored else {}
    return page.handling.get(item.name, before)


def _row(
    participant: Participant, survey: Survey, item: Item, given: Given, *, place: int | None, handling: dict[str, Any]
) -> SurveyAnswer:
    codes = sorted(personal_in(item, given.value, language=participant.language))
    return SurveyAnswer(
        value=given.value,
        null_reason=given.reason,
        option_order=[option.value for option in ordered_options(item, survey.seed)],
        place=place,
        handling=handling,
        checks={"pii": codes} if codes else {},
        **_address(participant, survey, item),
    )


def _address(participant: Participant, survey: Survey, item: Item) -> dict[str, Any]:
    """Return whose answer to what a row is."""
    found = next(each for each in survey.instruments if any(own.name == item.name for own in each.items()))
    return {
        "participant": participant,
        "instrument": found.key,
        "instrument_version": instrument_version(found.key),
        "item": item.name,
        "origin": participant.origin,
    }


def _write(rows: list[SurveyAnswer]) -> None:
    SurveyAnswer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["participant", "instrument", "item"], update_fields=WRITTEN
    )


def _store_as_not_shown(participant: Participant, survey: Survey, items: Iterable[Item]) -> None:
    nothing = {"value": None, "null_reason": NullReason.NOT_SHOWN}
    _write([SurveyAnswer(**nothing, **_address(participant, survey, item)) for item in items])


def _finish_when_complete(participant: Participant, survey: Survey, part: Part, *, now: datetime) -> bool:
    answers = answers_of(participant, survey)
    if part.key != shown_parts(survey, answers)[-1].key or first_open_part(survey, answers) is not None:
        return False
    values = _values(answers)
    for asked in survey.parts:
        shown = {item.name for item in shown_items(survey, asked, values)}
        _store_as_not_shown(participant, survey, [item for item in asked.items if _is_left_over(item, shown, answers)])
    complete_step(participant, survey.kind, now=now)
    return True


def _is_left_over(item: Item, shown: set[str], answers: Rows) -> bool:
    row = answers.get(item.name)
    return item.name not in shown and (row is None or row.null_reason != NullReason.NOT_SHOWN)
