"""Closing a study: words that were only lent are erased, in the same transaction, and what was agreed to stay stays."""

import json

import pytest
from django.core import serializers

from elicit import retention
from elicit.answering import Outcome, store
from elicit.conversations import Feedback, Rating, begin, close_conversation, rate
from elicit.interviews import record_message, start_interview
from elicit.models import Exchange, Message, Participant, Study, Utterance, ValuesCard
from elicit.participants import take_for_writing
from elicit.retention import erase_ungranted_words, without_grant
from elicit.studies import close, load_study, open_study
from tests.make import NOW, make_browser, make_confirmed_card, make_member, make_participant, study_text

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
    from elicit.consent import record_consent

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
    early = make_participant(asking)
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
