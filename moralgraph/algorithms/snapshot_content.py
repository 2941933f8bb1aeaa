"""Read the content of a snapshot: every field of the present form is there, also where the snapshot is older.

The form is written down in docs/file_formats.md, "A snapshot". It holds counts, card ids, shares and parameters.

Rule that must stay true: a field that an older snapshot lacks reads as "nothing is known", never as zero or as "no".
"""

from collections.abc import Mapping
from typing import Any

FORMAT_VERSION = 2

_WHOLE: Mapping[str, Any] = {
    "format_version": 1,
    "partition": None,
    "ranks": [],
    "contexts": [],
    "groups": [],
    "sensitivity": [],
    "story_pull": None,
    "side_bias": None,
    "retest": None,
    "totals": {},
}
_CONTEXT: Mapping[str, Any] = {
    "judgements": None,
    "people": None,
    "standing": "not_enough_evidence",
    "winner": None,
    "contenders": [],
    "ranks": [],
    "wisest_set": None,
    "bradley_terry": None,
    "cycles": [],
    "cycles_complete": None,
    "contested": [],
    "minority": [],
}
_TOTALS: Mapping[str, Any] = {"judgements": None, "participants": None, "repeats": None, "dropped": None}


def read_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a snapshot's content with every field of the present form; what is not known is None or empty.

    Examples
    --------
    >>> old = {"graph": {"cards": [], "edges": []}, "contexts": [{"key": "tired"}], "totals": {"judgements": 3}}
    >>> found = read_content(old)
    >>> found["format_version"], found["contexts"][0]["cycles"], found["contexts"][0]["wisest_set"]
    (1, [], None)
    >>> found["totals"]["judgements"], found["totals"]["repeats"]
    (3, None)
    """
    contexts = [{**_CONTEXT, **context} for context in content.get("contexts", [])]
    totals = {**_TOTALS, **content.get("totals", {})}
    return {**_WHOLE, **content, "contexts": contexts, "totals": totals}


def context_content(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return what a snapshot says of one context; a context that nobody judged in says nothing.

    Examples
    --------
    >>> context_content({"contexts": []}, "tired")["standing"]
    'not_enough_evidence'
    """
    found = next((context for context in content.get("contexts", []) if context["key"] == key), {"key": key})
    return {**_CONTEXT, **found}
