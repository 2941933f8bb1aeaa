"""Rated conversations: several models answer blind, the best goes on, and nothing that failed is shown."""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.test import Client

from elicit.answering import plan_for
from elicit.conversations import (
    InvalidPrompt,
    ask,
    ask_again,
    begin,
    close_conversation,
    is_stuck,
    rate,
    shown_utterances,
)
from elicit.errors import AlreadyWithdrawn, Conflict, LLMError
from elicit.jobs import run_queued_jobs
from elicit.llm import gateway
from elicit.models import Conversation, Exchange, Job, Participant
from elicit.participants import withdraw
from elicit.rating import Feedback, InvalidRating, Rating, TiedRating
from tests.make import NOW, make_browser, make_consenting_participant, make_study

pytestmark = pytest.mark.django_db

MODELS = ("offline/plain", "offline/questions", "offline/steps", "offline/warm")
DESIGN = """\
conversation:
  count: 2
  turns: 2
  models: [offline/plain, offline/questions, offline/steps, offline/warm]
  types:
    - {key: unguided, title: Anything, text: Whatever you like.}
    - {key: values_guided, title: Something that matters, text: Something important.}
"""
HOSTILE = "<script>alert(1)</script> \"'> I feel tired and alone"
_keys = count(1)


@pytest.fixture
def participant() -> Participant:
    return make_consenting_participant(make_study(steps="consent, conversations", more=DESIGN))


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of models that fail while they are in this set."""
    names: set[str] = set()
    write = gateway.write

    def write_or_fail(prompt: Any, *, model_name: str, call: gateway.CallContext, **more: Any) -> gateway.Completion:
        if model_name in names:
            raise LLMError("The model did not answer.")
        if not model_name.startswith("offline/"):
            return gateway.Completion(f"Words number {model_name}", model_name, 3, 1, Decimal(0))
        return write(prompt, model_name=model_name, call=call, **more)

    monkeypatch.setattr(gateway, "write", write_or_fail)
    return names


def new_exchange(participant: Participant, prompt: str = "Should I move back home?") -> Exchange:
    return begin(participant, "unguided", prompt, idempotency_key=f"key-{next(_keys)}", now=NOW)


def answered(participant: Participant, prompt: str = "Should I move back home?") -> Exchange:
    exchange = new_exchange(participant, prompt)
    run_queued_jobs()
    exchange.refresh_from_db()
    return exchange


def rated(participant: Participant) -> Exchange:
    return rate(answered(participant), Rating({"A": 10, "B": 90, "C": 30, "D": 40}), now=NOW)


def test_the_prompt_and_its_job_are_saved_together(participant: Participant) -> None:
    exchange = new_exchange(participant)
    assert exchange.state == "answering"
    assert Job.objects.get(kind="answer_exchange").payload == {"exchange": exchange.pk, "attempt": 0}


def test_all_four_models_answer_and_the_probabilities_are_stored(participant: Participant) -> None:
    shown = shown_utterances(answered(participant))
    assert sorted(utterance.model_name for utterance in shown) == sorted(MODELS)
    assert [utterance.letter for utterance in shown] == ["A", "B", "C", "D"]
    assert {utterance.propensity for utterance in shown} == {1.0}


def test_a_doubled_post_makes_one_exchange(participant: Participant) -> None:
    first = begin(participant, "unguided", "Hello", idempotency_key="k", now=NOW)
    assert begin(participant, "unguided", "Hello", idempotency_key="k", now=NOW).pk == first.pk
    assert Exchange.objects.count() == Job.objects.count() == 1


def test_the_job_stores_answers_once_even_if_it_runs_twice(participant: Participant) -> None:
    exchange = answered(participant)
    Job.objects.update(state="queued", run_after=None)
    run_queued_jobs()
    assert exchange.utterances.count() == 4


def test_empty_and_endless_prompts_are_refused(participant: Participant) -> None:
    for prompt in ("  \n ", "x" * 4001):
        with pytest.raises(InvalidPrompt):
            new_exchange(participant, prompt)
    assert not Conversation.objects.exists()


def test_a_failed_model_is_recorded_and_not_shown(participant: Participant, failing: set[str]) -> None:
    failing.add("offline/warm")
    exchange = answered(participant)
    assert [utterance.letter for utterance in shown_utterances(exchange)] == ["A", "B", "C"]
    assert exchange.utterances.get(model_name="offline/warm").failure == "LLMError: The model did not answer."


def test_another_model_takes_the_place_of_one_that_failed(failing: set[str], settings: Any) -> None:
    settings.LLM_MODELS = {f"spare-{number}": {"model": "x"} for number in range(6)}
    names = ", ".join(settings.LLM_MODELS)
    more = DESIGN.replace("offline/plain, offline/questions, offline/steps, offline/warm", names)
    participant = make_consenting_participant(make_study(steps="consent, conversations", more=more))
    failing.add(plan_for(new_exchange(participant)).draw.places[0].model_name)
    run_queued_jobs()
    exchange = Exchange.objects.get(conversation__participant=participant)
    shown = shown_utterances(exchange)
    assert len(shown) == 4 and exchange.utterances.count() == 5
    assert sorted(utterance.propensity for utterance in shown) == pytest.approx([4 / 6, 4 / 6, 4 / 6, 5 / 6])


def test_without_any_answer_the_person_can_try_again(participant: Participant, failing: set[str]) -> None:
    failing.update(MODELS)
    exchange = answered(participant)
    assert exchange.state == "failed"
    failing.clear()
    ask_again(exchange, now=NOW)
    run_queued_jobs()
    exchange.refresh_from_db()
    assert exchange.state == "rating"
    assert len(shown_utterances(exchange)) == 4


def test_an_exchange_whose_job_died_can_be_asked_again(participant: Participant) -> None:
    exchange = new_exchange(participant)
    assert not is_stuck(exchange)
    Job.objects.update(state="failed")
    assert is_stuck(exchange)
    ask_again(exchange, now=NOW)
    assert Job.objects.filter(state="queued").count() == 1


def test_every_answer_needs_a_score(participant: Participant) -> None:
    exchange = answered(participant)
    with pytest.raises(InvalidRating) as error:
        rate(exchange, Rating({"A": 10, "B": None, "C": 3, "D": 4}), now=NOW)
    assert error.value.letters == ("B",)


def test_scores_outside_1_to_100_are_refused(participant: Participant) -> None:
    with pytest.raises(InvalidRating):
        rate(answered(participant), Rating({"A": 0, "B": 101, "C": 3, "D": 4}), now=NOW)


def test_the_highest_score_goes_on(participant: Participant) -> None:
    exchange = rated(participant)
    assert exchange.utterances.get(is_chosen=True).letter == "B"


def test_a_tie_asks_which_goes_on(participant: Participant) -> None:
    exchange = answered(participant)
    scores = {"A": 80, "B": 80, "C": 3, "D": 4}
    with pytest.raises(TiedRating) as error:
        rate(exchange, Rating(scores, chosen="C"), now=NOW)
    assert error.value.letters == ("A", "B")
    assert rate(exchange, Rating(scores, chosen="A"), now=NOW).utterances.get(is_chosen=True).letter == "A"


def test_all_bad_needs_a_reason_and_lets_none_go_on(participant: Participant) -> None:
    exchange = answered(participant)
    with pytest.raises(InvalidRating):
        rate(exchange, Rating({}, all_bad=True), now=NOW)
    exchange = rate(exchange, Rating({}, all_bad=True, reason="All of them lecture me."), now=NOW)
    assert exchange.all_bad and exchange.all_bad_reason == "All of them lecture me."
    assert not exchange.utterances.filter(is_chosen=True).exists()


def test_rating_twice_keeps_the_first(participant: Participant) -> None:
    exchange = rated(participant)
    rate(exchange, Rating({"A": 99, "B": 1, "C": 1, "D": 1}), now=NOW)
    assert exchange.utterances.get(is_chosen=True).letter == "B"


def test_the_winner_alone_goes_on_with_two_answers(participant: Participant) -> None:
    first = rated(participant)
    winner = first.utterances.get(is_chosen=True).model_name
    second = ask(first.conversation, "And then?", idempotency_key="next", now=NOW)
    run_queued_jobs()
    second.refresh_from_db()
    assert [utterance.model_name for utterance in shown_utterances(second)] == [winner, winner]


def test_after_only_bad_answers_all_models_are_asked_again(participant: Participant) -> None:
    first = rate(answered(participant), Rating({}, all_bad=True, reason="Empty words."), now=NOW)
    second = ask(first.conversation, "And then?", idempotency_key="next", now=NOW)
    run_queued_jobs()
    assert sorted(u.model_name for u in shown_utterances(second)) == sorted(MODELS)


def test_nothing_is_asked_before_the_rating_or_after_the_last_turn(participant: Participant) -> None:
    first = answered(participant)
    with pytest.raises(Conflict):
        ask(first.conversation, "And?", idempotency_key="early", now=NOW)
    rate(first, Rating({"A": 10, "B": 90, "C": 30, "D": 40}), now=NOW)
    second = ask(first.conversation, "And?", idempotency_key="second", now=NOW)
    run_queued_jobs()
    rate(second, Rating({"A": 10, "B": 90}), now=NOW)
    with pytest.raises(Conflict):
        ask(first.conversation, "And?", idempotency_key="third", now=NOW)


def test_the_study_decides_how_many_conversations_there_are(participant: Participant) -> None:
    feedback = Feedback({"fluency": 80}, {}, "Shorter answers.")
    assert not close_conversation(rated(participant).conversation, feedback, now=NOW)
    assert close_conversation(rated(participant).conversation, feedback, now=NOW)
    assert participant.steps.get(key="conversations").state == "done"
    with pytest.raises(Conflict):
        new_exchange(participant)


def test_closing_twice_keeps_one_feedback(participant: Participant) -> None:
    conversation = rated(participant).conversation
    for words in ("First.", "Second."):
        close_conversation(conversation, Feedback({}, {}, words), now=NOW)
    assert conversation.feedback.open_text == "First."


def test_answers_that_name_their_model_are_flagged(participant: Participant, monkeypatch: pytest.MonkeyPatch) -> None:
    write = gateway.write

    def boast(prompt: Any, **more: Any) -> gateway.Completion:
        completion = write(prompt, **more)
        return gateway.Completion(
            "I'm ChatGPT, made by OpenAI.", completion.model_name, completion.tokens, 1, completion.cost_usd
        )

    monkeypatch.setattr(gateway, "write", boast)
    assert all(utterance.names_itself for utterance in shown_utterances(answered(participant)))


def test_a_person_who_left_while_answers_were_written_gets_none_stored(participant: Participant) -> None:
    exchange = new_exchange(participant)
    withdraw(participant, now=NOW)
    run_queued_jobs()
    assert not Exchange.objects.filter(pk=exchange.pk).exists()
    with pytest.raises(AlreadyWithdrawn):
        new_exchange(participant)


def url(participant: Participant, page: str = "") -> str:
    return f"/study/{participant.study.slug}/conversations/{page}"


@pytest.fixture
def client(participant: Participant) -> Client:
    return make_browser(participant)


def test_the_waiting_page_shows_the_prompt_and_refreshes_itself(participant: Participant, client: Client) -> None:
    client.post(url(participant, "begin/"), {"kind": "unguided", "prompt": HOSTILE, "key": "k"})
    page = client.get(url(participant)).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert '<meta http-equiv="refresh"' in page
    assert client.get(url(participant, "ready/")).json() == {"ready": False}
    run_queued_jobs()
    assert client.get(url(participant, "ready/")).json() == {"ready": True}


def test_nothing_that_a_browser_gets_before_the_rating_tells_who_answered(
    participant: Participant, client: Client
) -> None:
    """Pages with every attribute and script of theirs, the page's JSON, headers, cookies and the download."""
    exchange = new_exchange(participant, HOSTILE)
    got = [client.get(url(participant)), client.get(url(participant, "ready/"))]
    run_queued_jobs()
    got += [client.get(url(participant)), client.get(url(participant, "ready/"))]
    got += [client.post(url(participant, "rate/"), {"turn": "1.1", "score_A": 500})]
    got += [client.get(f"/study/{participant.study.slug}/my-data/download/")]
    seen = "".join(f"{answer.content.decode()}{answer.headers}{answer.cookies}" for answer in got)
    assert "response-text" in seen and got[-1].status_code == 200
    telling = {str(exchange.seed), "offline"}
    for answer in exchange.utterances.all():
        telling |= {answer.model_name, answer.model_name.partition("/")[2] + '"', answer.seed, answer.prompt_hash}
        telling |= {f'"{answer.propensity}"', "propensity", "arrival", "latency"}
    assert [words for words in telling - {'steps"'} if words in seen] == []


