"""The graph as two tables: its values and its upgrades, sortable by link.

Rule: the tables hold everything that the picture shows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext_lazy as _

from moralgraph.algorithms.records import Edge, MoralGraph
from moralgraph.explorer.details import Rank, rank_of
from moralgraph.explorer.filters import Filters

ROWS_A_PAGE = 100


@dataclass(frozen=True)
class ValueRow:
    """A value in the table."""

    title: str
    href: str
    rank: Rank | None
    wiser_than: int
    below: int
    compared: int
    contexts: str


@dataclass(frozen=True)
class UpgradeRow:
    """An upgrade in the table."""

    first: str
    first_href: str
    second: str
    second_href: str
    contexts: str
    wiser: int
    compared: int
    unsure: int
    agreement: int
    low: int
    high: int


@dataclass(frozen=True)
class Heading:
    """A column's head: a link that sorts by it, and how it is sorted now."""

    label: Any
    href: str
    sorted: str
    is_number: bool


Row = TypeVar("Row", ValueRow, UpgradeRow)
Columns = Mapping[str, tuple[Any, Callable[[Any], Any], bool]]

VALUE_COLUMNS: Columns = {
    "title": (_("Value"), lambda row: row.title.casefold(), False),
    "rank": (_("Rank"), lambda row: row.rank.position if row.rank else 10**9, True),
    "wiser_than": (_("Wiser than"), lambda row: row.wiser_than, True),
    "below": (_("Less wise than"), lambda row: row.below, True),
    "compared": (_("Comparisons"), lambda row: row.compared, True),
}
UPGRADE_COLUMNS: Columns = {
    "first": (_("From"), lambda row: row.first.casefold(), False),
    "second": (_("To the wiser"), lambda row: row.second.casefold(), False),
    "wiser": (_("Judged wiser"), lambda row: row.wiser, True),
    "compared": (_("Compared"), lambda row: row.compared, True),
    "agreement": (_("Agreement"), lambda row: row.agreement, True),
}


def value_rows(
    graph: MoralGraph,
    *,
    titles: Mapping[str, str],
    ranks: Mapping[str, Mapping[str, Any]],
    contexts: Mapping[str, str],
    href: Callable[[str], str],
) -> list[ValueRow]:
    """Return a row for each value of the graph."""
    ends: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        ends.setdefault(edge.first, []).append(edge)
        ends.setdefault(edge.second, []).append(edge)
    rows = []
    for key in graph.cards:
        touching = ends.get(key, [])
        keys = dict.fromkeys(context for edge in touching for context in edge.contexts)
        rows.append(
            ValueRow(
                title=titles[key],
                href=href(key),
                rank=rank_of(key, ranks),
                wiser_than=sum(edge.second == key for edge in touching),
                below=sum(edge.first == key for edge in touching),
                compared=sum(edge.compared for edge in touching),
                contexts="; ".join(contexts.get(context, context) for context in keys),
            )
        )
    return rows


def upgrade_rows(
    graph: MoralGraph,
    *,
    titles: Mapping[str, str],
    contexts: Mapping[str, str],
    href: Callable[[str], str],
) -> list[UpgradeRow]:
    """Return a row for each upgrade of the graph."""
    return [
        UpgradeRow(
            first=titles[edge.first],
            first_href=href(edge.first),
            second=titles[edge.second],
            second_href=href(edge.second),
            contexts="; ".join(contexts.get(key, key) for key in edge.contexts),
            wiser=edge.counts.wiser,
            compared=edge.compared,
            unsure=edge.counts.unsure,
            agreement=round(100 * edge.agreement),
            low=round(100 * edge.low),
            high=round(100 * edge.high),
        )
        for edge in graph.edges
    ]


def page_of(rows: Sequence[Row], columns: Columns, *, by: str, number: int) -> "Page[Row]":
    """Return one page of the rows, sorted by a column; "-" before its name turns the order round."""
    name = by.removeprefix("-")
    key = columns[name][1] if name in columns else columns[next(iter(columns))][1]
    return Paginator(sorted(rows, key=key, reverse=by.startswith("-")), ROWS_A_PAGE).get_page(number)


def headings(columns: Columns, *, field: str, filters: Filters) -> list[Heading]:
    """Return the heads of a table; a second click on the same one turns the order round."""
    now: str = getattr(filters, field)
    found = []
    for name, (label, _key, is_number) in columns.items():
        other = f"-{name}" if now == name or (is_number and name != "rank" and now != f"-{name}") else name
        state = {name: "ascending", f"-{name}": "descending"}.get(now, "")
        page = {"values_by": "values_page", "upgrades_by": "upgrades_page"}[field]
        found.append(Heading(label, filters.query(**{field: other, page: 1}), state, is_number))
    return found
