"""What is left of a partition when an author leaves."""

import pytest

from elicit.consent import change_answer
from elicit.participants import withdraw
from moralgraph.consented import judgements_for
from moralgraph.deduplication import name_of
from moralgraph.merging import card_mapping
from moralgraph.models import Assignment, CanonicalValuesCard, Partition, SamenessConstraint, SamenessVerdict
from moralgraph.reconciliation.batch import reconcile
from moralgraph.reconciliation.corrections import restore_partition
from tests.make import NOW, make_judgements, make_study
from tests.moralgraph.reconciliation.cards import FAR, NEAR, alone, canonical_of, share

pytestmark = pytest.mark.django_db


def merged_pair():
    """Let two authors' cards be one value, both judged; return the card whose words stand and the other."""
    study = make_study()
    cards = [alone(study, words, title=f"Near {number}") for number, words in enumerate(NEAR[:2])]
    for card in cards:
        make_judgements(study, wiser=1, of=1, first="Plain", second=card.title)
    reconcile(study, now=NOW, reason="Quoting silences")
    first, second = cards if canonical_of(cards[0]).worded_by_id == cards[0].participant_id else cards[::-1]
    return first, second


def test_when_the_author_of_the_standing_words_leaves_the_others_words_stand():
    leaving, staying = merged_pair()
    withdraw(leaving.participant, now=NOW)
    standing = canonical_of(staying)
    assert (standing.policies, standing.merged_into) == (staying.policies, None)
    assert set(card_mapping(staying.study).values()) == {"Plain", standing.content_id}
    texts = str(list(CanonicalValuesCard.objects.values_list("title", "policies")))
    assert leaving.title not in texts


def test_when_the_author_of_merged_words_leaves_they_go_and_what_was_judged_of_them_counts_on():
    staying, leaving = merged_pair()
    standing = canonical_of(staying)
    withdraw(leaving.participant, now=NOW)
    emptied = CanonicalValuesCard.objects.get(content_id__startswith="withdrawn")
    assert (emptied.policies, emptied.merged_into) == ([], standing)
    assert set(Assignment.objects.exclude(card=None).values_list("card", flat=True)) == {staying.pk}


def test_what_was_said_of_their_words_goes_with_their_author():
    study = make_study()
    cards = [share(study, NEAR[0]), share(study, FAR)]
    first, second = sorted(name_of(card, origin="person") for card in cards)
    pair = {"study": study, "first_hash": first, "second_hash": second}
    SamenessVerdict.objects.create(**pair, outcome="different", asked_at=NOW)
    SamenessConstraint.objects.create(**pair, kind="cannot_link", reason="Silences are not bread", made_at=NOW)
    reconcile(study, now=NOW, reason="Quoting silences")
    withdraw(cards[0].participant, now=NOW)
    assert not SamenessVerdict.objects.exists()
    assert not SamenessConstraint.objects.exists()
    assert Partition.objects.get().reason == ""


def test_a_version_from_before_somebody_left_can_be_restored_without_them():
    leaving, staying = merged_pair()
    withdraw(leaving.participant, now=NOW)
    reconcile(staying.study, now=NOW)
    restore_partition(Partition.objects.get(number=1), by=None, now=NOW)
    assert canonical_of(staying).policies == staying.policies


def test_a_judgement_counts_for_a_purpose_only_if_the_words_that_stand_may_be_used_for_it():
    standing, _ = merged_pair()
    assert judgements_for(standing.study, purpose="train", origins=["person"]).count() == 2
    change_answer(standing.participant, "train", False, now=NOW)
    assert not judgements_for(standing.study, purpose="train", origins=["person"]).exists()
