"""A card drafted by a model: only over an untouched draft, and only with quotes that the person wrote."""

import json

import pytest
from django.utils import timezone

from elicit import card_drafting, turns
from elicit.card_drafting import DraftedCard, verified
from elicit.interviews import finish_interview
from elicit.llm.backends import PassingFailure
from elicit.llm.backends.scripted import scripted
from elicit.models import Turn, ValuesCard
from elicit.steps import next_step
from elicit.values_cards import Line, advice_on, confirm_card, edit_card
from tests.elicit.turning import MODEL, NOW, QUESTION, STORY, begin, make_model_led, play, say, the_turn, work
from tests.make import make_browser

pytestmark = pytest.mark.django_db

QUOTE = "he only spoke when I stopped asking"


def line(text, *quotes):
    return {"text": text, "quotes": list(quotes)}


def drafted(*quotes, **changes):
    """Return a model's reply: a card of three lines that all have these quotes."""
    lines = [line(f"Silences of kind {number}", *quotes) for number in range(3)]
    return json.dumps({"title": "Leaving room", "description": "I leave room.", "policies": lines, **changes})


@pytest.fixture(autouse=True)
def models(settings):
    settings.LLM_PURPOSES = {"interview": [MODEL], "card": [MODEL]}


@pytest.fixture
def interview(monkeypatch):
    talk = begin(make_model_led())
    play(monkeypatch, QUESTION)
    say(talk)
    work()
    finish_interview(talk, now=NOW)
    return talk


@pytest.fixture
def card(interview):
    return ValuesCard.objects.get(interview=interview)


def draft_by(*replies):
    with scripted(*replies) as backend:
        work()
    return backend


def test_there_is_a_card_before_any_model_was_asked(card, interview):
    assert card.title
    assert (the_turn(interview).kind, the_turn(interview).state) == ("card", "waiting")
    assert next_step(interview.participant).key == "values_card"


def test_the_model_s_draft_takes_the_place_of_the_untouched_one(card, interview):
    draft_by(drafted(QUOTE))
    card.refresh_from_db()
    assert (card.title, len(card.policies)) == ("Leaving room", 3)
    assert (card.model_name, card.prompt_name) == (MODEL, "values_card")
    assert card.prompt_hash
    assert card.seed
    assert the_turn(interview).state == Turn.State.DONE


def test_every_quote_is_found_where_it_stands(card, interview):
    draft_by(drafted("He only spoke when I stopped asking."))
    card.refresh_from_db()
    (found,) = card.evidence[0]
    said = interview.messages.get(number=found["message"]).text
    assert said[found["start"] : found["end"]] == found["quote"] == QUOTE


def test_a_quote_that_nobody_wrote_counts_for_nothing(card):
    draft_by(drafted("I love him more than my own life"))
    card.refresh_from_db()
    assert card.evidence == [[], [], []]
    assert [found.line for found in advice_on(card) if found.code == "no_quote"] == [0, 1, 2]


def test_the_interviewer_s_words_are_no_quote(interview):
    messages = list(interview.messages.all())
    reply = DraftedCard.model_validate_json(drafted("What did you watch for while he was silent"))
    assert [line.evidence for line in verified(reply, messages)] == [[], [], []]


def test_lines_without_a_quote_fall_away_when_enough_have_one(interview):
    lines = [*(line(f"Silences {number}", QUOTE) for number in range(3)), line("Signs of all", "never said at all")]
    reply = DraftedCard.model_validate_json(drafted(policies=lines))
    kept = verified(reply, list(interview.messages.all()))
    assert [each.text for each in kept] == ["Silences 0", "Silences 1", "Silences 2"]


def test_a_card_that_its_author_has_touched_is_left_alone(card):
    edit_card(card, title="Mine", description="", lines=[Line("My line")], revision=card.revision)
    draft_by(drafted(QUOTE))
    card.refresh_from_db()
    assert card.title == "Mine"


def test_a_draft_that_comes_while_the_author_edits_is_dropped(card, monkeypatch):
    ask = card_drafting._ask

    def ask_slowly(asked):
        edit_card(card, title="Mine", description="", lines=[Line("My line")], revision=card.revision)
        return ask(asked)

    monkeypatch.setattr(card_drafting, "_ask", ask_slowly)
    draft_by(drafted(QUOTE))
    card.refresh_from_db()
    assert card.title == "Mine"


def test_a_confirmed_card_is_never_replaced(card):
    confirmed = confirm_card(card, fit=4, now=NOW)
    draft_by(drafted(QUOTE))
    card.refresh_from_db()
    assert card.title == confirmed.title != "Leaving room"


@pytest.mark.parametrize("reply", ["no card at all", '{"title": "x"}', PassingFailure("down")])
def test_without_a_usable_draft_the_guide_s_stands(card, interview, reply, monkeypatch):
    monkeypatch.setattr("elicit.llm.gateway.FIRST_PAUSE_SECONDS", 0)
    before = card.title
    draft_by(*[reply] * 6)
    card.refresh_from_db()
    assert card.title == before
    assert the_turn(interview).state == Turn.State.SET_ASIDE
    assert the_turn(interview).trouble


def test_markup_and_links_reach_no_card(card):
    hostile = line("Silences <img src=x> [here](http://x.test) ![](http://x.test/a)", QUOTE)
    draft_by(drafted(title="**Leaving** room", policies=[hostile]))
    card.refresh_from_db()
    assert card.title == "Leaving room"
    assert card.policies == ["Silences here"]


def test_the_page_waits_with_a_sentence_and_a_way_on(card, interview):
    Turn.objects.update(created_at=timezone.now())
    browser = make_browser(interview.participant)
    address = f"/study/{interview.participant.study.slug}/values-card/"
    assert b"is being drafted" in browser.get(address).content
    assert browser.get(f"{address}ready/").json() == {"ready": False}
    browser.post(address, {"action": "continue"})
    assert card.title in browser.get(address).content.decode()
    assert browser.get(f"{address}ready/").json() == {"ready": True}


def test_a_draft_after_going_on_changes_nothing(card, interview):
    turns.go_on_without(interview, now=NOW)
    draft_by(drafted(QUOTE))
    card.refresh_from_db()
    assert card.title != "Leaving room"


def test_a_draft_whose_worker_died_can_be_asked_for_again(card, interview):
    turns.interrupt(turns.Attempt(the_turn(interview).pk, 1), trouble="worker", now=NOW)
    browser = make_browser(interview.participant)
    address = f"/study/{interview.participant.study.slug}/values-card/"
    assert b"Try again" in browser.get(address).content
    browser.post(address, {"action": "retry"})
    draft_by(drafted(QUOTE))
    card.refresh_from_db()
    assert card.title == "Leaving room"


def test_what_is_said_reaches_the_prompt_as_data(interview):
    backend = draft_by(drafted(QUOTE))
    asked = backend.asked[0].messages[-1].content
    assert STORY in asked
    assert "[data " in asked
