"""A small snapshot record with everything in it that a report can say, its numbers chosen by hand."""

from typing import Any

from moralgraph.algorithms.building import build_repaired
from moralgraph.algorithms.exchange import to_record
from moralgraph.algorithms.records import Judgements

FACTS = {"number": 3, "method": "repaired", "inputs_hash": "ab" * 32, "code_version": "algorithms-1"}


def graph_record(*, wiser: int = 12, of: int = 15) -> dict[str, Any]:
    """Return the graph in which `wiser` of `of` people found `deep` wiser than `plain` when tired."""
    answers = ["wiser"] * wiser + ["about_equal"] * (of - wiser)
    return to_record(
        build_repaired(
            Judgements.from_columns(
                participant=range(of), first=["plain"] * of, second=["deep"] * of, context=["tired"] * of,
                answer=answers,
            )
        )
    )  # fmt: skip


def snapshot_record(**context: Any) -> dict[str, Any]:
    """Return a snapshot of one context, as `context` changes it."""
    ranks = [
        {"card": "deep", "rank": 0.6, "position": 1, "first_share": 0.98, "low": 1, "high": 1},
        {"card": "plain", "rank": 0.4, "position": 2, "first_share": 0.02, "low": 2, "high": 2},
    ]
    found = {
        "key": "tired", "judgements": 15, "people": 15, "standing": "settled", "winner": "deep",
        "contenders": ["deep"], "ranks": ranks, **context,
    }  # fmt: skip
    content = {"format_version": 2, "graph": graph_record(), "ranks": ranks, "contexts": [found]}
    parameters = {"purpose": "publish", "origins": ["person"]}
    return {**FACTS, "parameters": parameters, "content": content}
