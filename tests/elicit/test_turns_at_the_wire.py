"""A model-led interview against a server that misbehaves: whatever it does, no word is lost and there is a way on."""

import pytest
from django.urls import reverse

from elicit.llm import streaming
from elicit.llm.backends import litellm_backend
from elicit.models import Interview, LlmCall, Study, Turn
from tests.elicit.turning import STORY, begin, make_model_led, say, the_turn, work
from tests.loopback import loopback
from tests.make import make_browser

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PRICES = {"input_per_million": 1.0, "output_per_million": 2.0}


@pytest.fixture
def server(settings, monkeypatch):
    litellm_backend._litellm()
    monkeypatch.setattr(streaming, "PAUSE_SECONDS", 0.01)
    settings.LLM_FIRST_TOKEN_SECONDS = 6
    with loopback(tokens=30) as server:
        settings.LLM_MODELS = {
            "main": {"model": "openai/x", "api_base": server.url, **PRICES},
            "spare": {"model": "openai/loopback/normal", "api_base": server.url, **PRICES},
        }
        settings.LLM_PURPOSES = {"interview": ["main"]}
        yield server


@pytest.fixture
def interview(server) -> Interview:
    interview = begin(make_model_led())
    Study.objects.update(spend_cap_usd=1)
    say(interview)
    return interview


def page_of(interview: Interview) -> str:
    study = interview.participant.study
    return make_browser(interview.participant).get(reverse("participant:interview", args=[study.slug])).content.decode()


def test_its_words_become_the_question(interview, server):
    work()
    question = interview.messages.last()
    assert (the_turn(interview).state, question.model_name) == (Turn.State.DONE, "main")
    assert question.text.endswith("?")
    assert LlmCall.objects.get().outcome == "ok"


@pytest.mark.parametrize("script", ["429", "500", "503", "silent", "refuses", "empty", "pings"])
def test_without_a_word_the_guide_asks_in_the_same_conversation(interview, server, script):
    server.script = script
    work()
    question = interview.messages.last()
    interview.refresh_from_db()
    assert (question.author, question.model_name, question.number) == ("interviewer", "", 3)
    assert interview.handed_over
    assert STORY in page_of(interview)


@pytest.mark.parametrize("script", ["429", "500", "silent", "refuses", "empty"])
def test_a_fallback_model_asks_instead_and_is_recorded(interview, server, settings, script):
    server.script, settings.LLM_PURPOSES = script, {"interview": ["main", "spare"]}
    work()
    question, turn = interview.messages.last(), the_turn(interview)
    assert (question.model_name, turn.model_name, turn.fell_back_from) == ("spare", "spare", ["main"])
    assert list(LlmCall.objects.order_by("pk").values_list("model_name", flat=True)) == ["main", "spare"]


@pytest.mark.parametrize("script", ["dies", "stalls", "malformed"])
def test_half_a_stream_is_interrupted_with_a_way_on(interview, server, script):
    server.script = script
    work()
    turn = the_turn(interview)
    assert (turn.state, turn.trouble) == (Turn.State.INTERRUPTED, "broken_off")
    page = page_of(interview)
    assert STORY in page
    assert 'value="retry"' in page
    assert 'value="continue"' in page


def test_past_the_cap_the_guide_asks_and_nobody_is_paid(interview, server):
    Study.objects.update(spend_cap_usd=0)
    work()
    interview.refresh_from_db()
    assert (interview.handed_over, len(server.asked), interview.messages.count()) == ("budget", 0, 3)


def test_a_participant_s_share_ends_only_their_model(interview, server):
    Study.objects.update(spend_cap_participant_usd="0.0001")
    work()
    interview.refresh_from_db()
    assert (interview.handed_over, len(server.asked)) == ("budget", 0)
