"""Turns under many hands at once: one question, one owner of every word, nothing after withdrawal."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from elicit import turns
from elicit.consent import change_answer
from elicit.errors import AlreadyWithdrawn
from elicit.models import Message, Study, Turn, TurnChunk
from elicit.participants import begin as start_study
from elicit.participants import take_for_writing, withdraw
from elicit.releases import release_card
from elicit.retention import erase_study
from elicit.studies import close, load_study
from moralgraph.models import CardMembership
from tests.elicit.turning import MODEL, NOW, attempt_at, begin, make_model_led, say, the_turn
from tests.make import (
    make_begun_participant,
    make_confirmed_card,
    make_consenting_participant,
    make_participant,
    make_study,
    study_text,
)

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def postgresql(settings):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    settings.LLM_PURPOSES = {"interview": [MODEL]}


@pytest.fixture
def interview():
    return begin(make_model_led())


def at_once(*works):
    """Do all of it at once, each with a connection of its own, and return what came of it."""

    def run(work):
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_twenty_posts_of_one_answer_make_one_turn(interview):
    stored = at_once(*[lambda: say(interview).pk for _ in range(20)])
    assert len(set(stored)) == 1
    assert Turn.objects.count() == 1


def test_two_workers_take_one_turn_up_once(interview):
    say(interview)
    attempt = attempt_at(interview)
    taken = at_once(*[lambda: turns.take_up(attempt, now=timezone.now()) is not None for _ in range(8)])
    assert sum(taken) == 1


def test_going_on_trying_again_and_the_worker_s_end_make_one_question(interview):
    for round_ in range(5):
        say(interview, key=str(round_))
        attempt = attempt_at(interview)
        turns.take_up(attempt, now=timezone.now())
        at_once(
            lambda attempt=attempt: turns.keep_question(attempt, turns.Written("And then?"), now=NOW),
            lambda: turns.go_on_without(interview, now=NOW),
            lambda attempt=attempt: turns.hand_over(attempt, trouble="provider", now=NOW),
            lambda: turns.retry_turn(interview, now=NOW),
        )
        number = the_turn(interview).number
        assert Message.objects.filter(interview=interview, number=number).count() == 1
        assert the_turn(interview).state in (Turn.State.DONE, Turn.State.SET_ASIDE)
        interview.refresh_from_db()
        if interview.handed_over:
            return


def test_somebody_who_withdraws_while_words_come_leaves_none(interview):
    say(interview)
    attempt = attempt_at(interview)
    turns.take_up(attempt, now=timezone.now())

    def write():
        for number in range(1, 60):
            if not turns.add_words(attempt, number=number, text="word ", now=timezone.now()):
                return "stopped"
        try:
            return turns.keep_question(attempt, turns.Written("And then?"), now=NOW)
        except AlreadyWithdrawn:
            return "stopped"

    written, _gone = at_once(write, lambda: withdraw(interview.participant, now=NOW))
    assert written in ("stopped", None)
    assert not TurnChunk.objects.exists()
    assert not Message.objects.exists()


def test_a_finished_turn_is_never_interrupted_by_those_who_look(interview):
    say(interview)
    attempt = attempt_at(interview)
    turns.take_up(attempt, now=NOW)
    at_once(
        lambda: turns.keep_question(attempt, turns.Written("And then?"), now=timezone.now()),
        *[lambda: turns.interrupt_stale(now=timezone.now()) for _ in range(6)],
    )
    turn = the_turn(interview)
    assert (turn.state == Turn.State.DONE) == (turn.message is not None)


def test_a_turn_that_ends_while_somebody_looks_stays_ended(interview):
    say(interview)
    attempt = attempt_at(interview)
    turns.take_up(attempt, now=NOW)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            turns.keep_question(attempt, turns.Written("And then?"), now=timezone.now())
            look = pool.submit(at_once, lambda: turns.interrupt_stale(now=timezone.now()))
            wait([look], timeout=0.5)
        look.result()
    assert the_turn(interview).state == Turn.State.DONE


@pytest.mark.parametrize("end", [close, lambda study: erase_study(study, now=NOW)], ids=["closed", "erased"])
def test_a_study_ends_while_a_card_is_being_confirmed_and_neither_waits_for_the_other(interview, end):
    study, has_begun = interview.participant.study, threading.Event()

    def confirm():
        with transaction.atomic():
            take_for_writing(interview.participant)
            has_begun.set()
            time.sleep(0.4)
            Study.objects.select_for_update().get(pk=study.pk)  # as a card that joins the others does
        return True

    def finish():
        has_begun.wait(60)
        end(study)
        return True

    assert at_once(confirm, finish) == [True, True]


def test_a_card_is_not_released_behind_a_consent_that_is_being_taken_back():
    author = make_consenting_participant(make_study(), explore=True)
    card = make_confirmed_card(author, release="held")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_answer(author, "explore", False, now=NOW)
            release = pool.submit(at_once, lambda: release_card(card, by=None, now=NOW))
            wait([release], timeout=0.5)
        release.result()
    assert not CardMembership.objects.exists()


def test_who_begins_while_the_study_s_file_is_loaded_keeps_the_version_they_began_with():
    study = make_study(slug="loaded")
    make_begun_participant(study)
    person, text = make_participant(study), study_text(slug="loaded").replace("minutes: 10", "minutes: 12")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            start_study(person, language="en", now=NOW)
            load = pool.submit(at_once, lambda: load_study(text, now=NOW))
            wait([load], timeout=1)
        load.result()
    person.refresh_from_db()
    assert (study.current_version.number, person.version.number) == (2, 1)
