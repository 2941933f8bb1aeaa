"""A report's numbers as one long table, a line a number, for whoever works with a spreadsheet.

Rule that must stay true: whatever the page says in numbers about contexts and about the process stands in the table.
"""

from collections.abc import Iterator, Mapping
from typing import Any

COLUMNS = ("part", "context", "first", "second", "group", "count", "of", "value", "low", "high")

Record = Mapping[str, Any]
Row = tuple[Any, ...]


def number_rows(content: Record) -> list[Row]:
    """Return the numbers of a report as rows of `COLUMNS`; what is held back or not known is None.

    Examples
    --------
    >>> context = {"key": "c", "standing": "several", "judgements": 9, "people": 3, "upgrades": [], "wisest": ["a"],
    ...     "cards": [{"card": "a", "position": 1, "low": 1, "high": 2, "first_share": 0.8}], "contested": []}
    >>> for row in number_rows({"contexts": [context], "legitimacy": [], "groups": [], "tables": {}}):
    ...     print(row[:3], row[5:])
    ('standing: several', 'c', None) (9, 3, None, None, None)
    ('wisest', 'c', 'a') (None, None, None, None, None)
    ('place', 'c', 'a') (None, None, 1, 1, 2)
    ('share of resamples in which it came first', 'c', 'a') (None, None, 0.8, None, None)
    """
    rows: list[Row] = []
    for found in content["contexts"]:
        rows += _context_rows(found)
    for grouping in content["groups"]:
        rows += _group_rows(grouping)
    rows += [
        _row(f"felt: {row['key']}", count=row["yes"], of=row["answered"], share=row) for row in content["legitimacy"]
    ]
    rows += _people_rows(content["tables"])
    return rows


def _row(
    part: str, *, context: str | None = None, first: str | None = None, second: str | None = None,
    group: str | None = None, count: int | None = None, of: int | None = None, share: Record | None = None,
    value: float | None = None,
) -> Row:  # fmt: skip
    found = share or {}
    return (
        part,
        context,
        first,
        second,
        group,
        count,
        of,
        found.get("share", value),
        found.get("low"),
        found.get("high"),
    )


def _context_rows(found: Record) -> Iterator[Row]:
    key = found["key"]
    yield _row(f"standing: {found['standing']}", context=key, count=found["judgements"], of=found["people"])
    yield from (_row("wisest", context=key, first=card) for card in found["wisest"])
    for row in found["cards"]:
        place = {"share": row["position"], "low": row["low"], "high": row["high"]}
        yield _row("place", context=key, first=row["card"], share=place)
        if row["first_share"] is not None:
            name = "share of resamples in which it came first"
            yield _row(name, context=key, first=row["card"], value=row["first_share"])
    for row in found["upgrades"]:
        yield _row(
            "found the second wiser", context=key, first=row["first"], second=row["second"], count=row["wiser"],
            of=row["compared"], share=row,
        )  # fmt: skip
    for row in found["contested"]:
        for way in ("forward", "backward"):
            ends = (row["first"], row["second"]) if way == "forward" else (row["second"], row["first"])
            side = row[way]
            yield _row(
                "contested", context=key, first=ends[0], second=ends[1], count=side["wiser"], of=side["compared"],
                share=side,
            )  # fmt: skip


def _group_rows(grouping: Record) -> Iterator[Row]:
    for edge in grouping["edges"]:
        for group, row in sorted(edge["by_group"].items()):
            side = row or {}
            yield _row(
                f"group: {grouping['grouping']}", context=edge.get("context"), first=edge["first"],
                second=edge["second"], group=group, count=side.get("wiser"), of=side.get("compared"), share=side,
            )  # fmt: skip


def _people_rows(tables: Record) -> Iterator[Row]:
    yield from (
        _row(f"values in words of: {who}", count=count) for who, count in (tables.get("written_by") or {}).items()
    )
    yield from (_row(f"people: {name}", count=count) for name, count in (tables.get("people") or {}).items())
    yield from (_row(f"judgements: {name}", count=count) for name, count in (tables.get("judgements") or {}).items())
    for attribute in tables.get("attributes") or []:
        for cell in attribute["cells"]:
            name = f"attribute: {attribute['item']}"
            yield _row(name, group=cell["value"], count=cell["count"], of=attribute["answered"])
