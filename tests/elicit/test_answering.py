"""Models answer at the same time, one that fails is replaced and never shown, and nothing is lost on the way."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from elicit import connections, exposures
from elicit.answering import OTHER_HALF_FAILED, Outcome, answer_exchange, plan_for, store
from elicit.conversations import (
    ask,
    ask_again,
    close_conversation,
    is_out_of_budget,
    may_end,
    may_go_on,
    rate,
    shown_utterances,
    why_it_ended,
)
from elicit.errors import Conflict, LLMError
from elicit.flagging import checks_of
from elicit.jobs import JobProgress, JobTakenOver, run_queued_jobs
from elicit.llm import gateway
from elicit.llm.metering import CallRefused
from elicit.models import Exchange, Job, LlmCall, Utterance
from elicit.rating import Feedback, Rating
from tests.elicit.rated import answered, instruct, opened, person_in, rated, rated_study
from tests.make import NOW

pytestmark = pytest.mark.django_db

MODELS = ["offline/plain", "offline/questions", "offline/steps", "offline/warm"]
SIX = [f"house/{number}" for number in range(3)] + [f"barn/{number}" for number in range(3)]


class Models:
    """Stands in for the gateway: what each model says, fails with, or waits for."""

    def __init__(self) -> None:
        self.fails: dict[str, Exception] = {}
        self.says: dict[str, str] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.gate: threading.Barrier | None = None

    def write(self, prompt: Any, *, model_name: str, call: gateway.CallContext) -> gateway.Completion:
        self.asked.append((model_name, call.seed, prompt.messages[0].content))
        if self.gate:
            self.gate.wait(20)
        if model_name in self.fails:
            raise self.fails[model_name]
        text = self.says.get(model_name, f"Words for {call.seed}")
        return gateway.Completion(text, model_name, 3, 1, Decimal(0), parameters={"temperature": 1.0})


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Models:
    settings.LLM_MODELS = {name: {"model": "x"} for name in SIX}
    stand_in = Models()
    monkeypatch.setattr(gateway, "write", stand_in.write)
    return stand_in


def six(**design: Any) -> Any:
    study = rated_study(**design)
    version = study.current_version
    version.content["conversation"]["models"] = SIX
    version.save()
    return study


def failing(*_names: str) -> LLMError:
    return LLMError("The model did not answer.")


def test_what_a_model_was_asked_and_how_is_stored_with_its_answer(models):
    exchange = answered(opened(person_in(six())))
    for answer in shown_utterances(exchange):
        assert answer.prompt_name == "conversation_answer" and len(answer.prompt_hash) == 64
        assert answer.parameters == {"temperature": 1.0}
        assert answer.seed.startswith(f"{exchange.seed}:")
    assert sorted(answer.arrival for answer in shown_utterances(exchange)) == [0, 1, 2, 3]
    assert len({seed for _name, seed, _prompt in models.asked}) == 4
    assert exchange.draw_policy == "uniform"


def test_a_model_that_fails_is_replaced_and_kept_out_of_sight(models):
    exchange = opened(person_in(six()))
    plan = plan_for(exchange)
    models.fails[plan.draw.places[1].model_name] = failing()
    answered(exchange)
    shown = shown_utterances(exchange)
    [spare] = [answer for answer in shown if answer.is_back_fill]
    assert (spare.model_name, spare.propensity) == (plan.draw.standby[0].model_name, pytest.approx(5 / 6))
    unshown = exchange.utterances.get(position=100)
    assert unshown.failure == "LLMError: The model did not answer." and unshown.text == ""
    assert unshown.arrival is None and len(shown) == 4


def test_an_empty_answer_is_a_failure(models):
    exchange = opened(person_in(six()))
    name = plan_for(exchange).draw.places[0].model_name
    models.says[name] = "  \n"
    answered(exchange)
    assert exchange.utterances.get(model_name=name).failure == "The answer was empty."
    assert name not in [answer.model_name for answer in shown_utterances(exchange)]


def test_when_all_fail_every_one_was_asked_and_the_next_try_draws_anew(models):
    models.fails = dict.fromkeys(SIX, failing())
    exchange = answered(opened(person_in(six())))
    assert (exchange.state, exchange.utterances.count()) == ("failed", 6)
    assert not shown_utterances(exchange)
    before = [name for name, _seed, _prompt in models.asked]
    models.fails, models.asked = {}, []
    ask_again(exchange, now=NOW)
    answered(exchange)
    assert exchange.state == "rating" and len(shown_utterances(exchange)) == 4
    assert [name for name, _seed, _prompt in models.asked] != before[:4]
    assert {seed for _name, seed, _prompt in models.asked} == {f"{exchange.seed}:1:{place}" for place in range(4)}


def test_a_worker_that_died_leaves_nothing_half_and_the_next_asks_the_same_models(models):
    exchange = opened(person_in(six()))
    job = Job.objects.get(kind="answer_exchange")
    job.state, job.attempts = "running", 1
    job.save()
    progress = JobProgress(job)
    taken_over = [None, JobTakenOver("Another has it.")]
    with patch.object(progress, "report", side_effect=taken_over), pytest.raises(JobTakenOver):
        answer_exchange(progress)
    first = [seed for _name, seed, _prompt in models.asked]
    assert len(first) == 4 and not exchange.utterances.exists()
    Job.objects.update(state="queued")
    models.asked = []
    answered(exchange)
    assert [seed for _name, seed, _prompt in models.asked] == first
    assert exchange.utterances.count() == 4


def test_answers_of_a_worker_that_was_thought_dead_are_not_stored_beside_the_others(models):
    exchange = answered(opened(person_in(six())))
    store(exchange, [Outcome("house/0", 1.0, text="Late.")])
    assert exchange.utterances.count() == 4


def test_the_winner_goes_on_with_two_samples_and_a_spare_where_one_fails(models, monkeypatch):
    first = rated(opened(person_in(six())))
    winner = first.utterances.get(is_chosen=True).model_name
    second = ask(first.conversation, "And then?", idempotency_key="next", now=NOW)
    write = models.write

    def first_sample_fails(prompt, *, model_name, call):
        if call.seed.endswith(":0"):
            raise failing()
        return write(prompt, model_name=model_name, call=call)

    monkeypatch.setattr(gateway, "write", first_sample_fails)
    answered(second)
    shown = shown_utterances(second)
    assert [(answer.model_name, answer.propensity) for answer in shown] == [(winner, 1.0)] * 2
    assert sorted(answer.is_back_fill for answer in shown) == [False, True]
    assert second.draw_policy == exposures.WINNER


def test_identical_answers_are_said_to_be_and_one_of_them_is_chosen(models):
    models.says = dict.fromkeys(SIX, "The same words.")
    exchange = answered(opened(person_in(six())))
    assert all(answer.checks["identical"] for answer in shown_utterances(exchange))
    exchange = rated(exchange, best="B")
    assert [answer.is_chosen for answer in shown_utterances(exchange)] == [False, True, False, False]


def test_own_instructions_stand_beside_none_for_the_same_two_models(models):
    person = person_in(six(more="  own_instructions: 1.0", steps="consent, survey, conversations"))
    instruct(person, "Speak like a gardener.")
    exchange = answered(opened(person))
    shown = shown_utterances(exchange)
    assert exchange.conversation.arm == "own_system"
    assert len({answer.model_name for answer in shown}) == 2
    assert sorted(answer.system for answer in shown) == ["default", "default", "own", "own"]
    assert sum("Speak like a gardener." in prompt for _name, _seed, prompt in models.asked) == 2
    assert {answer.prompt_name for answer in shown if answer.system == "own"} == {"conversation_own_instructions"}


def test_the_winner_s_instructions_go_on(models):
    person = person_in(six(more="  own_instructions: 1.0", steps="consent, survey, conversations"))
    instruct(person, "Speak like a gardener.")
    exchange = answered(opened(person))
    best = next(answer for answer in shown_utterances(exchange) if answer.system == "own")
    first = rated(exchange, best=best.letter)
    models.asked = []
    second = answered(ask(first.conversation, "And then?", idempotency_key="next", now=NOW))
    assert {answer.system for answer in shown_utterances(second)} == {"own"}
    assert all("Speak like a gardener." in prompt for _name, _seed, prompt in models.asked)


def test_an_answer_that_has_nothing_to_be_compared_with_is_not_shown(models, monkeypatch):
    person = person_in(six(more="  own_instructions: 1.0", steps="consent, survey, conversations"))
    instruct(person, "Speak like a gardener.")
    exchange = opened(person)
    name = plan_for(exchange).draw.places[0].model_name
    write = models.write

    def half_fails(prompt, *, model_name, call):
        if model_name == name and call.seed.endswith(":own"):
            raise failing()
        return write(prompt, model_name=model_name, call=call)

    monkeypatch.setattr(gateway, "write", half_fails)
    answered(exchange)
    shown = shown_utterances(exchange)
    assert len(shown) == 4 and name not in {answer.model_name for answer in shown}
    assert exchange.utterances.filter(model_name=name, failure=OTHER_HALF_FAILED, text="").count() == 1


def test_a_balanced_study_counts_what_people_saw_and_not_what_failed(models):
    study = six(count=1, more="  draw: balanced")
    models.fails["barn/2"] = failing()
    for _ in range(6):
        answered(opened(person_in(study)))
    seen = exposures.exposures_in(person_in(study))
    assert sum(seen.shown.values()) == 24 and "barn/2" not in seen.shown
    assert sum(seen.together.values()) == 6 * 6
    assert all(first < second for first, second in seen.together)
    assert set(Exchange.objects.values_list("draw_policy", flat=True)) == {"balanced"}
    assert max(seen.shown.values()) - min(seen.shown.values()) <= 3


def test_after_only_bad_answers_models_are_drawn_anew(models):
    first = answered(opened(person_in(six())))
    rate(first, Rating({}, all_bad=True, reason="Empty."), now=NOW)
    second = answered(ask(first.conversation, "And?", idempotency_key="next", now=NOW))
    assert (second.draw_policy, len({answer.model_name for answer in shown_utterances(second)})) == ("uniform", 4)


def test_a_spending_cap_ends_the_conversation_kindly_and_the_step_with_it(models):
    person = person_in(six())
    first = rated(opened(person))
    models.fails = dict.fromkeys(SIX, CallRefused("The cap is reached."))
    second = answered(ask(first.conversation, "And?", idempotency_key="next", now=NOW))
    assert is_out_of_budget(second) and why_it_ended(first.conversation, now=NOW) == "budget"
    assert close_conversation(first.conversation, Feedback({"fluency": 5}, {}), now=NOW)
    first.conversation.refresh_from_db()
    assert (first.conversation.ended_by, first.conversation.state) == ("budget", "finished")
    assert person.steps.get(key="conversations").state == "done"


def test_a_cap_that_is_reached_at_once_holds_nobody_up(models):
    models.fails = dict.fromkeys(SIX, CallRefused("The cap is reached."))
    exchange = answered(opened(person_in(six())))
    assert close_conversation(exchange.conversation, Feedback({}, {}), now=NOW)


def test_a_conversation_ends_by_its_turns(models):
    conversation = rated(opened(person_in(six()))).conversation
    rated(ask(conversation, "And?", idempotency_key="next", now=NOW))
    assert why_it_ended(conversation, now=NOW) == "turns"
    close_conversation(conversation, Feedback({}, {}), now=NOW)
    assert conversation.__class__.objects.get(pk=conversation.pk).ended_by == "turns"


def test_a_conversation_ends_by_its_minutes_and_takes_no_prompt_after_them(models):
    conversation = rated(opened(person_in(six(more="  minutes: 5")))).conversation
    late = NOW + timedelta(minutes=5)
    assert may_go_on(conversation, now=late - timedelta(seconds=1)) and not may_go_on(conversation, now=late)
    with pytest.raises(Conflict):
        ask(conversation, "And?", idempotency_key="late", now=late)
    close_conversation(conversation, Feedback({}, {}), now=late)
    assert conversation.__class__.objects.get(pk=conversation.pk).ended_by == "minutes"


def test_a_person_ends_after_the_least_number_of_turns_and_not_before(models):
    conversation = rated(opened(person_in(six(more="  least_turns: 2")))).conversation
    with pytest.raises(Conflict):
        close_conversation(conversation, Feedback({}, {}), now=NOW)
    rated(ask(conversation, "And?", idempotency_key="next", now=NOW))
    assert may_end(conversation, now=NOW)


def test_when_no_answer_comes_a_conversation_can_end_with_what_is_there(models):
    conversation = rated(opened(person_in(six(more="  least_turns: 2")))).conversation
    models.fails = dict.fromkeys(SIX, failing())
    answered(ask(conversation, "And?", idempotency_key="next", now=NOW))
    close_conversation(conversation, Feedback({}, {}), now=NOW)
    assert conversation.__class__.objects.get(pk=conversation.pk).ended_by == "participant"


def test_nothing_is_closed_while_answers_wait_for_a_rating(models):
    exchange = answered(opened(person_in(six())))
    with pytest.raises(Conflict):
        close_conversation(exchange.conversation, Feedback({}, {}), now=NOW)


def test_the_score_for_everybody_and_the_handling_are_stored_by_letter(models):
    exchange = answered(opened(person_in(six(more="  society_rating: true"))))
    society = {"A": 1, "B": 2, "C": 3, "D": 4}
    rated(exchange, society=society, handling={"B": {"touched": True, "seconds": 2.5}})
    stored = {answer.letter: answer for answer in shown_utterances(exchange)}
    assert {letter: answer.society_score for letter, answer in stored.items()} == society
    assert stored["B"].handling == {"touched": True, "seconds": 2.5} and stored["A"].handling == {}


def test_personal_details_are_flagged_on_both_sides_and_stop_nothing(models):
    models.says = dict.fromkeys(SIX, "Ring 0171 234 5678 and ask.")
    exchange = answered(opened(person_in(six()), "I live with my friend, write to a.b@example.org"))
    assert exchange.checks == {"pii": ["address"], "language": "en"}
    assert all(answer.checks["pii"] == ["address"] for answer in shown_utterances(exchange))
    assert json.dumps(exchange.checks).count("example") == 0
    assert checks_of("How do I say no?", language="en")["pii"] == []


@pytest.mark.django_db(transaction=True)
def test_all_models_are_asked_at_the_same_time_each_with_a_connection_of_its_own(models):
    """Each waits until all four have come, so that one after another would never end."""
    models.gate = threading.Barrier(4)
    exchange = opened(person_in(six()))
    answered(exchange)
    assert len(shown_utterances(exchange)) == 4
    assert len({seed for _name, seed, _prompt in models.asked}) == 4


@pytest.mark.django_db(transaction=True)
def test_calls_at_the_same_time_are_all_written_down():
    """Real offline models: four threads write to the ledger at once, on SQLite's file too."""
    study = rated_study()
    exchanges = [opened(person_in(study)) for _ in range(3)]
    run_queued_jobs()
    assert [len(shown_utterances(exchange)) for exchange in exchanges] == [4, 4, 4]
    assert LlmCall.objects.filter(outcome="ok").count() == 12
    assert Utterance.objects.filter(position__gte=100).count() == 0


def test_inside_a_transaction_work_stays_in_this_thread():
    here = threading.get_ident()
    with connections.workers(3) as pool:
        assert pool.submit(threading.get_ident).result() == here
        with pytest.raises(ValueError, match="no"):
            pool.submit(int, "no").result()


@pytest.mark.django_db(transaction=True)
def test_threads_leave_no_connection_behind():
    def look() -> Any:
        Exchange.objects.count()
        return connection

    with connections.workers(2) as pool:
        assert isinstance(pool, ThreadPoolExecutor)
        used = pool.submit(look).result()
    assert used is connection or used.connection is None
