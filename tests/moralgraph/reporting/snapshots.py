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


def with_everything(content: dict[str, Any], *, plain: str, deep: str) -> dict[str, Any]:
    """Return a snapshot's content with all that the statistics may add, about two cards."""
    [found] = content["contexts"]
    side = {"wiser": 9, "compared": 12, "share": 0.75, "low": 0.5, "high": 0.9}
    clear, against = (
        {"wiser": 20, "compared": 25, "low": 0.6, "high": 0.9},
        {"wiser": 5, "compared": 24, "low": 0.1, "high": 0.4},
    )
    edge = {"first": plain, "second": deep, "context": "tired"}
    effect = {"difference": 0.06, "low": 0.01, "high": 0.11}
    found |= {
        "people": 15,
        "wisest_set": {"standing": "several", "cards": [deep, plain], "level": 0.95, "people": 15, "positions": []},
        "contested": [{"first": plain, "second": deep, "forward": side, "backward": {**side, "wiser": 8}}],
        "cycles": [[plain, deep]],
        "minority": [{"card": plain, "reason": "few_but_sure", "people": 8, "share": 0.75, "group": None}],
    }
    groups = [
        {**edge, "is_agreed": True, "by_group": {"Female": clear, "Male": clear, "Other": None}},
        {**edge, "is_agreed": False, "by_group": {"Female": clear, "Male": against}},
    ]
    return content | {
        "groups": [{"grouping": "gender", "groups": {"Female": 30, "Male": 30}, "edges": groups}],
        "sensitivity": [
            {
                "method": "repaired",
                "setting": "minimum_wiser",
                "value": 5,
                "is_usual": False,
                "edges": 1,
                "cards": 2,
                "changed": ["tired"],
            }
        ],
        "story_pull": {"arms": [], "effects": [{"name": "forward", **effect}]},
        "side_bias": {"at_start": {"name": "", **effect}, "asked_about": None, "each_further_question": None},
        "retest": {"repeats": 20, "same": 0.8, "low": 0.6, "high": 0.9},
    }
