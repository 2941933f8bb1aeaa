"""Stored answers, times and texts as the columns that the signals of quality are worked out from.

Rule: every column has one place a person, in one order; what was not asked, not answered or not measured is no number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from elicit.analysis import quality
from elicit.analysis.quality import Floats, Signal
from elicit.instruments import Instrument, Item, passes_attention
from elicit.models import ConversationFeedback, Exchange, Origin, Study, SurveyAnswer
from elicit.results.asked import asked_items
from elicit.results.ratings import NOT_SAID
from elicit.results.who_counts import who_counts

START_OF_IMPORTED = 50.0  # where the handle stands in studies of others that tell nothing of touching
LEAST_ROWS = 4  # of a page of sliders, before leaving them says anything
ROWS = ("slider", "matrix")

Given = Mapping[int, SurveyAnswer]
Answers = Mapping[tuple[str, str], Given]


@dataclass(frozen=True)
class Signals:
    """Every signal with what it is about, over the people whose keys stand in `people`; and who did not say."""

    people: tuple[int, ...]
    signals: tuple[tuple[str, Signal], ...]
    not_said: Signal


@dataclass(frozen=True)
class _People:
    """The people in their order, and their survey answers by instrument and item."""

    place: Mapping[int, int]
    answers: Answers
    is_imported: bool

    def table(self, given: Given, width: int, numbers: Callable[[SurveyAnswer], Sequence[float]]) -> Floats:
        """Return one row of numbers a person, NaN for who did not answer."""
        table = np.full((len(self.place), width), np.nan)
        for person, row in given.items():
            table[self.place[person]] = numbers(row)
        return table


def signals_of(study: Study, origin: str) -> Signals:
    """Return every signal that the study's answers allow."""
    rows = list(who_counts(study, origin).order_by("pk").values_list("pk", "began_at", "finished_at"))
    people = _People(
        {row[0]: place for place, row in enumerate(rows)}, _answers(study, origin), origin == Origin.IMPORTED
    )
    asked = list(asked_items(study))
    seconds = [(end - start).total_seconds() if start and end else np.nan for _pk, start, end in rows]
    signals = [
        ("", quality.fast_people(seconds)),
        *_by_item(people, asked),
        *_rows(people, asked),
        *_texts(people, asked, study, origin),
        *_attention(people, asked),
        *_retest(people, asked),
    ]
    return Signals(tuple(row[0] for row in rows), tuple(signals), quality.not_said(_refusals(people)))


def _answers(study: Study, origin: str) -> Answers:
    found: dict[tuple[str, str], dict[int, SurveyAnswer]] = {}
    fields = ("participant_id", "instrument", "item", "value", "null_reason", "option_order", "handling")
    for row in SurveyAnswer.objects.filter(participant__in=who_counts(study, origin)).only(*fields).order_by():
        found.setdefault((row.instrument, row.item), {})[row.participant_id] = row
    return found


Asked = Sequence[tuple[Instrument, Item]]
Named = Iterator[tuple[str, Signal]]


def _given(people: _People, instrument: Instrument, item: Item) -> Given:
    given = people.answers.get((instrument.key, item.name), {})
    return {person: row for person, row in given.items() if not row.null_reason}


def _by_item(people: _People, asked: Asked) -> Named:
    columns = []
    for instrument, item in asked:
        given = people.answers.get((instrument.key, item.name), {})
        columns.append(people.table(given, 1, _seconds))
    if columns:
        yield "", quality.fast_by_item(np.hstack(columns))


def _seconds(row: SurveyAnswer) -> list[float]:
    """Return how long an item had the focus, its rows together; NaN where nobody told."""
    records = [row.handling, *(record for record in row.handling.values() if isinstance(record, dict))]
    told = [float(record["seconds"]) for record in records if "seconds" in record]
    return [sum(told) if told else np.nan]


def _rows(people: _People, asked: Asked) -> Named:
    """Yield the signals of sliders and matrices, whose rows are answers one under the other."""
    for instrument, item in asked:
        if item.type not in ROWS:
            continue
        given, width = _given(people, instrument, item), len(item.options)
        yield item.name, quality.straight_lines(people.table(given, width, partial(_as_shown, item)))
        if item.type == "slider" and width >= LEAST_ROWS:
            values = people.table(given, width, partial(_values, item))
            touched = people.table(given, width, partial(_touched, item))
            start = START_OF_IMPORTED if people.is_imported else None
            yield item.name, quality.left_at_start(values, start=start, touched=None if start else touched != 0)


