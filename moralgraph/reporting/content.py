"""Put the numbers of a public report together from a snapshot and a few small tables.

Rule that must stay true: the same snapshot and tables give the same content, to the byte; what is not known is None,
never zero; and "not enough evidence" is passed on as such.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from elicit.analysis.proportions import share
from moralgraph.algorithms.exchange import from_record
from moralgraph.algorithms.ranking import Standing
from moralgraph.algorithms.records import ANSWERS, Answer, Edge, MoralGraph
from moralgraph.algorithms.snapshot_content import read_content
from moralgraph.reporting.figures import LATENT_ORDER

FORMAT_VERSION = 1
DECIMALS = 6  # beyond that a number says nothing about people
HALF = 0.5
CANNOT_JUDGE = ANSWERS.index(Answer.CANNOT_JUDGE)
WISER = ANSWERS.index(Answer.WISER)
ORDERED = ("judgements", "people")  # of the answers that tell which value is wiser, on which the wisest set rests
SNAPSHOT_FACTS = ("number", "method", "inputs_hash", "code_version", "parameters")
PASSED_ON = ("groups", "sensitivity", "story_pull", "side_bias", "retest", "totals", "partition")

Record = Mapping[str, Any]


def report_content(*, study: str, snapshot: Record, tables: Record) -> dict[str, Any]:
    """Return everything that a report of a study says in numbers.

    Parameters
    ----------
    study
        The study's name in addresses.
    snapshot
        `SNAPSHOT_FACTS` and `content` of a snapshot (docs/file_formats.md, "A snapshot").
    tables
        `people`, `judgements`, `attributes`, `closing`, `came_back` (docs/file_formats.md, "A report"), None where a
        count is held back by the privacy floor. They are in the content as they were given.

    Raises
    ------
    KeyError
        When the snapshot lacks one of its fields.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.exchange import to_record
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_repaired(Judgements.from_columns(
    ...     participant=range(4), first=["a"] * 4, second=["b"] * 4, context=["c"] * 4, answer=["wiser"] * 4))
    >>> made = report_content(study="s", tables={}, snapshot={
    ...     "number": 1, "method": "repaired", "inputs_hash": "0", "code_version": "1", "parameters": {},
    ...     "content": {"graph": to_record(graph), "contexts": [
    ...         {"key": "c", "standing": "settled", "winner": "b", "contenders": ["b"]}]}})
    >>> made["contexts"][0]["standing"], made["contexts"][0]["wisest"], made["contexts"][0]["upgrades"][0]["wiser"]
    ('settled', ['b'], 4)
    """
    content = read_content(snapshot["content"])
    graph = from_record(content["graph"])
    contexts = [_context(found, graph) for found in content["contexts"]]
    made = {
        "format_version": FORMAT_VERSION,
        "study": study,
        "snapshot": {fact: snapshot[fact] for fact in SNAPSHOT_FACTS},
        "cards": compared_cards(content),
        "contexts": contexts,
        **{name: content[name] for name in PASSED_ON},
        "legitimacy": legitimacy(tables),
        "tables": dict(tables),
    }
    rounded: dict[str, Any] = _rounded(made)
    return rounded


def compared_cards(content: Record) -> list[str]:
    """Return the ids of the cards of a snapshot: those of its graph, then those that have a place without upgrades.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_repaired
    >>> from moralgraph.algorithms.exchange import to_record
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_repaired(Judgements.from_columns(
    ...     participant=range(4), first=["a"] * 4, second=["b"] * 4, context=["c"] * 4, answer=["wiser"] * 4))
    >>> compared_cards({"graph": to_record(graph), "contexts": [{"wisest_set": {"positions": [{"card": "x"}]}}]})
    ['a', 'b', 'x']
    """
    content = read_content(content)
    cards = from_record(content["graph"]).cards
    placed = {
        row["card"]
        for found in content["contexts"]
        for row in [*found.get("ranks", []), *(found["wisest_set"] or {}).get("positions", [])]
    }
    return [*cards, *sorted(placed - set(cards))]


def content_hash(content: Record) -> str:
    """Return the SHA-256 of a report's content, written as canonical JSON.

    Examples
    --------
    >>> content_hash({"b": 1, "a": 2}) == content_hash({"a": 2, "b": 1})
    True
    """
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(written.encode()).hexdigest()


def legitimacy(tables: Record) -> list[dict[str, Any]]:
    """Return how the process was felt, a row a question: how many were asked, answered and said yes, with the share.

    `share`, `low` and `high` are of those who answered (Wilson's interval, 95 %); `response` is the share of those
    asked who answered. A number that is held back takes those that rest on it along.

    Examples
    --------
    >>> [row] = legitimacy({"closing": {"asked": 40, "questions": [{"key": "trust", "yes": 15, "answered": 30}]}})
    >>> row["share"], round(row["low"], 2), row["response"]
    (0.5, 0.33, 0.75)
    >>> held_back = {"key": "trust", "yes": None, "answered": None}
    >>> legitimacy({"closing": {"asked": 9, "questions": [held_back]}})[0]["share"] is None
    True
    """
    rows = []
    for part in ("closing", "came_back"):
        table = tables.get(part) or {}
        rows += [_felt(row, table.get("asked")) for row in table.get("questions", [])]
    return rows


def _felt(row: Record, asked: int | None) -> dict[str, Any]:
    yes, answered = row["yes"], row["answered"]
    is_known = yes is not None and bool(answered)
    found = share(yes, answered) if is_known else None
    return {
        **row,
        "asked": asked,
        "share": found.value if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "response": answered / asked if answered is not None and asked else None,
    }


def _context(found: Record, graph: MoralGraph) -> dict[str, Any]:
    """Say of one context which values are wisest, how sure that is, and where people differ."""
    best: Record = found["wisest_set"] or {}
    standing = best.get("standing", found["standing"])
    wisest = [] if standing == Standing.NOT_ENOUGH_EVIDENCE else list(best.get("cards", found["contenders"]))
    part = graph.in_context(found["key"])
    return {
        "key": found["key"],
        "judgements": found["judgements"],
        "people": found["people"],
        "ordered": {count: best.get(count) for count in ORDERED},
        "standing": standing,
        "shortage": best.get("shortage", ""),
        "wisest": wisest,
        "level": best.get("level"),
        **_places(found, wisest, method=graph.method),
        "upgrades": [_upgrade(edge) for edge in sorted(part.edges, key=_most_compared)],
        "contested": found["contested"],
        "cycles": found["cycles"],
        "minority": found["minority"],
    }


def _places(found: Record, wisest: Sequence[str], *, method: str) -> dict[str, Any]:
    """Return each card's place with the places between which it lies, and the model that they are of.

    The wisest set and its places are of one model, the latent order, so that a verdict and its numbers never differ.
    Where there is none, the places are the graph's own.
    """
    first_share = {row["card"]: row.get("first_share") for row in found["ranks"]}
    between = {row["card"]: row for row in (found["wisest_set"] or {}).get("positions", [])}
    scores = (found["bradley_terry"] or {}).get("scores", [])
    ranked = [row["card"] for row in scores if row["card"] in between]
    if not ranked:
        rows = sorted(found["ranks"], key=lambda row: (row["position"], row["card"]))
        placed = [(row["card"], row["position"], row.get("low"), row.get("high")) for row in rows]
    else:
        placed = [
            (card, place, between[card]["low"], between[card]["high"]) for place, card in enumerate(ranked, start=1)
        ]
    cards = [
        {
            "card": card,
            "position": place,
            "first_share": first_share.get(card),
            "low": low,
            "high": high,
            "is_wisest": card in wisest,
        }
        for card, place, low, high in placed
    ]
    return {"places_by": LATENT_ORDER if ranked else method, "cards": cards}


def _upgrade(edge: Edge) -> dict[str, Any]:
    return {
        "first": edge.first,
        "second": edge.second,
        "wiser": edge.answers[WISER],
        "compared": edge.compared,
        "unsure": edge.answers[CANNOT_JUDGE],
        "share": edge.agreement,
        "low": edge.low,
        "high": edge.high,
    }


def _most_compared(edge: Edge) -> tuple[int, str, str]:
    return -edge.compared, edge.first, edge.second


def group_differences(edge: Record) -> tuple[list[str], list[str]]:
    """Return the groups that clearly found the second value wiser, and those that clearly did not.

    Clearly means that the whole interval of the group's share lies on one side of one half. Groups without a number
    are in neither.

    Examples
    --------
    >>> group_differences({"by_group": {"x": {"low": 0.6, "high": 0.9}, "y": {"low": 0.1, "high": 0.4}, "z": None}})
    (['x'], ['y'])
    """
    known = {group: row for group, row in sorted(edge["by_group"].items()) if row and row.get("low") is not None}
    return (
        [group for group, row in known.items() if row["low"] > HALF],
        [group for group, row in known.items() if row["high"] < HALF],
    )


def _rounded(value: Any) -> Any:
    """Return JSON values with lists for sequences and numbers of at most `DECIMALS` places."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, Mapping):
        return {str(key): _rounded(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_rounded(part) for part in value]
    return value
