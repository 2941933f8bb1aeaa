"""Words as they come: from scripts for what the gateway decides, from a server what happens at the wire."""

import time
from decimal import Decimal

import pytest

from elicit import spending
from elicit.errors import LLMError
from elicit.llm import gateway, streaming
from elicit.llm.backends import Answer, LastingFailure, PassingFailure, RateLimited, Refused, TimedOut, litellm_backend
from elicit.llm.backends.scripted import Broken, scripted
from elicit.llm.gateway import BrokenOff, CallContext, FellBack, Finished, Piece, Started
from elicit.models import LlmCall, SpendLease, Study, Turn
from tests.loopback import loopback

HISTORY = [{"role": "user", "content": "My secret garden is drying out."}]
PRICE = {"input_per_million": 1.0, "output_per_million": 10.0, "most_output_tokens": 100}
LONG = 60  # seconds; what ends far earlier has not waited for it, on a busy machine too

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def litellm_is_warm():
    """Import it and ask it once, which takes seconds, so that no test measures that."""
    with loopback(tokens=1) as server:
        for model in ("openai/x", "hosted_vllm/x"):
            arguments = {"messages": HISTORY, "api_base": server.url, "api_key": "none", "stream": True}
            list(litellm_backend._litellm().completion(model=model, **arguments))


@pytest.fixture
def call(settings, monkeypatch) -> CallContext:
    settings.LLM_MODELS = {name: {"model": "openai/x", **PRICE} for name in ("scripted/first", "scripted/second")}
    settings.LLM_PURPOSES = {"interview": ["scripted/first", "scripted/second"], "card": ["scripted/second"]}
    monkeypatch.setattr(streaming, "PAUSE_SECONDS", 0.01)
    study = Study.objects.create(slug="talk", title={"en": "Talk"}, spend_cap_usd=1)
    return CallContext(study=study, purpose="interview", participant_code="abc")


def ask(call: CallContext, **more) -> list:
    return list(gateway.stream(HISTORY, call=call, **more))


def words(events: list) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


def outcomes() -> list[str]:
    return list(LlmCall.objects.order_by("pk").values_list("outcome", flat=True))


def states() -> list[str]:
    return list(SpendLease.objects.order_by("pk").values_list("state", flat=True))


def test_words_come_in_pieces_and_then_the_whole(call):
    with scripted("What did you notice first?"):
        started, *pieces, finished = ask(call)
    assert started == Started("scripted/first", "", "")
    assert len(pieces) == 5
    assert words(pieces) == finished.completion.text == "What did you notice first?"
    assert (finished.completion.cost_usd, outcomes(), states()) == (Decimal("0.0003"), ["ok"], ["settled"])


def test_a_prompt_is_named_with_its_hash(call):
    with scripted("Yes?"):
        first = next(iter(gateway.stream("conversation_answer", {}, call=call)))
    assert (first.prompt_name, len(first.prompt_hash)) == ("conversation_answer", 64)


def test_the_purpose_chooses_the_models(call):
    with scripted("Yes?") as backend:
        ask(call, purpose="card")
    assert backend.asked[0].model_name == "scripted/second"


def test_an_offline_model_streams_too_and_costs_nothing(call):
    events = ask(call, model_names=["offline/plain"])
    assert words(events).strip() == events[-1].completion.text
    assert SpendLease.objects.count() == 0


@pytest.mark.parametrize(
    ("reply", "trouble"),
    [
        (PassingFailure("down"), "provider"),
        (RateLimited("busy"), "rate_limited"),
        (TimedOut("late"), "timed_out"),
        (LastingFailure("no key"), "provider"),
        (Refused("no"), "refused"),
        (Answer("", 5, 0), "empty"),
        (Answer("", 5, 0, "refused"), "refused"),
    ],
)
def test_a_model_without_a_word_hands_over_to_the_next(call, reply, trouble):
    with scripted(reply, "What next?"):
        events = ask(call)
    assert events[1] == FellBack("scripted/first", trouble)
    assert events[2] == Started("scripted/second", "", "")
    assert (words(events), outcomes()[-1], len(outcomes())) == ("What next?", "ok", 2)


