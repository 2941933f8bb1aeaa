"""Build a moral graph from the judgements and keep it as a snapshot.

Rule: a graph is rebuilt, never patched. While it is built nobody waits: the study is locked only to keep the result,
and only if nothing that went into it was taken back meanwhile. A snapshot holds counts, card ids, parameters, the
code's version and the hash of its inputs, never words or participants; the same inputs, parameters and code give the
same snapshot.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from elicit.errors import Conflict, NothingToBuild, WellspringError
from elicit.models import Study
from moralgraph.algorithms.exchange import from_record
from moralgraph.algorithms.records import Judgements, MoralGraph
from moralgraph.algorithms.snapshot_building import build_content, build_graph, usable
from moralgraph.algorithms.source_version import code_version
from moralgraph.algorithms.uncertainty import RESAMPLES
from moralgraph.consented import judgements_for, usual_origins
from moralgraph.models import Snapshot
from moralgraph.snapshot_inputs import read_inputs

MOST_BUILDS = 3  # what is taken back during one build is rare; during three in a row it is a mistake
NO_ROWS = ("participant", "first", "second", "context", "answer")


class UnknownSnapshot(WellspringError):
    """A study has no snapshot of that number in use."""


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
    Conflict
        When again and again somebody took something back while it was built.
    """
    used = tuple(origins) or usual_origins(study)
    for _build in range(MOST_BUILDS):
        counted = _counted(study, purpose=purpose, origins=used)
        with transaction.atomic():
            inputs = read_inputs(study, purpose=purpose, origins=used)
        if not len(usable(inputs).judgements):
            raise NothingToBuild(
                f'"{study}" has no answered judgement that may be used for "{purpose}". '
                "Collect judgements, or name another purpose or other origins."
            )
        made_of = {
            "method": Snapshot.Method(method).value,
            "parameters": parameters_of(method, purpose=purpose, origins=used, seed=seed),
            "inputs_hash": inputs.fingerprint(),
            "code_version": code_version(),
        }
        if (known := _standing(study, made_of)) is not None:
            return known
        content = build_content(inputs, method=method, seed=seed)
        with transaction.atomic():
            Study.objects.select_for_update().get(pk=study.pk)
            if counted <= _counted(study, purpose=purpose, origins=used):
                return _standing(study, made_of) or _store(study, made_of=made_of, content=content, now=now)
    raise Conflict(f'Judgements of "{study}" were taken back while its graph was built. Please build it again.')


def parameters_of(method: str, *, purpose: str, origins: Sequence[str], seed: int) -> dict[str, Any]:
    """Return what was chosen for a snapshot: the rule's limits, the purpose, the origins, and what draws depend on."""
    limits = build_graph(Judgements.from_columns(**dict.fromkeys(NO_ROWS, ())), method=method).parameters
    chosen = {**limits, "purpose": purpose, "origins": list(origins)}
    return chosen if method == Snapshot.Method.CLASSIC else chosen | {"resamples": RESAMPLES, "seed": seed}


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


def hash_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _counted(study: Study, *, purpose: str, origins: Sequence[str]) -> set[int]:
    """Return the keys of the judgements that count now."""
    return set(judgements_for(study, purpose=purpose, origins=origins).order_by().values_list("pk", flat=True))


def _standing(study: Study, made_of: Mapping[str, Any]) -> Snapshot | None:
    return Snapshot.objects.of_study(study).standing().filter(**made_of).last()


def _store(study: Study, *, made_of: Mapping[str, Any], content: Mapping[str, Any], now: datetime) -> Snapshot:
    last = Snapshot.objects.of_study(study).order_by("-number").first()
    snapshot = Snapshot.objects.create(
        study=study, number=last.number + 1 if last else 1, content=dict(content), **made_of
    )
    Snapshot.objects.filter(pk=snapshot.pk).update(created_at=now)
    snapshot.created_at = now
    return snapshot
