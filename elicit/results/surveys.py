"""What people answered to each question: counts and shares with intervals, means where numbers were asked for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from elicit.analysis.proportions import share
from elicit.charts import Interval, tidy
from elicit.instruments import Instrument, Item, Option, country_choices
from elicit.models import Study, SurveyAnswer
from elicit.results.asked import asked_parts
from elicit.results.floor import Counts, Floor
from elicit.results.who_counts import who_counts

NullReason = SurveyAnswer.NullReason
Answers = Sequence[tuple[Any, str]]
SHARES = ("single", "multi", "country")


@dataclass(frozen=True)
class Question:
    """One question's results. `rows` are shares in percent, or means; without rows `note` says why there are none."""

    text: str
    is_share: bool
    answered: int | None = None
    without: tuple[tuple[str, int], ...] = ()
    rows: tuple[Interval, ...] = ()
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Block:
    """One page of an instrument with its questions."""

    title: str
    questions: tuple[Question, ...]


def survey_results(study: Study, origin: str, *, language: str) -> list[Block]:
    """Return the results of every survey question of a study's present design, page by page."""
    answers = _answers_by_item(study, origin)
    with Floor(study, "answers", origin=origin) as floor:
        return [
            Block(
                part.title.for_language(language),
                tuple(
                    _question(instrument, item, answers.get((instrument.key, item.name), ()), floor, language)
                    for item in part.items
                ),
            )
            for instrument, part in asked_parts(study)
        ]


def _answers_by_item(study: Study, origin: str) -> dict[tuple[str, str], Answers]:
    found: dict[tuple[str, str], list[tuple[Any, str]]] = {}
    rows = SurveyAnswer.objects.filter(participant__in=who_counts(study, origin)).order_by()
    for instrument, item, value, reason in rows.values_list("instrument", "item", "value", "null_reason"):
        found.setdefault((instrument, item), []).append((value, reason))
    return dict(found)


def _question(instrument: Instrument, item: Item, answers: Answers, floor: Floor, language: str) -> Question:
    text, name = item.text.for_language(language), f"{instrument.key}.{item.name}"
    given = [value for value, reason in answers if not reason]
    reasons = Counter(reason for _value, reason in answers if reason and reason != NullReason.NOT_SHOWN)
    answered = floor.counts(f"{name}:answered", {"answered": len(given)}).total
    if not answered:
        return Question(text, item.type in SHARES, note=_("Fewer than ten people have answered so far."))
    note = _("Free text is not added up. The team's download has it.") if item.type == "text" else ""
    rows, low, high = _rows(item, name, given, floor, language)
    return Question(
        text=text,
        is_share=item.type in SHARES,
        answered=answered,
        without=tuple(_without(reasons, name, floor)),
        rows=tuple(rows),
        low=low,
        high=high,
        note=note,
    )


def _without(reasons: Mapping[str, int], name: str, floor: Floor) -> Iterator[tuple[str, int]]:
    for reason, count in reasons.items():
        if shown := floor.counts(f"{name}:{reason}", {reason: count}).total:
            yield str(NullReason(reason).label), shown


Drawn = tuple[list[Interval], float | None, float | None]


def _rows(item: Item, name: str, given: Sequence[Any], floor: Floor, language: str) -> Drawn:
    if item.type in ("single", "country"):
        labels = _labels(item, language)
        order = [option.value for option in item.options] if item.type == "single" else []
        return _shares(floor.counts(name, _counted(given, order)), labels), 0, 100
    if item.type == "multi":
        return [_ticked(option, name, given, floor, language) for option in item.options], 0, 100
    if item.type == "slider":
        return [_mean_of_row(option, name, given, floor, language) for option in item.options], item.min, item.max
    if item.type == "matrix":
        places = {point.value: number for number, point in enumerate(item.scale, start=1)}
        numbered = [{row: places.get(point) for row, point in value.items()} for value in given]
        return [_mean_of_row(option, name, numbered, floor, language) for option in item.options], 1, len(places)
    if item.type == "number":
        unit = item.unit.for_language(language) if item.unit else _("Answer")
        return [_mean(unit, name, [float(value) for value in given], floor)], None, None
    return [], None, None


def _labels(item: Item, language: str) -> dict[str, str]:
    countries = dict(country_choices(language)) if item.type == "country" else {}
    return {**countries, **{option.value: option.label.for_language(language) for option in item.options}}


def _counted(given: Sequence[Any], order: Sequence[str]) -> dict[str, int]:
    counts = Counter(str(value) for value in given)
    return {value: counts[value] for value in order} or dict(counts.most_common())


def _shares(counts: Counts, labels: Mapping[str, str]) -> list[Interval]:
    return [_share(labels.get(value, value), count, counts.total) for value, count in counts.cells.items()]


def _ticked(option: Option, name: str, given: Sequence[Any], floor: Floor, language: str) -> Interval:
    ticked = sum(bool(value.get(option.value)) for value in given)
    counts = floor.counts(f"{name}.{option.value}", {"yes": ticked, "no": len(given) - ticked})
    return _share(option.label.for_language(language), counts.cells["yes"], counts.total)


def _share(label: str, count: int | None, total: int | None) -> Interval:
    if count is None or not total:
        return Interval(label, None, note=_("held back"))
    one = share(count, total)
    words = f"{100 * one.value:.0f} % ({100 * one.low:.0f}–{100 * one.high:.0f})"
    return Interval(label, 100 * one.value, 100 * one.low, 100 * one.high, shown=words, note=str(count))


def _mean_of_row(
    option: Option, name: str, given: Sequence[Mapping[str, Any]], floor: Floor, language: str
) -> Interval:
    numbers = [value[option.value] for value in given if value.get(option.value) is not None]
    return _mean(option.label.for_language(language), f"{name}.{option.value}", numbers, floor)


def _mean(label: str, name: str, values: Sequence[float], floor: Floor) -> Interval:
    found = floor.mean(name, values)
    if found is None:
        return Interval(label, None, note=_("held back"))
    one = found.mean
    words = f"{tidy(round(one.value, 1))} ({tidy(round(one.low, 1))}–{tidy(round(one.high, 1))})"
    return Interval(label, one.value, one.low, one.high, shown=words, note=str(found.people))
