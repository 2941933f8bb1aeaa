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

from moralgraph.algorithms.bradley_terry import BradleyTerry, fit_bradley_terry
from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.exchange import to_record
from moralgraph.algorithms.rank_confidence import LEVEL
from moralgraph.algorithms.ranking import Standing, highest_first, rank_classic, rank_repaired, wisest
from moralgraph.algorithms.records import Codes, Judgements, MoralGraph
from moralgraph.algorithms.renaming import rename
from moralgraph.algorithms.snapshot_content import FORMAT_VERSION
from moralgraph.algorithms.snapshot_findings import (
    answering_records,
    contradictions,
    latent_order_record,
    latent_ranks,
    minority_records,
    sensitivity_records,
    wisest_record,
)
from moralgraph.algorithms.uncertainty import RankBootstrap, bootstrap_all_ranks
from moralgraph.algorithms.wisest_sets import WisestSet, wisest_of

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
    side
        Position in `snapshot_findings.SIDES` of the side of each judgement's first card; None where none was recorded.
    groups
        Agreement across survey groups, floored already: it cannot be worked out again without survey answers.
    """

    judgements: Judgements
    cards: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    context_order: Sequence[str] = ()
    partition: Mapping[str, Any] | None = None
    side: Codes | None = None
    groups: Sequence[Mapping[str, Any]] = ()

    @property
    def sides(self) -> Codes:
        """The side of each judgement's first card; 0 where it was not recorded."""
        return np.zeros(len(self.judgements), dtype=np.int64) if self.side is None else self.side

    def fingerprint(self) -> str:
        """Return the SHA-256 of all of it."""
        merged = [
            sorted((name, into) for name, into in mapping.items() if name in used and into != name)
            for mapping, used in (
                (self.cards, frozenset(self.judgements.cards)),
                (self.contexts, frozenset(self.judgements.contexts)),
            )
        ]
        sides = sha256(self.sides.astype("<i8").tobytes()).hexdigest()
        told = [self.judgements.fingerprint(), sides, merged, list(self.context_order), self.partition, self.groups]
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
    drawn = {} if method == CLASSIC else _drawn_again(used.judgements, seed=seed)
    whole = _latent(used.judgements, None, seed=[seed, 0]) if method == BRADLEY_TERRY else None
    return {
        "format_version": FORMAT_VERSION,
        "partition": dict(inputs.partition) if inputs.partition else None,
        "graph": to_record(graph),
        "ranks": _ranks(graph, drawn.get(None), whole, context=None),
        "contexts": [
            _context(
                graph, used.judgements, key, drawn.get(key), _latent(used.judgements, key, seed=[seed, position]),
                groups=inputs.groups,
            )
            for position, key in enumerate(keys, start=1)
        ],
        "groups": list(inputs.groups),
        "sensitivity": sensitivity_records(used.judgements, seed=seed, level=LEVEL),
        **answering_records(inputs.judgements, inputs.sides),
        "totals": {
            "judgements": len(used.judgements),
            "participants": len(used.judgements.participants),
            "repeats": len(used.repeated) - len(used.judgements),
            "dropped": used.dropped,
        },
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Latent:
    """The latent order of a context, and the cards that may stand first in it."""

    fit: BradleyTerry
    wisest: WisestSet


def _latent(judgements: Judgements, context: str | None, *, seed: list[int]) -> Latent:
    fit = fit_bradley_terry(judgements, context=context)
    return Latent(fit, wisest_of(fit, context=context, rng=np.random.default_rng(seed), level=LEVEL))


def _drawn_again(judgements: Judgements, *, seed: int) -> dict[str | None, RankBootstrap]:
    return bootstrap_all_ranks(judgements, rng=np.random.default_rng(seed))


def _context(
    graph: MoralGraph,
    judgements: Judgements,
    key: str,
    drawn: RankBootstrap | None,
    latent: Latent,
    *,
    groups: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    part = judgements.in_context(key)
    ranks = _ranks(graph, drawn, latent, context=key)
    first = {row["card"] for row in ranks if row["position"] == 1}
    return {
        "key": key,
        "judgements": len(part),
        "people": int(np.unique(part.participant).size),
        **_standing(graph, latent.wisest, context=key),
        "ranks": ranks,
        "wisest_set": wisest_record(latent.wisest),
        "bradley_terry": latent_order_record(latent.fit, level=LEVEL),
        **contradictions(graph, context=key),
        "minority": minority_records(judgements, graph, groups, context=key, leave_out=first),
    }


def _standing(graph: MoralGraph, latent: WisestSet, *, context: str) -> dict[str, Any]:
    """Say by the method's own rule which card is the wisest, or which contend."""
    if graph.method == BRADLEY_TERRY:
        winner = latent.cards[0] if latent.standing is Standing.SETTLED else None
        return {"standing": latent.standing.value, "winner": winner, "contenders": list(latent.cards)}
    found = wisest(graph, context=context)
    return {"standing": found.standing.value, "winner": found.winner, "contenders": list(found.contenders)}


def _ranks(
    graph: MoralGraph, drawn: RankBootstrap | None, latent: Latent | None, *, context: str | None
) -> list[dict[str, Any]]:
    if graph.method == CLASSIC:
        return with_positions(rank_classic(graph, context=context))
    if latent is not None and graph.method == BRADLEY_TERRY:
        rows = latent_ranks(latent.fit, latent.wisest)
        ranks = highest_first({card: row["rank"] for card, row in rows.items()})
        return [row | {name: rows[row["card"]][name] for name in ("low", "high")} for row in with_positions(ranks)]
    found = zip(drawn.cards, drawn.first_share, drawn.low, drawn.high, strict=True) if drawn else ()
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
