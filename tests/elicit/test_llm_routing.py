"""A model that runs in two places: the router moves between them, the gateway between models."""

import time

import pytest

from elicit.errors import LLMError
from elicit.llm import gateway, streaming
from elicit.llm.backends import PassingFailure, litellm_backend, routing
from elicit.llm.configuration import check_models, model_named
from elicit.llm.gateway import BrokenOff, CallContext, FellBack, Piece
from elicit.models import LlmCall, Study
from tests.loopback import loopback

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

HISTORY = [{"role": "user", "content": "My secret garden is drying out."}]
PRICE = {"input_per_million": 1.0, "output_per_million": 2.0}


@pytest.fixture(scope="module", autouse=True)
def litellm_is_warm():
    """Import it and ask it once, which takes seconds, so that no test measures that."""
    with loopback(tokens=1) as server:
        for model in ("openai/x", "hosted_vllm/x"):
            arguments = {"messages": HISTORY, "api_base": server.url, "api_key": "none", "stream": True}
            list(litellm_backend._litellm().completion(model=model, **arguments))


@pytest.fixture
def places(settings, monkeypatch):
    routing.router_of.cache_clear()
    monkeypatch.setattr(streaming, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(gateway, "FIRST_PAUSE_SECONDS", 0.01)
    settings.LLM_FIRST_TOKEN_SECONDS = 20
    with loopback(tokens=12) as first, loopback(tokens=12) as second:
        deployments = [{"model": "openai/x", "api_base": server.url} for server in (first, second)]
        settings.LLM_MODELS = {
            "twice": {"deployments": deployments, **PRICE},
            "other": {"model": "openai/x", "api_base": second.url, **PRICE},
        }
        settings.LLM_PURPOSES = {"interview": ["twice", "other"]}
        yield first, second


@pytest.fixture
def call() -> CallContext:
    study = Study.objects.create(slug="talk", title={"en": "Talk"}, spend_cap_usd=1)
    return CallContext(study=study, purpose="test")


def rows() -> list[tuple[str, str]]:
    return list(LlmCall.objects.order_by("pk").values_list("model_name", "outcome"))


@pytest.mark.parametrize("script", ["429", "500"])
def test_a_place_that_fails_is_left_for_the_other_within_one_call(places, call, script):
    first, second = places
    first.script = script
    for _ in range(6):
        gateway.write(HISTORY, model_name="twice", call=call)
    assert rows() == [("twice", "ok")] * 6
    assert (len(first.asked) <= 2, len(second.asked)) == (True, 6)  # it is left alone after its failure


@pytest.mark.parametrize("script", ["429", "500"])
def test_a_stream_moves_to_the_other_place_before_its_first_word(places, call, script):
    first, second = places
    first.script = script
    for _ in range(4):
        events = list(gateway.stream(HISTORY, call=call))
        assert not any(isinstance(event, FellBack) for event in events)
    assert (rows(), len(second.asked)) == ([("twice", "ok")] * 4, 4)


def test_when_every_place_fails_the_next_model_is_asked_with_a_row_of_its_own(places, call, settings):
    for server in places:
        server.script = "500"
    settings.LLM_MODELS["other"]["model"] = "openai/loopback/normal"
    events = list(gateway.stream(HISTORY, call=call))
    assert [event.trouble for event in events if isinstance(event, FellBack)] == ["provider"]
    assert rows() == [("twice", "failed"), ("other", "ok")]


def test_places_that_all_rest_are_a_passing_failure(places, call):
    for server in places:
        server.script = "429"
    for _ in range(3):
        with pytest.raises(PassingFailure) as caught:
            gateway.write(HISTORY, model_name="twice", call=call)
    assert caught.value.trouble == "rate_limited"


def test_half_a_stream_is_never_finished_by_another_place(places, call):
    for server in places:
        server.script = "dies"
    heard: list = []
    with pytest.raises(BrokenOff):
        for event in gateway.stream(HISTORY, call=call):
            heard.append(event)
    assert len("".join(e.text for e in heard if isinstance(e, Piece)).split()) <= 8
    assert sum(len(server.asked) for server in places) == 1


def test_a_silent_place_is_noticed(places, call, settings):
    settings.LLM_FIRST_TOKEN_SECONDS = 1
    for server in places:
        server.script = "silent"
    with pytest.raises(LLMError) as caught:
        list(gateway.stream(HISTORY, call=call, model_names=["twice"]))
    assert caught.value.trouble == "timed_out"


def test_leaving_hangs_up_behind_the_router(places, call):
    for server in places:
        server.tokens, server.tokens_per_second = 2_000, 20  # it still talks when it is left
    events = gateway.stream(HISTORY, call=call)
    next(events), next(events)
    events.close()
    wait_for(lambda: sum(server.hung_up for server in places) == 1)


def test_tokens_are_counted_behind_the_router(places, call):
    *_, finished = gateway.stream(HISTORY, call=call)
    assert LlmCall.objects.get().output_tokens == len(finished.completion.text.split())


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({}, id="nowhere"),
        pytest.param({"model": "openai/x", "deployments": [{"model": "openai/x"}]}, id="both"),
        pytest.param({"api_base": "http://x", "deployments": [{"model": "openai/x"}]}, id="an address beside them"),
        pytest.param({"deployments": [{"model": ""}]}, id="no name"),
    ],
)
def test_a_wrong_entry_is_found_at_start(settings, entry):
    settings.LLM_MODELS = {"mine": entry}
    assert {found.id for found in check_models(None)} == {"elicit.E002"}
    with pytest.raises(LLMError, match="docs/operations.md"):
        model_named("mine")


def wait_for(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()
