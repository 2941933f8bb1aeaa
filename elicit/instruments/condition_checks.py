"""Find conditions that ask for what no answer could say.

Rule: a condition looks back, at an item of its own instrument, with a test that fits that item's type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from elicit.instruments.countries import country_codes
from elicit.instruments.schema import Condition, Instrument, Item, Part
from elicit.yaml_documents import KeyPath, suggest

Finding = tuple[KeyPath, str, str]
KINDS = (("any", "any"), ("all", "all"), ("not", "not_"))


def condition_findings(instrument: Instrument) -> Iterator[Finding]:
    """Yield everything that is wrong with the conditions of an instrument."""
    earlier: dict[str, Item] = {}
    for number, part in enumerate(instrument.parts):
        for position, item in enumerate(part.items):
            for path, condition in _conditions(item):
                for key, what, fix in _condition(condition, earlier, part):
                    yield ("parts", number, "items", position, "show_if", *path, *key), what, fix
            earlier[item.name] = item


def _conditions(item: Item) -> Iterator[tuple[KeyPath, Condition]]:
    for key, attribute in KINDS:
        for index, condition in enumerate(getattr(item.show_if, attribute) if item.show_if else []):
            yield (key, index), condition


def _condition(condition: Condition, earlier: Mapping[str, Item], part: Part) -> Iterator[Finding]:
    asked = earlier.get(condition.item)
    if asked is None:
        fix = suggest(condition.item, earlier) if earlier else "remove it; the first question is always shown"
        yield ("item",), f'no earlier question is called "{condition.item}"', fix
        return
    if part.randomise and asked in part.items:
        fix = "put one of the two on another page, or remove `randomise`"
        yield ("item",), f'"{condition.item}" may come later: this page is shuffled', fix
    wrong_row = list(_row(condition, asked))
    yield from wrong_row
    if not wrong_row:
        yield from _test(condition, asked)


def _row(condition: Condition, asked: Item) -> Iterator[Finding]:
    if condition.row is not None and not asked.has_rows():
        yield ("row",), f'"{asked.name}" has no rows', "remove `row`"
    elif condition.row is not None and asked.option(condition.row) is None:
        rows = [option.value for option in asked.options]
        yield ("row",), f'"{asked.name}" has no row "{condition.row}"', suggest(condition.row, rows)
    elif condition.row is None and asked.has_rows() and condition.is_answered is None:
        yield (), f'"{asked.name}" is answered row by row', "say which `row`"


def _test(condition: Condition, asked: Item) -> Iterator[Finding]:
    if condition.is_one_of is not None:
        yield from _values(condition.is_one_of, asked)
    elif condition.is_answered is None and asked.type not in ("number", "slider"):
        yield (), f'"{asked.name}" is no number', "use `is_one_of` or `is_answered`"
    elif condition.is_answered is None:
        yield from _limits(condition, asked)


def _values(wanted: list[str], asked: Item) -> Iterator[Finding]:
    if asked.type in ("text", "number", "slider"):
        fix = "use `is_answered`" if asked.type == "text" else "use `at_least` and `at_most`"
        yield ("is_one_of",), f'"{asked.name}" has no options', fix
        return
    points = asked.scale if asked.type == "matrix" else asked.options
    known = {point.value for point in points} | (country_codes() if asked.type == "country" else frozenset())
    for index, value in enumerate(wanted):
        if value not in known:
            yield ("is_one_of", index), f'"{asked.name}" has no option "{value}"', suggest(value, known)


def _limits(condition: Condition, asked: Item) -> Iterator[Finding]:
    for key in ("at_least", "at_most"):
        limit = getattr(condition, key)
        if limit is not None and not asked.min <= limit <= asked.max:
            yield (key,), f'"{asked.name}" goes from {asked.min} to {asked.max}', "correct the number"
    if condition.at_least is not None and condition.at_most is not None and condition.at_least > condition.at_most:
        yield ("at_least",), "at_least is above at_most", "swap the two"
