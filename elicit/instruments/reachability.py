"""Find items that nobody can ever see.

Rule: an item is reachable when some answers to the items before it, each of which somebody could give, make it shown.
What cannot be decided in a bounded number of steps counts as reachable, so that no file is refused wrongly.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from elicit.instruments.countries import country_codes
from elicit.instruments.schema import Condition, Instrument, Item
from elicit.instruments.showing import holds

MOST_WAYS = 256  # in which an item may come to be shown; more are not tried
Demand = tuple[Condition, bool]  # a condition, and whether it must hold


def never_shown(instrument: Instrument, parts: Collection[str] | None = None) -> tuple[str, ...]:
    """Name the items whose conditions can never hold, in the order of the file.

    Parameters
    ----------
    instrument
        The questions; every condition looks back at an item of the instrument.
    parts
        Keys of the parts that are asked, if not all are: an item of another part has no answer.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> never_shown(load_instrument("prism"))
    ()
    >>> never_shown(load_instrument("prism"), parts=["habits"])
    ('lm_frequency_use', 'lm_usecases')
    """
    asked = [part for part in instrument.parts if parts is None or part.key in parts]
    items = {item.name: item for part in asked for item in part.items}
    return tuple(item.name for item in items.values() if not _is_reachable(item, items))


def _is_reachable(item: Item, items: Mapping[str, Item]) -> bool:
    ways = _ways(item, items)
    return any(_is_possible(demands, items) for demands in ways) or len(ways) == MOST_WAYS


def _ways(item: Item, items: Mapping[str, Item]) -> list[tuple[Demand, ...]]:
    """Return what must be true of the answers, in each way in which `item` may come to be shown."""
    if item.show_if is None:
        return [()]
    fixed = [*((one, True) for one in item.show_if.all), *((one, False) for one in item.show_if.not_)]
    chosen: list[list[Demand]] = [[(one, True)] for one in item.show_if.any] or [[]]
    found = itertools.chain.from_iterable(_with_those_before((*fixed, *one), items) for one in chosen)
    return list(itertools.islice(found, MOST_WAYS))


def _with_those_before(demands: tuple[Demand, ...], items: Mapping[str, Item]) -> Iterator[tuple[Demand, ...]]:
    """Add what must be true for the items to be shown that the demands want an answer to."""
    wanted = sorted({condition.item for condition, must_hold in demands if _wants_answer(condition, must_hold)})
    if all(name in items for name in wanted):
        for combined in itertools.product(*(_ways(items[name], items) for name in wanted)):
            yield (*demands, *itertools.chain.from_iterable(combined))


def _wants_answer(condition: Condition, must_hold: bool) -> bool:
    return must_hold is (condition.is_answered is not False)


def _is_possible(demands: tuple[Demand, ...], items: Mapping[str, Item]) -> bool:
    asked = {condition.item for condition, _must_hold in demands} & items.keys()
    return all(_can_be_met(items[name], [one for one in demands if one[0].item == name]) for name in sorted(asked))


def _can_be_met(item: Item, demands: list[Demand]) -> bool:
    if item.has_rows():
        return _rows_can_meet(item, demands)
    if item.type == "multi":
        return _meets_all(item, _extreme_ticks(item, demands), demands)
    return _meets_all(item, _single_answers(item, demands), demands)


def _meets_all(item: Item, answers: list[Any], demands: list[Demand]) -> bool:
    return any(all(holds(condition, item, answer) is must for condition, must in demands) for answer in answers)


def _may_be_left_open(item: Item) -> bool:
    return not item.required or item.show_if is not None or bool(item.null_choices())


def _single_answers(item: Item, demands: list[Demand]) -> list[Any]:
    unanswered = [None] if _may_be_left_open(item) else []
    if item.type == "text":
        return [*unanswered, "words"]
    if item.type == "number":
        return [*unanswered, *_telling_numbers(item, demands)]
    codes = country_codes() if item.type == "country" else ()
    return [*unanswered, *(option.value for option in item.options), *codes]


def _telling_numbers(item: Item, demands: list[Demand]) -> list[int]:
    """Return the ends of the range and the numbers beside every limit: a test changes its outcome nowhere else."""
    limits = [limit for one, _must in demands for limit in (one.at_least, one.at_most) if limit is not None]
    near = {item.min, item.max, *(limit + step for limit in limits for step in (-1, 0, 1))}
    return sorted(number for number in near if item.min <= number <= item.max)


def _extreme_ticks(item: Item, demands: list[Demand]) -> list[Any]:
    """Return the answers with no tick and with every tick that is not forbidden; any other does no better."""
    forbidden = {value for condition, must in demands if not must for value in condition.is_one_of or ()}
    most = {option.value: int(option.value not in forbidden) for option in item.options}
    return [*([{}] if _may_be_left_open(item) else []), most]


def _rows_can_meet(item: Item, demands: list[Demand]) -> bool:
    """Decide each row for itself, then whether they can be answered, or left open, together."""
    rows: dict[str, list[Any]] = {}
    for option in item.options:
        of_row = [one for one in demands if one[0].row == option.value]
        answers = _row_answers(item, of_row, with_text=option.with_text)
        rows[option.value] = [one for one in answers if _meets_all(item, [{option.value: one}], of_row)]
    of_all = {must is condition.is_answered for condition, must in demands if condition.row is None}
    can_be_open = all(None in answers for answers in rows.values())
    can_be_answered = any(set(answers) - {None} for answers in rows.values())
    return (
        all(rows.values())
        and (True not in of_all or can_be_answered)
        and (False not in of_all or can_be_open)
        and (of_all != {True, False})
    )


def _row_answers(item: Item, demands: list[Demand], *, with_text: bool) -> list[Any]:
    unanswered = [None] if _may_be_left_open(item) or with_text else []
    if item.type == "slider":
        return [*unanswered, *_telling_numbers(item, demands)]
    return [*unanswered, *(point.value for point in item.scale)]
