"""The verb: gather, write beside, check, and put the folder in its place.

Rule: a folder is there whole or not at all, with a checksum for every file; whoever withdrew while it was written is in
none.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from elicit.csv_files import csv_lines
from elicit.models import Study
from elicit.prism.files import write_checksums
from elicit.prism_export.folders import whole_or_not
from moralgraph.models import Snapshot
from moralgraph.snapshots import build_snapshot
from moralgraph.study_export import counted, described, judged, tables
from moralgraph.study_export.asking import Asked, ExportRefused, check_asked
from moralgraph.study_export.people import Release, allowed_people, gather

TABLES = (*tables.TABLES, *judged.TABLES, *counted.TABLES)
CODEBOOK = ("file", "column", "meaning")


@dataclass(frozen=True)
class Exported:
    """What was written: the folder, its snapshot, how many rows each file has, and what stayed out, by reason."""

    folder: Path
    snapshot: Snapshot
    rows: Mapping[str, int]
    withheld: Mapping[str, int]


def export_study(study: Study, folder: Path, asked: Asked, *, now: datetime) -> Exported:
    """Export a study into a folder that is not there yet, with the snapshot that its judgements give now.

    Raises
    ------
    ExportRefused
        When it is not allowed, nobody may be in it, or somebody left while it was written.
    NotGranted, NothingToBuild
        When no graph may be built for the purpose; no folder is left in any of these cases.
    """
    check_asked(asked)
    snapshot = build_snapshot(study, method=asked.method, purpose=asked.purpose, origins=asked.origins, now=now)
    release = gather(study, asked, snapshot=snapshot)
    with whole_or_not(folder, ExportRefused) as partial:
        rows = {table.name: _write(partial / table.name, list(table.columns), table.rows(release)) for table in TABLES}
        record = _describe(partial, release, rows)
        _refuse_changed(release)
        write_checksums(partial)
    return Exported(folder, snapshot, rows, record["withheld"])


def _describe(folder: Path, release: Release, rows: dict[str, int]) -> dict[str, Any]:
    rows["prompts.jsonl"] = _write(folder / "prompts.jsonl", list(described.PROMPT_COLUMNS), described.prompts())
    for name, content in described.design_files(release).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    record = described.study_record(release, rows)
    _write_json(folder / "study.json", record)
    _write_json(folder / "snapshot.json", described.snapshot_record(release.snapshot))
    if report := described.report_record(release):
        _write_json(folder / "report.json", report)
    _write_json(folder / "versions.json", described.software(release.snapshot.code_version))
    lines = [(table.name, column, meaning) for table in TABLES for column, meaning in table.columns.items()]
    lines += [("prompts.jsonl", column, meaning) for column, meaning in described.PROMPT_COLUMNS.items()]
    (folder / "codebook.csv").write_text("".join(csv_lines(CODEBOOK, lines)), "utf-8", newline="")
    (folder / "README.txt").write_text(described.readme(release, list(TABLES), record), "utf-8")
    return record


def _refuse_changed(release: Release) -> None:
    """Refuse a folder that holds somebody who withdrew, or took the purpose back, while it was written."""
    still = allowed_people(release.study, release.asked, release.origins).values_list("pk", flat=True)
    if set(release.people) - set(still):
        raise ExportRefused("Somebody left while the folder was written. Run it again; no folder was left.")


def _write(path: Path, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write a table, each row with exactly its columns; return how many rows there are."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            found = [[row[column] for column in columns] for row in rows]
            file.writelines(csv_lines(columns, found))
            return len(found)
        for row in rows:
            file.write(json.dumps({column: row[column] for column in columns}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n", "utf-8")
