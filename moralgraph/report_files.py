"""The files that go with a public report: its numbers, and the graph with the words that may be public.

Rule: a card's words are in a file only where its author granted publication; every file names the report it is of.
"""

import json
from typing import Any

from elicit.csv_files import csv_lines
from moralgraph.algorithms.exchange import as_graphml, published_form
from moralgraph.models import CanonicalValuesCard
from moralgraph.report_pages import ReportPage
from moralgraph.reporting.long_table import COLUMNS, number_rows
from moralgraph.reporting.svg import draw

FORMS = {
    "numbers": ("application/json", "json"),
    "table": ("text/csv; charset=utf-8", "csv"),
    "graph": ("application/json", "json"),
    "graphml": ("application/xml", "graphml"),
}


def report_file(page: ReportPage, form: str) -> str:
    """Return one of `FORMS` as text."""
    if form == "numbers":
        return _json(page.content)
    if form == "table":
        return "".join(csv_lines(COLUMNS, number_rows(page.content)))
    if form == "graphml":
        return as_graphml(page.graph, page.titles) + "\n"
    return _json(
        {
            "report": page.report.number,
            "content_hash": page.report.content_hash,
            "contexts": page.context_texts,
            **published_form(page.graph, [_value(card, page) for card in page.graph.cards]),
        }
    )


def report_figure(page: ReportPage, name: str) -> str | None:
    """Return one figure as SVG, or None where there is none of this name."""
    found = next((figure for figure in page.figures if figure.name == name), None)
    return draw(found) if found else None


def _value(card: str, page: ReportPage) -> dict[str, Any]:
    found: CanonicalValuesCard | None = page.cards.get(card)
    return {
        "id": card,
        "title": page.titles[card],
        "instructionsShort": found.description if found else "",
        "evaluationCriteria": found.policies if found else [],
        "language": found.language if found else "",
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
