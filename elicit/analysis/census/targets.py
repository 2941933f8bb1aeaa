"""Read a census table and find where a person of a study stands in it.

Rule: a person who cannot be placed on a margin is `None` there and stays in the sample; nobody is dropped.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
SUMS_TO = 1e-7  # the printed shares are rounded to six decimals of a per cent

Cell = tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where numbers come from, in what their licence asks to be said."""

    publisher: str
    table: str
    published: str
    address: str
    licence: str
    attribution: str
    gives: str


@dataclass(frozen=True)
class CensusTarget:
    """The shares of a population, by margin and (where they are known) by cell.

    Attributes
    ----------
    margins : `{margin: {category: share}}`; the shares of a margin add up to 1.
    cells : `{(category of each dimension, in their order): share}`; empty where only margins are known.
    bounds : `{margin: {category: (least, most)}}` as shares, for the lines that are estimates.
    mapping : `{margin: {what a PRISM release calls it: category}}`.
    warning : why this table must not be used, or nothing.
    """

    key: str
    title: str
    population: str
    date: str
    adults: int
    dimensions: Mapping[str, tuple[str, ...]]
    margins: Mapping[str, Mapping[str, float]]
    cells: Mapping[Cell, float]
    bounds: Mapping[str, Mapping[str, tuple[float, float]]]
    tables: Mapping[str, int]
    mapping: Mapping[str, Mapping[str, str]]
    sources: tuple[Source, ...]
    notes: tuple[str, ...]
    warning: str

    def place(self, margin: str, answers: Sequence[str | None]) -> tuple[str | None, ...]:
        """Return the category of each answer on a margin; `None` where the table has no line for it.

        Examples
        --------
        >>> census_target("us_2022").place("ethnicity", ["Middle Eastern / Arab", "Prefer not to say"])
        ('White', None)
        """
        names = self.mapping[margin]
        return tuple(None if answer is None else names.get(answer) for answer in answers)


def available_targets() -> tuple[str, ...]:
    """Name the tables that come with the site.

    Examples
    --------
    >>> available_targets()
    ('uk_2021', 'us_2022', 'us_2022_as_published')
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@functools.lru_cache
def census_target(key: str) -> CensusTarget:
    """Load a census table by its name.

    Raises
    ------
    KeyError
        When there is no such table; the message lists those that exist.

    References
    ----------
    The sources that the table itself names. Why `us_2022_as_published` is wrong: Hispanic adults are both in their own
    table and in the tables of the races other than White.

    Examples
    --------
    >>> target = census_target("us_2022")
    >>> round(target.margins["ethnicity"]["Hispanic"], 4), target.adults
    (0.1718, 260961960)
    >>> census_target("us_2022_as_published").warning[:19]
    'This table is wrong'
    """
    if key not in available_targets():
        raise KeyError(f"There is no census table {key!r}. There are {', '.join(available_targets())}.")
    return _read(yaml.safe_load((FOLDER / f"{key}.yaml").read_text(encoding="utf-8")))


def _read(document: dict[str, Any]) -> CensusTarget:
    dimensions = {name: tuple(categories) for name, categories in document["dimensions"].items()}
    cells = _cells(document.get("cells", {}), dimensions)
    margins = _added_up(cells, dimensions) if cells else _shares(document["margins"], dimensions, document["adults"])
    return CensusTarget(
        key=document["key"],
        title=document["title"],
        population=document["population"],
        date=document["date"],
        adults=document["adults"],
        dimensions=dimensions,
        margins=margins,
        cells=cells,
        bounds={
            margin: {
                line: (least / document["adults"], most / document["adults"]) for line, (least, most) in of.items()
            }
            for margin, of in document.get("bounds", {}).items()
        },
        tables=document.get("tables", {}),
        mapping=document["mapping"],
        sources=tuple(Source(**source) for source in document["sources"]),
        notes=tuple(document["notes"]),
        warning=document["warning"],
    )


def _cells(table: Mapping[str, Mapping[str, Sequence[float]]], dimensions: Mapping[str, Cell]) -> dict[Cell, float]:
    """Return shares that add up to exactly 1 from per cents that were rounded when they were printed."""
    percents = {
        (age, ethnicity, sex): percent
        for age, of_age in table.items()
        for ethnicity, both in of_age.items()
        for sex, percent in zip(dimensions["sex"], both, strict=True)
    }
    if not percents:
        return {}
    expected = set(itertools.product(*dimensions.values()))
    total = sum(percents.values())
    if set(percents) != expected or abs(total / 100 - 1) > SUMS_TO:
        raise ValueError(f"The cells must be {len(expected)} and add up to 100; they are {len(percents)}, {total}.")
    return {cell: percent / total for cell, percent in percents.items()}


def _added_up(cells: Mapping[Cell, float], dimensions: Mapping[str, Cell]) -> dict[str, dict[str, float]]:
    return {
        name: {line: sum(share for cell, share in cells.items() if cell[place] == line) for line in lines}
        for place, (name, lines) in enumerate(dimensions.items())
    }


def _shares(
    margins: Mapping[str, Mapping[str, int]], dimensions: Mapping[str, Cell], adults: int
) -> dict[str, dict[str, float]]:
    for name, lines in margins.items():
        if tuple(lines) != dimensions[name] or sum(lines.values()) != adults:
            raise ValueError(f"The lines of {name} must be {dimensions[name]} and add up to {adults}.")
    return {name: {line: people / adults for line, people in lines.items()} for name, lines in margins.items()}
