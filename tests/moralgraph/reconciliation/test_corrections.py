"""Organizers merge, split, undo and restore."""

import pytest

from elicit.errors import Conflict
from elicit.jobs import run_queued_jobs
from moralgraph.deduplication import name_of
from moralgraph.models import CanonicalValuesCard, CardMembership, Partition, SamenessConstraint
from moralgraph.reconciliation.batch import reconcile
from moralgraph.reconciliation.corrections import (
    ReasonMissing,
    merge_cards,
    restore_partition,
    split_card,
    undo_constraint,
)
from moralgraph.reconciliation.stability import newest_stability
from moralgraph.reconciliation.versions import compare_versions
from tests.make import NOW, make_study
from tests.moralgraph.reconciliation.cards import FAR, NEAR, canonical_of, groups_of, share

pytestmark = pytest.mark.django_db
WHY = {"reason": "Both are about staying.", "by": None, "now": NOW}
TOGETHER, APART = {frozenset({"Near", "Far"})}, {frozenset({"Near"}), frozenset({"Far"})}


@pytest.fixture
def cards(db):
    study = make_study()
    found = [share(study, NEAR[0], title="Near"), share(study, FAR, title="Far")]
    reconcile(study, now=NOW)
    return found


def merged(cards):
    return merge_cards(canonical_of(cards[0]), canonical_of(cards[1]), **WHY)


def words(card):
    return name_of(card, origin=card.origin)


def test_a_merge_holds_at_once_and_when_all_is_compared_anew(cards):
    partition = merged(cards)
    assert (groups_of(cards[0].study), partition.kind) == (TOGETHER, "organizer")
    reconcile(cards[0].study, now=NOW)
    assert groups_of(cards[0].study) == TOGETHER
    assert set(CardMembership.objects.values_list("decision", flat=True)) == {"own", "organizer"}


def test_undoing_a_merge_parts_the_cards_again(cards):
    merged(cards)
    constraint = undo_constraint(SamenessConstraint.objects.get(), by=None, now=NOW)
    run_queued_jobs()
    assert (groups_of(cards[0].study), constraint.undone_at) == (APART, NOW)


def test_a_split_holds_against_nearness():
    study = make_study()
    first, second = share(study, NEAR[0], title="Near"), share(study, NEAR[1], title="Far")
    reconcile(study, now=NOW)
    assert groups_of(study) == TOGETHER
    standing = canonical_of(first)
    leaving = first if words(second) == name_of(standing, origin="person") else second
    split_card(standing, words(leaving), **WHY)
    assert groups_of(study) == APART
    reconcile(study, now=NOW)
    assert groups_of(study) == APART


def test_the_newest_word_about_a_pair_holds(cards):
    merged(cards)
    standing = canonical_of(cards[0])
    leaving = next(card for card in cards if words(card) != name_of(standing, origin="person"))
    with pytest.raises(Conflict, match="Undo that first"):
        split_card(standing, words(leaving), **WHY)
    undo_constraint(SamenessConstraint.objects.get(), by=None, now=NOW)
    split_card(standing, words(leaving), **WHY)
    merged(cards)
    assert groups_of(cards[0].study) == TOGETHER
    assert [row.kind for row in SamenessConstraint.objects.filter(undone_at=None)] == ["must_link"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 601])
def test_a_correction_has_a_reason(cards, reason):
    with pytest.raises(ReasonMissing):
        merge_cards(canonical_of(cards[0]), canonical_of(cards[1]), reason=reason, by=None, now=NOW)
    assert not SamenessConstraint.objects.exists()


def test_what_is_together_is_not_merged_again_and_own_words_are_not_split_off(cards):
    merged(cards)
    standing = canonical_of(cards[0])
    other = CanonicalValuesCard.objects.exclude(pk=standing.pk).get()
    with pytest.raises(Conflict, match="together already"):
        merge_cards(standing, other, **WHY)
    with pytest.raises(Conflict, match="card itself"):
        split_card(standing, name_of(standing, origin="person"), **WHY)


def test_programs_and_people_are_never_merged(cards):
    program = share(cards[0].study, FAR, origin="simulated")
    with pytest.raises(Conflict, match="program"):
        merge_cards(canonical_of(cards[0]), canonical_of(program), **WHY)


def test_a_merge_that_contradicts_a_split_through_a_third_is_refused(cards):
    study = cards[0].study
    third = share(study, ["Fires that are kept", "Songs at dusk", "Dogs asleep"], title="Third")
    reconcile(study, now=NOW)
    merged(cards)
    standing = canonical_of(cards[0])
    under = next(card for card in cards if words(card) != name_of(standing, origin="person"))
    first, second = sorted([words(under), words(third)])
    SamenessConstraint.objects.create(
        study=study, kind="cannot_link", first_hash=first, second_hash=second, reason="No", made_at=NOW
    )
    with pytest.raises(Conflict, match="two values"):
        merge_cards(standing, canonical_of(third), **WHY)


def test_an_earlier_version_is_restored_as_a_new_one_and_later_cards_stay(cards):
    study = cards[0].study
    merged(cards)
    share(study, ["Fires that are kept", "Songs at dusk", "Dogs asleep"], title="Later")
    restored = restore_partition(Partition.objects.get(number=1), by=None, now=NOW, reason="Too coarse")
    assert groups_of(study) == APART | {frozenset({"Later"})}
    assert (restored.number, restored.kind, restored.restored_from.number) == (3, "restored", 1)
    with pytest.raises(Conflict, match="in force"):
        restore_partition(restored, by=None, now=NOW)


def test_two_versions_differ_by_the_cards_that_moved(cards):
    partition = merged(cards)
    found = compare_versions(Partition.objects.get(number=1), partition)
    assert [moved.title for moved in found.moved] in (["Near"], ["Far"])
    assert (found.compared.joined, found.compared.parted) == (1, 0)


def test_stability_shows_what_a_change_of_the_threshold_would_do():
    study = make_study()
    for number, policies in enumerate(NEAR[:2]):
        share(study, policies, title=f"Near {number}")
    reconcile(study, now=NOW)
    found = newest_stability(study)
    rows = {row.threshold: row for row in found.rows}
    assert rows[0.5].compared.share_changed == 0
    assert [{moving.first, moving.second} for moving in found.first_moves] == [{"Near 0", "Near 1"}]
