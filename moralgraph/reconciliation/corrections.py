"""What organizers correct: merge two values, take a card out of one, undo that, restore an earlier version.

Rule: each correction has a reason, is a version of its own, and can be undone. A merge or a split is a constraint that
every later reconciling keeps to.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from elicit.errors import Conflict, WellspringError
from elicit.models import Study
from moralgraph.algorithms.partition import DisjointSets, Pair, ordered
from moralgraph.models import CanonicalValuesCard, CardMembership, Partition, SamenessConstraint
from moralgraph.reconciliation.batch import request_reconcile
from moralgraph.reconciliation.grouping import Decided, choose, constraints_of
from moralgraph.reconciliation.nodes import Node, node_of_canonicals, node_of_cards, read_nodes
from moralgraph.reconciliation.versions import Placing, newest_partition, put_in_force
from moralgraph.snapshots import hash_of

LONGEST_REASON = 600
Kind = SamenessConstraint.Kind
Decision = CardMembership.Decision


class ReasonMissing(WellspringError):
    """Something was to be corrected without a word why."""


@transaction.atomic
def merge_cards(
    first: CanonicalValuesCard, second: CanonicalValuesCard, *, reason: str, by: Any, now: datetime
) -> Partition:
    """Say that two canonical cards are one value, and put them together at once.

    Raises
    ------
    ReasonMissing
        When there is no reason, or one that does not fit.
    Conflict
        When they cannot be one: the same card, words of a program and of a person, or an organizer has said otherwise.
    """
    study, nodes = _taken(first.study_id)
    keys = _keys([first, second], nodes)
    standing = current_standing(study, nodes)
    if standing[keys[0]] == standing[keys[1]]:
        raise Conflict(_("These cards are together already."))
    voices = {nodes[key].voice for key, other in standing.items() if other in {standing[each] for each in keys}}
    if len(voices - {""}) > 1:
        raise Conflict(_("What a program or a preview wrote is never put together with what people said."))
    members = [key for key, other in standing.items() if other in {standing[each] for each in keys}]
    _refuse_contradiction(study, extra=ordered(*keys), members=members)
    _constrain(study, Kind.MUST_LINK, keys, reason=reason, by=by, now=now)
    chosen = choose(members, nodes, similarities={})
    placing = _placing(nodes, {**standing, **dict.fromkeys(members, chosen)}, changed=members)
    return put_in_force(study, placing, kind=Partition.Kind.ORGANIZER, now=now, by=by)


@transaction.atomic
def split_card(canonical: CanonicalValuesCard, words: str, *, reason: str, by: Any, now: datetime) -> Partition:
    """Say that words behind a canonical card are another value, and let them stand for themselves at once.

    `words` is the hash of the words that leave, as the page lists them.

    Raises
    ------
    ReasonMissing
        When there is no reason, or one that does not fit.
    Conflict
        When these words are not behind the card, are its own, or an organizer said that they belong there.
    """
    study, nodes = _taken(canonical.study_id)
    (key,) = _keys([canonical], nodes)
    standing = current_standing(study, nodes)
    if words not in nodes or standing[words] != standing[key]:
        raise Conflict(_("These words are not behind this card any longer."))
    if words == standing[key]:
        raise Conflict(_("These are the words of the card itself. Take out the other ones instead."))
    pair = ordered(words, standing[key])
    must, _cannot = constraints_of(study)
    if _sets(nodes, must).find(words) == _sets(nodes, must).find(standing[key]):
        raise Conflict(_("An organizer said that these are one value. Undo that first."))
    _constrain(study, Kind.CANNOT_LINK, pair, reason=reason, by=by, now=now)
    placing = _placing(nodes, {**standing, words: words}, changed=[words])
    return put_in_force(study, placing, kind=Partition.Kind.ORGANIZER, now=now, by=by)


@transaction.atomic
def undo_constraint(constraint: SamenessConstraint, *, by: Any, now: datetime) -> SamenessConstraint:
    """Take an organizer's merge or split back, and have the cards compared anew. Doing it twice changes nothing."""
    row = SamenessConstraint.objects.select_for_update().get(pk=constraint.pk)
    if row.undone_at is None:
        row.undone_at, row.undone_by = now, by
        row.save(update_fields=["undone_at", "undone_by"])
        request_reconcile(row.study, now=now, by=by)
    return row


@transaction.atomic
def restore_partition(partition: Partition, *, by: Any, now: datetime, reason: str = "") -> Partition:
    """Put an earlier version in force again, as a new one. Cards that came since then stay where they are.

    Raises
    ------
    Conflict
        When it is the version in force.
    """
    study, nodes = _taken(partition.study_id)
    newest = newest_partition(study)
    if newest is not None and newest.pk == partition.pk:
        raise Conflict(_("This version is the one in force."))
    standing = {**current_standing(study, nodes), **_standing_in(partition, nodes)}
    standing = _consistent(standing, nodes)
    placing = _placing(nodes, standing, changed=list(nodes), parameters=partition.parameters)
    return put_in_force(
        study, placing, kind=Partition.Kind.RESTORED, now=now, by=by, reason=reason[:LONGEST_REASON],
        restored_from=partition,
    )  # fmt: skip


