"""Gather what a snapshot is made of: judgements as columns, and which cards and contexts are one by now.

Rule: a judgement is read as it was given; merges are applied by whoever adds up, so that an undone merge changes
nothing that is stored.
"""

from collections.abc import Collection
from typing import Any

from elicit.models import Study
from moralgraph.algorithms.canonical import in_canonical_order
from moralgraph.algorithms.snapshot_building import Inputs
from moralgraph.consented import judgements_for
from moralgraph.judgement_columns import read_judgements
from moralgraph.merging import card_mapping
from moralgraph.models import Context, Partition


def read_inputs(study: Study, *, purpose: str, origins: Collection[str]) -> Inputs:
    """Return everything that a snapshot for a purpose is made of."""
    rows = judgements_for(study, purpose=purpose, origins=origins)
    found = in_canonical_order(read_judgements(rows, study=study))
    return Inputs(
        judgements=found.judgements,
        cards=card_mapping(study),
        contexts=context_names(study),
        context_order=tuple(Context.objects.of_study(study).values_list("key", flat=True)),
        partition=partition_in_force(study),
    )


def context_names(study: Study) -> dict[str, str]:
    """Return, for every context of the study, the key of the one that it counts for: often itself."""
    rows = list(Context.objects.of_study(study).order_by().values_list("key", "merged_into__key"))
    return {key: into or key for key, into in rows}


def partition_in_force(study: Study) -> dict[str, Any] | None:
    """Return number and hash of the newest partition of cards; None where none was made."""
    newest = Partition.objects.of_study(study).order_by("-number").first()
    return None if newest is None else {"number": newest.number, "hash": newest.content_hash}
