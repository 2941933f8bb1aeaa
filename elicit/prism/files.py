"""Reading and writing the files of a release, line by line.

Rule: a reader never holds a whole file, and never trusts it: a line that is too long, no JSON, no object or no UTF-8 is
told by its number. Writers say null where something is missing, never NaN.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import orjson

from elicit.csv_files import csv_lines
from elicit.prism.schema import FILES, Field, FileSpec

LONGEST_LINE = 4_000_000  # bytes; the longest conversation of PRISM has far less than 100,000
DEEPEST = 20  # levels of nesting; the files need four
BOM = b"\xef\xbb\xbf"
CHECKSUMS = "SHA256SUMS"
RELEASE = "release.json"
FORMAT = "prism-release"
FORMAT_VERSION = 1
ROWS_AT_ONCE = 1_000  # of a file in Parquet; as many whole conversations take about 30 MB


class UnreadableFile(Exception):
    """A file of a release that cannot be read: says which line, and why."""


@dataclass(frozen=True)
class Line:
    """One line of a file: its row, or the reason why there is none."""

    number: int
    row: dict[str, Any] | None
    problem: str = ""


@dataclass(frozen=True)
class Release:
    """What a folder declares of itself in release.json; a folder without one is taken for PRISM's own.

    `vocabulary` "own" lifts the limits that were only observed in PRISM (countries, models, counts); level
    "generalised" allows null where a field may be withheld. `k` is the least number of people who look alike.
    """

    vocabulary: Literal["published", "own"] = "published"
    level: Literal["raw", "generalised"] = "raw"
    synthetic: bool = False
    k: int | None = None
    created_by: str = ""
    title: str = ""


def scan_lines(path: Path) -> Iterator[Line]:
    """Yield every line that is not blank: its row, or what is wrong with it. Reads NaN, CRLF and a BOM."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
                _skip_line(file)
                yield Line(number, None, f"The line is longer than {LONGEST_LINE:,} bytes.")
                continue
            if number == 1:
                raw = raw.removeprefix(BOM)
            if raw.strip():
                yield _read_line(number, raw)


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and row of every line that is not blank; raise UnreadableFile at the first bad one."""
    for line in scan_lines(path):
        if line.row is None:
            raise UnreadableFile(f"{path.name}, line {line.number}: {line.problem}")
        yield line.number, line.row


def _skip_line(file: Any) -> None:
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _read_line(number: int, raw: bytes) -> Line:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(raw.decode("utf-8"), parse_constant=_constant)
            orjson.dumps(value)
        except UnicodeDecodeError:
            return Line(number, None, "The line is not valid UTF-8.")
        except (orjson.JSONEncodeError, UnicodeEncodeError):
            return Line(number, None, "The line holds half a surrogate pair or a number out of range.")
        except (ValueError, RecursionError):
            return Line(number, None, "The line is not valid JSON.")
    if not isinstance(value, dict):
        return Line(number, None, "The line is not a JSON object.")
    return Line(number, value)


def _constant(name: str) -> None:
    """Return null for NaN, which PRISM's metadata holds; refuse the infinities."""
    if name != "NaN":
        raise ValueError(name)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write one JSON object a line, as the published files do (", " and ": ", ASCII escapes); return how many."""
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii", newline="\n") as file:
        for row in rows:
            file.write(line_of(row))
            count += 1
    return count


def line_of(row: Mapping[str, Any]) -> str:
    """Return a row as the line that stands in a file.

    >>> line_of({"user_id": "user0", "self_described": "España"})
    '{"user_id": "user0", "self_described": "Espa\\\\u00f1a"}\\n'
    """
    return json.dumps(row, allow_nan=False) + "\n"


def file_path(folder: Path, spec: FileSpec) -> Path:
    """Return where a file of a release lies: metadata in its own folder if there is one, else beside the others."""
    inside = folder / spec.name / spec.file_name
    return inside if spec.name == "metadata" and inside.exists() else folder / spec.file_name


def file_names(folder: Path) -> dict[str, Path]:
    """Return the paths of the five files of a release by name: survey, conversations, utterances, metadata, models."""
    return {name: file_path(folder, spec) for name, spec in FILES.items()}


def flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a row with nested keys as `outer.inner`; lists and empty mappings stay as they are.

    >>> flat({"a": {"b": 1, "c": {"d": None}}})
    {'a.b': 1, 'a.c.d': None}
    """
    cells: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping) and value:
            cells |= flat(value, f"{prefix}{key}.")
        else:
            cells[prefix + key] = value
    return cells


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as a table that no spreadsheet runs: nested keys as columns, lists as JSON. Return how many rows.

    Columns are those of the schema where the file has one of the five names, else those of the first row; a later row
    with another column raises ValueError.
    """
    spec = FILES.get(path.stem)
    cells = (flat_by(spec, row) for row in rows) if spec else map(flat, rows)
    first = next(cells, {})
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in chain([first] if first else [], cells):
            if row.keys() != first.keys():
                raise ValueError(f"Row {count + 1} has other columns than the first: {set(row) ^ set(first)}")
            lines = csv_lines(list(first), [[row[name] for name in first]])
            file.writelines(lines if count == 0 else islice(lines, 1, None))
            count += 1
    return count


def flat_by(spec: FileSpec, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with exactly the nested keys that the schema knows; other mappings stay whole."""
    cells: dict[str, Any] = {}
    for field in spec.fields:
        value = row.get(field.name)
        cells |= _flat_field(field, value, field.name)
    return cells


