"""How a study's partition would move with the threshold: kept with each reconciled version, read by pages and commands.

Rule: it holds numbers and keys of cards, never words. It covers people's cards and the study file's; where only
programs have written, theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from elicit.models import Study, ValuesCard
from moralgraph.algorithms.partition import Dendrogram
from moralgraph.algorithms.stability import AtThreshold, Compared, first_moves, stability
from moralgraph.models import CanonicalValuesCard, Partition
from moralgraph.reconciliation.nodes import Node

STEPS = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.2)
MOST_MOVES = 8
KINDS = {"card": ValuesCard, "canonical": CanonicalValuesCard}


@dataclass(frozen=True)
class Moving:
    """Two groups, by a title of each, that a small change of the threshold would put together or take apart."""

    similarity: float
    first: str
    second: str
    is_together: bool


@dataclass(frozen=True)
class Stability:
    """The table of thresholds, and what would move first."""

    threshold: float
    rows: tuple[AtThreshold, ...]
    first_moves: tuple[Moving, ...]


def stability_record(
    dendrogram: Dendrogram, nodes: Mapping[str, Node], *, standing: Mapping[str, str], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a version keeps: the dendrogram cut around its threshold, and the joins nearest to that."""
    threshold = parameters["threshold"]
    thresholds = [round(threshold + step, 2) for step in STEPS]
    rows = stability(
        dendrogram,
        thresholds=[each for each in thresholds if parameters["lowest"] < each <= 1],
        in_force={key: standing[key] for key in dendrogram.ids},
    )
    moves = first_moves(dendrogram, threshold=threshold, count=MOST_MOVES)
    return {
        "rows": [asdict(row) for row in rows],
        "moves": [
            {
                "similarity": move.similarity,
                "is_together": move.is_together,
                "first": _reference(nodes[move.first[0]]),
                "second": _reference(nodes[move.second[0]]),
            }
            for move in moves
        ],
    }


def newest_stability(study: Study) -> Stability | None:
    """Return what the newest reconciled version says of itself."""
    reconciled = Partition.objects.of_study(study).filter(kind=Partition.Kind.RECONCILED)
    newest = reconciled.order_by("-number").first()
    return stability_in(newest) if newest else None


def stability_in(partition: Partition) -> Stability | None:
    """Read a version's record. Moves of cards that are gone are left out."""
    record = partition.parameters.get("stability")
    if record is None:
        return None
    titles = _titles([move[side] for move in record["moves"] for side in ("first", "second")])
    moves = [
        Moving(move["similarity"], titles[tuple(move["first"])], titles[tuple(move["second"])], move["is_together"])
        for move in record["moves"]
        if tuple(move["first"]) in titles and tuple(move["second"]) in titles
    ]
    rows = [AtThreshold(**{**row, "compared": Compared(**row["compared"])}) for row in record["rows"]]
    return Stability(partition.parameters["threshold"], tuple(rows), tuple(moves))


def _reference(node: Node) -> tuple[str, int]:
    wording = node.wording
    return ("canonical" if isinstance(wording, CanonicalValuesCard) else "card", wording.pk)


def _titles(references: Sequence[Sequence[Any]]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for kind, model in KINDS.items():
        keys = [key for name, key in references if name == kind]
        rows = model.objects.filter(pk__in=keys).exclude(policies=[])  # type: ignore[attr-defined]
        found |= {(kind, key): title for key, title in rows.values_list("pk", "title")}
    return found
