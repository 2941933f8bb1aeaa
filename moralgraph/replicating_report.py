"""Rebuild the public report of an exported folder: every number and figure, from the rebuilt graph and the folder.

Rule: no database is read. The graph is the one that was rebuilt from the folder's rows; counts of surveys, which are
behind the privacy floor and in no folder as rows, are taken as they stand, and said to be so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import translation

from moralgraph import report_words as words
from moralgraph.replicating import Replica, differing, read_rows
from moralgraph.reporting.content import content_hash, report_content
from moralgraph.reporting.figures import figures
from moralgraph.reporting.svg import draw

FILE = "report.json"
LANGUAGE = "en"  # in which figures are drawn; the report's numbers have none
NOTE = (
    "The report's counts of people, of surveys and of what authors said are not rows of a folder; they were taken as "
    "they stand."
)

Record = Mapping[str, Any]


@dataclass(frozen=True)
class RebuiltReport:
    """A report as the folder's rows give it: its content, the hash of that, its figures as SVG, and what differs."""

    number: int
    content: Record
    content_hash: str
    figures: Mapping[str, str]
    differs: tuple[str, ...]


def rebuild_report(replica: Replica) -> RebuiltReport | None:
    """Return the report of a rebuilt folder; None where it holds none."""
    path = replica.folder / FILE
    if not path.exists():
        return None
    told = json.loads(path.read_text("utf-8"))
    known = told["content"]
    snapshot = {**replica.snapshot, "code_version": known["snapshot"]["code_version"]}  # by which it was made
    content = report_content(study=known["study"], snapshot=snapshot, tables=known["tables"])
    found = json.loads(json.dumps(content))
    differs = [*differing(known, found, "report"), *differing(told["content_hash"], content_hash(found), "report hash")]
    return RebuiltReport(told["number"], found, content_hash(found), _figures(replica.folder, found), tuple(differs))


def _figures(folder: Path, content: Record) -> dict[str, str]:
    known = {row["id"]: row["title"] for row in read_rows(folder / "canonical_cards.jsonl")}
    contexts = {row["key"]: _in_words(row["text"]) for row in read_rows(folder / "contexts.jsonl")}
    with translation.override(LANGUAGE):
        titles = {card: known.get(card) or str(words.UNNAMED) for card in content["cards"]}
        felt = {key: str(text) for key, text in words.FELT.items()}
    drawn = figures(content, titles=titles, contexts=contexts, questions=felt)
    return {f"{figure.name}.svg": draw(figure) for figure in drawn}


def _in_words(text: Mapping[str, str]) -> str:
    """Return a context's words; none where they may not be told."""
    return text.get(LANGUAGE) or next(iter(text.values()), "")
