"""What was found in each text as rows of metadata.jsonl: personal data, language, moderation.

Rule: what nobody looked for is null, never "nothing found". Personal data is looked for here where it was not before,
by the rule that takes contact data out of a generalised release.
"""

from collections.abc import Mapping
from typing import Any

from elicit.prism.generalised_rows import without_contacts
from elicit.prism.schema import MODERATION

Row = dict[str, Any]


def metadata_row(column: str, checks: Mapping[str, Any], *, text: str, language: str, **ids: str | None) -> Row:
    """Return the row of one text. `language` is that of the person's pages, told where none was detected."""
    pii = checks.get("pii")
    found = checks.get("language") or language
    code = str(found)
    return {
        "column_id": column,
        "user_id": ids["user_id"],
        "conversation_id": ids.get("conversation_id"),
        "interaction_id": ids.get("interaction_id"),
        "utterance_id": ids.get("utterance_id"),
        "pii_flag": bool(without_contacts(text)[1]) if pii is None else bool(pii),
        "pii_manual_flag": checks.get("pii_manual"),
        "language_flag": code,
        "en_flag": code == "en",
        "moderation_flag": _moderation(checks.get("moderation")),
    }


def _moderation(found: Any) -> Row | None:
    """Return what a moderation said where it speaks of PRISM's categories; others are told in no row."""
    if not isinstance(found, Mapping) or set(found) != {"flagged", "categories", "category_scores"}:
        return None
    if any(set(found[part]) != set(MODERATION) for part in ("categories", "category_scores")):
        return None
    return {
        "flagged": found["flagged"],
        "categories": {name: found["categories"][name] for name in MODERATION},
        "category_scores": {name: found["category_scores"][name] for name in MODERATION},
    }


def checks_of(row: Mapping[str, Any]) -> Row:
    """Return what is kept of a metadata row that was read; `metadata_row` gives the same row again."""
    manual = row["pii_manual_flag"]
    kept: Row = {"pii": row["pii_flag"], "language": row["language_flag"], "moderation": row["moderation_flag"]}
    return kept if manual is None else kept | {"pii_manual": bool(manual)}
