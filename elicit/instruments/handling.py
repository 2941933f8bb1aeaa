"""Read what a browser says of how a page was answered.

Rule: nothing in it is believed beyond its bounds. What does not fit is dropped and never an error: a person's answers
do not depend on a script.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from elicit.instruments.answers import field_name
from elicit.instruments.schema import LONGEST_ANSWER, Item

LONGEST_HANDLING = 20_000  # characters that one page may say
MOST_SECONDS = 86_400.0  # a day on one question
MOST_CHANGES = 10_000

Handling = dict[str, Any]


def read_handling(raw: str, items: Iterable[Item]) -> dict[str, Handling]:
    """Return by item how it was handled, out of the JSON text that the page sent.

    Parameters
    ----------
    raw
        `{field: {"touched": bool, "seconds": number, "changes": int, "pasted": int}}`; seconds with the focus in the
        field, how often its value changed, how many characters were pasted. At most 20,000 characters.
    items
        The items that stood on the page; fields of others are dropped.

    Returns
    -------
    dict
        For each item that the page says something of: `touched`, `seconds`, `changes` and `pasted`; for a slider or a
        matrix the same for each row, by the row's value.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> use = load_instrument("prism").part("use").items
    >>> read_handling('{"lm_direct_use": {"touched": true, "seconds": 4.26, "changes": -3}, "else": {}}', use)
    {'lm_direct_use': {'touched': True, 'seconds': 4.3, 'changes': 0, 'pasted': 0}}
    """
    told = _as_mapping(raw)
    found = {item.name: _of_item(item, told) for item in items}
    return {name: handling for name, handling in found.items() if handling}


def handling_of_fields(raw: str, names: Iterable[str]) -> dict[str, Handling]:
    """Return what `read_handling` does for plain form fields, by their names.

    Examples
    --------
    >>> handling_of_fields('{"score_A": {"touched": true, "seconds": 2, "changes": 1}, "else": {}}', ["score_A"])
    {'score_A': {'touched': True, 'seconds': 2.0, 'changes': 1, 'pasted': 0}}
    """
    told = _as_mapping(raw)
    found = {name: _record(told.get(name)) for name in names}
    return {name: record for name, record in found.items() if record}


def _as_mapping(raw: str) -> Mapping[str, Any]:
    if len(raw) > LONGEST_HANDLING:
        return {}
    try:
        told = json.loads(raw or "{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _of_item(item: Item, told: Mapping[str, Any]) -> Handling:
    if item.has_rows():
        rows = {option.value: _record(told.get(field_name(item, option))) for option in item.options}
        return {value: record for value, record in rows.items() if record}
    beside = [field_name(item, option, words=True) for option in item.options if option.with_text]
    records = [record for name in (item.name, *beside) if (record := _record(told.get(name)))]
    return _added(records) if records else {}


def _record(given: Any) -> Handling:
    if not isinstance(given, dict):
        return {}
    return {
        "touched": given.get("touched") is True,
        "seconds": round(_bounded(given.get("seconds"), MOST_SECONDS), 1),
        "changes": int(_bounded(given.get("changes"), MOST_CHANGES)),
        "pasted": int(_bounded(given.get("pasted"), LONGEST_ANSWER)),
    }


def _bounded(given: Any, most: float) -> float:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or math.isnan(given):
        return 0.0
    return float(min(max(given, 0), most))


def _added(records: list[Handling]) -> Handling:
    """Add the words beside an option to the choice that they stand beside."""
    return {
        "touched": any(record["touched"] for record in records),
        "seconds": round(min(sum(record["seconds"] for record in records), MOST_SECONDS), 1),
        "changes": min(sum(record["changes"] for record in records), MOST_CHANGES),
        "pasted": min(sum(record["pasted"] for record in records), LONGEST_ANSWER),
    }
