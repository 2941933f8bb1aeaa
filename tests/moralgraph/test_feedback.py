"""What participants get back after publication, what they say to it, and what becomes of that."""

import json

import pytest
from django.test import Client

from elicit.consent import decline
from elicit.errors import AlreadyWithdrawn, Conflict, StudyNotOpen, WellspringError
from elicit.my_data import own_data
from elicit.participants import NotTakingPart, withdraw
from elicit.studies import close
from moralgraph.deduplication import join_canonical
from moralgraph.feedback import MOST_OPEN_APPEALS, appeal, own_cards, result_link, verify_own_card, verify_place
from moralgraph.models import Appeal, CanonicalValuesCard, CardVerification, PlaceVerification, Report
from moralgraph.reports import answer_appeal, draft_newest_report, withdraw_report
from tests.make import NOW, make_browser, make_confirmed_card, make_member
from tests.moralgraph.publishing import LINES, Judged, agreeing, judged_study, published

pytestmark = pytest.mark.django_db
VERBS = {
    "yours": lambda person: verify_own_card(person, 1, answer="same", why="Mine", now=NOW),
    "place": lambda person: verify_place(person, 1, answer="fair", why="Right", now=NOW),
    "appeal": lambda person: appeal(person, words="Look again", now=NOW),
}


@pytest.fixture
def judged() -> Judged:
    return judged_study()


@pytest.fixture
def report(judged: Judged) -> Report:
    return published(judged)


def said() -> int:
    return CardVerification.objects.count() + PlaceVerification.objects.count() + Appeal.objects.count()


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_taken_after_the_study_has_closed(judged: Judged, report: Report, verb: str):
    close(judged.study)
    VERBS[verb](judged.plain)
    assert said() == 1


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_refused_after_withdrawal_and_before_anything_is_public(judged: Judged, verb: str):
    with pytest.raises(StudyNotOpen):
        VERBS[verb](judged.plain)
    published(judged)
    withdraw(judged.plain, now=NOW)
    with pytest.raises(AlreadyWithdrawn):
        VERBS[verb](judged.plain)
    assert said() == 0


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_refused_for_who_said_no_and_once_the_report_is_gone(judged: Judged, report: Report, verb: str):
    stranger = agreeing(judged.study)
    stranger.consent_grants.all().delete()
    decline(stranger, now=NOW)
    with pytest.raises(NotTakingPart):
        VERBS[verb](stranger)
    withdraw_report(report, reason="Wrong.", now=NOW)
    with pytest.raises(StudyNotOpen):
        VERBS[verb](judged.plain)
    assert said() == 0


@pytest.mark.parametrize("verb", VERBS)
def test_saying_it_twice_keeps_one_row(judged: Judged, report: Report, verb: str):
    for _ in range(2):
        VERBS[verb](judged.plain)
    assert said() == 1


def test_a_changed_answer_replaces_the_first(judged: Judged, report: Report):
    verify_place(judged.plain, 1, answer="fair", now=NOW)
    verify_place(judged.plain, 1, answer="not_fair", why="Too low", now=NOW)
    kept = PlaceVerification.objects.get()
    assert (kept.answer, kept.why, kept.canonical.title) == ("not_fair", "Too low", "Plain")


@pytest.mark.parametrize("number", [0, 2])
def test_a_card_that_is_not_theirs_cannot_be_named(judged: Judged, report: Report, number: int):
    with pytest.raises(Conflict):
        verify_place(judged.plain, number, answer="fair", now=NOW)


def test_appeals_pile_up_to_a_limit_and_go_on_once_answered(judged: Judged, report: Report):
    for number in range(MOST_OPEN_APPEALS):
        appeal(judged.plain, words=f"Look at {number}", now=NOW)
    with pytest.raises(Conflict):
        appeal(judged.plain, words="One more", now=NOW)
    answer_appeal(Appeal.objects.first(), words="We did.", by=make_member(study=judged.study), now=NOW)
    assert appeal(judged.plain, words="One more", now=NOW).state == "open"


def test_the_place_of_a_card_is_said_in_words(judged: Judged, report: Report):
    [own] = own_cards(judged.plain, report)
    [place] = own.places
    assert place.context == "When someone is tired"
    assert place.neighbours == ("12 of the 15 people who compared found “Deep” wiser than yours.",)
    [own] = own_cards(judged.deep, report)
    assert own.places[0].neighbours == ("12 of the 15 people who compared found yours wiser than “Plain”.",)