def test_every_trouble_has_a_sentence(call):
    failures = (PassingFailure, RateLimited, TimedOut, LastingFailure, Refused, BrokenOff)
    assert {kind.trouble for kind in failures} <= set(Turn.Trouble.values)


def test_the_last_model_is_tried_again_after_a_passing_failure(call):
    with scripted(PassingFailure("down"), "At last."):
        events = ask(call, model_names=["scripted/first"])
    assert (words(events), outcomes()) == ("At last.", ["failed", "ok"])


def test_when_no_model_answers_the_last_trouble_is_told(call):
    with scripted(LastingFailure("no"), RateLimited("busy"), RateLimited("busy")), pytest.raises(LLMError) as caught:
        ask(call)
    assert (caught.value.trouble, outcomes()) == ("rate_limited", ["failed"] * 3)


def test_without_a_model_there_is_a_word_for_it(call, settings):
    settings.LLM_PURPOSES = {}
    with pytest.raises(gateway.NoModel, match="guided mode"):
        ask(call)


def test_a_failure_after_words_breaks_off_and_asks_nobody_else(call):
    heard: list = []
    with scripted(Broken("What did", PassingFailure("gone")), "never"), pytest.raises(BrokenOff) as caught:
        keep(gateway.stream(HISTORY, call=call), heard)
    assert (words(heard), caught.value.trouble) == ("What did", "broken_off")
    assert (outcomes(), states(), spending.held(call.study)) == (["failed"], ["settled"], 0)
    assert LlmCall.objects.get().failure == "BrokenOff"


def test_a_refusal_in_the_middle_is_told_from_a_break(call):
    with scripted(Answer("I would", 5, 2, "refused")), pytest.raises(BrokenOff) as caught:
        ask(call)
    assert caught.value.trouble == "refused"
    assert spending.spent(call.study) == Decimal("0.000025")


def test_the_listener_stops_between_pieces(call):
    heard: list = []
    with scripted("one two three four five"):
        for event in gateway.stream(HISTORY, call=call, watch=lambda: len(heard) < 3):
            heard.append(event)
    assert words(heard) == "one two"
    assert not any(isinstance(event, Finished) for event in heard)
    assert (states(), outcomes(), LlmCall.objects.get().failure) == (["settled"], ["ok"], "Stopped")


def test_who_stops_at_the_last_words_pays_what_was_counted(call):
    heard: list = []
    with scripted("What then? Or else."):
        keep(gateway.stream(HISTORY, call=call, watch=lambda: "?" not in words(heard)), heard)
    assert (words(heard), spending.spent(call.study)) == ("What then?", Decimal("0.0003"))


def test_who_stops_far_from_the_end_pays_the_most_it_can_have_cost(call, monkeypatch):
    monkeypatch.setattr(streaming, "GRACE_SECONDS", 0.0)
    heard: list = []
    with scripted("What then? Or else."):
        keep(gateway.stream(HISTORY, call=call, watch=lambda: "?" not in words(heard)), heard)
    assert spending.spent(call.study) > Decimal("0.001")


def test_a_listener_that_just_leaves_is_settled_once(call):
    events = gateway.stream(HISTORY, call=call)
    with scripted("one two three"):
        next(events), next(events)
        events.close()
    assert (states(), outcomes(), LlmCall.objects.get().failure) == (["settled"], ["failed"], "GeneratorExit")


def test_an_answer_without_a_count_costs_the_whole_lease(call):
    with scripted(Answer("Yes.", None, None)):
        *_, finished = ask(call)
    assert finished.completion.cost_usd > Decimal("0.001")  # 100 answer tokens alone are that much


def test_past_the_cap_no_model_is_asked(call):
    Study.objects.update(spend_cap_usd="0.0001")
    with scripted("Yes.") as backend, pytest.raises(LLMError) as caught:
        ask(call)
    assert (caught.value.trouble, backend.asked, outcomes()) == ("budget", [], ["refused"] * 2)


def test_an_answer_cut_at_its_longest_says_so(call):
    with scripted(Answer("And then you", 5, 3, "length")):
        assert ask(call)[-1].completion.was_cut


