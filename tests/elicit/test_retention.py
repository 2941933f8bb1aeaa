"""Closing a study: words that were only lent are erased, in the same transaction, and what was agreed to stay stays."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers

from elicit import retention
from elicit.answering import Outcome, store
from elicit.consent import change_answer, record_consent, renew_consent
from elicit.conversations import begin, close_conversation, rate
from elicit.errors import InvalidLink
from elicit.interviews import record_message, start_interview
from elicit.models import (
    EntryLink,
    Exchange,
    Message,
    MessageRevision,
    Participant,
    Study,
    SurveyAnswer,
    Turn,
    TurnChunk,
    Utterance,
    ValuesCard,
)
from elicit.participants import create_link, enter, take_for_writing, tombstone_code
from elicit.rating import Feedback, Rating
from elicit.retention import erase_expired, erase_ungranted_words, retention_date, without_grant
from elicit.studies import close, load_study, open_study
from elicit.tasks import erase_expired as erase_task
from moralgraph.models import Judgement, JudgementRevision
from tests.make import (
    NOW,
    make_begun_participant,
    make_browser,
    make_confirmed_card,
    make_judgements,
    make_member,
    make_participant,
    study_text,
)

pytestmark = pytest.mark.django_db

CANARY = "canary-words-only-lent"
ITEM = "    - {key: keep_words, text: My words may be kept., purpose: keep_transcript}\n  details:"
DESIGN = """\
conversation:
  count: 1
  turns: 1
  models: [offline/plain, offline/warm]
  types: [{key: unguided, title: Anything, text: Whatever you like.}]
