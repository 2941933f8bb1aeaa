"""How a study's partition would move with the threshold.

Rule: it reads what is known and asks no model. It covers people's cards and the study file's; where only programs have
written, theirs.
"""

from dataclasses import dataclass

from django.utils import timezone

from elicit.models import Study
from moralgraph.algorithms.stability import AtThreshold, Move, first_moves, stability
from moralgraph.nearness import nearness_in_use
from moralgraph.reconciliation.batch import gather, grouped, parameters_of
from moralgraph.reconciliation.corrections import current_standing
from moralgraph.reconciliation.nodes import Node, read_nodes

STEPS = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.2)
MOST_MOVES = 8


@dataclass(frozen=True)
class Moving:
    """Cards that a small change of the threshold would put together or take apart."""

    move: Move
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class Stability:
    """The table of thresholds, and what would move first."""

    threshold: float
    rows: tuple[AtThreshold, ...]
    first_moves: tuple[Moving, ...]


def stability_of(study: Study) -> Stability:
    """Cut the study's dendrogram at thresholds around the usual one, beside the partition in force."""
    nodes = read_nodes(study)
    nearness = nearness_in_use()
    evidence = gather(study, nodes, nearness=nearness, now=timezone.now(), asks=False)
    parameters = parameters_of(nearness, evidence)
    dendrogram = grouped(nodes, evidence, parameters=parameters).dendrograms[0]
    threshold = parameters["threshold"]
    thresholds = [round(threshold + step, 2) for step in STEPS]
    return Stability(
        threshold=threshold,
        rows=stability(
            dendrogram,
            thresholds=[each for each in thresholds if parameters["lowest"] < each <= 1],
            in_force=current_standing(study, nodes),
        ),
        first_moves=tuple(
            Moving(move, _titles(move.first, nodes), _titles(move.second, nodes))
            for move in first_moves(dendrogram, threshold=threshold, count=MOST_MOVES)
        ),
    )


def _titles(keys: tuple[str, ...], nodes: dict[str, Node]) -> tuple[str, ...]:
    return tuple(nodes[key].wording.title for key in keys)
