""" "I know a wiser one": kept for an organizer, taken up in its author's name, and gone with its author."""

import json
from typing import Any

import pytest
from django.test import Client

from elicit.consent import change_answer
from elicit.errors import Conflict
from elicit.jobs import run_queued_jobs
from elicit.llm.backends.scripted import scripted
from elicit.models import Participant
from elicit.my_data import own_data
from elicit.participants import withdraw
from moralgraph.contexts import retire_context
from moralgraph.models import CanonicalValuesCard, Judgement, Suggestion, Upgrade
from moralgraph.suggestions import (
    SuggestedValue,
    SuggestionRefused,
    accept_suggestion,
    decline_suggestion,
    suggest,
    waiting_suggestions,
)
from tests.make import NOW, make_browser, make_confirmed_card, make_consenting_participant
from tests.moralgraph.test_judgements import HOSTILE, answer, drawn, more, study_with

pytestmark = pytest.mark.django_db

LINES = ["Signs that it helps", "Moments of calm", "Words that were meant"]
WISER = SuggestedValue("Calm hands", LINES)


@pytest.fixture
def participant() -> Participant:
    return make_consenting_participant(study_with(more()), explore=True)


@pytest.fixture
def judgement(participant: Participant) -> Judgement:
    return answer(participant, drawn(participant))


def suggested(judgement: Judgement, value: Any = WISER) -> Suggestion:
    return suggest(judgement, above=judgement.second, value=value, why="It lasts.", now=NOW)


def accepted(suggestion: Suggestion) -> Suggestion:
    return accept_suggestion(suggestion, by=None, now=NOW)


def test_it_waits_and_is_shown_to_nobody(judgement: Judgement) -> None:
    suggestion = suggested(judgement)
    assert list(waiting_suggestions(judgement.study)) == [suggestion]
    assert not CanonicalValuesCard.objects.filter(title="Calm hands").exists()


def test_sent_twice_it_is_one_and_until_it_is_decided_the_newest_counts(judgement: Judgement) -> None:
    suggested(judgement)
    suggestion = suggested(judgement, SuggestedValue("Calm heads", LINES))
    assert Suggestion.objects.get().title == "Calm heads"
    decline_suggestion(suggestion, by=None, now=NOW)
    suggested(judgement)
    assert Suggestion.objects.get().title == "Calm heads"


UNFIT = {"no name": ("", LINES), "few": ("A", LINES[:2]), "many": ("A", LINES * 3), "wide": ("A", [*LINES, "x" * 400])}


@pytest.mark.parametrize("words", UNFIT.values(), ids=UNFIT)
def test_a_value_has_a_name_and_three_to_seven_lines(judgement: Judgement, words: tuple[str, list[str]]) -> None:
    with pytest.raises(SuggestionRefused):
        suggested(judgement, SuggestedValue(*words))


def test_another_persons_card_is_not_taken(judgement: Judgement) -> None:
    with pytest.raises(SuggestionRefused):
        suggested(judgement, make_confirmed_card())


def test_what_may_show_who_somebody_is_is_flagged_as_on_cards(judgement: Judgement) -> None:
    lines = [*LINES, "Calls to 0176 5554443"]
    assert suggested(judgement, SuggestedValue("Calm hands", lines)).flags == ["personal_data"]


def test_a_model_reads_it_where_one_moderates(judgement: Judgement, settings: Any) -> None:
    settings.LLM_PURPOSES = {"moderation": ["scripted/reader"]}
    suggestion = suggested(judgement)
    with scripted(json.dumps({"found": "harm"})):
        run_queued_jobs()
    suggestion.refresh_from_db()
    assert suggestion.flags == ["model_harm"]


def test_accepted_it_is_a_card_and_an_upgrade_in_its_authors_name(judgement: Judgement) -> None:
    upgrade = accepted(suggested(judgement)).upgrade
    assert upgrade is not None and (upgrade.first, upgrade.source) == (judgement.second, "participant")
    assert upgrade.second.worded_by == upgrade.proposed_by == judgement.participant
    assert (upgrade.second.policies, upgrade.context) == (LINES, judgement.context)
    assert accepted(Suggestion.objects.get()).upgrade == upgrade and Upgrade.objects.filter(pk=upgrade.pk).exists()


