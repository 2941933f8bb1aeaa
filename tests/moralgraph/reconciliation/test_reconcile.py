"""All cards of a study are put together at once."""

import random

import pytest
from django.core.management import CommandError, call_command

from elicit.consent import change_answer
from elicit.exclusions import exclude
from elicit.jobs import run_queued_jobs
from elicit.models import Job, ValuesCard
from elicit.releases import hold
from moralgraph.deduplication import deduplicate
from moralgraph.merging import card_mapping
from moralgraph.models import CanonicalValuesCard, CardMembership, Judgement, Partition, Upgrade
from moralgraph.reconciliation.batch import reconcile, request_reconcile
from moralgraph.withholding import withheld_cards
from tests.make import NOW, make_judgements, make_study
from tests.moralgraph.reconciliation.cards import FAR, NEAR, SEED, alone, canonical_of, groups_of, share

pytestmark = pytest.mark.django_db


def test_near_cards_are_put_together_and_their_words_stay():
    study = make_study()
    cards = [alone(study, words, title=f"Near {n}") for n, words in enumerate(NEAR)] + [share(study, FAR, title="Far")]
    partition = reconcile(study, now=NOW)
    assert groups_of(study) == {frozenset({"Near 0", "Near 1", "Near 2"}), frozenset({"Far"})}
    assert not CardMembership.objects.filter(is_provisional=True).exists()
    assert [ValuesCard.objects.get(pk=card.pk).policies for card in cards] == [*NEAR, FAR]
    assert (partition.number, partition.assignments.filter(card__isnull=False).count()) == (1, 4)


def partition_in_order(order):
    study = make_study()
    texts = {f"Card {n}": words for n, words in enumerate((*NEAR, FAR, [*FAR[:2], "Children who run late"]))}
    for title in order:
        share(study, texts[title], title=title)
    partition = reconcile(study, now=NOW)
    standing = CanonicalValuesCard.objects.of_study(study).filter(merged_into=None)
    return groups_of(study), partition.content_hash, sorted(standing.values_list("content_id", flat=True))


def test_the_order_in_which_cards_came_changes_nothing():
    titles = [f"Card {n}" for n in range(5)]
    first = partition_in_order(titles)
    for seed in range(2):
        random.Random(seed).shuffle(titles)
        assert partition_in_order(titles) == first


def test_the_same_cards_make_no_second_version():
    study = make_study()
    share(study, NEAR[0])
    first = reconcile(study, now=NOW)
    assert reconcile(study, now=NOW) == first
    share(study, FAR)
    assert reconcile(study, now=NOW).number == 2


def test_judgements_about_a_merged_card_stay_and_count_for_the_one_that_stands():
    study = make_study(more=SEED)
    own = canonical_of(alone(study, NEAR[1], title="Nearly"))
    judgement = make_judgements(study, wiser=1, of=1, first="Plain", second="Nearly")[0]
    reconcile(study, now=NOW)
    seed = CanonicalValuesCard.objects.get(seed_key="near")
    assert Judgement.objects.get(pk=judgement.pk).second == own
    assert card_mapping(study)[own.content_id] == seed.content_id


def test_what_was_proposed_about_a_merged_card_is_proposed_about_the_one_that_stands():
    study = make_study(more=SEED)
    own = canonical_of(alone(study, NEAR[1], title="Nearly"))
    row = make_judgements(study, wiser=1, of=1, first="Plain", second="Nearly")[0]
    Upgrade.objects.create(study=study, context=row.context, first=row.first, second=own, story_forward="Ada waited.")
    reconcile(study, now=NOW)
    carried = Upgrade.objects.get(first=row.first, second__seed_key="near")
    assert (carried.context, carried.story_forward) == (row.context, "")


def test_words_of_the_study_file_stand_before_a_persons():
    study = make_study(more=SEED)
    card = alone(study, NEAR[1])
    reconcile(study, now=NOW)
    assert canonical_of(card).seed_key == "near"


def test_a_program_never_stands_with_people_not_even_through_the_study_file():
    study = make_study(more=SEED)
    simulated = share(study, NEAR[1], title="Program", origin="simulated")
    share(study, NEAR[2], title="Person")
    reconcile(study, now=NOW)
    assert groups_of(study) == {frozenset({"Program"}), frozenset({"Person"})}
    assert canonical_of(simulated).origin == "simulated"
    assert deduplicate(share(study, NEAR[2], title="Same words", origin="simulated")).canonical.origin == "simulated"


def test_a_held_card_is_left_where_it_is_and_the_others_under_it_stand_alone():
    study = make_study()
    held = share(study, NEAR[0], title="Held")
    share(study, NEAR[1], title="Free")
    hold(held, flag="model_harm")
    reconcile(study, now=NOW)
    assert groups_of(study) == {frozenset({"Held"}), frozenset({"Free"})}


def test_a_card_that_is_held_after_it_was_merged_stays_out_of_sight():
    study = make_study()
    cards = [alone(study, words) for words in NEAR[:2]]
    reconcile(study, now=NOW)
    for card in cards:
        hold(card, flag="model_harm")
    assert withheld_cards(study).count() == CanonicalValuesCard.objects.of_study(study).count() == 2


def test_people_who_were_left_out_or_did_not_agree_have_no_say():
    study = make_study()
    excluded, refusing = share(study, NEAR[0], title="Excluded"), share(study, NEAR[1], title="Refusing")
    share(study, NEAR[2], title="Counts")
    exclude(excluded.participant, because="Copied text", by=None, now=NOW)
    change_answer(refusing.participant, "explore", False, now=NOW)
    reconcile(study, now=NOW)
    assert groups_of(study) == {frozenset({"Excluded"}), frozenset({"Counts"})}


def test_pressing_twice_queues_one_job_which_reconciles():
    study = make_study()
    share(study, NEAR[0])
    assert request_reconcile(study, now=NOW) == request_reconcile(study, now=NOW)
    run_queued_jobs()
    assert (Job.objects.get().state, Partition.objects.count()) == ("done", 1)


def test_the_command_says_that_a_study_is_not_there():
    with pytest.raises(CommandError, match='There is no study "nosuch"'):
        call_command("reconcile", "nosuch")
