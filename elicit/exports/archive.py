"""Write the tables that a role may read into one zip, with a codebook and a page that explains them."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.template.loader import render_to_string

from elicit.csv_files import csv_lines
from elicit.exports.registry import Table, known_tables
from elicit.models import Origin, Participant, Study

MOST_IN_MEMORY = 8 * 1024 * 1024  # bytes; a larger archive is written to a temporary file


def tables_for(role: str | None) -> list[Table]:
    """Return the tables that a role may read."""
    return [table for table in known_tables() if role in table.readers]


def write_archive(study: Study, *, role: str | None, now: datetime) -> IO[bytes]:
    """Return an open zip of everything that a role may read; it is gone once it is closed."""
    tables = tables_for(role)
    archive = tempfile.SpooledTemporaryFile(max_size=MOST_IN_MEMORY)  # noqa: SIM115 - the response closes it
    with ZipFile(archive, "w", ZIP_DEFLATED) as files:
        for table in tables:
            _write(files, f"{study.slug}/{table.name}", _lines(table, study, now=now), now=now)
        _write(files, f"{study.slug}/codebook.csv", _codebook(tables), now=now)
        _write(files, f"{study.slug}/README.txt", [_readme(study, tables, role=role, now=now)], now=now)
    archive.seek(0)
    return archive  # type: ignore[return-value]


def _write(files: ZipFile, name: str, lines: Iterable[str], *, now: datetime) -> None:
    entry = ZipInfo(name, date_time=now.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    with files.open(entry, "w", force_zip64=True) as file:
        for line in lines:
            file.write(line.encode())


def _lines(table: Table, study: Study, *, now: datetime) -> Iterator[str]:
    names = [column.name for column in table.columns]
    rows = table.rows(study, now)
    if table.name.endswith(".csv"):
        return csv_lines(names, rows)
    return (f"{_as_json(dict(zip(names, row, strict=True)))}\n" for row in rows)


def _as_json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in a file; turn it into text in its table.")


def _codebook(tables: Sequence[Table]) -> Iterator[str]:
    described = chain.from_iterable(
        ((table.name, column.name, column.meaning) for column in table.columns) for table in tables
    )
    return csv_lines(("file", "column", "meaning"), described)


def _readme(study: Study, tables: Sequence[Table], *, role: str | None, now: datetime) -> str:
    people = Participant.objects.of_study(study).exclude(origin=Origin.PREVIEW)
    context = {
        "study": study,
        "tables": tables,
        "role": role,
        "now": now,
        "versions": study.versions.order_by("number"),
        "withdrawn": people.filter(withdrawn_at__isnull=False).count(),
        "excluded": people.filter(excluded_at__isnull=False).count(),
        "simulated": people.filter(origin=Origin.SIMULATED).count(),
    }
    return render_to_string("organizer/archive_readme.txt", context)
