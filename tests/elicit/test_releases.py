"""Held cards: what an organizer reads, decides, and what happens then."""

import pytest

from elicit import releases
from elicit.errors import Conflict
from elicit.models import ValuesCard
from elicit.participants import withdraw
from elicit.releases import hold, hold_if_flagged, read, refuse_card, release_card, waiting_cards
from tests.make import NOW, make_confirmed_card, make_member, make_participant, make_study

pytestmark = pytest.mark.django_db
TELLING = ["Signs that they tire", "Messages to ada@example.org", "Hours that are hardest"]


@pytest.fixture
def heard(monkeypatch):
    calls = []
    monkeypatch.setattr(releases, "_RELEASED", {"test": lambda card: calls.append(("released", card.pk))})
    monkeypatch.setattr(releases, "_WITHHELD", {"test": lambda card: calls.append(("withheld", card.pk))})
    return calls


def make_held_card(**fields):
    card = make_confirmed_card(policies=TELLING, **fields)
    hold_if_flagged(card)
    return card


def test_a_card_with_an_address_is_held_and_only_its_line_is_marked():
    reading = read(make_held_card())
    assert reading.card.release == "held"
    assert [part.is_marked for part in reading.policies] == [False, True, False]
    assert len(reading.sentences) == 1 and "address" in reading.sentences[0]


def test_releasing_a_card_does_what_was_held_back_once(heard):
    card, ada = make_held_card(), make_member(username="ada")
    for _ in range(2):
        release_card(card, by=ada, now=NOW)
    card.refresh_from_db()
    assert (card.release, card.released_by, card.released_at) == ("released", ada, NOW)
    assert heard == [("released", card.pk)]


def test_a_refused_card_stays_its_authors(heard):
    card = refuse_card(make_held_card(), by=make_member(), now=NOW)
    assert (card.release, card.state, card.policies) == ("refused", "confirmed", TELLING)
    assert heard == [("withheld", card.pk)]


def test_a_card_that_nothing_was_found_in_needs_no_release(heard):
    card = release_card(make_confirmed_card(), by=make_member(), now=NOW)
    assert (card.release, heard) == ("free", [])


def test_a_draft_cannot_be_released():
    card = make_held_card()
    ValuesCard.objects.filter(pk=card.pk).update(state="draft")
    with pytest.raises(Conflict, match="not confirmed"):
        release_card(card, by=make_member(), now=NOW)


def test_a_model_may_hold_a_free_card_and_nothing_that_was_decided(heard):
    free, released = make_confirmed_card(), release_card(make_held_card(), by=make_member(), now=NOW)
    assert hold(free, flag="model_harm").release == "held"
    assert hold(released, flag="model_harm").release == "released"


def test_previews_and_other_studies_wait_in_no_queue():
    study = make_study()
    held = make_held_card(participant=make_participant(study))
    make_held_card(participant=make_participant(study, origin="preview"))
    make_held_card()
    assert list(waiting_cards(study)) == [held]


def test_a_card_that_its_author_withdrew_meanwhile_is_decided_by_nobody():
    card = make_held_card()
    withdraw(card.participant, now=NOW)
    with pytest.raises(Conflict, match="no such card"):
        release_card(card, by=make_member(), now=NOW)
    assert hold(card, flag="model_harm").pk == card.pk
