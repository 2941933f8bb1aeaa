"""Rated conversations with models behind real sockets: slow, broken, busy, silent or refusing ones."""

from decimal import Decimal

import pytest

from elicit.conversations import ask, is_out_of_budget, shown_utterances
from elicit.llm.backends import litellm_backend
from elicit.models import LlmCall, SpendLease
from tests.elicit.rated import answered, opened, person_in, rated, rated_study
from tests.loopback import loopback
from tests.make import NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PRICE = {"input_per_million": 1.0, "output_per_million": 1.0, "most_output_tokens": 200}
GOOD = ["good/1", "good/2", "good/3", "good/4"]


@pytest.fixture
def server(settings, monkeypatch):
    litellm_backend._litellm()
    monkeypatch.setattr("elicit.llm.gateway.FIRST_PAUSE_SECONDS", 0.01)
    settings.LLM_DEADLINE_SECONDS = 3
    with loopback() as running:
        settings.LLM_MODELS = {
            name: {"model": f"openai/{name}", "api_base": running.url, **PRICE, "settings": {"temperature": 1.0}}
            for name in [*GOOD, *(f"x/{script}" for script in BROKEN)]
        }
        yield running


BROKEN = ["429", "500", "empty", "dies", "refuses", "silent", "malformed"]


def study_of(names, *, cap=5):
    study = rated_study()
    version = study.current_version
    version.content["conversation"]["models"] = names
    version.save()
    study.spend_cap_usd = cap
    study.save()
    return study


@pytest.mark.parametrize("script", BROKEN)
def test_a_model_that_fails_at_the_wire_is_replaced_and_never_shown(server, script):
    exchange = answered(opened(person_in(study_of([*GOOD, f"x/{script}"]))))
    assert sorted(answer.model_name for answer in shown_utterances(exchange)) == GOOD
    assert all(answer.text and not answer.failure for answer in shown_utterances(exchange))
    failed = list(exchange.utterances.filter(position__gte=100))
    assert [(each.model_name, each.text) for each in failed] in ([], [(f"x/{script}", "")])


def test_a_model_that_fails_leaves_its_reason_where_organizers_see_it(server):
    exchange = answered(opened(person_in(study_of([f"x/{script}" for script in ("500", "empty", "refuses")]))))
    reasons = dict(exchange.utterances.values_list("model_name", "failure"))
    assert exchange.state == "failed"
    assert "could not answer" in reasons["x/500"] and "declined" in reasons["x/refuses"] and reasons["x/empty"]


def test_the_provider_is_told_the_settings_and_a_seed_and_says_its_version(server):
    exchange = answered(opened(person_in(study_of(GOOD))))
    assert len({body["seed"] for body in server.asked}) == 4
    assert {body["temperature"] for body in server.asked} == {1.0}
    sent = {body["model"]: body["seed"] for body in server.asked}
    for answer in shown_utterances(exchange):
        assert answer.parameters == {
            "max_tokens": 200, "temperature": 1.0, "seed": sent[answer.model_name], "answered_as": "loopback",
        }  # fmt: skip
        assert answer.tokens and answer.latency_ms is not None


def test_two_samples_of_the_winner_are_asked_with_two_seeds(server):
    first = rated(opened(person_in(study_of(GOOD))))
    server.asked.clear()
    second = answered(ask(first.conversation, "And then?", idempotency_key="next", now=NOW))
    assert len({body["seed"] for body in server.asked}) == len(server.asked) == len(shown_utterances(second)) == 2
    said = [message["content"] for message in server.asked[0]["messages"] if message["role"] != "system"]
    assert said == ["Should I move back home?", first.utterances.get(is_chosen=True).text, "And then?"]


def test_calls_at_the_same_time_never_pass_the_cap(server):
    one_call = Decimal("0.0034")  # what a call sets aside at most, about
    exchange = answered(opened(person_in(study_of(GOOD, cap=one_call * 2))))
    leased = sum(lease.amount_usd for lease in SpendLease.objects.exclude(state="released"))
    assert leased <= one_call * 2
    assert LlmCall.objects.filter(outcome="ok").count() == len(shown_utterances(exchange))


def test_without_money_no_model_is_asked_and_the_conversation_knows_why(server):
    exchange = answered(opened(person_in(study_of(GOOD, cap=0))))
    assert is_out_of_budget(exchange) and not server.asked
