"""Authors say whether the canonical card is theirs."""

import pytest

from elicit.errors import AlreadyWithdrawn, Conflict
from elicit.exclusions import exclude
from elicit.models import Participant
from elicit.participants import withdraw
from elicit.studies import close
from moralgraph.deduplication import deduplicate
from moralgraph.models import CardVerification
from moralgraph.verification import Verified, count_verified, disputed_cards, verify_card
from tests.make import NOW, make_confirmed_card, make_consenting_participant, make_study

pytestmark = pytest.mark.django_db


def make_card(study=None, **fields):
    card = make_confirmed_card(make_consenting_participant(study, explore=True), **fields)
    deduplicate(card)
    return card


def test_the_newest_answer_about_the_same_card_holds():
    card = make_card()
    verify_card(card.participant, card, "same", now=NOW)
    kept = verify_card(card.participant, card, "different", why=" It lost the nights. ", now=NOW)
    assert (kept.answer, kept.why, kept.canonical) == ("different", "It lost the nights.", card.membership.canonical)
    assert count_verified(card.study) == Verified(same=0, different=1, unsure=0)
    assert list(disputed_cards(card.study)) == [card.membership.canonical]


def test_nothing_else_changes_and_it_is_asked_after_the_study_has_closed():
    card = make_card()
    close(card.study)
    verify_card(card.participant, card, "different", now=NOW)
    before = card.policies
    card.refresh_from_db()
    assert (card.policies, card.membership.canonical.policies) == (before, before)


@pytest.mark.parametrize("answer", ["", "perhaps"])
def test_an_answer_that_is_none_of_the_three_is_refused(answer: str):
    card = make_card()
    with pytest.raises(Conflict, match="three"):
        verify_card(card.participant, card, answer, now=NOW)


def test_nobody_answers_for_anothers_card():
    card = make_card()
    with pytest.raises(Conflict, match="not among your cards"):
        verify_card(make_consenting_participant(card.study), card, "same", now=NOW)


def test_who_withdrew_answers_no_more_and_leaves_no_answer():
    card = make_card()
    verify_card(card.participant, card, "same", why="Mine", now=NOW)
    withdraw(card.participant, now=NOW)
    assert not CardVerification.objects.exists()
    with pytest.raises(AlreadyWithdrawn):
        verify_card(card.participant, card, "same", now=NOW)


def test_answers_of_the_simulated_of_people_left_out_and_about_an_earlier_canonical_card_do_not_count():
    study = make_study()
    cards = [make_card(study, title=f"Title {number}") for number in range(3)]
    for card in cards:
        verify_card(card.participant, card, "same", now=NOW)
    Participant.objects.filter(pk=cards[0].participant_id).update(origin="simulated")
    exclude(cards[1].participant, because="Copied text", by=None, now=NOW)
    assert count_verified(study) == Verified(same=1, different=0, unsure=0)
    cards[2].membership.delete()
    assert count_verified(study).answered == 0
