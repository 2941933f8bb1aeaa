"""What the surveys of a study add up to, as far as consent and the floor allow: counts and means, never a person's row.

Rule: every number goes through the floor of the export's own view, so that two exports of a growing study give nobody
away by subtraction; who did not grant the purpose is in none.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from elicit.instruments import Instrument, Item
from elicit.models import Origin, SurveyAnswer
from elicit.results.asked import asked_items
from elicit.results.floor import Floor
from moralgraph.study_export.people import Release
from moralgraph.study_export.tables import Row, Table

CHOICES = ("single", "country")


def _survey(release: Release) -> Iterable[Row]:
    answers = _answers(release)
    origin = release.origins[0] if len(release.origins) == 1 else Origin.PERSON.value
    rows: list[Row] = []
    with Floor(release.study, f"export-{release.asked.purpose}", origin=origin) as floor:
        for instrument, item in asked_items(release.study):
            rows += _item(instrument, item, answers.get((instrument.key, item.name), []), floor)
    release.withheld["survey questions of which nothing may be told"] = sum(row["people"] is None for row in rows)
    return [row for row in rows if row["people"] is not None]


def _answers(release: Release) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    rows = SurveyAnswer.objects.filter(participant__in=release.people, value__isnull=False, null_reason="")
    for instrument, item, value in rows.order_by().values_list("instrument", "item", "value"):
        found.setdefault((instrument, item), []).append(value)
    return found


def _item(instrument: Instrument, item: Item, given: Sequence[Any], floor: Floor) -> Iterator[Row]:
    name = f"{instrument.key}.{item.name}"
    about = {"instrument": instrument.key, "version": instrument.version, "item": item.name}
    if item.type in CHOICES:
        counts = dict.fromkeys((option.value for option in item.options), 0) | Counter(map(str, given))
        shown = floor.counts(name, counts or {"": 0})
        for value, people in shown.cells.items():
            yield {**about, "row": None, "value": value, "people": people or None, "mean": None}
    elif item.type == "multi":
        for option in item.options:
            ticked = Counter("1" if answer.get(option.value) else "0" for answer in given)
            shown = floor.counts(f"{name}:{option.value}", {"0": ticked["0"], "1": ticked["1"]})
            yield {**about, "row": option.value, "value": "1", "people": shown.cells["1"] or None, "mean": None}
    elif item.type in ("slider", "matrix", "number"):
        yield from _means(item, given, name=name, about=about, floor=floor)


def _means(item: Item, given: Sequence[Any], *, name: str, about: Row, floor: Floor) -> Iterator[Row]:
    places = {point.value: float(number) for number, point in enumerate(item.scale, start=1)}
    rows: list[str | None] = [option.value for option in item.options]
    for row in rows or [None]:
        answers = [answer if row is None else answer.get(row) for answer in given]
        numbers = [places.get(each) if item.type == "matrix" else each for each in answers]
        mean = floor.mean(f"{name}:{row or 'all'}", [float(each) for each in numbers if each is not None])
        yield {
            **about,
            "row": row,
            "value": None,
            "people": None if mean is None else mean.people,
            "mean": None if mean is None else mean.mean.value,
        }


TABLES = (
    Table(
        "survey_counts.csv", "A number of the survey, over ten people or more.",
        {
            "instrument": "Name of the questionnaire.", "version": "Its version.", "item": "Name of the question.",
            "row": "Its row or option, where it has several.", "value": "The answer that is counted; empty for a mean.",
            "people": "How many people gave it, or over how many the mean is.", "mean": "Mean of their numbers.",
        }, _survey,
    ),
)  # fmt: skip
