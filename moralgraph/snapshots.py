"""Build a moral graph from the judgements and keep it as a snapshot.

Rule: a graph is rebuilt, never patched. A snapshot holds counts, card ids, parameters, the code's version and the hash
of its inputs, never words or participants; the same inputs, parameters and code give the same snapshot.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from elicit.errors import NothingToBuild, WellspringError
from elicit.models import Study
from moralgraph import algorithms
from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.exchange import from_record, to_record
from moralgraph.algorithms.ranking import rank_classic, rank_repaired, wisest
from moralgraph.algorithms.records import Judgements, MoralGraph
from moralgraph.algorithms.uncertainty import RESAMPLES, bootstrap_ranks
from moralgraph.consented import judgements_for, usual_origins
from moralgraph.models import Context, Snapshot

SAME_RANK_DECIMALS = 9
COLUMNS = ("participant", "first__content_id", "second__content_id", "context__key", "answer")


class UnknownSnapshot(WellspringError):
    """A study has no snapshot of that number in use."""


@transaction.atomic
def build_snapshot(
    study: Study,
    *,
    method: str,
    now: datetime,
    purpose: str = "explore",
    origins: Sequence[str] = (),
    seed: int = 0,
) -> Snapshot:
    """Build the graph and return its snapshot; the standing one if nothing has changed since.

    Raises
    ------
    NothingToBuild
        When there is no judgement that may be used for this purpose.
    NotGranted
        When the study can never be used for this purpose.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    used = tuple(origins) or usual_origins(study)
    columns = read_columns(study, purpose=purpose, origins=used)
    if not columns["answer"]:
        raise NothingToBuild(
            f'"{study}" has no answered judgement that may be used for "{purpose}". '
            "Collect judgements, or name another purpose or other origins."
        )
    judgements = Judgements.from_columns(**columns)
    graph = _BUILDERS[Snapshot.Method(method)](judgements)
    parameters = {**graph.parameters, "purpose": purpose, "origins": list(used)}
    if method == Snapshot.Method.REPAIRED:
        parameters |= {"resamples": RESAMPLES, "seed": seed}
    made_of = {
        "method": method,
        "parameters": parameters,
        "inputs_hash": hash_of(columns),
        "code_version": code_version(),
    }
    known = Snapshot.objects.of_study(study).standing().filter(**made_of).last()
    if known is not None:
        return known
    content = _content(study, graph, judgements, seed=seed)
    return _store(study, made_of=made_of, content=content, now=now)


def read_columns(study: Study, *, purpose: str, origins: Sequence[str]) -> dict[str, list[Any]]:
    """Return the judgements as columns. Participants are numbers within the study, so the same data gives the same."""
    rows = list(judgements_for(study, purpose=purpose, origins=origins).values_list(*COLUMNS))
    people = {key: number for number, key in enumerate(sorted({row[0] for row in rows}))}
    named = [(people[row[0]], *row[1:]) for row in rows]
    keys = ("participant", "first", "second", "context", "answer")
    return {key: [row[position] for row in named] for position, key in enumerate(keys)}


def graph_of(snapshot: Snapshot) -> MoralGraph:
    """Read a snapshot's graph back."""
    return from_record(snapshot.content["graph"])


def newest_snapshot(study: Study, *, method: str = "", number: int | None = None) -> Snapshot | None:
    """Return the newest standing snapshot, of one method or by its number if they are named."""
    found = Snapshot.objects.of_study(study).standing()
    if method:
        found = found.filter(method=method)
    if number is not None:
        found = found.filter(number=number)
    return found.order_by("-number").first()


def snapshot_numbered(study: Study, number: int) -> Snapshot:
    """Return a standing snapshot by its number.

    Raises
    ------
    UnknownSnapshot
        When the study has none of that number that has not been retired.
    """
    found = newest_snapshot(study, number=number)
    if found is None:
        known = ", ".join(str(each.number) for each in Snapshot.objects.of_study(study).standing()) or "none yet"
        raise UnknownSnapshot(f'"{study}" has no snapshot {number} in use. It has: {known}.')
    return found


def retire_snapshots(study: Study, *, now: datetime) -> int:
    """Take the study's standing snapshots out of use; their hashes stay. Return how many there were."""
    return Snapshot.objects.of_study(study).standing().update(retired_at=now)


@cache
def code_version() -> str:
    """Name the algorithms by the hash of their source, so that a result says which code made it."""
    hashed = sha256()
    folder = Path(algorithms.__path__[0])
    for path in sorted(folder.rglob("*.py")):
        hashed.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return f"algorithms-{hashed.hexdigest()[:16]}"


def hash_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


_BUILDERS = {Snapshot.Method.CLASSIC: build_classic, Snapshot.Method.REPAIRED: build_repaired}


def _store(study: Study, *, made_of: Mapping[str, Any], content: Mapping[str, Any], now: datetime) -> Snapshot:
    last = Snapshot.objects.of_study(study).order_by("-number").first()
    snapshot = Snapshot.objects.create(
        study=study, number=last.number + 1 if last else 1, content=dict(content), **made_of
    )
    Snapshot.objects.filter(pk=snapshot.pk).update(created_at=now)
    snapshot.created_at = now
    return snapshot


def _content(study: Study, graph: MoralGraph, judgements: Judgements, *, seed: int) -> dict[str, Any]:
    rank = _classic_ranks if graph.method == Snapshot.Method.CLASSIC else _repaired_ranks
    keys = [key for key in _context_keys(study) if key in judgements.contexts]
    return {
        "graph": to_record(graph),
        "ranks": rank(graph, judgements, context=None, seed=[seed, 0]),
        "contexts": [
            {
                "key": key,
                "judgements": int((judgements.context == judgements.contexts.index(key)).sum()),
                **_standing(graph, context=key),
                "ranks": rank(graph, judgements, context=key, seed=[seed, position]),
            }
            for position, key in enumerate(keys, start=1)
        ],
        "totals": {"judgements": len(judgements), "participants": len(judgements.participants)},
    }


def _context_keys(study: Study) -> Iterable[str]:
    return Context.objects.of_study(study).values_list("key", flat=True)


def _standing(graph: MoralGraph, *, context: str) -> dict[str, Any]:
    found = wisest(graph, context=context)
    return {"standing": found.standing.value, "winner": found.winner, "contenders": list(found.contenders)}


def _classic_ranks(
    graph: MoralGraph, judgements: Judgements, *, context: str | None, seed: list[int]
) -> list[dict[str, Any]]:
    return _with_positions(rank_classic(graph, context=context))


def _repaired_ranks(
    graph: MoralGraph, judgements: Judgements, *, context: str | None, seed: list[int]
) -> list[dict[str, Any]]:
    drawn = bootstrap_ranks(judgements, rng=np.random.default_rng(seed), context=context)
    found = zip(drawn.cards, drawn.first_share, drawn.low, drawn.high, strict=True)
    intervals = {card: {"first_share": share, "low": low, "high": high} for card, share, low, high in found}
    return [row | intervals[row["card"]] for row in _with_positions(rank_repaired(graph, context=context))]


def _with_positions(ranks: Mapping[str, float]) -> list[dict[str, Any]]:
    """Number the cards from the highest; equal ranks share the better position."""
    rounded = [round(rank, SAME_RANK_DECIMALS) for rank in ranks.values()]
    return [
        {"card": card, "rank": rank, "position": rounded.index(round(rank, SAME_RANK_DECIMALS)) + 1}
        for card, rank in ranks.items()
    ]