def test_reloading_keeps_the_order_of_the_answers(participant: Participant, client: Client) -> None:
    answered(participant)
    pages = [client.get(url(participant)).content.decode().split('class="responses')[1] for _ in range(2)]
    assert pages[0] == pages[1]


def test_the_sliders_of_the_rating_are_unset(participant: Participant, client: Client) -> None:
    answered(participant)
    page = client.get(url(participant)).content.decode()
    assert page.count('min="1" max="100" step="1" value=""') == 4


def test_a_tie_on_the_page_asks_once_more_and_keeps_the_numbers(participant: Participant, client: Client) -> None:
    answered(participant)
    scores = {"score_A": 70, "score_B": 70, "score_C": 1, "score_D": 1}
    answer = client.post(url(participant, "rate/"), {"turn": "1.1", **scores})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="70"' in page
    assert page.count('name="chosen"') == 2 and 'name="chosen" value="C"' not in page
    assert client.post(url(participant, "rate/"), {"turn": "1.1", **scores, "chosen": "B"}).status_code == 302


def test_a_page_that_is_out_of_date_rates_nothing(participant: Participant, client: Client) -> None:
    exchange = answered(participant)
    client.post(url(participant, "rate/"), {"turn": "1.2", "score_A": 1, "score_B": 2, "score_C": 3, "score_D": 4})
    exchange.refresh_from_db()
    assert exchange.state == "rating"