def current_standing(study: Study, nodes: Mapping[str, Node]) -> dict[str, str]:
    """Return which node stands for each node now; what nobody stands for stands for itself."""
    by_canonical = node_of_canonicals(nodes)
    cards = node_of_cards(nodes)
    standing = {key: key for key in nodes}
    rows = CanonicalValuesCard.objects.of_study(study).exclude(merged_into=None)
    for key, into in rows.order_by("pk").values_list("pk", "merged_into"):
        if key in by_canonical and into in by_canonical:
            standing[by_canonical[key]] = by_canonical[into]
    members = CardMembership.objects.of_study(study).order_by("pk").values_list("card", "canonical")
    for card, canonical in members:
        if card in cards and canonical in by_canonical:
            standing[cards[card]] = by_canonical[canonical]
    return _consistent(standing, nodes)


def _standing_in(partition: Partition, nodes: Mapping[str, Node]) -> dict[str, str]:
    by_canonical, by_card = node_of_canonicals(nodes), node_of_cards(nodes)
    found = {}
    for card, merged, canonical in partition.assignments.order_by("pk").values_list("card", "merged", "canonical"):
        key = by_card.get(card) if card else by_canonical.get(merged)
        if key is not None and canonical in by_canonical:
            found[key] = by_canonical[canonical]
    return found


def _consistent(standing: Mapping[str, str], nodes: Mapping[str, Node]) -> dict[str, str]:
    """Let every node stand under one that stands for itself, whatever was re-worded in between."""
    sets = DisjointSets(nodes)
    for key, other in standing.items():
        sets.join(key, other)
    chosen: dict[str, str] = {}
    for members in sets.groups():
        named = sorted({standing[key] for key in members if standing[standing[key]] == standing[key]})
        best = named[0] if len(named) == 1 else choose(named or members, nodes, similarities={})
        chosen |= dict.fromkeys(members, best)
    return chosen


def _taken(key: int) -> tuple[Study, dict[str, Node]]:
    study = Study.objects.select_for_update().get(pk=key)
    return study, read_nodes(study)


def _keys(cards: Iterable[CanonicalValuesCard], nodes: Mapping[str, Node]) -> list[str]:
    by_canonical = node_of_canonicals(nodes)
    missing = [card for card in cards if card.pk not in by_canonical]
    if missing:
        raise Conflict(_("“%(title)s” is not among the cards that others may see.") % {"title": missing[0].title})
    return [by_canonical[card.pk] for card in cards]


def _placing(
    nodes: Mapping[str, Node],
    standing: Mapping[str, str],
    *,
    changed: Iterable[str],
    parameters: Mapping[str, Any] | None = None,
) -> Placing:
    """Say of what an organizer moved that they decided it; how the others came to stand stays as it was."""
    moved = set(changed)
    rows = CardMembership.objects.filter(card__in=[card.pk for node in nodes.values() for card in node.cards])
    members = {row.card_id: row for row in rows}
    decided = {}
    for key, node in nodes.items():
        row = members.get(node.cards[0].pk) if node.cards else None
        if key == standing[key]:
            decided[key] = Decided(Decision.OWN.value)
        elif key in moved or row is None:
            decided[key] = Decided(Decision.ORGANIZER.value)
        else:
            decided[key] = Decided(row.decision, row.similarity)
    known = {name: value for name, value in (parameters or {}).items() if name != "stability"}
    return Placing(
        nodes, standing, decided, parameters={**known, "decided_by": "organizer"},
        inputs_hash=hash_of(sorted(standing.items())),
    )  # fmt: skip


def _constrain(
    study: Study, kind: Kind, pair: Iterable[str], *, reason: str, by: Any, now: datetime
) -> SamenessConstraint:
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON:
        raise ReasonMissing(_("Say in 1 to %(most)s characters why.") % {"most": LONGEST_REASON})
    first, second = sorted(pair)
    same = SamenessConstraint.objects.of_study(study).filter(first_hash=first, second_hash=second, undone_at=None)
    same.update(undone_at=now, undone_by=by)
    return SamenessConstraint.objects.create(
        study=study, kind=kind, first_hash=first, second_hash=second, reason=words, made_by=by, made_at=now
    )


def _refuse_contradiction(study: Study, *, extra: Pair, members: Iterable[str]) -> None:
    """Refuse to put together what must be apart, directly or through others. The newest word about a pair holds."""
    must, cannot = constraints_of(study)
    sets = DisjointSets({*members, *(each for pair in (*must, *cannot, extra) for each in pair)})
    for first, second in (*must, *((extra[0], each) for each in members)):
        sets.join(first, second)
    if any(sets.find(first) == sets.find(second) for first, second in cannot if (first, second) != extra):
        raise Conflict(_("An organizer said that some of these are two values. Undo that first."))


def _sets(nodes: Mapping[str, Node], pairs: Iterable[Pair]) -> DisjointSets:
    sets = DisjointSets(nodes)
    for first, second in pairs:
        if first in nodes and second in nodes:
            sets.join(first, second)
    return sets
