"""Gather what a snapshot is made of: judgements as columns, and which cards and contexts are one by now.

Rule: a judgement is read as it was given; merges are applied by whoever adds up, so that an undone merge changes
nothing that is stored.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from elicit.models import Study
from moralgraph.algorithms.canonical import in_canonical_order
from moralgraph.algorithms.snapshot_building import Inputs, usable
from moralgraph.consented import cards_for, judgements_for
from moralgraph.contexts import context_mapping
from moralgraph.judgement_columns import read_with_sides
from moralgraph.merging import card_mapping
from moralgraph.models import Context, Partition
from moralgraph.survey_groups import group_records, groups_of_people


def read_inputs(study: Study, *, purpose: str, origins: Collection[str]) -> Inputs:
    """Return everything that a snapshot for a purpose is made of."""
    rows = judgements_for(study, purpose=purpose, origins=origins)
    cards = cards_for(study, purpose=purpose, origins=origins)
    read = read_with_sides(rows, study=study, groups=groups_of_people(study, origins=origins))
    found = in_canonical_order(read.judgements, side=read.side)
    inputs = Inputs(
        judgements=found.judgements,
        cards=merged_cards(study, cards.values_list("content_id", flat=True)),
        contexts=merged_contexts(study),
        context_order=tuple(Context.objects.of_study(study).values_list("key", flat=True)),
        partition=partition_in_force(study),
        side=found.side,
    )
    used = usable(inputs).judgements
    return replace(inputs, groups=group_records(study, read, found, used, purpose=purpose, origins=origins))


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
    return context_mapping(study)


def partition_in_force(study: Study) -> dict[str, Any] | None:
    """Return number and hash of the newest partition of cards; None where none was made."""
    newest = Partition.objects.of_study(study).order_by("-number").first()
    return None if newest is None else {"number": newest.number, "hash": newest.content_hash}
