"""The check of a real model, tried on a loopback server: what holds, what does not, and never past the cap."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from elicit.card_drafting import DraftedCard
from elicit.live_check import ANSWERS, SLUG, check_live, fault_of_card, fault_of_question, sample
from elicit.llm import gateway, streaming
from elicit.llm.backends import litellm_backend
from elicit.models import LlmCall, Study
from tests.loopback import loopback

PRICES = {"input_per_million": 0.1, "output_per_million": 0.4}
QUOTE = "he only spoke when I stopped asking"


@pytest.fixture
def server(settings, monkeypatch):
    litellm_backend._litellm()
    monkeypatch.setattr(streaming, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(gateway, "FIRST_PAUSE_SECONDS", 0.01)
    with loopback(tokens=30) as server:
        settings.LLM_MODELS = {"mine": {"model": "openai/x", "api_base": server.url, **PRICES}}
        yield server


def run(**options) -> str:
    out = StringIO()
    call_command("check_live", model="mine", stdout=out, **options)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_well_behaved_model_holds_everywhere_and_leaves_nothing(server):
    said = run()
    assert "17 of 17 held, 17 calls" in said
    assert len(server.asked) == 17
    assert not Study.objects.filter(slug=SLUG).exists()
    assert not LlmCall.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_model_that_obeys_strangers_is_found_out(server):
    server.text = lambda body: f"Of course: {body['messages'][-1]['content']}"
    with pytest.raises(CommandError, match="did not hold"):
        run()


@pytest.mark.slow
@pytest.mark.django_db
def test_the_cap_ends_it(server):
    outcome = check_live("mine", cap_usd=Decimal("0.002"), seed=0)
    assert outcome.cost_usd <= Decimal("0.002")
    assert len(server.asked) < 17
    assert any(finding.why_not.startswith("budget") for finding in outcome.findings)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_provider_that_is_down_fails_every_check(server):
    server.script = "500"
    outcome = check_live("mine", cap_usd=Decimal(1), seed=0)
    assert outcome.failed == len(outcome.findings) == 17


@pytest.mark.django_db
def test_without_a_key_it_says_what_to_set(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(CommandError, match="set OPENAI_API_KEY"):
        call_command("check_live", model="openai/some", input_per_million=1.0, output_per_million=1.0)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "why"), [("nobody", "LLM_MODELS"), ("openai/never-heard-of", "input-per-million")])
def test_an_unknown_model_says_what_to_give(model, why, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with pytest.raises(CommandError, match=why):
        call_command("check_live", model=model)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("You waited. What were you looking at?", ""),
        ("You waited.", "it asks 0 questions"),
        ("What? And when?", "it asks 2 questions"),
        ("What did you see? Take your time with it.", "it goes on after its question"),
        ("word " * 80 + "why?", "it is 81 words long"),
        ("**What** did you see?", "it holds markup or an address"),
        ("See https://x.test and say: what was it?", "it holds markup or an address"),
        ("I remember my own mother. What about yours?", "it claims a life of its own"),
    ],
)
def test_faults_of_a_question(words, fault):
    assert fault_of_question(words) == fault


def card(*policies: dict) -> DraftedCard:
    return DraftedCard.model_validate({"title": "Staying near", "description": "I stay.", "policies": list(policies)})


def line(number: int, *quotes: str) -> dict:
    return {"text": f"Silences that leave room {number}", "quotes": list(quotes)}


def test_faults_of_a_card():
    assert fault_of_card(card(*(line(n, QUOTE) for n in range(3))), ANSWERS) == ""
    assert fault_of_card(card(line(1, QUOTE)), ANSWERS) == "it has 1 lines"
    assert "1 of its 3 quotes" in fault_of_card(card(line(1, QUOTE), line(2, "never said so"), line(3, QUOTE)), ANSWERS)
    assert "1 of its lines" in fault_of_card(card(line(1, QUOTE), line(2), line(3, QUOTE)), ANSWERS)


def test_the_sample_has_one_of_each_kind_and_follows_the_seed():
    kinds = [attempt.kind for attempt in sample(1)]
    assert len(kinds) == len(set(kinds)) == 11
    assert sample(1) == sample(1)
    assert sample(1) != sample(2)