def _values(item: Item, row: SurveyAnswer) -> list[float]:
    return _numbers(item, row, [option.value for option in item.options])


def _numbers(item: Item, row: SurveyAnswer, order: Sequence[str]) -> list[float]:
    """Return a number a row: a slider's, or the place on a matrix's scale."""
    points = {point.value: float(place) for place, point in enumerate(item.scale)}
    value: Mapping[str, Any] = row.value or {}
    given = [value.get(name) for name in order]
    return [
        np.nan if one is None else points.get(one, np.nan) if item.type == "matrix" else float(one) for one in given
    ]


def _as_shown(item: Item, row: SurveyAnswer) -> list[float]:
    names = [option.value for option in item.options]
    order = row.option_order if sorted(row.option_order) == sorted(names) else names
    return _numbers(item, row, order)


def _touched(item: Item, row: SurveyAnswer) -> list[float]:
    """Mark the rows that were not touched with 0; where nobody told, a row counts as touched."""
    return [0.0 if row.handling.get(option.value, {}).get("touched") is False else 1.0 for option in item.options]


def _texts(people: _People, asked: Asked, study: Study, origin: str) -> Named:
    """Yield the signals of what people wrote: in the survey, as their own openings, and at the end of conversations."""
    texts: list[str] = []
    writers: list[int] = []
    pasted, lengths = np.zeros(len(people.place)), np.zeros(len(people.place))
    for instrument, item in asked:
        if item.type == "text":
            for person, row in _given(people, instrument, item).items():
                place, text = people.place[person], str(row.value)
                texts.append(text)
                writers.append(place)
                lengths[place] += len(text)
                pasted[place] += row.handling.get("pasted", 0)
    for person, text in _said_in_conversations(study, origin):
        texts.append(text)
        writers.append(people.place[person])
    if texts:
        same, near = quality.repeated_texts(texts, writers, count=len(people.place))
        yield from (("", same), ("", near), ("", quality.pasted_texts(pasted, lengths)))


def _said_in_conversations(study: Study, origin: str) -> Iterator[tuple[int, str]]:
    counted = who_counts(study, origin)
    openings = Exchange.objects.filter(conversation__participant__in=counted, conversation__anchor="", number=1)
    yield from openings.order_by().values_list("conversation__participant_id", "prompt")
    closings = ConversationFeedback.objects.filter(conversation__participant__in=counted).exclude(open_text="")
    yield from closings.order_by().values_list("conversation__participant_id", "open_text")


def _attention(people: _People, asked: Asked) -> Named:
    columns = []
    for instrument, item in asked:
        if item.attention is not None:
            given = _given(people, instrument, item)
            columns.append(people.table(given, 1, partial(_passed, item)))
    if columns:
        yield "", quality.missed_attention(np.hstack(columns), np.ones(len(columns)))


def _passed(item: Item, row: SurveyAnswer) -> list[float]:
    passed = passes_attention(item, row.value)
    return [np.nan if passed is None else float(passed)]


def _retest(people: _People, asked: Asked) -> Named:
    """Yield the signal of questions that two instruments of the study ask by the same name."""
    first: dict[str, tuple[Instrument, Item]] = {}
    pairs: list[tuple[Floats, Floats]] = []
    for instrument, item in asked:
        if item.name not in first:
            first[item.name] = (instrument, item)
        elif first[item.name][1].type == item.type and item.type in (*ROWS, "number"):
            pairs.append((_as_numbers(people, *first[item.name]), _as_numbers(people, instrument, item)))
    if pairs:
        one, other = (np.hstack([pair[side] for pair in pairs]) for side in (0, 1))
        yield "", quality.retest(one, other)


def _as_numbers(people: _People, instrument: Instrument, item: Item) -> Floats:
    given = _given(people, instrument, item)
    if item.type == "number":
        return people.table(given, 1, _number)
    return people.table(given, len(item.options), partial(_values, item))


def _number(row: SurveyAnswer) -> list[float]:
    return [float(row.value or 0)]


def _refusals(people: _People) -> Floats:
    counts = np.zeros(len(people.place))
    for given in people.answers.values():
        for person, row in given.items():
            counts[people.place[person]] += row.null_reason == SurveyAnswer.NullReason.REFUSED or row.value == NOT_SAID
    return counts
