"""Rebuild every number of a study from an exported folder alone: no database is read, and nothing is believed.

Rule: the graph is built anew from the rows of the folder by the same functions that built it from the database, and
compared with what the folder says. What is no row there (counts of surveys, behind the privacy floor) is taken as it
stands, and said to be so.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elicit.errors import WellspringError
from elicit.prism.files import CHECKSUMS, verify_checksums
from moralgraph.algorithms.canonical import in_canonical_order
from moralgraph.algorithms.records import JudgementError, Judgements
from moralgraph.algorithms.snapshot_building import Inputs, build_content
from moralgraph.algorithms.snapshot_findings import SIDES
from moralgraph.algorithms.source_version import code_version

FORMAT = "wellspring-study"
FORMAT_VERSION = 1
MOST_DIFFERENCES = 20
AS_THEY_STAND = ("groups",)  # parts of a snapshot that rest on survey answers, which are in no folder

Record = Mapping[str, Any]


class NotReplicated(WellspringError):
    """A folder is no export, is not whole, or gives other numbers than it says."""


@dataclass(frozen=True)
class Replica:
    """What was built from a folder, what differs from what the folder says, and what could not be rebuilt.

    Attributes
    ----------
    snapshot
        As `snapshot.json` has it, with the content that was built here.
    differs
        Places where the two are not the same, a sentence each; empty when all is.
    notes
        What a reader should know: another version of the code, parts that were taken as they stand.
    """

    folder: Path
    study: Record
    snapshot: Record
    differs: tuple[str, ...]
    notes: tuple[str, ...]


def replicate(folder: Path) -> Replica:
    """Rebuild the snapshot of an exported folder and compare.

    Raises
    ------
    NotReplicated
        When the folder is no whole export of a format that is known here.
    """
    study = _read_study(folder)
    told = _json(folder / "snapshot.json")
    inputs = read_inputs(folder, told=told["content"])
    content = build_content(inputs, method=told["method"], seed=told["parameters"].get("seed", 0))
    snapshot = {**told, "content": content, "inputs_hash": inputs.fingerprint(), "code_version": code_version()}
    compared = ("inputs_hash", "content")
    differs = [each for name in compared for each in differing(told[name], _as_json(snapshot[name]), name)]
    return Replica(folder, study, snapshot, tuple(differs[:MOST_DIFFERENCES]), tuple(_notes(told, snapshot)))


def read_inputs(folder: Path, *, told: Record) -> Inputs:
    """Return what a snapshot is made of, from the tables of a folder; the partition and groups are as told."""
    rows = list(read_rows(folder / "judgements.jsonl"))
    cards = {row["id"]: row["counts_for"] for row in read_rows(folder / "canonical_cards.jsonl")}
    contexts = sorted(read_rows(folder / "contexts.jsonl"), key=lambda row: row["position"])
    try:
        judgements = Judgements.from_columns(
            participant=[row["participant"] for row in rows],
            first=[row["first"] for row in rows],
            second=[row["second"] for row in rows],
            context=[row["context"] for row in rows],
            answer=[row["answer"] for row in rows],
            order=[row["number"] for row in rows],
            story=[row["story_arm"] for row in rows],
            probability=[row["selection_probability"] for row in rows],
            repeat=[row["repeat"] for row in rows],
        )
        side = np.array([SIDES.index(row["first_side"]) for row in rows], dtype=np.int64)
        side = side[np.argsort([row["number"] for row in rows], kind="stable")]
    except (JudgementError, KeyError, ValueError) as error:
        raise NotReplicated(f"{folder / 'judgements.jsonl'}: {error}. Nothing was built.") from error
    found = in_canonical_order(judgements, side=side)
    return Inputs(
        judgements=found.judgements,
        cards=cards,
        contexts={row["key"]: row["counts_for"] for row in contexts},
        context_order=tuple(row["key"] for row in contexts),
        partition=told["partition"],
        side=found.side,
        groups=told["groups"],
    )


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSONL file.

    Raises
    ------
    NotReplicated
        When it cannot be read, with the line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise NotReplicated(f"{path}, line {number}: this is not one JSON object. Export again.") from error
                yield row
    except OSError as error:
        raise NotReplicated(f"{path}: cannot be read ({error.strerror}). Is this an exported folder?") from error


def differing(told: Any, found: Any, place: str = "") -> Iterator[str]:
    """Yield where two JSON values are not the same.

    >>> list(differing({"a": [1, 2]}, {"a": [1, 3]}, "content"))
    ['content.a.1: the folder says 2, and its rows give 3']
    """
    if isinstance(told, Mapping) and isinstance(found, Mapping):
        for name in dict.fromkeys([*told, *found]):
            yield from differing(told.get(name), found.get(name), f"{place}.{name}")
    elif isinstance(told, list) and isinstance(found, list) and len(told) == len(found):
        for number, (one, other) in enumerate(zip(told, found, strict=True)):
            yield from differing(one, other, f"{place}.{number}")
    elif told != found:
        yield f"{place}: the folder says {_short(told)}, and its rows give {_short(found)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _read_study(folder: Path) -> Record:
    study = _json(folder / "study.json")
    known = study.get("format"), study.get("format_version")
    if known != (FORMAT, FORMAT_VERSION):
        raise NotReplicated(f"{folder}: this is {known[0]} {known[1]}; {FORMAT} {FORMAT_VERSION} is known here.")
    if not (folder / CHECKSUMS).exists():
        raise NotReplicated(f"{folder}: {CHECKSUMS} is missing, so nobody can say whether the folder is whole.")
    changed = verify_checksums(folder)
    if changed:
        raise NotReplicated(f"{folder}: {' '.join(changed[:MOST_DIFFERENCES])} Nothing was built.")
    return study


def _notes(told: Record, found: Record) -> Iterator[str]:
    if told["code_version"] != found["code_version"]:
        yield (
            f"The folder was made by {told['code_version']} and is rebuilt by {found['code_version']}; "
            "differences may come from that. versions.json says what it was made with."
        )
    for name in AS_THEY_STAND:
        if told["content"].get(name):
            yield f'"{name}" rests on survey answers, which no folder holds; it was taken as it stands.'


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise NotReplicated(f"{path}: cannot be read ({error.strerror}). Is this an exported folder?") from error
    except ValueError as error:
        raise NotReplicated(f"{path}: this is not JSON. Export the study again.") from error
    if not isinstance(found, dict):
        raise NotReplicated(f"{path}: this is not a JSON object. Export the study again.")
    return found
