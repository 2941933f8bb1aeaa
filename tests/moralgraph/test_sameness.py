"""A model is asked by five tests whether two cards are one value."""

import json

import pytest

from elicit.jobs import run_queued_jobs
from elicit.llm.backends import LastingFailure
from elicit.llm.backends.scripted import scripted
from elicit.models import Job, LlmCall
from elicit.participants import withdraw
from moralgraph.deduplication import name_of
from moralgraph.models import CardMembership, SamenessVerdict
from moralgraph.reconciliation.batch import reconcile
from moralgraph.sameness import Compared, ask, ask_all
from tests.make import NOW, make_study
from tests.moralgraph.reconciliation.cards import FAR, NEAR, alone, canonical_of, groups_of, share

pytestmark = pytest.mark.django_db
TESTS = ("captures_all", "same_attention", "serves_both", "is_oversight", "same_grain")
DOWN = LastingFailure("The model is down.")


@pytest.fixture
def model(settings):
    settings.LLM_PURPOSES = {"sameness": ["scripted/one"]}


def reply(failing=""):
    return json.dumps({"reason_to_split": "None that counts.", **{name: name != failing for name in TESTS}})


def pair(study):
    """Let two people confirm near cards, before any model is named."""
    return [alone(study, words, title=f"Near {number}") for number, words in enumerate(NEAR[:2])]


def decisions():
    return sorted(CardMembership.objects.values_list("decision", flat=True))


def test_cards_are_one_value_when_all_five_tests_hold(settings):
    study = make_study()
    pair(study)
    settings.LLM_PURPOSES = {"sameness": ["scripted/one"]}
    with scripted(reply()) as asked:
        partition = reconcile(study, now=NOW)
    assert (len(groups_of(study)), decisions()) == (1, ["model", "own"])
    verdict = SamenessVerdict.objects.get()
    assert (verdict.outcome, verdict.tests, verdict.model_name) == ("same", dict.fromkeys(TESTS, True), "scripted/one")
    assert "Silences that leave room" in asked.asked[0].messages[-1].content
    assert partition.parameters["decided_by"] == "model"


@pytest.mark.parametrize("failing", TESTS)
def test_one_test_that_fails_keeps_them_apart_however_near_they_are(settings, failing):
    study = make_study()
    pair(study)
    settings.LLM_PURPOSES = {"sameness": ["scripted/one"]}
    with scripted(reply(failing)):
        reconcile(study, now=NOW)
    assert (len(groups_of(study)), decisions()) == (2, ["own", "own"])


def test_could_not_ask_is_not_different_and_is_asked_again(settings):
    study = make_study()
    pair(study)
    settings.LLM_PURPOSES = {"sameness": ["scripted/one"]}
    with scripted(DOWN):
        reconcile(study, now=NOW)
    assert (decisions(), SamenessVerdict.objects.get().outcome) == (["unsure", "unsure"], "could_not_ask")
    with scripted(reply()):
        assert reconcile(study, now=NOW).number == 2
    assert decisions() == ["model", "own"]


def test_what_was_answered_is_not_asked_again(settings):
    study = make_study()
    pair(study)
    settings.LLM_PURPOSES = {"sameness": ["scripted/one"]}
    with scripted(reply()) as asked:
        first = reconcile(study, now=NOW)
        assert reconcile(study, now=NOW) == first
    assert (len(asked.asked), LlmCall.objects.count()) == (1, 1)


def test_a_model_that_is_down_is_not_asked_about_every_pair(model):
    study = make_study()
    cards = [share(study, [*FAR[:2], f"Children number {number}"], title=str(number)) for number in range(6)]
    words = {
        name_of(card, origin="person"): Compared(
            name_of(card, origin="person"), card.title, tuple(card.policies), (card.pk,)
        )
        for card in cards
    }
    keys = sorted(words)
    with scripted(DOWN, DOWN, DOWN, reply()) as asked:
        ask_all(study, list(zip(keys, keys[1:], strict=False)), words, now=NOW)
    assert len(asked.asked) == 3
    assert set(SamenessVerdict.objects.values_list("outcome", flat=True)) == {"could_not_ask"}
    assert SamenessVerdict.objects.count() == 5


def test_a_new_card_stands_for_itself_until_a_model_was_asked(model):
    study = make_study()
    first = share(study, NEAR[0], title="Near 0")
    second = share(study, NEAR[1], title="Near 1")
    assert decisions() == ["own", "unsure"]
    own = canonical_of(second)
    with scripted(reply()):
        run_queued_jobs()
    assert canonical_of(second) == canonical_of(first)
    own.refresh_from_db()
    assert (own.merged_into, decisions()) == (canonical_of(first), ["model", "own"])
    assert CardMembership.objects.get(card=second).is_provisional


def test_a_new_card_that_no_model_could_be_asked_about_stays_unsure_and_the_job_is_tried_again(model):
    study = make_study()
    share(study, NEAR[0])
    share(study, NEAR[1])
    with scripted(DOWN):
        run_queued_jobs()
    assert (decisions(), Job.objects.get().state) == (["own", "unsure"], "queued")


def test_a_new_card_that_is_found_different_is_its_own(model):
    study = make_study()
    share(study, NEAR[0])
    share(study, NEAR[1])
    with scripted(reply("same_grain")):
        run_queued_jobs()
    assert decisions() == ["own", "own"]


def test_a_verdict_about_words_that_were_taken_back_while_it_was_asked_for_is_not_kept(model):
    study = make_study()
    cards = pair_of(study)
    words = [Compared(name_of(card, origin="person"), card.title, tuple(card.policies), (card.pk,)) for card in cards]
    withdraw(cards[0].participant, now=NOW)
    with scripted(reply()):
        assert ask(study, *words, now=NOW) == "same"
    assert not SamenessVerdict.objects.exists()


def pair_of(study):
    return [share(study, words, title=f"Pair {number}") for number, words in enumerate((NEAR[0], FAR))]


def test_previews_are_shown_to_no_model(settings):
    study = make_study()
    for words in NEAR[:2]:
        alone(study, words, origin="preview")
    settings.LLM_PURPOSES = {"sameness": ["scripted/one"]}
    with scripted(reply()) as asked:
        reconcile(study, now=NOW)
    assert asked.asked == []
