"""Which tables there are. Other apps add theirs by `register_table`, as they do for own data and forgetting.

Rule: every column says what it means, so that the codebook is never behind the files.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elicit.models import Study

Rows = Callable[[Study, datetime], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class Column:
    """One column: its name in the file and what it means."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One file, `.csv` or `.jsonl`: what it is about, who may read it, its columns, and where its rows come from."""

    name: str
    meaning: str
    readers: frozenset[str]
    columns: tuple[Column, ...]
    rows: Rows


_TABLES: list[Table] = []


def register_table(
    name: str, *, meaning: str, readers: Collection[str], columns: Sequence[tuple[str, str]], rows: Rows
) -> None:
    """Add a file. A file of the same name for other roles is another table; the same one again replaces it."""
    table = Table(name, meaning, frozenset(readers), tuple(Column(*column) for column in columns), rows)
    _TABLES[:] = [known for known in _TABLES if (known.name, known.readers) != (name, table.readers)] + [table]


def known_tables() -> list[Table]:
    """Return every table in the order in which they were registered."""
    return list(_TABLES)
