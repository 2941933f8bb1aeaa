"""No verb of a participant writes for somebody who has withdrawn, or in a study that is not taking answers."""

import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import pytest
from django.apps import apps
from django.core import serializers

from elicit import consent, conversations, interviews, openings, rating, surveys, turns, values_cards
from elicit.answering import Outcome, store
from elicit.errors import AlreadyWithdrawn, StudyNotOpen, WellspringError
from elicit.models import Conversation, Exchange, Interview, Participant, Question, ValuesCard
from elicit.participants import withdraw
from elicit.studies import close, pause
from moralgraph import draws, feedback, judgements, suggestions
from moralgraph.draws import Draw
from tests.make import NOW, make_consenting_participant, make_study

pytestmark = pytest.mark.django_db

MODULES: tuple[ModuleType, ...] = (
    consent, conversations, interviews, openings, surveys, turns, values_cards, draws, judgements, suggestions,
)  # fmt: skip
WORKERS = {"add_words", "keep_question", "hand_over", "ask_instead", "finish_turn"}  # test_turns.py: they write nothing
ORGANIZERS = {"accept_suggestion", "decline_suggestion"}  # they write for nobody who is away: see test_suggestions.py
STEPS = "consent, interview, values_card, judgements, conversations, closing"
MORE = """\
conversation:
  count: 1
  turns: 2
  models: [offline/plain, offline/warm]
  types: [{key: unguided, title: Anything, text: Whatever you like.}]
closing: {instrument: closing}
seed_cards:
  - {key: a, title: Near, description: I am near., policies: [Signs of one, Signs of two, Signs of three]}
  - {key: b, title: Far, description: I am far., policies: [Paths of one, Paths of two, Paths of three]}
upgrades: [{first: a, second: b, context: tired}]
"""


@dataclass(frozen=True)
class Standing:
    """Somebody in the middle of everything, so that each verb would have something to write."""

    person: Participant
    question: Question
    interview: Interview
    card: ValuesCard
    conversation: Conversation
    exchange: Exchange
    draw: Draw


def standing_in_the_middle() -> Standing:
    person = make_consenting_participant(make_study(steps=STEPS, more=MORE), explore=True)
    question = person.study.questions.first()
    interview = interviews.start_interview(person, question, now=NOW)
    interviews.record_message(interview, "I think of them at night.", idempotency_key="1", now=NOW)
    card = ValuesCard.objects.create(
        study=person.study, participant=person, title="Near", policies=["Signs"], question=question
    )
    exchange = conversations.begin(person, "unguided", "Hello", idempotency_key="1", now=NOW)
    store(exchange, [Outcome("offline/plain", 1.0, text="Good evening.")])
    draw = draws.draw_judgement(person, now=NOW)
    assert draw is not None
    return Standing(person, question, interview, card, exchange.conversation, exchange, draw)


def save_survey(s: Standing, *, as_draft: bool) -> None:
    survey = surveys.survey_of(s.person, "closing")
    raw = {"closing_comment": "Late words"}
    if as_draft:
        surveys.save_draft(s.person, survey.parts[0], raw, survey=survey)
    else:
        surveys.save_answers(s.person, survey.parts[0], raw, survey=survey, now=NOW)


def edit(s: Standing) -> None:
    lines = [values_cards.Line("Other signs")]
    values_cards.edit_card(s.card, title="Nearer", description="", lines=lines, revision=s.card.revision)


