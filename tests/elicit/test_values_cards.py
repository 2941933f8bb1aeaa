"""The values card: drafted, changed and confirmed by its author."""

import pytest

from elicit import values_cards
from elicit.errors import Conflict
from elicit.interviews import (
    ask_differently,
    finish_interview,
    may_talk_more,
    record_message,
    reopen_interview,
    start_interview,
    talk_about_another,
)
from elicit.models import ValuesCard
from elicit.steps import next_step
from elicit.values_cards import CardRefused, Line, confirm_card, draft_card, edit_card, on_confirmed
from elicit.views.values_cards import rearranged
from tests.make import NOW, make_browser, make_consenting_participant, make_study

pytestmark = pytest.mark.django_db

LINES = "signs that he is tired\nmoments when he stops talking\nquestions that leave him room"
EVIDENCE = ["signs that he is tired", "moments when he stops talking", "questions that leave him room"]


@pytest.fixture
def participant():
    return make_consenting_participant()


@pytest.fixture
def card(participant):
    interview = start_interview(participant, participant.study.questions.get(key="night"), now=NOW)
    number = 0
    while interview.messages.last().stage != "attend":
        number += 1
        record_message(
            interview, "I sat with my brother all night and noticed him.", idempotency_key=str(number), now=NOW
        )
    record_message(interview, LINES, idempotency_key="lines", now=NOW)
    finish_interview(interview, now=NOW)
    return ValuesCard.objects.get(interview=interview)


@pytest.fixture
def hooks(monkeypatch):
    monkeypatch.setattr(values_cards, "_HOOKS", {})


def lines_of(card):
    return [Line(text, index) for index, text in enumerate(card.policies)]


def edit(card, *, revision=None, lines=None, title="Near him"):
    lines = lines_of(card) if lines is None else lines
    return edit_card(card, title=title, description="I stay.", lines=lines, revision=revision or card.revision)


def sent_from(card, **changes):
    """Return what the page would send."""
    lines = {f"policy-{index}": text for index, text in enumerate([*card.policies, ""])}
    return {"revision": card.revision, "title": card.title, "description": card.description, **lines, **changes}


def test_the_draft_is_made_of_the_person_s_own_sentences(card):
    assert card.policies[0] == "Signs that he is tired"
    assert [found["quote"] for (found,) in card.evidence] == EVIDENCE
    assert card.state == ValuesCard.State.DRAFT


def test_an_interview_keeps_its_one_draft(card):
    assert draft_card(card.interview) == card


def test_lines_keep_the_words_they_came_from_when_they_move(card):
    first, second, third = lines_of(card)
    edited = edit(card, lines=[third, Line("Something new"), Line("  "), first])
    assert edited.policies == [third.text, "Something new", first.text]
    assert [[span["quote"] for span in found] for found in edited.evidence] == [[EVIDENCE[2]], [], [EVIDENCE[0]]]
    assert edited.revision == card.revision + 1


def test_a_change_to_an_older_revision_is_a_conflict(card):
    edit(card)
    with pytest.raises(Conflict, match="another tab"):
        edit(card, title="From the other tab")
    card.refresh_from_db()
    assert card.title == "Near him"


@pytest.mark.parametrize(
    ("title", "lines"), [("x" * 121, None), ("Fine", [Line("y")] * 13), ("Fine", [Line("z" * 301)])]
)
def test_what_does_not_fit_on_a_card_is_refused(card, title, lines):
    with pytest.raises(CardRefused):
        edit(card, title=title, lines=lines)


def test_confirming_fixes_the_card_and_ends_the_step(card, participant):
    confirmed = confirm_card(card, fit=3, now=NOW)
    assert (confirmed.state, confirmed.fit, confirmed.confirmed_at) == (ValuesCard.State.CONFIRMED, 3, NOW)
    assert next_step(participant) is None
    with pytest.raises(Conflict, match="already confirmed"):
        edit(confirmed)


def test_every_confirmed_card_is_handed_on_once(card, hooks):
    seen = []
    on_confirmed(seen.append)
    for _ in range(2):
        confirm_card(card, fit=4, now=NOW)
    assert seen == [card]


