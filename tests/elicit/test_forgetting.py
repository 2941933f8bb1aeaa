"""Withdrawal: everything that leads back to a person goes, and a tombstone stays."""

import json

import pytest
from django.core import serializers

from elicit.forgetting import models_of_participants, registered_models
from elicit.interviews import record_message, start_interview
from elicit.models import ConsentGrant, EntryLink, Message, Participant, StepProgress, ValuesCard
from elicit.participants import create_link, tombstone_code, withdraw
from tests.make import NOW, make_confirmed_card, make_consenting_participant

pytestmark = pytest.mark.django_db

CANARY = "canary sentence that nobody else wrote"


def test_every_model_with_a_path_to_a_participant_is_registered():
    missing = {model.__name__ for model in models_of_participants() - registered_models()}
    assert not missing, f"Register these with elicit.forgetting.register_forget: {sorted(missing)}"


def test_the_walk_finds_rows_that_hang_on_a_participant_s_rows():
    names = {model.__name__ for model in models_of_participants()}
    assert {"Message", "Utterance", "CardMembership", "JudgementRevision", "CanonicalValuesCard"} <= names
    assert not {"Study", "Question", "Participant"} & names


@pytest.fixture
def participant():
    person = make_consenting_participant(train=True)
    interview = start_interview(person, person.study.questions.first(), now=NOW)
    record_message(interview, CANARY, idempotency_key="one", now=NOW)
    make_confirmed_card(person, title="Canary card", interview=interview)
    create_link(person, now=NOW)
    return person


def test_withdrawing_erases_every_row_of_the_person(participant):
    withdraw(participant, now=NOW)
    for model in (ConsentGrant, EntryLink, Message, StepProgress, ValuesCard):
        assert not model.objects.exists(), model.__name__


def test_no_word_of_the_person_stays_in_the_database(participant):
    withdraw(participant, now=NOW)
    left = [row for model in models_of_participants() | {Participant} for row in model.objects.all()]
    assert "anary" not in json.dumps(serializers.serialize("json", left))


def test_a_tombstone_stays_with_the_hash_of_the_code(participant):
    code = participant.code
    withdraw(participant, now=NOW)
    assert participant.withdrawn_at == NOW
    assert participant.code == tombstone_code(code) != code


def test_withdrawing_twice_changes_nothing(participant):
    withdraw(participant, now=NOW)
    code = participant.code
    withdraw(participant, now=NOW.replace(year=2027))
    assert (participant.code, participant.withdrawn_at) == (code, NOW)


def test_another_participant_keeps_everything(participant):
    other = make_consenting_participant(participant.study)
    make_confirmed_card(other)
    withdraw(participant, now=NOW)
    assert other.consent_grants.count() == 3
    assert other.values_cards.count() == 1
