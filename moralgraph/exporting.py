"""Write a snapshot with the words of its cards, for people and for other programs.

Rule: a file is whole or not there. No participant is in it, and it says what its study may be used for. A cell of a CSV
file is never a formula.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from elicit.errors import WellspringError
from moralgraph.algorithms.exchange import as_graphml, published_form
from moralgraph.algorithms.records import MoralGraph
from moralgraph.consented import labels_for
from moralgraph.models import CanonicalValuesCard, Context, Snapshot
from moralgraph.snapshots import graph_of
from moralgraph.withholding import withheld_cards

FORMAT_VERSION = 1
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CONTEXTS_APART = "; "


class ExportFailed(WellspringError):
    """A file could not be written."""


def export(snapshot: Snapshot, *, form: str) -> str:
    """Return the snapshot as text in one of `FORMATS`."""
    if form not in FORMATS:
        raise ExportFailed(f'There is no format "{form}"; use one of {", ".join(FORMATS)}.')
    return FORMATS[form](snapshot)


def write_export(snapshot: Snapshot, *, form: str, path: Path) -> None:
    """Write the snapshot to a file in one step."""
    write_in_one_step(path, export(snapshot, form=form))


def write_in_one_step(path: Path, text: str) -> None:
    """Replace a file by a new one, or leave it as it was.

    Raises
    ------
    ExportFailed
        When the folder is missing or cannot be written to.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ExportFailed(f"{path}: cannot be written ({error.strerror}). Check that the folder is there.") from error


def labels(snapshot: Snapshot) -> list[str]:
    """Return what must be said wherever the snapshot is shown."""
    return labels_for(snapshot.study, origins=snapshot.parameters.get("origins", []))


def cards_of(snapshot: Snapshot) -> dict[str, CanonicalValuesCard]:
    """Return the study's cards by their id in the graph; those that are withheld from others without their words."""
    withheld = set(withheld_cards(snapshot.study).values_list("pk", flat=True))
    found = CanonicalValuesCard.objects.of_study(snapshot.study)
    return {card.content_id: _without_words(card) if card.pk in withheld else card for card in found}


def _without_words(card: CanonicalValuesCard) -> CanonicalValuesCard:
    card.title, card.description, card.policies, card.details = _("Not shown to others"), "", [], {}
    return card


def context_texts(snapshot: Snapshot) -> dict[str, str]:
    """Return the words of the study's contexts by key, in their order."""
    return {context.key: str(context) for context in Context.objects.of_study(snapshot.study)}


def with_context_texts(graph: MoralGraph, texts: Mapping[str, str]) -> MoralGraph:
    """Name the contexts by their words."""
    edges = tuple(
        replace(
            edge,
            contexts=tuple(texts.get(key, key) for key in edge.contexts),
            by_context=tuple(replace(part, context=texts.get(part.context, part.context)) for part in edge.by_context),
        )
        for edge in graph.edges
    )
    return replace(graph, edges=edges)


def safe_cell(value: object) -> str:
    """Return a cell that a spreadsheet shows and never runs.

    >>> safe_cell("=1+1"), safe_cell(3), safe_cell("plain"), safe_cell(" @x")
    ("'=1+1", '3', 'plain', "' @x")
    """
    text = str(value)
    is_formula = isinstance(value, str) and text.lstrip(" ").startswith(STARTS_A_FORMULA)
    return f"'{text}" if is_formula else text


def _published(snapshot: Snapshot) -> str:
    graph = with_context_texts(graph_of(snapshot), context_texts(snapshot))
    return _json(published_form(graph, (_value(card) for card in cards_of(snapshot).values())))


def _value(card: CanonicalValuesCard) -> dict[str, Any]:
    details = card.details
    dates = {name: details[name] for name in ("createdAt", "updatedAt") if name in details}
    return {
        "id": details.get("id", card.content_id),
        "title": card.title,
        "instructionsShort": card.description,
        "instructionsDetailed": details.get("instructionsDetailed", ""),
        "evaluationCriteria": card.policies,
        **dates,
    }


def _own_json(snapshot: Snapshot) -> str:
    cards, texts = cards_of(snapshot), context_texts(snapshot)
    graph = snapshot.content["graph"]
    return _json(
        {
            "format_version": FORMAT_VERSION,
            "study": snapshot.study.slug,
            "snapshot": snapshot.number,
            "labels": labels(snapshot),
            "parameters": snapshot.parameters,
            "inputs_hash": snapshot.inputs_hash,
            "code_version": snapshot.code_version,
            "cards": [_words(cards[key]) for key in graph["cards"] if key in cards],
            "contexts_by_key": {
                context["key"]: texts.get(context["key"], "") for context in snapshot.content["contexts"]
            },
            **snapshot.content,
        }
    )


def _words(card: CanonicalValuesCard) -> dict[str, Any]:
    return {
        "id": card.content_id,
        "title": card.title,
        "description": card.description,
        "policies": card.policies,
        "language": card.language,
        "origin": card.origin,
    }


def _graphml(snapshot: Snapshot) -> str:
    graph = with_context_texts(graph_of(snapshot), context_texts(snapshot))
    titles = {key: card.title for key, card in cards_of(snapshot).items()}
    return as_graphml(graph, {key: titles.get(key, key) for key in graph.cards}) + "\n"


def _upgrades_csv(snapshot: Snapshot) -> str:
    cards, texts = cards_of(snapshot), context_texts(snapshot)
    title = {key: cards[key].title if key in cards else key for key in snapshot.content["graph"]["cards"]}
    rows = [
        (
            title[edge.first],
            title[edge.second],
            CONTEXTS_APART.join(texts.get(key, key) for key in edge.contexts),
            edge.counts.wiser,
            edge.compared,
            edge.counts.unsure,
            f"{edge.agreement:.4f}",
            f"{edge.low:.4f}",
            f"{edge.high:.4f}",
        )
        for edge in graph_of(snapshot).edges
    ]
    heads = (
        "card",
        "wiser card",
        "contexts",
        "judged wiser",
        "compared",
        "could not judge",
        "agreement",
        "low",
        "high",
    )
    return _csv(heads, rows)


def _csv(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


FORMATS: Mapping[str, Callable[[Snapshot], str]] = {
    "published": _published,
    "json": _own_json,
    "graphml": _graphml,
    "csv": _upgrades_csv,
}
