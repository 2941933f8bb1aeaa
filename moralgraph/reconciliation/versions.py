"""Put a partition in force, as a version that stays.

Rule: in one transaction, with the study locked. A version is never changed; what comes after it is another version.
Cards that are left out of the partition (held, refused, or of people who were left out) stay where they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from elicit.models import Study
from moralgraph.algorithms.stability import Compared, compare_partitions
from moralgraph.deduplication import stand_for_itself
from moralgraph.merging import standing_key
from moralgraph.models import Assignment, CanonicalValuesCard, CardMembership, Partition, Upgrade
from moralgraph.reconciliation.grouping import Decided
from moralgraph.reconciliation.nodes import Node
from moralgraph.snapshots import hash_of
from moralgraph.upgrades import propose_by_nearness

ROWS_AT_ONCE = 500
Decision = CardMembership.Decision


@dataclass(frozen=True)
class Placing:
    """What is put in force: the node that stands for each node, how that was decided, and what it was made of."""

    nodes: Mapping[str, Node]
    standing: Mapping[str, str]
    decided: Mapping[str, Decided]
    parameters: Mapping[str, Any]
    inputs_hash: str


@dataclass(frozen=True)
class Moved:
    """A card that two versions put under different canonical cards."""

    title: str
    before: CanonicalValuesCard
    after: CanonicalValuesCard


@dataclass(frozen=True)
class Difference:
    """How two versions differ, over the cards that are in both."""

    compared: Compared
    moved: tuple[Moved, ...]


def newest_partition(study: Study) -> Partition | None:
    """Return the version in force."""
    return Partition.objects.of_study(study).order_by("-number").first()


def put_in_force(
    study: Study, placing: Placing, *, kind: str, now: datetime, by: Any = None, reason: str = "",
    restored_from: Partition | None = None,
) -> Partition:  # fmt: skip
    """Write the next version and let the cards follow it. Call it in a transaction that holds the study."""
    last = newest_partition(study)
    canonical = _canonicals(placing)
    _merge(placing, canonical)
    _place(study, placing, canonical)
    _follow(study)
    partition = Partition.objects.create(
        study=study, number=last.number + 1 if last else 1, kind=kind, restored_from=restored_from,
        parameters=dict(placing.parameters), inputs_hash=placing.inputs_hash, content_hash=_content_hash(placing),
        reason=reason, made_by=by, made_at=now,
    )  # fmt: skip
    Assignment.objects.bulk_create(_assignments(partition, placing, canonical), batch_size=ROWS_AT_ONCE)
    carry_upgrades(study)
    for key in sorted(set(placing.standing.values())):
        _let_be_judged(canonical[key], placing.nodes[key])
    return partition


def compare_versions(first: Partition, second: Partition) -> Difference:
    """Return what the second version puts elsewhere than the first."""
    before, after = _by_thing(first), _by_thing(second)
    labels = [{key: str(row.canonical_id) for key, row in rows.items()} for rows in (before, after)]
    moved = [
        Moved(_title(before[key]), before[key].canonical, after[key].canonical)
        for key in sorted(before.keys() & after.keys())
        if before[key].canonical_id != after[key].canonical_id
    ]
    return Difference(compare_partitions(*labels), tuple(moved))


def carry_upgrades(study: Study) -> None:
    """Propose again, between the cards that stand now, what was proposed about a merged one; the old proposals stay.

    What was written about a participant's words stays with these, so that it goes with them.
    """
    either = Q(first__merged_into__isnull=False) | Q(second__merged_into__isnull=False)
    rows = Upgrade.objects.of_study(study).filter(either, is_retired=False)
    for old in rows.select_related("first__merged_into", "second__merged_into").order_by("pk"):
        first, second = old.first.merged_into or old.first, old.second.merged_into or old.second
        known = Q(first=first, second=second) | Q(first=second, second=first)
        if first == second or Upgrade.objects.filter(known, context=old.context_id).exists():
            continue
        told = _told(old) if old.first.worded_by_id is None and old.second.worded_by_id is None else {}
        Upgrade.objects.create(
            study=study, context_id=old.context_id, first=first, second=second, origin=old.origin, source=old.source,
            proposed_by_id=old.proposed_by_id, **told,
        )  # fmt: skip


def _told(upgrade: Upgrade) -> dict[str, Any]:
    names = ("story_forward", "story_reverse", "mapping", "model_name", "prompt_hash")
    return {name: getattr(upgrade, name) for name in names}


def _canonicals(placing: Placing) -> dict[str, CanonicalValuesCard]:
    """Return the canonical card of each node that stands for others, made where there was none."""
    found = {}
    for key in sorted(set(placing.standing.values())):
        node = placing.nodes[key]
        card = node.canonicals[0] if node.canonicals else stand_for_itself(node.cards[0])
        authors = {each.participant_id for each in node.cards}
        if card.worded_by_id is not None and card.worded_by_id not in authors:  # its author left, or is held
            CanonicalValuesCard.objects.filter(pk=card.pk).update(worded_by=node.cards[0].participant_id)
        found[key] = card
    return found


def _merge(placing: Placing, canonical: Mapping[str, CanonicalValuesCard]) -> None:
    changed = []
    for key, node in placing.nodes.items():
        into = canonical[placing.standing[key]]
        for card in node.canonicals:
            wanted = None if card.pk == into.pk else into.pk
            if card.merged_into_id != wanted:
                card.merged_into_id = wanted
                changed.append(card)
    CanonicalValuesCard.objects.bulk_update(changed, ["merged_into"], batch_size=ROWS_AT_ONCE)


def _place(study: Study, placing: Placing, canonical: Mapping[str, CanonicalValuesCard]) -> None:
    """Write the membership of every card that is part of the partition."""
    cards = {card.pk: key for key, node in placing.nodes.items() for card in node.cards}
    known = {row.card_id: row for row in CardMembership.objects.of_study(study)}
    changed, new = [], []
    for card, key in cards.items():
        into = canonical[placing.standing[key]]
        values = _membership(placing, key, card=card, into=into)
        row = known.get(card)
        if row is None:
            new.append(CardMembership(card_id=card, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    CardMembership.objects.bulk_create(new, batch_size=ROWS_AT_ONCE)
    fields = ["canonical", "decision", "similarity", "is_provisional"]
    CardMembership.objects.bulk_update(changed, fields, batch_size=ROWS_AT_ONCE)


def _membership(placing: Placing, key: str, *, card: int, into: CanonicalValuesCard) -> dict[str, Any]:
    decided = placing.decided[key]
    decision, similarity = decided.decision, decided.similarity
    if placing.standing[key] == key and placing.nodes[key].wording_card != card:
        decision, similarity = Decision.SAME_WORDS.value, 1.0
    unsure = decision == Decision.UNSURE
    return {
        "canonical_id": into.pk, "decision": decision, "similarity": similarity, "is_provisional": unsure,
    }  # fmt: skip


def _follow(study: Study) -> None:
    """Let what is left out of the partition follow the card that it was under, where that was merged."""
    rows = CanonicalValuesCard.objects.of_study(study).exclude(merged_into=None)
    merged = dict(rows.order_by().values_list("pk", "merged_into"))
    for key, into in merged.items():
        if (standing := standing_key(key, merged)) != into:
            CanonicalValuesCard.objects.filter(pk=key).update(merged_into=standing)
    stranded = CardMembership.objects.of_study(study).exclude(canonical__merged_into=None)
    for row in stranded.annotate(into=F("canonical__merged_into")):
        CardMembership.objects.filter(pk=row.pk).update(canonical=row.into)


def _assignments(
    partition: Partition, placing: Placing, canonical: Mapping[str, CanonicalValuesCard]
) -> Iterable[Assignment]:
    for key, node in placing.nodes.items():
        into = canonical[placing.standing[key]]
        decided = placing.decided[key]
        for confirmed in node.cards:
            values = _membership(placing, key, card=confirmed.pk, into=into)
            values.pop("is_provisional")
            yield Assignment(partition=partition, card=confirmed, **values)
        own = {card.pk: card for card in (*node.canonicals, *([into] if placing.standing[key] == key else []))}
        for card in own.values():
            yield Assignment(
                partition=partition, merged=card, canonical=into, decision=decided.decision,
                similarity=decided.similarity,
            )  # fmt: skip


def _let_be_judged(canonical: CanonicalValuesCard, node: Node) -> None:
    """Give a card that was made just now something to be judged with."""
    if not node.canonicals and not Upgrade.objects.filter(Q(first=canonical) | Q(second=canonical)).exists():
        propose_by_nearness(canonical, question=node.cards[0].question)


def _content_hash(placing: Placing) -> str:
    groups: dict[str, list[str]] = {}
    for key, standing in sorted(placing.standing.items()):
        groups.setdefault(standing, []).append(key)
    return hash_of(sorted(groups.values()))


def _by_thing(partition: Partition) -> dict[str, Assignment]:
    """Return where each confirmed card stands, and each canonical card that is nobody's words."""
    counted = Q(card__isnull=False) | Q(merged__worded_by=None)
    rows = partition.assignments.filter(counted).select_related("card", "merged", "canonical")
    return {f"card {row.card_id}" if row.card_id else f"canonical {row.merged_id}": row for row in rows}


def _title(row: Assignment) -> str:
    thing = row.card or row.merged
    return thing.title if thing else ""