def test_the_failed_page_is_kind_and_offers_another_try(
    participant: Participant, client: Client, failing: set[str]
) -> None:
    failing.update(MODELS)
    answered(participant)
    page = client.get(url(participant)).content.decode()
    assert "It is not because of what you wrote" in page and "again/" in page and "LLMError" not in page


def test_two_conversations_through_the_pages_end_the_step(participant: Participant, client: Client) -> None:
    for number in (1, 2):
        client.post(url(participant, "begin/"), {"kind": "unguided", "prompt": "Hello", "key": f"a{number}"})
        for turn, letters in ((1, "ABCD"), (2, "AB")):
            run_queued_jobs()
            scores = {f"score_{letter}": 10 + place for place, letter in enumerate(letters)}
            client.post(url(participant, "rate/"), {"turn": f"{number}.{turn}", **scores})
            if turn == 1:
                client.post(url(participant, "ask/"), {"prompt": "Go on", "key": f"b{number}"})
        assert "How was this conversation?" in client.get(url(participant)).content.decode()
        answer = client.post(url(participant, "end/"), {"performance_fluency": "70", "open_text": "Fine."}, follow=True)
    assert answer.redirect_chain[-1][0].endswith("/done/")
    assert participant.conversations.filter(state="finished").count() == 2


def test_a_prompt_that_arrives_again_in_the_next_conversation_asks_nothing(participant: Participant) -> None:
    first = rated(participant)
    repeated = ask(first.conversation, "Go on", idempotency_key="again", now=NOW)
    run_queued_jobs()
    rate(repeated, Rating({"A": 60, "B": 50}), now=NOW)
    close_conversation(first.conversation, Feedback({}, {}), now=NOW)
    later = rated(participant).conversation
    assert ask(later, "Go on", idempotency_key="again", now=NOW) == repeated


def test_feedback_of_an_old_page_is_not_taken_for_the_next_conversation(
    participant: Participant, client: Client
) -> None:
    close_conversation(rated(participant).conversation, Feedback({}, {}), now=NOW)
    later = rated(participant).conversation
    client.post(url(participant, "end/"), {"conversation": "1", "open_text": "About the first."})
    later.refresh_from_db()
    assert later.state == "open"
