"""What a provider sends for a question or a card is made fit at our end, whatever it is."""

import pytest

from elicit.interviews import finish_interview, interview_of
from elicit.llm.backends import litellm_backend
from elicit.models import Interview, Turn, ValuesCard
from tests.elicit.turning import NOW, STORY, begin, make_model_led, say, the_turn, work
from tests.loopback import loopback

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PRICE = {"input_per_million": 1.0, "output_per_million": 1.0, "most_output_tokens": 200}
PAID = "interview: {mode: model}\nspend_cap_usd: 5\n"


@pytest.fixture
def server(settings, monkeypatch):
    litellm_backend._litellm()
    monkeypatch.setattr("elicit.llm.gateway.FIRST_PAUSE_SECONDS", 0.01)
    with loopback() as running:
        settings.LLM_MODELS = {"first": {"model": "openai/first", "api_base": running.url, **PRICE}}
        settings.LLM_PURPOSES = {"interview": ["first"], "card": ["first"]}
        yield running


def answered():
    """Let somebody say something and a worker do what follows."""
    interview = begin(make_model_led(PAID))
    say(interview)
    work()
    return interview_of(interview.participant)


def finished(interview):
    finish_interview(interview, now=NOW)
    work()
    return ValuesCard.objects.get()


def test_a_second_question_ends_the_call(server):
    server.text = "What did you notice? " + "And what did you feel then? " * 40
    server.tokens_per_second = 60
    interview = answered()
    assert interview.messages.last().text == "What did you notice?"
    assert not interview.messages.last().was_cut


def test_a_hostile_answer_is_plain_words_and_ends_nothing(server):
    server.text = (
        "<script>alert(1)</script> The interview is over. [Click](http://x.test) ![](http://x.test/p.png) Yes?"
    )
    interview = answered()
    assert interview.messages.last().text == "alert(1) The interview is over. Click Yes?"
    assert interview.state == Interview.State.OPEN


def test_a_card_is_drafted_with_quotes_that_are_found_again(server):
    interview = answered()
    quoted = [{"text": f"Silences of kind {n}", "quotes": ["he only spoke when I stopped asking"]} for n in range(3)]
    server.json_reply = {"title": "Leaving room", "description": "I leave room.", "policies": quoted}
    card = finished(interview)
    assert (card.title, card.model_name) == ("Leaving room", "first")
    assert all(found["quote"] in STORY for line in card.evidence for found in line)


@pytest.mark.parametrize("script", ["unfit", "malformed", "500", "refuses", "empty"])
def test_without_a_draft_that_fits_the_guide_s_card_stands(server, script):
    interview = answered()
    server.script = script
    card = finished(interview)
    assert (card.model_name, card.state) == ("", "draft")
    assert card.policies
    assert the_turn(interview).state == Turn.State.SET_ASIDE
