"""The litellm backend against a loopback server that speaks the OpenAI protocol."""

import time
from decimal import Decimal

import pytest
from pydantic import BaseModel

from elicit.errors import LLMError
from elicit.llm import gateway
from elicit.llm.backends import LastingFailure, PassingFailure, RateLimited, Refused, TimedOut, litellm_backend
from elicit.llm.gateway import CallContext, complete, write
from elicit.llm.replies import InvalidReply
from elicit.models import LlmCall, Study
from tests.loopback import Raw, failed, loopback, said

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

QUESTION = [{"role": "user", "content": "My secret garden is drying out."}]


class Colour(BaseModel):
    colour: str


@pytest.fixture(scope="module", autouse=True)
def litellm_is_loaded():
    """Import it once, which takes seconds, so that no test measures that."""
    litellm_backend._litellm()


@pytest.fixture
def stub(settings, monkeypatch):
    with loopback(replies=[said("Water it at dusk.")]) as server:
        entry = {"model": "openai/stub", "api_base": server.url}
        settings.LLM_MODELS = {"mine": {**entry, "input_per_million": 1.0, "output_per_million": 2.0}}
        settings.LLM_PURPOSES = {"interview": ["mine"]}
        settings.LLM_DEADLINE_SECONDS = 30
        monkeypatch.setattr(gateway, "FIRST_PAUSE_SECONDS", 0.01)
        yield server


@pytest.fixture
def call() -> CallContext:
    study = Study.objects.create(slug="talk", title={"en": "Talk"}, spend_cap_usd=1)
    return CallContext(study=study, purpose="test")


def ask(call: CallContext):
    return write(QUESTION, model_name="mine", call=call)


def test_an_answer_comes_with_its_tokens_and_its_cost(stub, call):
    completion = ask(call)
    assert (completion.text, completion.tokens) == ("Water it at dusk.", 17)
    assert completion.cost_usd == Decimal("0.000022")
    assert stub.asked[0]["messages"] == QUESTION
    assert stub.asked[0]["max_tokens"] == 800


def test_a_schema_is_sent_along(stub, call):
    stub.replies = [said('{"colour": "green"}')]
    assert complete("conversation_answer", {}, reply=Colour, call=call).colour == "green"
    assert stub.asked[0]["response_format"]["type"] == "json_schema"


def test_the_key_comes_from_the_named_variable(stub, call, settings, monkeypatch):
    settings.LLM_MODELS["mine"]["api_key_env"] = "STUB_KEY"
    with pytest.raises(LastingFailure, match="set the environment variable STUB_KEY"):
        ask(call)
    monkeypatch.setenv("STUB_KEY", "s3cret")
    ask(call)
    assert list(stub.keys) == ["Bearer s3cret"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again_by_the_gateway_alone(stub, call, status):
    stub.replies = [failed(status), failed(status), said("At last.")]
    assert ask(call).text == "At last."
    assert len(stub.asked) == 3


@pytest.mark.parametrize("status", [429, 500])
def test_a_server_that_stays_busy_is_given_up_after_three_tries(stub, call, status):
    stub.replies = [failed(status)]
    with pytest.raises(PassingFailure) as caught:
        ask(call)
    assert "secret" not in str(caught.value)
    assert len(stub.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_is_final(stub, call, status):
    stub.replies = [failed(status)]
    with pytest.raises(LastingFailure, match="check its entry in LLM_MODELS"):
        ask(call)
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Raw(200, "<html>Bad gateway</html>"), id="no json"),
        pytest.param(Raw(200, "{}"), id="empty object"),
        pytest.param(Raw(200, "[]"), id="a list"),
        pytest.param(Raw(200, ""), id="nothing"),
        pytest.param(said("x", choices=[]), id="no choices"),
        pytest.param(said(None), id="no text"),
        pytest.param(Raw(200, said("half").body[:60]), id="half an answer"),
    ],
)
def test_a_malformed_answer_is_an_error_and_a_row(stub, call, reply):
    stub.replies = [reply]
    with pytest.raises(LLMError):
        ask(call)
    assert set(LlmCall.objects.values_list("outcome", flat=True)) <= {"failed", "invalid"}
    assert LlmCall.objects.exists()


def test_an_empty_answer_is_invalid(stub, call):
    stub.replies = [said("")]
    with pytest.raises(InvalidReply):
        ask(call)


def test_a_silent_server_is_left_at_the_deadline(stub, call, settings):
    settings.LLM_DEADLINE_SECONDS = 1
    stub.replies = ["silent"]
    start = time.monotonic()
    with pytest.raises(TimedOut):
        ask(call)
    assert time.monotonic() - start < 20  # a lost deadline would be the client's own, of minutes


def test_an_answer_without_a_count_costs_the_whole_lease(stub, call):
    stub.replies = [said("Yes.", usage=None)]
    assert ask(call).cost_usd > Decimal("0.0015")


def test_a_refusal_of_the_model_is_no_answer_and_is_paid(stub, call):
    stub.replies = ["refuses"]
    with pytest.raises(Refused) as caught:
        ask(call)
    assert (caught.value.trouble, len(stub.asked)) == ("refused", 1)
    assert LlmCall.objects.get().input_tokens == 6


def test_a_policy_of_the_provider_is_a_refusal(stub, call):
    stub.replies = [failed(400, code="content_policy_violation", message="invalid_request_error")]
    with pytest.raises(Refused):
        ask(call)


def test_a_busy_provider_is_told_from_a_broken_one(stub, call):
    stub.replies = ["429"]
    with pytest.raises(RateLimited):
        ask(call)


def test_a_server_that_is_not_there_is_a_passing_failure(stub, call, settings):
    settings.LLM_MODELS["mine"]["api_base"] = "http://127.0.0.1:1/v1"
    with pytest.raises(PassingFailure):
        ask(call)


@pytest.mark.parametrize(("models", "is_needed"), [({}, False), ({"mine": {"model": "openai/x"}}, True)])
def test_a_worker_loads_litellm_only_where_a_model_is_set_up(settings, monkeypatch, models, is_needed):
    loaded = []
    monkeypatch.setattr(litellm_backend, "_litellm", lambda: loaded.append(True))
    settings.LLM_MODELS = models
    assert (litellm_backend.load_if_needed(), bool(loaded)) == (is_needed, is_needed)
