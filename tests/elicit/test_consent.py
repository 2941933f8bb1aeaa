"""Consent: what was shown, what was granted, and who may be counted."""

import pytest

from elicit.consent import ConsentMissing, granting, has_granted, record_consent
from elicit.models import ConsentGrant
from elicit.participants import withdraw
from elicit.steps import next_step
from tests.make import NOW, make_browser, make_consenting_participant, make_participant, make_study

pytestmark = pytest.mark.django_db


def test_one_answer_is_stored_for_each_item_and_an_open_box_is_a_no():
    participant = make_consenting_participant(explore=True)
    answers = dict(participant.consent_grants.values_list("item", "granted"))
    assert answers == {"take_part": True, "explore": True, "train": False}
    assert set(participant.consent_grants.values_list("at", flat=True)) == {NOW}


def test_the_hash_is_of_the_words_and_differs_for_other_words():
    one, other = make_consenting_participant(), make_consenting_participant()
    hashes = [dict(person.consent_grants.values_list("item", "text_hash")) for person in (one, other)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0].values())) == 3


def test_without_the_required_item_nothing_is_stored():
    participant = make_participant()
    with pytest.raises(ConsentMissing):
        record_consent(participant, {"explore": True}, now=NOW)
    assert not ConsentGrant.objects.exists()


def test_only_those_who_granted_a_purpose_are_counted_for_it():
    study = make_study()
    yes = make_consenting_participant(study, train=True)
    no = make_consenting_participant(study)
    silent = make_participant(study)
    assert list(granting("train", study=study)) == [yes]
    assert has_granted(yes, "train")
    assert not has_granted(no, "train")
    assert not has_granted(silent, "train")


def test_a_purpose_that_was_never_asked_for_is_granted_by_nobody():
    participant = make_consenting_participant(explore=True, train=True)
    assert not granting("publish", study=participant.study).exists()


def test_a_withdrawn_participant_grants_nothing():
    participant = make_consenting_participant(train=True)
    withdraw(participant, now=NOW)
    assert not granting("train", study=participant.study).exists()


def test_the_page_asks_with_unticked_boxes_and_leads_on():
    participant = make_participant()
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/consent/"
    assert b"checked" not in browser.get(address).content
    answer = browser.post(address, {"take_part": "on", "train": "on", "participant": "1", "granted": "yes"})
    assert answer["Location"].endswith("/interview/")
    assert has_granted(participant, "train")
    assert not has_granted(participant, "explore")


def test_the_page_names_what_is_missing_and_stores_nothing():
    participant = make_participant()
    answer = make_browser(participant).post(f"/study/{participant.study.slug}/consent/", {"explore": "on"})
    assert answer.status_code == 422
    assert b"Without this you cannot take part" in answer.content
    assert not ConsentGrant.objects.exists()


def test_sending_the_page_twice_is_harmless():
    participant = make_participant()
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/consent/"
    for _ in range(2):
        assert browser.post(address, {"take_part": "on"})["Location"].endswith("/interview/")
    assert ConsentGrant.objects.count() == 3
    assert next_step(participant).key == "interview"