def test_an_own_card_is_accepted_as_the_card_that_stands_for_it(judgement: Judgement) -> None:
    card = make_confirmed_card(judgement.participant, title="My own", policies=LINES)
    upgrade = accepted(suggested(judgement, card)).upgrade
    assert upgrade is not None and upgrade.second == card.membership.canonical


def test_it_is_not_taken_up_without_its_authors_consent_or_when_its_place_is_gone(judgement: Judgement) -> None:
    suggestion = suggested(judgement)
    retire_context(judgement.context)
    with pytest.raises(Conflict, match="no longer used"):
        accepted(suggestion)
    change_answer(judgement.participant, "explore", False, now=NOW)
    with pytest.raises(Conflict, match="did not agree"):
        accepted(suggestion)


def test_an_own_card_that_is_held_is_released_first(judgement: Judgement) -> None:
    card = make_confirmed_card(judgement.participant, title="My own", policies=LINES, release="held")
    with pytest.raises(Conflict, match="held back"):
        accepted(suggested(judgement, card))


def test_what_was_taken_up_is_not_declined(judgement: Judgement) -> None:
    with pytest.raises(Conflict, match="Retire its upgrade"):
        decline_suggestion(accepted(suggested(judgement)), by=None, now=NOW)


def test_it_goes_with_its_author_and_stands_in_their_data(judgement: Judgement) -> None:
    accepted(suggested(judgement))
    assert "Calm hands" in json.dumps(own_data(judgement.participant), default=str)
    withdraw(judgement.participant, now=NOW)
    assert not Suggestion.objects.exists()
    assert not CanonicalValuesCard.objects.filter(title="Calm hands").exists()
    assert not Upgrade.objects.filter(source="participant").exists()


def test_without_consent_to_be_explored_its_card_goes(judgement: Judgement) -> None:
    accepted(suggested(judgement))
    change_answer(judgement.participant, "explore", False, now=NOW)
    assert not CanonicalValuesCard.objects.filter(title="Calm hands").exists()


def page_of(judgement: Judgement) -> str:
    return f"/study/{judgement.study.slug}/judgements/{judgement.number}/wiser/"


def test_the_page_takes_words_and_an_own_card_by_its_place(judgement: Judgement) -> None:
    client: Client = make_browser(judgement.participant)
    sent = {"above": "b", "which": "new", "title": HOSTILE, "lines": "\n".join(LINES), "why": ""}
    assert client.post(page_of(judgement), sent).status_code == 302
    assert Suggestion.objects.get().title == HOSTILE
    card = make_confirmed_card(judgement.participant, title=HOSTILE)
    shown = client.get(page_of(judgement)).content.decode()
    assert "<img" not in shown and "&lt;img" in shown and f'value="{card.pk}"' not in shown
    assert client.post(page_of(judgement), {"above": "a", "which": "0"}).status_code == 302
    assert Suggestion.objects.get(own_card=card).above_id != Suggestion.objects.get(own_card=None).above_id


def test_the_page_says_what_is_missing(judgement: Judgement) -> None:
    client = make_browser(judgement.participant)
    page = client.post(page_of(judgement), {"above": "a", "which": "new", "title": "Calm", "lines": "One thing"})
    assert page.status_code == 422 and "there are 1" in page.content.decode()
    assert client.post(page_of(judgement), {"above": "a", "which": "7"}).status_code == 422


def test_saving_and_naming_a_wiser_one_leads_to_its_page(participant: Participant) -> None:
    client = make_browser(participant)
    sent = {"token": drawn(participant).token, "answer": "wiser", "suggest": "yes"}
    came = client.post(f"/study/{participant.study.slug}/judgements/", sent)
    assert came["Location"].endswith("/judgements/1/wiser/")
    assert client.get(came["Location"]).status_code == 200


def test_there_is_no_such_page_for_a_pair_that_was_not_judged(participant: Participant) -> None:
    judgement = drawn(participant).judgement
    assert make_browser(participant).get(page_of(judgement)).status_code == 404
