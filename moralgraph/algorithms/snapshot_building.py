"""Work out what a snapshot holds from judgements as columns: the same from a database and from an exported folder.

Rule that must stay true: nothing but the inputs and the code decides the content; the form is that of
docs/file_formats.md, "A snapshot", and no participant is in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import numpy as np

from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.exchange import to_record
from moralgraph.algorithms.ranking import rank_classic, rank_repaired, wisest
from moralgraph.algorithms.records import Judgements, MoralGraph
from moralgraph.algorithms.renaming import rename
from moralgraph.algorithms.snapshot_content import FORMAT_VERSION
from moralgraph.algorithms.uncertainty import bootstrap_ranks

CLASSIC = "classic"
REPAIRED = "repaired"
BRADLEY_TERRY = "bradley_terry"
SAME_RANK_DECIMALS = 9


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything that a snapshot is made of.

    Attributes
    ----------
    judgements
        In canonical order (`canonical`), as they were given: cards and contexts not yet merged, repeats among them.
    cards, contexts
        From a name to the name that it was merged into; names that are not there stand for themselves.
    context_order
        Keys of the contexts in the order of the study.
    partition
        `number` and `hash` of the partition of cards in force; None where there is none.
    """

    judgements: Judgements
    cards: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    context_order: Sequence[str] = ()
    partition: Mapping[str, Any] | None = None

    def fingerprint(self) -> str:
        """Return the SHA-256 of all of it."""
        merged = [
            sorted((name, into) for name, into in mapping.items() if name in used and into != name)
            for mapping, used in (
                (self.cards, frozenset(self.judgements.cards)),
                (self.contexts, frozenset(self.judgements.contexts)),
            )
        ]
        told = [self.judgements.fingerprint(), merged, list(self.context_order), self.partition]
        return sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Used:
    """The judgements that a graph is built from, and what was kept out of it.

    Attributes
    ----------
    judgements
        First answers, under the names that stand.
    repeated
        First answers and repeats, for how steady answers are.
    dropped
        Judgements between two cards that are one by now.
    """

    judgements: Judgements
    repeated: Judgements
    dropped: int


def usable(inputs: Inputs) -> Used:
    """Apply the merges and set repeats apart.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=[1, 1, 2], first=["a", "a", "b"], second=["b", "b", "c"], context=["c"] * 3,
    ...     answer=["wiser"] * 3, repeat=[0, 1, 0])
    >>> found = usable(Inputs(judgements, cards={"c": "b"}))
    >>> len(found.judgements), len(found.repeated), found.dropped
    (1, 2, 1)
    """
    renamed = rename(inputs.judgements, cards=inputs.cards, contexts=inputs.contexts)
    every = renamed.judgements
    return Used(judgements=every.select(every.repeat == 0), repeated=every, dropped=renamed.dropped)


def build_graph(judgements: Judgements, *, method: str) -> MoralGraph:
    """Build the graph by a method's rule. Bradley-Terry ranks the upgrades that the repaired rule keeps.

    Raises
    ------
    KeyError
        If there is no such method.
    """
    builders = {CLASSIC: build_classic, REPAIRED: build_repaired, BRADLEY_TERRY: build_repaired}
    return replace(builders[method](judgements), method=method)


def build_content(inputs: Inputs, *, method: str, seed: int = 0) -> dict[str, Any]:
    """Return the content of a snapshot.

    Parameters
    ----------
    method
        `classic`, `repaired` or `bradley_terry`.
    seed
        Of every draw: people drawn again, and multipliers of the confidence sets.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=range(8), first=["a"] * 8, second=["b"] * 8, context=["c"] * 8, answer=["wiser"] * 8)
    >>> found = build_content(Inputs(judgements, context_order=("c",)), method="repaired")
    >>> found["contexts"][0]["winner"], found["totals"]["judgements"], found["totals"]["repeats"]
    ('b', 8, 0)
    """
    used = usable(inputs)
    graph = build_graph(used.judgements, method=method)
    keys = [key for key in inputs.context_order if key in used.judgements.contexts]
    return {
        "format_version": FORMAT_VERSION,
        "partition": dict(inputs.partition) if inputs.partition else None,
        "graph": to_record(graph),
        "ranks": _ranks(graph, used.judgements, context=None, seed=[seed, 0]),
        "contexts": [
            _context(graph, used.judgements, key, seed=[seed, position]) for position, key in enumerate(keys, start=1)
        ],
        "totals": {
            "judgements": len(used.judgements),
            "participants": len(used.judgements.participants),
            "repeats": len(used.repeated) - len(used.judgements),
            "dropped": used.dropped,
        },
    }


def _context(graph: MoralGraph, judgements: Judgements, key: str, *, seed: list[int]) -> dict[str, Any]:
    part = judgements.in_context(key)
    found = wisest(graph, context=key)
    return {
        "key": key,
        "judgements": len(part),
        "people": int(np.unique(part.participant).size),
        "standing": found.standing.value,
        "winner": found.winner,
        "contenders": list(found.contenders),
        "ranks": _ranks(graph, judgements, context=key, seed=seed),
    }


def _ranks(graph: MoralGraph, judgements: Judgements, *, context: str | None, seed: list[int]) -> list[dict[str, Any]]:
    if graph.method == CLASSIC:
        return with_positions(rank_classic(graph, context=context))
    drawn = bootstrap_ranks(judgements, rng=np.random.default_rng(seed), context=context)
    found = zip(drawn.cards, drawn.first_share, drawn.low, drawn.high, strict=True)
    intervals = {card: {"first_share": share, "low": low, "high": high} for card, share, low, high in found}
    return [row | intervals[row["card"]] for row in with_positions(rank_repaired(graph, context=context))]


def with_positions(ranks: Mapping[str, float]) -> list[dict[str, Any]]:
    """Number the cards from the highest; equal ranks share the better position.

    Examples
    --------
    >>> [row["position"] for row in with_positions({"a": 0.5, "b": 0.25, "c": 0.25})]
    [1, 2, 2]
    """
    rounded = [round(rank, SAME_RANK_DECIMALS) for rank in ranks.values()]
    first = {rank: position for position, rank in reversed(list(enumerate(rounded, start=1)))}
    return [
        {"card": card, "rank": rank, "position": first[near]}
        for (card, rank), near in zip(ranks.items(), rounded, strict=True)
    ]
