"""Turns: a model writes the next question, and whatever happens to it, no word is lost and there is a way on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from elicit import interviewing, turns
from elicit.errors import Conflict, LLMError
from elicit.interviews import ask_differently, edit_message, finish_interview, interview_of, skip_question
from elicit.jobs import sweep
from elicit.llm.metering import CallRefused
from elicit.llm.streaming import BrokenOff
from elicit.models import Interview, Job, Message, Turn, TurnChunk
from elicit.participants import withdraw
from elicit.studies import pause
from tests.elicit.turning import (
    MODEL,
    NOW,
    QUESTION,
    STORY,
    attempt_at,
    begin,
    beside,
    make_model_led,
    play,
    say,
    the_turn,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def models(settings):
    settings.LLM_PURPOSES = {"interview": [MODEL]}


@pytest.fixture
def participant():
    return make_model_led()


@pytest.fixture
def interview(participant):
    return begin(participant)


def failing(kind, trouble):
    error = kind("It failed.")
    error.trouble = trouble
    return error


def test_the_words_are_saved_and_the_question_is_left_to_a_turn(interview):
    message = say(interview)
    turn = the_turn(interview)
    assert interview.messages.last() == message
    assert (turn.state, turn.number, turn.job.queue) == ("waiting", 3, "llm")


def test_no_word_stands_in_the_job(interview):
    say(interview)
    turn = the_turn(interview)
    assert turn.job.payload == {"turn": turn.pk, "attempt": 1}


def test_without_a_model_the_guide_leads_and_says_why(settings):
    settings.LLM_PURPOSES = {}
    interview = begin(make_model_led())
    say(interview)
    assert (interview.mode, interview.handed_over) == ("guided", "no_model")
    assert interview.messages.count() == 3


def test_the_model_s_words_become_the_next_question(interview, monkeypatch):
    play(monkeypatch, *beside(QUESTION))
    say(interview)
    work()
    question = interview.messages.last()
    assert (question.text, question.author, question.number) == (QUESTION, "interviewer", 3)
    assert (question.model_name, question.prompt_name, question.prompt_hash) == (MODEL, "interview_question", "hash")
    assert question.seed
    assert the_turn(interview).state == Turn.State.DONE
    assert not TurnChunk.objects.exists()


def test_the_prompt_holds_what_was_said_and_what_the_question_is_for(interview, monkeypatch):
    script = play(monkeypatch, QUESTION)
    say(interview)
    work()
    (asked,) = script.asked
    assert STORY in [turn["text"] for turn in asked["transcript"]]
    assert asked["aim"]
    assert asked["language"] == "English"


def test_a_second_question_and_markup_are_left_out(interview, monkeypatch):
    play(monkeypatch, "**What** did [you](http://x.test) see? ", "And what did you feel?", "![](http://x.test/a)")
    say(interview)
    work()
    assert interview.messages.last().text == "What did you see?"


def test_the_words_come_into_the_log_while_they_are_written(interview, monkeypatch):
    seen = []
    play(monkeypatch, "You stayed ", "beside ", lambda: seen.extend(turns.chunks_of(the_turn(interview))), "him. ")
    say(interview)
    work()
    assert "".join(seen).startswith("You")


def test_a_duplicate_post_answers_as_the_first_while_the_turn_is_alive(interview):
    assert say(interview) == say(interview)
    assert Turn.objects.count() == 1


def test_words_sent_while_the_question_is_written_are_given_back(interview):
    say(interview)
    with pytest.raises(Conflict, match="still being written"):
        say(interview, key="two")


def test_a_job_that_runs_twice_asks_once(interview, monkeypatch):
    script = play(monkeypatch, QUESTION)
    say(interview)
    work()
    Job.objects.update(state=Job.State.QUEUED)
    work()
    assert len(script.asked) == 1
    assert interview.messages.count() == 3


def test_going_on_without_waiting_lets_the_guide_ask_at_once(interview, monkeypatch):
    say(interview)
    for _ in range(2):
        turns.go_on_without(interview, now=NOW)
    turn = the_turn(interview)
    assert (turn.state, turn.message) == (Turn.State.SET_ASIDE, interview.messages.last())
    assert interview.messages.count() == 3
    assert interview_of(interview.participant).handed_over == ""


def test_a_worker_that_comes_after_that_writes_nothing(interview, monkeypatch):
    script = play(monkeypatch, "You ", lambda: turns.go_on_without(interview, now=NOW), *beside(QUESTION))
    say(interview)
    work()
    assert interview.messages.count() == 3
    assert interview.messages.last().model_name == ""
    assert not script.was_stopped or not TurnChunk.objects.exists()


def test_stopping_keeps_what_has_come(interview, monkeypatch):
    monkeypatch.setattr(interviewing, "SECONDS_BETWEEN_BEATS", 0)
    play(monkeypatch, "You stayed beside him. ", lambda: turns.stop_turn(interview, now=NOW), "And more ", "words.")
    say(interview)
    work()
    question = interview.messages.last()
    assert (question.text, question.was_cut) == ("You stayed beside him.", True)


def test_stopping_before_the_first_word_lets_the_guide_ask(interview, monkeypatch):
    monkeypatch.setattr(interviewing, "SECONDS_BETWEEN_BEATS", 0)
    play(monkeypatch, lambda: turns.stop_turn(interview, now=NOW), QUESTION)
    say(interview)
    work()
    assert interview.messages.count() == 3
    assert the_turn(interview).state == Turn.State.SET_ASIDE


TROUBLES = ["rate_limited", "timed_out", "provider", "empty", "malformed", "refused", "budget"]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_when_no_model_answers_the_guide_takes_over_for_good(interview, monkeypatch, trouble):
    play(monkeypatch, failing(CallRefused if trouble == "budget" else LLMError, trouble))
    say(interview)
    work()
    current = interview_of(interview.participant)
    assert (current.handed_over, the_turn(interview).trouble) == (trouble, trouble)
    assert interview.messages.count() == 3
    say(current, key="two")
    assert interview.messages.count() == 5


def test_an_answer_of_markup_alone_is_no_question(interview, monkeypatch):
    play(monkeypatch, "![](http://x.test/a.png) <b></b>")
    say(interview)
    work()
    assert the_turn(interview).trouble == "empty"
    assert interview.messages.count() == 3


def test_half_an_answer_that_asks_already_is_kept(interview, monkeypatch):
    broken = failing(BrokenOff, "broken_off")
    play(monkeypatch, "What did you notice?", broken)
    say(interview)
    work()
    assert interview.messages.last().text == "What did you notice?"


def test_half_an_answer_without_a_question_waits_to_be_tried_again(interview, monkeypatch):
    play(monkeypatch, "You stayed beside him and ", failing(BrokenOff, "broken_off"))
    say(interview)
    work()
    turn = the_turn(interview)
    assert (turn.state, turn.trouble) == (Turn.State.INTERRUPTED, "broken_off")
    assert turns.ways_on(turn, now=NOW) == ["retry", "continue"]
    assert "Your words are saved" in turns.sentence_for(turn, now=NOW)


def test_trying_again_writes_the_turn_from_its_beginning(interview, monkeypatch):
    play(monkeypatch, "You stayed ", failing(BrokenOff, "broken_off"))
    say(interview)
    work()
    for _ in range(2):
        turns.retry_turn(interview, now=timezone.now())
    assert not TurnChunk.objects.exists()
    play(monkeypatch, QUESTION)
    assert work() == 1
    assert interview.messages.last().text == QUESTION


def test_stopping_an_interrupted_turn_keeps_its_words(interview, monkeypatch):
    play(monkeypatch, "You stayed beside him. ", failing(BrokenOff, "broken_off"))
    say(interview)
    work()
    turns.stop_turn(interview, now=NOW)
    assert interview.messages.last().text == "You stayed beside him."
    assert interview.messages.last().was_cut


def taken_up(interview):
    """Let a worker take the turn up, write a word, and die."""
    attempt = attempt_at(interview)
    assert turns.take_up(attempt, now=NOW)
    assert turns.add_words(attempt, number=1, text="You stayed", now=NOW)
    return attempt


def test_a_turn_whose_worker_died_is_interrupted_within_seconds(interview):
    say(interview)
    taken_up(interview)
    assert turns.interrupt_stale(now=NOW + timedelta(seconds=9)) == 0
    assert turns.interrupt_stale(now=NOW + timedelta(seconds=11)) == 1
    turn = the_turn(interview)
    assert (turn.state, turn.trouble) == (Turn.State.INTERRUPTED, "worker")


def test_a_worker_that_comes_back_late_changes_nothing(interview):
    say(interview)
    late = taken_up(interview)
    turns.interrupt_stale(now=NOW + timedelta(seconds=11))
    turns.retry_turn(interview, now=NOW)
    assert not turns.add_words(late, number=2, text=" beside", now=NOW)
    assert turns.keep_question(late, turns.Written("Late?"), now=NOW) is None
    assert not turns.hand_over(late, trouble="provider", now=NOW)
    assert not turns.interrupt(late, trouble="broken_off", now=NOW)
    assert the_turn(interview).state == Turn.State.WAITING
    assert interview.messages.count() == 2


def test_a_turn_whose_job_ended_before_it_was_taken_up_is_interrupted(interview):
    say(interview)
    Job.objects.update(state=Job.State.FAILED)
    assert turns.interrupt_stale(now=timezone.now()) == 1


def test_a_turn_that_waits_for_a_worker_is_announced_again_and_not_interrupted(interview):
    say(interview)
    later = timezone.now() + timedelta(seconds=11)
    Turn.objects.update(created_at=NOW)
    assert turns.interrupt_stale(now=later) == 0
    assert sweep(now=later) == 1


def test_after_fifteen_seconds_without_a_word_going_on_is_offered(interview):
    say(interview)
    turn = the_turn(interview)
    assert turns.ways_on(turn, now=NOW + timedelta(seconds=14)) == []
    assert turns.ways_on(turn, now=NOW + timedelta(seconds=15)) == ["continue"]
    assert "without waiting" in turns.sentence_for(turn, now=NOW + timedelta(seconds=15))


def test_somebody_who_withdraws_meanwhile_gets_no_word_written(interview, participant, monkeypatch):
    play(monkeypatch, "You ", lambda: withdraw(participant, now=NOW), *beside(QUESTION))
    say(interview)
    work()
    assert not Message.objects.exists()
    assert not TurnChunk.objects.exists()
    assert Job.objects.get().state == Job.State.DONE


def test_a_turn_that_ends_in_a_paused_study_waits_to_be_tried_again(interview, participant, monkeypatch):
    play(monkeypatch, "You ", lambda: pause(participant.study), *beside(QUESTION))
    say(interview)
    work()
    assert interview.messages.count() == 2
    turns.interrupt_stale(now=timezone.now() + timedelta(seconds=11))
    assert the_turn(interview).state == Turn.State.INTERRUPTED


def test_skipping_and_asking_differently_are_kinds_of_answers(interview, monkeypatch):
    play(monkeypatch, QUESTION)
    skip_question(interview, idempotency_key="1", now=NOW)
    work()
    script = play(monkeypatch, "Put another way: what did you see?")
    ask_differently(interview, idempotency_key="2", now=NOW)
    work()
    assert [m.kind for m in interview.messages.filter(author="participant")] == ["skipped", "differently"]
    assert script.asked[0]["again"]


def test_enough_ends_the_turn_with_the_interview(interview, monkeypatch):
    play(monkeypatch, "You ", lambda: finish_interview(interview, now=NOW), *beside(QUESTION))
    say(interview)
    work()
    interview.refresh_from_db()
    assert interview.state == Interview.State.FINISHED
    assert interview.messages.count() == 2


def test_changing_the_last_answer_keeps_what_it_said_and_asks_again(interview, monkeypatch):
    play(monkeypatch, QUESTION)
    message = say(interview)
    work()
    edit_message(interview, message.number, "I meant my sister.", now=NOW)
    message.refresh_from_db()
    assert (message.text, message.revision) == ("I meant my sister.", 2)
    assert [old.text for old in message.revisions.all()] == [STORY]
    assert interview.messages.last() == message
    assert the_turn(interview).number == 4


def test_an_answer_to_the_question_that_was_taken_back_is_a_conflict(interview, monkeypatch):
    play(monkeypatch, QUESTION)
    message = say(interview)
    work()
    edit_message(interview, message.number, "I meant my sister.", now=NOW)
    work()
    with pytest.raises(Conflict, match="another tab"):
        say(interview, key="two", answering=3)


def test_changing_an_answer_while_its_question_is_written_begins_a_new_turn(interview):
    message = say(interview)
    old = attempt_at(interview)
    edit_message(interview, message.number, "I meant my sister.", now=NOW)
    assert turns.take_up(old, now=NOW) is None
    assert Turn.objects.filter(state__in=turns.LIVE).count() == 1


def test_only_the_last_answer_can_be_changed(interview, monkeypatch):
    play(monkeypatch, QUESTION)
    first = say(interview)
    work()
    say(interview, key="two")
    with pytest.raises(Conflict, match="Only the last"):
        edit_message(interview, first.number, "Too late", now=NOW)


def test_the_limit_of_questions_holds_for_a_model_too(settings, monkeypatch):
    play(monkeypatch, QUESTION)
    interview = begin(make_model_led("interview: {mode: model, max_turns: 4}\n"))
    for number in range(4):
        say(interview, key=str(number))
        work()
    interview.refresh_from_db()
    assert interview.state == Interview.State.FINISHED
    assert interview.messages.filter(author="interviewer").count() == 4


def test_no_text_of_a_model_ends_the_interview(interview, monkeypatch):
    play(monkeypatch, "The interview is over. [END] Thank you, your card is ready.")
    say(interview)
    work()
    interview.refresh_from_db()
    assert interview.state == Interview.State.OPEN
