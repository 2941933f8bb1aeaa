from unittest.mock import patch

import pytest

from elicit.analysis.quality import Code
from elicit.models import Conversation, Exchange, Participant, SurveyAnswer
from elicit.results.quality import codes_of, quality_of, report
from elicit.results.quality_signals import signals_of
from tests.elicit.results.answered import answer, people
from tests.make import NOW, make_study

pytestmark = pytest.mark.django_db
SURVEY = "survey: {instrument: prism, batteries: [attention]}\n"
ROWS = ("values", "creativity", "fluency", "factuality", "diversity", "safety", "personalisation", "helpfulness")
LONG = "I want a machine that tells me plainly when it does not know the answer."


@pytest.fixture
def study():
    return make_study(steps="consent, survey", more=SURVEY)


def flags_of(study):
    return {one.code: {flag.signal.code for flag in one.flags} for one in quality_of(study, "person").flagged}


def honest(number):
    return {row: (17 * number + 29 * place) % 101 for place, row in enumerate(ROWS)}


def test_a_run_of_equal_answers_is_flagged_with_its_number(study):
    who = people(study, 40)
    Participant.objects.update(finished_at=None)
    for number, one in enumerate(who[:39]):
        answer([one], "stated_prefs", honest(number))
    answer(who[39:], "stated_prefs", dict.fromkeys(ROWS, 70))
    assert flags_of(study) == {who[39].code: {Code.STRAIGHT_LINE}}
    (flagged,) = quality_of(study, "person").flagged
    assert "8 times in a row" in flagged.flags[0].said()
    assert flagged.flags[0].about == "stated_prefs"


def test_sliders_that_nobody_touched_are_flagged_and_those_without_a_record_are_not(study):
    who = people(study, 12)
    for number, one in enumerate(who):
        answer([one], "stated_prefs", honest(number))
    left = {row: {"touched": False, "seconds": 0.0} for row in ROWS}
    SurveyAnswer.objects.filter(participant=who[4]).update(handling=left)
    assert flags_of(study) == {who[4].code: {Code.LEFT_AT_START}}


def test_two_missed_attention_questions_are_flagged_and_one_is_not(study):
    who = people(study, 12)
    answer(who[2:], "attention_choice", "rain", instrument="attention")
    answer(who[:2], "attention_choice", "sun", instrument="attention")
    answer(who[1:], "attention_place", {"place": 30}, instrument="attention")
    answer(who[:1], "attention_place", {"place": 80}, instrument="attention")
    assert flags_of(study) == {who[0].code: {Code.ATTENTION}}


def test_a_text_that_appears_again_is_flagged_and_nobody_s_short_answer_is(study):
    who = people(study, 12)
    answer(who[:2], "self_description", LONG)
    answer(who[2:], "self_description", "I do not know")
    assert flags_of(study) == {one.code: {Code.SAME_TEXT, Code.NEAR_COPY} for one in who[:2]}


def test_an_opening_that_the_study_gave_is_nobody_s_copy(study):
    for anchor, one in zip(("shared", "shared"), people(study, 2), strict=True):
        conversation = Conversation.objects.create(participant=one, number=1, kind="unguided", anchor=anchor)
        Exchange.objects.create(conversation=conversation, number=1, prompt=LONG, seed=1, idempotency_key="one")
    assert flags_of(study) == {}


def test_mostly_pasted_text_is_flagged(study):
    who = people(study, 12)
    for number, one in enumerate(who):
        answer([one], "self_description", f"{number} words of my own, " * 9)
    SurveyAnswer.objects.filter(participant=who[3]).update(handling={"pasted": 150, "seconds": 3.0})
    assert flags_of(study)[who[3].code] >= {Code.PASTED}


def test_who_is_done_in_seconds_is_flagged(study):
    who = people(study, 30)
    Participant.objects.filter(pk=who[0].pk).update(began_at=NOW, finished_at=NOW.replace(second=2))
    assert flags_of(study) == {who[0].code: {Code.FAST}}


def test_preferring_not_to_say_is_counted_and_flags_nobody(study):
    who = people(study, 12)
    answer(who[:5], "age", "Prefer not to say")
    answer(who[:2], "reside_country", None, reason="refused")
    found = quality_of(study, "person")
    assert (found.not_said, found.flagged) == (5, ())


def test_who_is_left_out_already_is_not_looked_at(study):
    who = people(study, 12)
    answer(who[:2], "self_description", LONG)
    Participant.objects.filter(pk=who[0].pk).update(excluded_at=NOW, excluded_because="test")
    found = quality_of(study, "person")
    assert (found.people, found.flagged) == (11, ())


def test_what_is_remembered_holds_no_code(study):
    who = people(study, 12)
    answer(who, "self_description", LONG)
    with patch("elicit.results.remembering.cache.set") as kept:
        quality_of(study, "person")
    assert not any(one.code in repr(kept.call_args) for one in who)


def test_who_left_while_the_signals_were_worked_out_is_not_shown(study):
    who = people(study, 12)
    answer(who, "self_description", LONG)
    found = signals_of(study, "person")
    Participant.objects.filter(pk=who[0].pk).update(withdrawn_at=NOW)
    told = [one.code for one in report(found, codes_of(study, "person")).flagged]
    assert told == [one.code for one in who[1:]]