class TestAtTheWire:
    """What a real connection does. Every server here is one of tests/loopback.py."""

    pytestmark = pytest.mark.slow

    @pytest.fixture
    def server(self, settings):
        settings.LLM_FIRST_TOKEN_SECONDS = 20
        settings.LLM_DEADLINE_SECONDS = LONG
        with loopback(tokens=30) as server:
            entry = {"api_base": server.url, **PRICE}
            settings.LLM_MODELS = {"main": {"model": "openai/x", **entry}, "vllm": {"model": "hosted_vllm/x", **entry}}
            settings.LLM_PURPOSES = {"interview": ["main"]}
            yield server

    @pytest.mark.parametrize("model", ["main", "vllm"])
    def test_words_and_counts_arrive(self, call, server, model):
        *pieces, finished = ask(call, model_names=[model])
        assert words(pieces).endswith("?")
        assert len(pieces) > 25
        assert LlmCall.objects.get().output_tokens == len(words(pieces).split())
        assert finished.completion.cost_usd < Decimal("0.001")

    @pytest.mark.parametrize("model", ["main", "vllm"])
    def test_numbers_that_the_provider_did_not_send_are_not_believed(self, call, server, model):
        server.script = "uncounted"
        assert ask(call, model_names=[model])[-1].completion.cost_usd >= Decimal("0.001")

    @pytest.mark.parametrize(
        ("script", "trouble"),
        [
            ("429", "rate_limited"),
            ("500", "provider"),
            ("503", "provider"),
            ("silent", "timed_out"),
            ("refuses", "refused"),
            ("empty", "empty"),
        ],
    )
    @pytest.mark.parametrize("model", ["main", "vllm"])
    def test_each_trouble_before_a_word_is_named(self, call, server, settings, model, script, trouble):
        server.script = script
        settings.LLM_FIRST_TOKEN_SECONDS = 1 if script == "silent" else 20
        start = time.monotonic()
        with pytest.raises(LLMError) as caught:
            ask(call, model_names=[model])
        assert caught.value.trouble == trouble
        assert "secret" not in str(caught.value)
        assert time.monotonic() - start < LONG / 2
        assert spending.held(call.study) == 0

    @pytest.mark.parametrize("script", ["dies", "stalls"])
    @pytest.mark.parametrize("model", ["main", "vllm"])
    def test_half_a_stream_breaks_off_with_its_words_heard(self, call, server, settings, model, script):
        server.script, settings.LLM_FIRST_TOKEN_SECONDS = script, 3
        heard: list = []
        with pytest.raises(BrokenOff):
            keep(gateway.stream(HISTORY, call=call, model_names=[model]), heard)
        assert len(words(heard).split()) == 8

    def test_a_silent_provider_is_left_as_soon_as_nobody_wants_to_wait(self, call, server, settings):
        server.script, settings.LLM_FIRST_TOKEN_SECONDS = "silent", LONG
        start = time.monotonic()
        assert len(ask(call, watch=lambda: time.monotonic() - start < 0.5)) == 1
        assert time.monotonic() - start < LONG / 2

    def test_a_provider_that_only_says_that_it_works_is_left_too(self, call, server, settings):
        server.script, settings.LLM_FIRST_TOKEN_SECONDS = "pings", 1
        start = time.monotonic()
        with pytest.raises(LLMError) as caught:
            ask(call)
        assert (caught.value.trouble, time.monotonic() - start < LONG / 2) == ("timed_out", True)

    def test_a_slow_answer_is_left_at_its_deadline(self, call, server, settings):
        server.script, settings.LLM_DEADLINE_SECONDS = "slow", 4
        with pytest.raises(BrokenOff):
            ask(call)

    @pytest.mark.parametrize("model", ["main", "vllm"])
    def test_leaving_hangs_up(self, call, server, model):
        server.tokens, server.tokens_per_second = 2_000, 20  # it still talks when it is left
        events = gateway.stream(HISTORY, call=call, model_names=[model])
        next(events), next(events)
        events.close()
        wait_for(lambda: server.hung_up == 1)


def keep(events, heard: list) -> None:
    """Keep what was heard although the end is an error."""
    for event in events:
        heard.append(event)


def wait_for(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()
