"""Who is where: the state of each participant, and where people are stuck."""

from datetime import timedelta

import pytest

from elicit.exclusions import exclude
from elicit.interviews import start_interview
from elicit.models import Conversation, Exchange, Job, Participant, Turn
from elicit.participants import withdraw
from elicit.people import count_states, lines_of, people_of, stuck_people
from elicit.steps import open_step
from tests.make import NOW, make_consenting_participant, make_participant, make_study

pytestmark = pytest.mark.django_db
SECONDS = timedelta(seconds=1)


def state_of(participant: Participant, *, now=NOW) -> str:
    return people_of(participant.study, now=now).get(pk=participant.pk).state


def seen(participant: Participant, *, ago: timedelta) -> Participant:
    Participant.objects.filter(pk=participant.pk).update(began_at=NOW - ago, last_seen_at=NOW - ago)
    return Participant.objects.get(pk=participant.pk)


def make_turn(participant: Participant, *, state: str, ago: timedelta, **fields: object) -> Turn:
    interview = start_interview(participant, participant.study.questions.first(), now=NOW)
    return Turn.objects.create(interview=interview, number=2, state=state, created_at=NOW - ago, **fields)


@pytest.mark.parametrize(
    ("ago", "state"),
    [
        (timedelta(minutes=1), "working"),
        (timedelta(minutes=6), "idle"),
        (timedelta(minutes=31), "away"),
        (timedelta(hours=23), "away"),
    ],
)
def test_a_state_follows_the_last_save(ago, state):
    assert state_of(seen(make_consenting_participant(), ago=ago)) == state


def test_somebody_who_only_has_a_link_has_not_begun():
    assert state_of(make_participant()) == "not_begun"


def test_a_day_of_silence_in_the_middle_of_a_step_is_being_stuck():
    person = seen(make_consenting_participant(), ago=timedelta(hours=25))
    assert state_of(person) == "away"
    open_step(person, "interview")
    assert state_of(person) == "stuck"
    [stuck] = stuck_people(person.study, now=NOW)
    assert (stuck.step, stuck.count) == ("Conversation", 1)
    assert "for a day" in stuck.trouble


def test_people_who_are_stuck_at_one_step_over_one_thing_are_one_line():
    study = make_study()
    for _ in range(3):
        open_step(seen(make_consenting_participant(study), ago=timedelta(hours=25)), "interview")
    [stuck] = stuck_people(study, now=NOW)
    assert stuck.count == 3


def test_a_turn_that_is_being_written_is_waited_for_until_its_worker_is_silent():
    person = seen(make_consenting_participant(), ago=SECONDS)
    make_turn(person, state="writing", ago=300 * SECONDS, heartbeat_at=NOW - 5 * SECONDS)
    assert state_of(person) == "waiting"
    assert state_of(person, now=NOW + 200 * SECONDS) == "stuck"


def test_a_turn_that_broke_off_is_stuck_after_two_minutes():
    person = seen(make_consenting_participant(), ago=SECONDS)
    make_turn(person, state="interrupted", ago=300 * SECONDS, finished_at=NOW)
    assert state_of(person, now=NOW + 119 * SECONDS) == "working"
    assert state_of(person, now=NOW + 121 * SECONDS) == "stuck"


def test_a_turn_whose_job_failed_is_stuck_at_once():
    person = seen(make_consenting_participant(), ago=SECONDS)
    job = Job.objects.create(study=person.study, kind="turn", key="t", state="failed")
    make_turn(person, state="waiting", ago=SECONDS, job=job)
    assert state_of(person) == "stuck"


@pytest.mark.parametrize(("exchange", "state"), [("answering", "waiting"), ("failed", "stuck"), ("rating", "working")])
def test_answers_that_are_being_written_or_failed_count(exchange, state):
    person = seen(make_consenting_participant(), ago=SECONDS)
    talk = Conversation.objects.create(participant=person, number=1, kind="unguided")
    Exchange.objects.create(conversation=talk, number=1, prompt="Hello", seed=1, idempotency_key="1", state=exchange)
    assert state_of(person) == state


def test_the_ways_to_be_done_win_over_everything_else():
    study = make_study()
    finished, left, out, gone = (seen(make_consenting_participant(study), ago=SECONDS) for _ in range(4))
    Participant.objects.filter(pk=finished.pk).update(finished_at=NOW, ended="complete")
    Participant.objects.filter(pk=left.pk).update(ended="no_consent")
    exclude(out, because="Copied text", by=None, now=NOW)
    withdraw(gone, now=NOW)
    found = [(state.key, count) for state, count in count_states(people_of(study, now=NOW))]
    assert found == [("finished", 1), ("ended", 1), ("excluded", 1), ("withdrawn", 1)]


def test_a_line_tells_the_step_of_the_persons_own_version():
    person = seen(make_consenting_participant(make_study(steps="consent, interview, values_card")), ago=SECONDS)
    [line] = lines_of(people_of(person.study, now=NOW))
    assert (line.step, line.done, line.total) == ("Conversation", 1, 3)


def test_previews_stand_in_no_list():
    study = make_study()
    make_participant(study, origin="preview")
    assert not people_of(study, now=NOW).exists()