"""


def study_that_asks(slug: str = "asks") -> Study:
    text = study_text(slug=slug, steps="consent, interview, values_card, conversations", more=DESIGN)
    return open_study(load_study(text.replace("  details:", ITEM), now=NOW))


def person_with_words(study: Study, **answers: bool) -> Participant:
    """Add somebody who consents, is interviewed, confirms a card and rates a conversation."""
    person = make_participant(study)
    record_consent(person, {"take_part": True, **answers}, now=NOW)
    interview = start_interview(person, study.questions.first(), now=NOW)
    record_message(interview, f"I think of {CANARY} at night.", idempotency_key="m", now=NOW)
    make_confirmed_card(person, interview=interview, evidence=[{"quote": CANARY, "answer": 0}])
    exchange = begin(person, "unguided", f"Tell me about {CANARY}.", idempotency_key="p", now=NOW)
    store(exchange, [Outcome("offline/plain", 1.0, text=f"You said {CANARY}.")])
    rate(exchange, Rating({"A": 7}, all_bad=True, reason=f"No {CANARY}"), now=NOW)
    close_conversation(exchange.conversation, Feedback({"values": 9}, {}, open_text=CANARY), now=NOW)
    return person


def words_of(person: Participant) -> str:
    from elicit.my_data import own_data

    rows = [*Utterance.objects.filter(exchange__conversation__participant=person)]
    rows += list(Exchange.objects.filter(conversation__participant=person))
    return json.dumps(own_data(person), default=str) + serializers.serialize("json", rows)


def test_closing_erases_the_words_of_who_did_not_grant_them() -> None:
    person = person_with_words(study_that_asks())
    assert words_of(person).count(CANARY) >= 4
    close(person.study)
    assert CANARY not in words_of(person)
    assert not Message.objects.exists()


def test_ratings_numbers_and_the_confirmed_card_stay() -> None:
    person = person_with_words(study_that_asks())
    close(person.study)
    assert Utterance.objects.get().score == 7
    assert Exchange.objects.get().all_bad
    conversation = person.conversations.get()
    assert (conversation.feedback.performance, conversation.feedback.open_text) == ({"values": 9}, "")
    card = person.values_cards.get()
    assert (card.title, len(card.policies), card.evidence) == ("Staying close", 3, [])


def test_a_draft_goes_since_it_is_made_of_the_interview() -> None:
    person = person_with_words(study_that_asks())
    ValuesCard.objects.update(state="draft", confirmed_at=None)
    close(person.study)
    assert not person.values_cards.exists()


def test_granted_words_stay() -> None:
    person = person_with_words(study_that_asks(), keep_words=True)
    before = words_of(person)
    close(person.study)
    assert words_of(person) == before


def test_a_study_that_does_not_ask_keeps_words() -> None:
    study = open_study(
        load_study(study_text(slug="silent", steps="consent, interview, conversations", more=DESIGN), now=NOW)
    )
    person = person_with_words(study)
    close(study)
    assert CANARY in words_of(person)


def test_another_study_keeps_its_words() -> None:
    person = person_with_words(study_that_asks("other"))
    close(study_that_asks())
    assert CANARY in words_of(person)


def test_pausing_erases_nothing() -> None:
    from elicit.studies import pause

    person = person_with_words(study_that_asks())
    pause(person.study)
    assert CANARY in words_of(person)


def test_an_answer_that_comes_late_is_not_stored() -> None:
    study = study_that_asks()
    person = make_participant(study)
    exchange = begin(person, "unguided", CANARY, idempotency_key="p", now=NOW)
    close(study)
    store(exchange, [Outcome("offline/plain", 1.0, text=CANARY)])
    assert not Utterance.objects.exists()
    assert Exchange.objects.get().state == Exchange.State.FAILED


def test_each_version_of_a_study_is_held_to_its_own_words() -> None:
    asking = study_that_asks()
    early = make_begun_participant(asking)
    load_study(study_text(slug="asks", steps="consent, interview, conversations", more=DESIGN), now=NOW)
    later = make_participant(asking)
    assert later.version != early.version
    assert list(without_grant(asking)) == [early]


def test_a_failed_erasing_leaves_the_study_open(monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_that_asks()
    person_with_words(study)

    def fail(people: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(retention, "_erase_conversations", fail)
    with pytest.raises(RuntimeError):
        close(study)
    assert Study.objects.get().state == Study.State.OPEN
    assert Message.objects.exists()


def test_erasing_twice_changes_nothing() -> None:
    person = person_with_words(study_that_asks())
    close(person.study)
    before = words_of(person)
    assert erase_ungranted_words(person.study) == 1
    assert words_of(person) == before


def test_a_writer_reads_the_study_after_taking_the_lock(django_assert_num_queries) -> None:
    person = make_participant(study_that_asks())
    with django_assert_num_queries(2):
        take_for_writing(person)


def test_the_page_says_what_closing_erases_and_closing_by_the_page_erases_it(client) -> None:
    person = person_with_words(study_that_asks())
    client.force_login(make_member(study=person.study))
    page = client.get(f"/organizer/{person.study.slug}/").content.decode()
    assert "cannot be undone" in page and "for 1 person" in page
    client.post(f"/organizer/{person.study.slug}/state/", {"state": "closed"})
    assert CANARY not in words_of(person)


def test_a_closed_study_still_shows_people_their_data() -> None:
    person = person_with_words(study_that_asks())
    browser = make_browser(person)
    close(person.study)
    assert browser.get(f"/study/{person.study.slug}/my-data/").status_code == 200


UNTIL = "retention: {until: 2026-12-31}\n"
LATER = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)


def expiring(slug: str = "expiring", *, more: str = DESIGN + UNTIL) -> Study:
    return open_study(
        load_study(study_text(slug=slug, steps="consent, interview, values_card, conversations", more=more), now=NOW)
    )


def leave_everything(person: Participant) -> None:
    """Leave the canary in what only this issue keeps: revisions, turns, reasons, sealed numbers."""
    message = Message.objects.filter(interview__participant=person, author="participant").first()
    MessageRevision.objects.create(message=message, number=1, text=CANARY, replaced_at=NOW)
    turn = Turn.objects.create(interview=message.interview, number=9, state=Turn.State.WRITING, created_at=NOW)
    TurnChunk.objects.create(turn=turn, attempt=1, number=1, text=CANARY)
    ValuesCard.objects.filter(participant=person).update(fit_reason=CANARY)


def canaries() -> set[str]:
    """Name every column of every row that holds the canary."""
    found = set()
    for model in apps.get_models():
        for row in model._default_manager.all():
            shown = {field.attname: str(getattr(row, field.attname)) for field in model._meta.concrete_fields}
            found |= {f"{model.__name__}.{name}" for name, words in shown.items() if CANARY in words}
    return found


def test_closing_erases_revisions_turns_and_reasons_of_who_did_not_grant_their_words() -> None:
    person = person_with_words(study_that_asks())
    leave_everything(person)
    assert {"MessageRevision.text", "TurnChunk.text", "ValuesCard.fit_reason"} <= canaries()
    close(person.study)
    assert canaries() == set()


def test_words_that_are_taken_back_after_the_closing_go_at_once() -> None:
    person = person_with_words(study_that_asks(), keep_words=True)
    leave_everything(person)
    close(person.study)
    assert CANARY in words_of(person)
    change_answer(person, "keep_words", False, now=NOW)
    assert canaries() == set()


def test_a_later_wording_that_asks_for_words_binds_who_answered_it() -> None:
    text = study_text(slug="late", steps="consent, interview, conversations", more=DESIGN)
    study = open_study(load_study(text, now=NOW))
    person = make_begun_participant(study)
    record_consent(person, {"take_part": True}, now=NOW)
    assert list(without_grant(study)) == []
    load_study(text.replace('version: "1"', 'version: "2"').replace("  details:", ITEM), now=NOW)
    renew_consent(person, {"take_part": True}, now=NOW)
    assert list(without_grant(study)) == [person]


def test_before_its_retention_date_a_study_keeps_everything() -> None:
    person = person_with_words(expiring(), explore=True)
    assert erase_expired(LATER - timedelta(days=2)) == []
    assert CANARY in words_of(person)


def test_after_its_retention_date_nothing_leads_to_a_person_and_no_word_but_the_card_stays() -> None:
    person = person_with_words(expiring(), explore=True)
    leave_everything(person)
    create_link(person, now=NOW)
    code = person.code
    assert erase_expired(LATER) == ["expiring"]
    assert canaries() == set()
    assert not EntryLink.objects.exists() and not SurveyAnswer.objects.exists()
    person.refresh_from_db()
    assert (person.code, person.withdrawn_at) == (tombstone_code(code), None)
    assert person.values_cards.get().title == "Staying close"


def test_a_card_that_was_granted_for_nothing_goes_on_the_retention_date() -> None:
    person = person_with_words(expiring())
    erase_expired(LATER)
    assert not person.values_cards.exists()


def test_judgements_that_were_granted_stay_without_their_reasons_and_others_go() -> None:
    study = expiring()
    [granted, refused] = make_judgements(study, wiser=1, of=2)
    Judgement.objects.update(why=CANARY)
    JudgementRevision.objects.create(judgement=granted, answer="wiser", why=CANARY, answered_at=NOW)
    for item in ("explore", "train"):
        change_answer(refused.participant, item, False, now=NOW)
    erase_expired(LATER)
    assert canaries() == set()
    assert Judgement.objects.get() == granted


def test_on_its_retention_date_a_study_closes_and_lets_nobody_in_again() -> None:
    study = expiring()
    person = make_begun_participant(study)
    token, browser = create_link(person, now=NOW), make_browser(person)
    erase_expired(LATER)
    study.refresh_from_db()
    assert (study.state, study.erased_at) == (Study.State.CLOSED, LATER)
    assert browser.get(f"/study/{study.slug}/my-data/").status_code == 404
    with pytest.raises(InvalidLink):
        enter(token, now=NOW)


def test_erasing_an_expired_study_again_changes_nothing() -> None:
    person = person_with_words(expiring(), explore=True)
    erase_expired(LATER)
    assert erase_expired(LATER + timedelta(days=30)) == []
    person.refresh_from_db()
    assert Study.objects.get().erased_at == LATER


def test_the_earliest_date_that_anybody_was_told_holds() -> None:
    study = expiring()
    make_begun_participant(study)
    load_study(study_text(slug="expiring", more="retention: {until: 2030-01-01}\n"), now=NOW)
    assert retention_date(study) == date(2026, 12, 31)


def test_a_study_without_a_date_is_never_erased_by_time() -> None:
    person = person_with_words(study_that_asks())
    assert erase_expired(LATER) == []
    assert CANARY in words_of(person)


def test_the_task_beside_the_sweep_erases_by_today_s_date(settings: Any) -> None:
    study = expiring(more=DESIGN + "retention: {until: 2001-01-01}\n")
    erase_task()
    study.refresh_from_db()
    assert study.erased_at is not None
    assert settings.CELERY_BEAT_SCHEDULE["erase-expired"]["task"] == erase_task.name