def test_when_the_hook_fails_the_card_stays_a_draft(card, hooks):
    on_confirmed(lambda confirmed: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        confirm_card(card, fit=4, now=NOW)
    card.refresh_from_db()
    assert card.state == ValuesCard.State.DRAFT


def test_an_empty_card_cannot_be_confirmed(card):
    with pytest.raises(CardRefused, match="at least one line"):
        confirm_card(edit(card, lines=[]), fit=4, now=NOW)


@pytest.mark.parametrize(
    ("action", "place", "expected"),
    [
        ("up", "1", "bac"),
        ("down", "0", "bac"),
        ("remove", "2", "ab"),
        ("up", "0", "abc"),
        ("up", "9", "abc"),
        ("up", "x", "abc"),
    ],
)
def test_a_button_at_a_line_moves_or_removes_it(action, place, expected):
    moved = rearranged([Line(letter) for letter in "abc"], action=action, place=place)
    assert "".join(line.text for line in moved) == expected


def test_the_page_shows_the_quotes_and_explains_without_blocking(card, participant):
    edit(card, lines=[Line("They must be honest", 0)])
    page = make_browser(participant).get(f"/study/{participant.study.slug}/values-card/").content.decode()
    assert EVIDENCE[0] in page
    assert "sounds like a rule" in page


def test_the_page_adds_moves_and_confirms_without_javascript(card, participant):
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/values-card/"
    browser.post(address, sent_from(card, **{"policy-3": "Hours that are hardest", "action": "save"}))
    card.refresh_from_db()
    assert card.policies[3] == "Hours that are hardest"
    browser.post(address, sent_from(card, action="up-3"))
    card.refresh_from_db()
    assert card.policies[2] == "Hours that are hardest"
    answer = browser.post(address, sent_from(card, action="confirm", fit="4", title="Near him", state="draft", pk="1"))
    assert answer["Location"] == address
    card.refresh_from_db()
    assert (card.title, card.state, card.fit) == ("Near him", ValuesCard.State.CONFIRMED, 4)


def test_confirming_without_saying_how_well_it_fits_asks_again(card, participant):
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/values-card/"
    answer = browser.post(address, sent_from(card, action="confirm", title="My words stay here"))
    assert answer.status_code == 422
    assert b"Please choose one answer." in answer.content
    assert b"My words stay here" in answer.content


def test_an_edit_from_an_old_tab_shows_both_and_saves_neither(card, participant):
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/values-card/"
    old = sent_from(card, title="From the old tab", action="save")
    edit(card, title="From the new tab")
    answer = browser.post(address, old)
    assert answer.status_code == 409
    assert b"From the old tab" in answer.content
    assert b"From the new tab" in answer.content
    card.refresh_from_db()
    assert card.title == "From the new tab"


def test_hostile_words_on_a_card_do_nothing(card, participant):
    edit(card, title="<b>x</b>", lines=[Line("<script>alert(1)</script>")])
    browser, home = make_browser(participant), f"/study/{participant.study.slug}/"
    for address in ("values-card/", "my-data/"):
        page = browser.get(home + address).content.decode()
        assert "<script>alert" not in page
        assert "<b>x</b>" not in page


def test_posting_an_old_page_after_confirming_leads_on(card, participant):
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/values-card/"
    sent = sent_from(card, action="confirm", fit="4")
    assert browser.post(address, sent)["Location"] == address
    assert browser.post(address, sent)["Location"].endswith("/done/")


def confirm_by_page(card, participant, **changes):
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/values-card/"
    return browser.post(address, sent_from(card, action="confirm", **changes))


def test_a_low_answer_asks_once_what_is_missing_and_keeps_every_word(card, participant):
    answer = confirm_by_page(card, participant, fit="2", title="My own name")
    assert answer.status_code == 422
    assert answer.context["asks_reason"]
    assert b"My own name" in answer.content


@pytest.mark.parametrize("way", [{"anyway": "1"}, {"fit_reason": "It leaves out the jokes."}])
def test_a_card_that_fits_badly_can_be_kept_all_the_same(card, participant, way):
    confirm_by_page(card, participant, fit="1", **way)
    card.refresh_from_db()
    assert (card.state, card.fit) == (ValuesCard.State.CONFIRMED, 1)
    assert card.fit_reason == way.get("fit_reason", "")


def go_back(card, participant, reason="It leaves out the jokes that we made."):
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/values-card/"
    return browser.post(address, sent_from(card, action="back", fit="2", fit_reason=reason))


def test_talking_about_it_more_asks_about_the_reason(card, participant):
    assert go_back(card, participant)["Location"].endswith("/interview/")
    reason, question = card.interview.messages.order_by("-number")[:2][::-1]
    assert reason.text == "It leaves out the jokes that we made."
    assert "jokes" in question.text
    assert next_step(participant).key == "interview"


def test_going_back_without_a_reason_asks_for_one(card, participant):
    answer = go_back(card, participant, reason=" ")
    assert answer.status_code == 422
    assert b"Please say what is missing" in answer.content


def answer_what_is_missing(card):
    card.interview.refresh_from_db()
    record_message(card.interview, "moments when we laugh about it together", idempotency_key="more", now=NOW)
    card.refresh_from_db()


def test_one_answer_later_the_card_is_drafted_anew(card, participant):
    go_back(card, participant)
    answer_what_is_missing(card)
    assert next_step(participant).key == "values_card"
    assert any("laugh" in policy for policy in card.policies)


def test_lines_that_the_author_changed_stay_when_it_is_drafted_anew(card, participant):
    edit(card, lines=[Line("My very own line", 0)], title="My title")
    card.refresh_from_db()
    go_back(card, participant)
    answer_what_is_missing(card)
    assert (card.title, card.policies[0]) == ("My title", "My very own line")
    assert any("laugh" in policy for policy in card.policies[1:])


def test_asking_differently_what_is_missing_asks_again(card, participant):
    go_back(card, participant)
    card.interview.refresh_from_db()
    ask_differently(card.interview, idempotency_key="other", now=NOW)
    assert card.interview.messages.last().author == "interviewer"


def test_an_interview_is_not_reopened_twice_or_after_confirming(card, participant):
    reopen_interview(card, reason="Not yet.", fit=1, now=NOW)
    with pytest.raises(Conflict):
        reopen_interview(card, reason="Not yet.", fit=1, now=NOW)


def test_after_confirming_somebody_may_talk_about_another_situation(card, participant):
    confirm_card(card, fit=4, now=NOW)
    browser, home = make_browser(participant), f"/study/{participant.study.slug}/"
    assert b"another situation" in browser.get(f"{home}values-card/").content
    assert browser.post(f"{home}values-card/", {"action": "another"})["Location"] == f"{home}interview/"
    page = browser.get(f"{home}interview/").content.decode()
    assert "A hard choice" in page
    assert "A message at night" not in page


def test_the_second_card_is_a_card_of_its_own(card, participant):
    confirm_card(card, fit=4, now=NOW)
    talk_about_another(participant, now=NOW)
    second = start_interview(participant, participant.study.questions.get(key="choice"), now=NOW)
    finish_interview(second, now=NOW)
    assert ValuesCard.objects.filter(participant=participant).count() == 2
    assert not may_talk_more(participant)
    card.refresh_from_db()
    assert card.state == ValuesCard.State.CONFIRMED


def test_thinking_better_of_another_situation_loses_nothing(card, participant):
    confirm_card(card, fit=4, now=NOW)
    talk_about_another(participant, now=NOW)
    browser, home = make_browser(participant), f"/study/{participant.study.slug}/"
    assert browser.post(f"{home}interview/", {"action": "go_on"})["Location"].endswith("/done/")


def test_no_more_cards_than_the_study_wants():
    person = make_consenting_participant(make_study(more="interview: {most_cards: 1}\n"))
    interview = start_interview(person, person.study.questions.get(key="night"), now=NOW)
    record_message(interview, LINES, idempotency_key="1", now=NOW)
    finish_interview(interview, now=NOW)
    confirm_card(edit(interview.values_card, lines=[Line("Signs")]), fit=4, now=NOW)
    assert not may_talk_more(person)


def test_a_card_with_somebody_s_address_is_confirmed_and_shown_to_nobody(card, hooks):
    seen = []
    on_confirmed(seen.append)
    confirmed = confirm_card(edit(card, lines=[Line("Letters to anna@example.org")]), fit=4, now=NOW)
    assert confirmed.state == ValuesCard.State.CONFIRMED
    assert seen == []


def test_changing_only_the_order_of_nothing_is_no_change(card):
    same = edit_card(card, title=card.title, description=card.description, lines=lines_of(card), revision=card.revision)
    assert not same.is_edited
    assert edit(same).is_edited