def _flat_field(field: Field, value: Any, name: str) -> dict[str, Any]:
    if not field.keys:
        return {name: value}
    inner = value or {}
    cells = [_flat_field(key, inner.get(key.name), f"{name}.{key.name}") for key in field.keys]
    return {column: cell for nested in cells for column, cell in nested.items()}


def write_parquet(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as Parquet with nested columns, some thousand rows at a time. Return how many.

    Types are those of the schema where the file has one of the five names, else those of the first rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from elicit.prism.columns import arrow_row, arrow_schema

    spec = FILES.get(path.stem)
    iterator, count = (arrow_row(spec, row) if spec else dict(row) for row in rows), 0
    batch = list(islice(iterator, ROWS_AT_ONCE))
    schema = arrow_schema(spec) if spec else pa.Table.from_pylist(batch).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch:
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            count += len(batch)
            batch = list(islice(iterator, ROWS_AT_ONCE))
    return count


def write_release(folder: Path, release: Release) -> None:
    """Write what the folder declares of itself."""
    said = {"format": FORMAT, "format_version": FORMAT_VERSION} | asdict(release)
    (folder / RELEASE).write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", "utf-8")


def read_release(folder: Path) -> Release:
    """Return what the folder declares of itself; raise UnreadableFile where release.json is not as it should be."""
    path = folder / RELEASE
    if not path.exists():
        return Release()
    try:
        said = json.loads(path.read_text("utf-8"))
        if said.pop("format") != FORMAT or said.pop("format_version") != FORMAT_VERSION:
            raise ValueError(f"it is not format {FORMAT!r}, version {FORMAT_VERSION}")
        release = Release(**said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableFile(f"{RELEASE}: {error}") from error
    if release.vocabulary not in ("published", "own") or release.level not in ("raw", "generalised"):
        raise UnreadableFile(f"{RELEASE}: vocabulary is published or own, level is raw or generalised.")
    return release


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS over every file of the folder, in the form that `sha256sum --check` reads."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    lines = [f"{digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / CHECKSUMS).write_text("".join(lines), "utf-8")


def verify_checksums(folder: Path) -> list[str]:
    """Return what differs from SHA256SUMS, a sentence a file; nothing where all is well or no list was made."""
    path = folder / CHECKSUMS
    if not path.exists():
        return []
    differs = []
    for line in path.read_text("utf-8", "replace").splitlines():
        wanted, _, name = line.partition("  ")
        found = (folder / name).resolve()
        if not name or not found.is_relative_to(folder.resolve()):
            differs.append(f"{name or line!r} is no file of this folder.")
        elif not found.is_file():
            differs.append(f"{name} is missing.")
        elif digest(found) != wanted:
            differs.append(f"{name} has changed since the checksums were made.")
    return differs
