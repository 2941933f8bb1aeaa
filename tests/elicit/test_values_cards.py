"""The values card: drafted, changed and confirmed by its author."""

import pytest

from elicit import values_cards
from elicit.errors import Conflict
from elicit.interviews import finish_interview, record_message, start_interview
from elicit.models import ValuesCard
from elicit.steps import next_step
from elicit.values_cards import CardRefused, Line, confirm_card, draft_card, edit_card, on_confirmed
from elicit.views.values_cards import rearranged
from tests.make import NOW, make_browser, make_consenting_participant

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
    assert [found["quote"] for found in card.evidence] == EVIDENCE
    assert card.state == ValuesCard.State.DRAFT


def test_an_interview_keeps_its_one_draft(card):
    assert draft_card(card.interview) == card


def test_lines_keep_the_words_they_came_from_when_they_move(card):
    first, second, third = lines_of(card)
    edited = edit(card, lines=[third, Line("Something new"), Line("  "), first])
    assert edited.policies == [third.text, "Something new", first.text]
    assert [found.get("quote") for found in edited.evidence] == [EVIDENCE[2], None, EVIDENCE[0]]
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
    assert answer["Location"].endswith("/done/")
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
    for _ in range(2):
        assert browser.post(address, sent)["Location"].endswith("/done/")
