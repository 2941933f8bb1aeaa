"""Consent: what was shown, what was granted, and who may be counted."""

from copy import deepcopy

import pytest

from elicit import consent
from elicit.consent import (
    ConsentMissing,
    change_answer,
    granting,
    has_granted,
    must_ask_again,
    record_consent,
    renew_consent,
    words_hash,
)
from elicit.models import ConsentGrant, Study, StudyVersion
from elicit.participants import NotTakingPart, take_for_writing, withdraw
from elicit.steps import next_step
from elicit.studies import close
from tests.make import (
    NOW,
    make_begun_participant,
    make_browser,
    make_consenting_participant,
    make_participant,
    make_study,
    make_version,
)

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
    participant = make_begun_participant()
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/consent/"
    assert b"checked" not in browser.get(address).content
    answer = browser.post(address, {"take_part": "on", "train": "on", "participant": "1", "granted": "yes"})
    assert answer["Location"].endswith("/interview/")
    assert has_granted(participant, "train")
    assert not has_granted(participant, "explore")


def test_the_page_names_what_is_missing_and_stores_nothing():
    participant = make_begun_participant()
    answer = make_browser(participant).post(f"/study/{participant.study.slug}/consent/", {"explore": "on"})
    assert answer.status_code == 422
    assert b"Without this you cannot take part" in answer.content
    assert not ConsentGrant.objects.exists()


def test_sending_the_page_twice_is_harmless():
    participant = make_begun_participant()
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/consent/"
    for _ in range(2):
        assert browser.post(address, {"take_part": "on"})["Location"].endswith("/interview/")
    assert ConsentGrant.objects.count() == 3
    assert next_step(participant).key == "interview"


def reworded(study: Study, *, version: str = "2", details: str = "", **texts: str) -> StudyVersion:
    """Give the study a version whose consent has other words; `texts` are items by key, in the first one's place."""
    content = deepcopy(study.current_version.content["consent"])
    content |= {"version": version, "details": details or content["details"]}
    for item in content["items"]:
        item["text"] = texts.get(item["key"], item["text"])
    return make_version(study, consent=content)


def with_items(study: Study, *, version: str, **purposes: str) -> StudyVersion:
    """Give the study a version that asks for taking part and for these items, each with its purpose."""
    content = deepcopy(study.current_version.content["consent"])
    asked = [{"key": key, "text": f"About {key}.", "purpose": purpose} for key, purpose in purposes.items()]
    return make_version(study, consent=content | {"version": version, "items": [content["items"][0], *asked]})


def test_everything_that_the_page_names_is_in_the_hash():
    design = make_study().current_version.design
    item = design.consent.items[0]
    plain = words_hash(item, design=design, language="en")
    for named in ({"controller": "A university"}, {"minimum_age": 16}, {"version": "9"}):
        other = design.model_copy(update={"consent": design.consent.model_copy(update=named)})
        assert words_hash(item, design=other, language="en") != plain


def test_the_page_names_who_is_responsible_who_receives_words_how_long_and_how_old():
    study = make_study(more="retention: {until: 2031-05-04}\n")
    content = study.current_version.content
    providers = [{"name": "Words Ltd", "country": "France", "does": "asks the questions"}]
    consent = content["consent"] | {"controller": "A university", "providers": providers, "minimum_age": 16}
    StudyVersion.objects.update(content=content | {"consent": consent})
    person = make_begun_participant(study)
    page = make_browser(person).get(f"/study/{study.slug}/consent/").content.decode()
    for words in ("A university", "Words Ltd (France): asks the questions", "at least 16", "4 May 2031", "123"):
        assert words in page


def test_a_new_wording_is_asked_for_before_anything_else_with_the_changes_marked():
    person = make_consenting_participant(explore=True)
    reworded(person.study, explore="My card may be shown to others.")
    browser, home = make_browser(person), f"/study/{person.study.slug}/"
    assert browser.get(home)["Location"] == f"{home}consent/again/"
    assert browser.get(f"{home}interview/")["Location"] == home
    page = browser.get(f"{home}consent/again/")
    assert page.context["changes"].changed_items == {"explore"}
    assert b"Before, you said yes." in page.content and b"checked" not in page.content


def test_agreeing_again_leads_back_and_is_not_asked_twice():
    person = make_consenting_participant(explore=True)
    reworded(person.study)
    browser, home = make_browser(person), f"/study/{person.study.slug}/"
    assert browser.post(f"{home}consent/again/", {"take_part": "on"})["Location"] == home
    assert browser.get(home)["Location"] == f"{home}interview/"
    assert person.consent_grants.filter(version="2").count() == 3
    assert not has_granted(person, "explore")


def test_the_same_wording_in_a_new_version_is_not_asked_again():
    person = make_consenting_participant()
    make_version(person.study, minutes=30)
    assert not must_ask_again(person)


def test_a_new_retention_date_is_a_new_wording():
    person = make_consenting_participant()
    make_version(person.study, retention={"until": "2031-01-01"})
    assert must_ask_again(person)