def test_a_neighbour_and_a_card_that_the_study_team_wrote_are_said_to_be(judged: Judged, report: Report):
    CanonicalValuesCard.objects.filter(title="Deep").update(origin="seed", worded_by=None)
    [own] = own_cards(judged.plain, report)
    assert own.places[0].neighbours[0].endswith("wiser than yours. “Deep” was written by the study team.")
    assert "study team" in make_browser(judged.deep).get("/study/published/result/").content.decode()
    assert "Its words were written" not in make_browser(judged.plain).get("/study/published/result/").content.decode()


def test_a_merged_card_is_shown_in_the_words_that_stand_for_it_and_its_author_is_not(judged: Judged, report: Report):
    other = agreeing(judged.study)
    join_canonical(make_confirmed_card(other, title="deep", policies=LINES["Deep"], description="I am Deep."))
    [own] = own_cards(other, report)
    page = make_browser(other).get("/study/published/result/").content.decode()
    if own.canonical == judged.cards["Deep"]:
        assert (own.others, own.has_same_words) == (1, False)
        assert "this card stands for yours" in page
    assert judged.deep.code not in page


def test_the_personal_link_leads_to_the_page_and_everything_can_be_said_on_it(judged: Judged, report: Report):
    close(judged.study)
    client = make_browser(judged.plain)
    assert "What came of it" in client.get("/study/published/", follow=True).content.decode()
    assert "What came of it" in client.get("/study/published/my-data/").content.decode()
    about = {"which": "1"}
    card = {**about, "card-1-number": "1", "card-1-answer": "different", "card-1-why": "It lost the nights."}
    assert client.post("/study/published/result/card/", card).status_code == 302
    place = {**about, "place-1-number": "1", "place-1-answer": "fair"}
    assert client.post("/study/published/result/place/", place).status_code == 302
    assert client.post("/study/published/result/ask/", {"words": "Please look."}).status_code == 302
    shown = client.get("/study/published/result/").content.decode()
    assert "It lost the nights." in shown and "Please look." in shown
    assert said() == 3


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("card/", {"which": "1", "card-1-number": "1"}),
        ("card/", {"which": "7", "card-7-number": "7", "card-7-answer": "same"}),
        ("place/", {"which": "x", "place-x-number": "1", "place-x-answer": "wrong"}),
        ("place/", {}),
        ("ask/", {"words": " "}),
    ],
)
def test_a_wrong_form_keeps_nothing_and_says_what_is_missing(judged: Judged, report: Report, path: str, sent: dict):
    assert make_browser(judged.plain).post(f"/study/published/result/{path}", sent).status_code == 422
    assert said() == 0


def test_the_organizer_answers_and_the_participant_reads_it(judged: Judged, report: Report):
    made = appeal(judged.plain, words="Why so low?", now=NOW)
    client = Client()
    client.force_login(make_member(study=judged.study))
    assert "Why so low?" in client.get("/organizer/published/report/appeals/").content.decode()
    sent = {f"appeal-{made.pk}-answer": "Because few were asked."}
    assert client.post(f"/organizer/published/report/appeals/{made.pk}/", sent).status_code == 302
    assert "Because few were asked." in make_browser(judged.plain).get("/study/published/result/").content.decode()


def test_once_the_report_is_gone_only_who_asked_something_is_led_back(judged: Judged, report: Report):
    VERBS["appeal"](judged.plain)
    withdraw_report(report, reason="Wrong.", now=NOW)
    link = result_link(judged.plain)
    assert link is not None and "taken back" in link.words
    assert result_link(agreeing(judged.study)) is None


def test_an_appeal_of_another_study_cannot_be_answered(judged: Judged, report: Report):
    made = appeal(judged.plain, words="Why?", now=NOW)
    client = Client()
    client.force_login(make_member(study=judged_study(slug="elsewhere").study))
    sent = {f"appeal-{made.pk}-answer": "No."}
    assert client.post(f"/organizer/elsewhere/report/appeals/{made.pk}/", sent).status_code == 404


def test_what_was_said_can_be_taken_home_and_goes_with_the_person(judged: Judged, report: Report):
    for verb in VERBS.values():
        verb(judged.plain)
    mine = json.dumps(own_data(judged.plain), default=str)
    assert all(words in mine for words in ("Mine", "Right", "Look again"))
    withdraw(judged.plain, now=NOW)
    assert said() == 0


def test_the_next_report_counts_what_authors_said_and_holds_few_back(judged: Judged, report: Report):
    verify_own_card(judged.plain, 1, answer="same", now=NOW)
    table = draft_newest_report(judged.study, now=NOW).content["tables"]["came_back"]
    assert [(row["key"], row["yes"], row["answered"]) for row in table["questions"]] == [
        ("yours", None, None), ("fair_place", None, None),
    ]  # fmt: skip


def test_an_error_is_one_that_people_may_read():
    assert issubclass(NotTakingPart, WellspringError)
