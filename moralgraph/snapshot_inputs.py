"""Gather what a snapshot is made of: judgements as columns, and which cards and contexts are one by now.

Rule: a judgement is read as it was given; merges are applied by whoever adds up, so that an undone merge changes
nothing that is stored.
"""

from collections.abc import Collection, Iterable
from typing import Any

from elicit.models import Study
from moralgraph.algorithms.canonical import in_canonical_order
from moralgraph.algorithms.snapshot_building import Inputs
from moralgraph.consented import cards_for, judgements_for
from moralgraph.judgement_columns import read_judgements
from moralgraph.merging import card_mapping, standing_key
from moralgraph.models import Context, Partition


def read_inputs(study: Study, *, purpose: str, origins: Collection[str]) -> Inputs:
    """Return everything that a snapshot for a purpose is made of."""
    rows = judgements_for(study, purpose=purpose, origins=origins)
    cards = cards_for(study, purpose=purpose, origins=origins)
    found = in_canonical_order(read_judgements(rows, study=study))
    return Inputs(
        judgements=found.judgements,
        cards=merged_cards(study, cards.values_list("content_id", flat=True)),
        contexts=merged_contexts(study),
        context_order=tuple(Context.objects.of_study(study).values_list("key", flat=True)),
        partition=partition_in_force(study),
    )


def merged_cards(study: Study, usable: Iterable[str]) -> dict[str, str]:
    """Return, for every card that may be used, the card that it counts for: often itself.

    Where the card that it was merged into may not be used, the first of the usable ones, by id, stands for them.
    """
    standing = card_mapping(study)
    known = sorted(usable)
    stands = {standing[name]: name for name in reversed(known)} | {name: name for name in known}
    return {name: stands[standing[name]] for name in known}


def merged_contexts(study: Study) -> dict[str, str]:
    """Return, for every context of the study, the key of the one that it counts for: often itself."""
    rows = list(Context.objects.of_study(study).order_by().values_list("pk", "key", "merged_into"))
    keys = {pk: key for pk, key, _ in rows}
    merged = {pk: into for pk, _, into in rows if into is not None}
    return {key: keys[standing_key(pk, merged)] for pk, key in keys.items()}


def partition_in_force(study: Study) -> dict[str, Any] | None:
    """Return number and hash of the newest partition of cards; None where none was made."""
    newest = Partition.objects.of_study(study).order_by("-number").first()
    return None if newest is None else {"number": newest.number, "hash": newest.content_hash}
