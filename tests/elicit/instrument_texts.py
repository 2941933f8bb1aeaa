"""Small instruments for tests, as the text of a file (in JSON, which is YAML)."""

import json
from collections.abc import Sequence

from elicit.instruments import Instrument, Item, load_instrument

TYPES = {
    "single": {"options": ["a", "b"]},
    "multi": {"options": ["a", "b"]},
    "slider": {"options": ["a", "b"], "low": "Low", "high": "High"},
    "matrix": {"options": ["a", "b"], "scale": ["1", "2", "3"]},
    "text": {},
    "number": {},
    "country": {},
}


def item(name: str, kind: str = "single", **keys: object) -> dict[str, object]:
    """Return an item that works; an option may be its value alone."""
    whole = {"name": name, "type": kind, "text": f"{name}?", **TYPES[kind], **keys}
    for key in ("options", "scale"):
        if key in whole:
            whole[key] = [one if isinstance(one, dict) else {"value": one, "label": one} for one in whole[key]]
    return whole


def text_of(*parts: Sequence[dict[str, object]], **keys: object) -> str:
    """Return a file with a part for each list of items."""
    written = [{"key": f"p{number}", "title": "Page", "items": list(items)} for number, items in enumerate(parts)]
    return json.dumps({"format_version": 1, "key": "small", "title": "Small", "parts": written, **keys}, indent=1)


def instrument(*parts: Sequence[dict[str, object]], **keys: object) -> Instrument:
    """Return an instrument with a part for each list of items."""
    return load_instrument(text_of(*parts, **keys))


def single_item(kind: str, **keys: object) -> Item:
    """Return one item as it stands in an instrument."""
    return instrument([item("asked", kind, **keys)]).item("asked")