def test_who_has_not_agreed_yet_is_asked_once_with_the_newest_words():
    person = make_begun_participant()
    reworded(person.study)
    assert not must_ask_again(person)


def test_words_that_are_on_their_way_are_not_turned_away_by_a_new_wording():
    person = make_consenting_participant()
    question = person.study.questions.first()
    reworded(person.study)
    browser, home = make_browser(person), f"/study/{person.study.slug}/"
    browser.post(f"{home}interview/", {"question": question.key})
    assert person.interviews.exists()


def test_who_declines_a_new_wording_leaves_and_keeps_what_was_given_before():
    person = make_consenting_participant(train=True)
    reworded(person.study)
    browser, home = make_browser(person), f"/study/{person.study.slug}/"
    page = browser.post(f"{home}consent/decline/", follow=True)
    assert b"until you withdraw it" in page.content
    person.refresh_from_db()
    assert person.ended == "no_consent"
    assert has_granted(person, "train")
    assert browser.post(f"{home}begin/", follow=True).redirect_chain[0][0].endswith("/consent/again/")
    with pytest.raises(NotTakingPart):
        take_for_writing(person)


def test_a_purpose_is_granted_by_the_wording_that_was_answered_last():
    study = make_study()
    old, both = make_consenting_participant(study, train=True), make_consenting_participant(study, train=True)
    with_items(study, version="2", may_teach="train")
    renew_consent(both, {"take_part": True, "may_teach": False}, now=NOW)
    assert list(granting("train", study=study)) == [old]
    renew_consent(both, {"take_part": True, "may_teach": True}, now=NOW)
    assert set(granting("train", study=study)) == {old, both}


def test_a_purpose_that_the_newest_wording_does_not_ask_for_is_no_longer_granted():
    person = make_consenting_participant(train=True)
    with_items(person.study, version="2", explore="explore")
    renew_consent(person, {"take_part": True, "explore": True}, now=NOW)
    assert not has_granted(person, "train")


def test_an_item_that_changed_its_purpose_grants_only_the_purpose_it_was_answered_for():
    person = make_consenting_participant(explore=True)
    with_items(person.study, version="2", explore="publish")
    assert has_granted(person, "explore") and not has_granted(person, "publish")


def test_two_items_of_one_purpose_must_both_be_granted():
    study = make_study()
    with_items(study, version="2", cards="train", answers="train")
    half, whole = (make_consenting_participant(study, cards=True, answers=yes) for yes in (False, True))
    assert list(granting("train", study=study)) == [whole]
    assert half not in granting("train", study=study)


def test_an_item_that_was_added_without_a_new_version_of_the_words_still_counts():
    study = make_study()
    with_items(study, version="2", cards="train")
    early = make_consenting_participant(study, cards=True)
    with_items(study, version="2", cards="train", answers="train")
    late = make_consenting_participant(study, cards=True, answers=False)
    assert set(granting("train", study=study)) == {early}
    assert not has_granted(late, "train")


def test_granting_asks_the_database_as_often_for_many_as_for_one(django_assert_num_queries):
    study = make_study()
    for _ in range(5):
        make_consenting_participant(study, train=True)
    with django_assert_num_queries(2):
        assert granting("train", study=study).count() == 5


def test_one_answer_can_be_changed_and_the_history_stays():
    person = make_consenting_participant(train=True)
    browser, home = make_browser(person), f"/study/{person.study.slug}/"
    browser.post(f"{home}my-data/consent/", {"item": "train", "granted": "no"})
    assert not has_granted(person, "train")
    assert list(person.consent_grants.filter(item="train").values_list("granted", flat=True)) == [True, False]
    browser.post(f"{home}my-data/consent/", {"item": "train", "granted": "yes"})
    assert has_granted(person, "train")


def test_what_was_granted_can_be_taken_back_after_the_study_has_closed_but_not_given():
    person = make_consenting_participant(train=True)
    close(person.study)
    browser, address = make_browser(person), f"/study/{person.study.slug}/my-data/consent/"
    assert browser.post(address, {"item": "train", "granted": "no"}).status_code == 302
    assert not has_granted(person, "train")
    assert browser.post(address, {"item": "explore", "granted": "yes"}).status_code == 409
    assert not has_granted(person, "explore")


@pytest.mark.parametrize("item", ["take_part", "nothing_of_the_kind"])
def test_taking_part_is_not_taken_back_by_one_answer(item: str):
    person = make_consenting_participant()
    with pytest.raises(ConsentMissing):
        change_answer(person, item, False, now=NOW)


def test_a_changed_answer_calls_the_others_once_with_the_purpose(monkeypatch: pytest.MonkeyPatch):
    called: list[object] = []
    monkeypatch.setattr(consent, "_HOOKS", {"test": lambda *given: called.append(given)})
    person = make_consenting_participant(train=True)
    for _ in range(2):
        change_answer(person, "train", False, now=NOW)
    assert called == [(person, "train", False, NOW)]
