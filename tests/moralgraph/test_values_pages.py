"""The pages of values: what organizers see and correct."""

import pytest
from django.test import Client

from elicit.jobs import run_queued_jobs
from elicit.releases import hold
from moralgraph.deduplication import name_of
from moralgraph.models import Partition, SamenessConstraint
from moralgraph.reconciliation.batch import reconcile
from moralgraph.verification import verify_card
from tests.make import NOW, make_member, make_study
from tests.moralgraph.reconciliation.cards import FAR, NEAR, canonical_of, groups_of, share

pytestmark = pytest.mark.django_db


def open_as(study, role="organizer"):
    client = Client()
    client.force_login(make_member(study=study, role=role), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def study(db):
    study = make_study(slug="values")
    for words, title in ((NEAR[0], "Near"), (NEAR[1], "Nearly"), (FAR, "Far <b>bread</b>")):
        share(study, words, title=title)
    reconcile(study, now=NOW)
    return study


def test_values_are_listed_with_the_cards_behind_them_and_words_are_inert(study):
    page = open_as(study, "analyst").get("/organizer/values/values/").content.decode()
    assert "Far &lt;b&gt;bread&lt;/b&gt;" in page
    assert page.count('data-label="Cards">2<') == 1
    assert "Compare all cards anew" not in page


def test_a_value_shows_its_words_what_authors_say_and_offers_corrections(study):
    card = canonical_of(study.values_cards.get(title="Near"))
    member = next(each for each in study.values_cards.all() if canonical_of(each) == card)
    verify_card(member.participant, member, "different", why="Not <i>mine</i>", now=NOW)
    page = open_as(study).get(f"/organizer/values/values/{card.pk}/").content.decode()
    assert "Not &lt;i&gt;mine&lt;/i&gt;" in page
    assert ("This is another value" in page, "These words stand for it" in page) == (True, True)


def test_a_held_card_is_on_no_page(study):
    held = study.values_cards.get(title__startswith="Far")
    hold(held, flag="model_harm")
    client = open_as(study)
    assert "Far" not in client.get("/organizer/values/values/").content.decode()
    assert client.get(f"/organizer/values/values/{canonical_of(held).pk}/").status_code == 404


def test_an_organizer_merges_splits_takes_back_and_restores(study):
    client, near = open_as(study), canonical_of(study.values_cards.get(title="Near"))
    far = canonical_of(study.values_cards.get(title__startswith="Far"))
    sent = {"number": near.pk, "other": far.pk, "reason": "One thing"}
    client.post("/organizer/values/values/correct/", sent)
    assert len(groups_of(study)) == 1
    constraint = SamenessConstraint.objects.get()
    assert constraint.made_by is not None
    client.post("/organizer/values/values/undo/", {"number": constraint.pk})
    run_queued_jobs()
    assert len(groups_of(study)) == 2
    client.post("/organizer/values/values/versions/restore/", {"number": 2})
    assert len(groups_of(study)) == 1
    page = client.get("/organizer/values/values/versions/?before=1&after=2").content.decode()
    assert "pairs of cards came together" in page
    assert Partition.objects.order_by("-number").first().kind == "restored"


def test_words_are_taken_out_of_a_value(study):
    cards = study.values_cards.filter(title__startswith="Near")
    standing = canonical_of(cards[0])
    keys = {name_of(card, origin="person") for card in cards} - {name_of(standing, origin="person")}
    sent = {"number": standing.pk, "words": keys.pop(), "reason": "Two things"}
    open_as(study).post("/organizer/values/values/correct/", sent)
    assert len(groups_of(study)) == 3


def test_a_correction_without_a_reason_is_refused_in_words(study):
    near = canonical_of(study.values_cards.get(title="Near"))
    far = canonical_of(study.values_cards.get(title__startswith="Far"))
    sent = {"number": near.pk, "other": far.pk, "reason": " "}
    page = open_as(study).post("/organizer/values/values/correct/", sent, follow=True).content.decode()
    assert "Say in 1 to 600 characters why." in page
    assert not SamenessConstraint.objects.exists()


def test_asking_for_a_comparison_queues_it_and_an_empty_study_says_what_will_come(db):
    study = make_study(slug="empty")
    client = open_as(study)
    assert "No value yet" in client.get("/organizer/empty/values/").content.decode()
    assert "No version yet" in client.get("/organizer/empty/values/versions/").content.decode()
    page = client.post("/organizer/empty/values/reconcile/", follow=True).content.decode()
    assert "being compared now" in page
    run_queued_jobs()
    assert Partition.objects.count() == 1