VERBS: dict[str, Callable[[Standing], object]] = {
    "record_consent": lambda s: consent.record_consent(s.person, {"take_part": True, "train": True}, now=NOW),
    "renew_consent": lambda s: consent.renew_consent(s.person, {"take_part": True, "train": True}, now=NOW),
    "change_answer": lambda s: consent.change_answer(s.person, "train", True, now=NOW),
    "decline": lambda s: consent.decline(s.person, now=NOW),
    "start_interview": lambda s: interviews.start_interview(s.person, s.question, now=NOW),
    "record_message": lambda s: interviews.record_message(s.interview, "Late", idempotency_key="2", now=NOW),
    "skip_question": lambda s: interviews.skip_question(s.interview, idempotency_key="2", now=NOW),
    "decline_question": lambda s: interviews.decline_question(s.interview, idempotency_key="2", now=NOW),
    "ask_differently": lambda s: interviews.ask_differently(s.interview, idempotency_key="2", now=NOW),
    "edit_message": lambda s: interviews.edit_message(s.interview, 2, "Late", now=NOW),
    "reopen_interview": lambda s: interviews.reopen_interview(
        ValuesCard(interview=s.interview), reason="Late", fit=1, now=NOW
    ),
    "talk_about_another": lambda s: interviews.talk_about_another(s.person, now=NOW),
    "leave_it_at_that": lambda s: interviews.leave_it_at_that(s.person, now=NOW),
    "go_on_without": lambda s: turns.go_on_without(s.interview, now=NOW),
    "retry_turn": lambda s: turns.retry_turn(s.interview, now=NOW),
    "stop_turn": lambda s: turns.stop_turn(s.interview, now=NOW),
    "finish_interview": lambda s: interviews.finish_interview(s.interview, now=NOW),
    "draft_card": lambda s: values_cards.draft_card(s.interview),
    "replace_draft": lambda s: values_cards.replace_draft(s.interview, values_cards.Draft("Late", "", [], [])),
    "edit_card": edit,
    "confirm_card": lambda s: values_cards.confirm_card(s.card, fit=4, now=NOW),
    "start_conversation": lambda s: conversations.start_conversation(s.person, "unguided", now=NOW),
    "take_anchor": lambda s: conversations.take_anchor(s.person, now=NOW),
    "begin": lambda s: conversations.begin(s.person, "unguided", "Late", idempotency_key="2", now=NOW),
    "ask": lambda s: conversations.ask(s.conversation, "Late", idempotency_key="2", now=NOW),
    "ask_again": lambda s: conversations.ask_again(s.exchange, now=NOW),
    "rate": lambda s: conversations.rate(s.exchange, rating.Rating({"A": 50}), now=NOW),
    "close_conversation": lambda s: conversations.close_conversation(
        s.conversation, rating.Feedback({}, {}, "Late"), now=NOW
    ),
    "save_draft": lambda s: save_survey(s, as_draft=True),
    "save_answers": lambda s: save_survey(s, as_draft=False),
    "draw_judgement": lambda s: draws.draw_judgement(s.person, now=NOW),
    "reopen_judgement": lambda s: draws.reopen_judgement(s.person, 1),
    "answer_judgement": lambda s: judgements.answer_judgement(s.person, s.draw.token, "wiser", now=NOW, why="Late"),
    "suggest": lambda s: suggestions.suggest(
        s.draw.judgement, above=s.draw.judgement.first, value=s.card, why="Late", now=NOW
    ),
    "finish_judgements": lambda s: judgements.finish_judgements(s.person, now=NOW),
}
SITUATIONS: dict[str, tuple[Callable[[Participant], object], type[WellspringError]]] = {
    "withdrawn": (lambda person: withdraw(person, now=NOW), AlreadyWithdrawn),
    "paused": (lambda person: pause(person.study), StudyNotOpen),
    "closed": (lambda person: close(person.study), StudyNotOpen),
}


def is_verb(found: Callable[..., object], module: ModuleType) -> bool:
    """Say whether a function of a module writes."""
    return found.__module__ == module.__name__ and inspect.getsource(found).startswith("@transaction.atomic")


def everything() -> str:
    rows = itertools.chain.from_iterable(model._default_manager.all() for model in apps.get_models())
    return serializers.serialize("json", rows)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_writes_for_a_withdrawn_participant_or_in_a_study_that_is_not_open(verb: str, situation: str) -> None:
    standing = standing_in_the_middle()
    happens, refusal = SITUATIONS[situation]
    happens(Participant.objects.get(pk=standing.person.pk))
    before = everything()
    with pytest.raises(refusal):
        VERBS[verb](standing)
    assert everything() == before


def test_what_is_said_of_a_published_report_is_the_one_exception() -> None:
    """Its verbs write in a closed study, and for nobody who withdrew: tests/moralgraph/test_feedback.py."""
    writing = {name for name, found in inspect.getmembers(feedback, inspect.isfunction) if is_verb(found, feedback)}
    assert writing == {"verify_own_card", "verify_place", "appeal", "erase_expired_feedback"}
    for name in writing - {"erase_expired_feedback"}:
        assert "take_for_feedback(participant)" in inspect.getsource(getattr(feedback, name))


def test_every_verb_of_a_participant_is_in_the_table() -> None:
    missing = [
        f"{module.__name__}.{name}"
        for module in MODULES
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__
        and not name.startswith("_")
        and name not in {*VERBS, *WORKERS, *ORGANIZERS}
        if inspect.getsource(found).startswith("@transaction.atomic")
    ]
    assert missing == []


def test_an_open_study_takes_the_same_writes() -> None:
    standing = standing_in_the_middle()
    before = everything()
    VERBS["record_message"](standing)
    VERBS["answer_judgement"](standing)
    assert everything() != before
