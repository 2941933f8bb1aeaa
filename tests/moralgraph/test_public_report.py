"""The public page of a report: who finds it, what stands there, and that nobody's words can act in it."""

import json

import pytest
from django.test import Client

from elicit.consent import change_answer
from elicit.participants import withdraw
from moralgraph.algorithms.wisest_sets import Shortage
from moralgraph.models import CanonicalValuesCard, CardMembership
from moralgraph.report_words import pull_sentences, verdict
from moralgraph.reports import draft_newest_report, draft_report, publish_report, withdraw_report
from tests.make import NOW, make_canonical_card, make_member
from tests.moralgraph.publishing import Judged, judge, judged_study, published
from tests.moralgraph.reporting.snapshots import with_everything

pytestmark = pytest.mark.django_db
HOSTILE = '"><script>alert(1)</script>'
ADDRESSES = (
    "",
    "1/",
    "1/files/numbers/",
    "1/files/table/",
    "1/files/graph/",
    "1/files/graphml/",
    "1/figures/places-tired/",
)


@pytest.fixture
def judged() -> Judged:
    return judged_study()


def read(path: str = "", *, status: int = 200) -> str:
    response = Client().get(f"/reports/published/{path}")
    assert response.status_code == status, path
    return response.content.decode()


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_draft_is_found_by_nobody(judged: Judged, path: str):
    draft_newest_report(judged.study, now=NOW)
    read(path, status=404)


def test_anybody_reads_a_published_report(judged: Judged):
    published(judged)
    shown = read()
    assert "12\u00a0/\u00a015" in shown and "When someone is tired" in shown and "Deep" in shown
    assert read("1/") == shown
    assert "style=" not in shown


def test_a_report_says_how_many_judgements_are_about_words_that_may_not_be_published(judged: Judged):
    published(judged)
    assert "not counted, because" not in read()
    judge(judged.study, *(make_canonical_card(judged.study, title=title) for title in ("Old", "New")), wiser=2, of=3)
    change_answer(judged.deep, "publish", False, now=NOW)
    published(judged)
    assert "15 judgements of people who agreed to publication are not counted" in read()
    assert "judgements: without_words,,,,,15," in read("2/files/table/")


def test_the_report_speaks_the_language_of_the_browser(judged: Judged):
    published(judged)
    shown = Client(HTTP_ACCEPT_LANGUAGE="ar").get("/reports/published/").content.decode()
    assert '<html lang="ar" dir="rtl">' in shown and "data-translation-note" in shown
    assert "أحكم القيم" in shown and "The wisest values" not in shown


def test_a_study_without_a_report_looks_like_none(judged: Judged):
    assert Client().get("/reports/nowhere/").status_code == Client().get("/reports/published/").status_code == 404


def test_a_card_whose_author_did_not_agree_has_no_words_on_the_page_or_in_a_file(judged: Judged):
    published(judged)
    CanonicalValuesCard.objects.filter(title="Deep").update(worded_by=None, origin="person")
    for path in ADDRESSES:
        assert "Deep" not in read(path) and "gathers courage" not in read(path)
    assert "a value whose author did not agree to publication" in read()


def test_words_on_the_page_and_in_figures_stay_words(judged: Judged):
    CanonicalValuesCard.objects.filter(title="Deep").update(title=HOSTILE, policies=[HOSTILE])
    published(judged)
    assert HOSTILE not in read() and "&lt;script&gt;" in read()
    assert "<script" not in read("1/figures/places-tired/")


def test_the_numbers_are_the_content_and_the_graph_holds_no_participant(judged: Judged):
    report = published(judged)
    assert json.loads(read("1/files/numbers/")) == report.content
    graph = read("1/files/graph/")
    assert len(json.loads(graph)["values"]) == 2
    assert not any(person.code in graph for person in judged.study.participants.all())


def test_everything_that_a_snapshot_can_say_is_said_in_words(judged: Judged):
    snapshot = draft_newest_report(judged.study, now=NOW).snapshot
    plain, deep = (judged.cards[title].content_id for title in ("Plain", "Deep"))
    snapshot.content = with_everything(snapshot.content, plain=plain, deep=deep)
    snapshot.save()
    publish_report(draft_report(snapshot, now=NOW), by=make_member(study=judged.study), now=NOW)
    shown = read()
    for words in (
        "Any of these 2 values may be the wisest.", "in 95 of 100 studies", "15 judgements by 15 people",
        "9 of 12 found the second wiser; asked the other way round, 8 of 12 found the first wiser",
        "“Plain” → “Deep” → “Plain”",
        "few people were asked about it, and clearly most of them found it wiser (6 of 8)",
        "Woman: 20 of 25; Man: 20 of 25",
        "Woman: 20 of 25; Man: 5 of 24", "A story told for the second value moved the share of “wiser” by +6 points",
        "the same answer in 80 % of 20 cases", "Repaired graph, fewest people who must find an upgrade wiser: 5",
    ):  # fmt: skip
        assert words in shown, words
    assert "Other" not in shown


def test_a_value_on_which_people_agree_is_called_overlooked_and_no_difference(judged: Judged):
    snapshot = draft_newest_report(judged.study, now=NOW).snapshot
    deep = judged.cards["Deep"].content_id
    agreed = {"card": deep, "reason": "few_but_sure", "people": 7, "share": 1.0, "group": None}
    never = {"card": deep, "reason": "never_asked_about", "people": 7, "share": None, "group": None}
    snapshot.content["contexts"][0] |= {"minority": [agreed, never]}
    snapshot.save()
    publish_report(draft_report(snapshot, now=NOW), by=make_member(study=judged.study), now=NOW)
    shown = read()
    assert "“Deep”: few people were asked about it, and clearly most of them found it wiser (7 of 7)." in shown
    assert "“Deep”: nobody was asked yet whether it is wiser than another." in shown
    assert "nothing says that people differ" in shown and "No pair was found wiser both ways" in shown


def test_the_numbers_say_which_model_they_are_of_and_show_no_share_of_another(judged: Judged):
    published(judged)
    shown = read()
    assert "Bradley-Terry model" in shown and "these places are no finding" in shown
    assert "Came first in" not in shown


def test_what_the_study_team_wrote_is_marked_and_counted(judged: Judged):
    CanonicalValuesCard.objects.filter(title="Deep").update(origin="seed", worded_by=None)
    snapshot = draft_newest_report(judged.study, now=NOW).snapshot
    snapshot.content["contexts"][0] |= {"standing": "several", "contenders": [judged.cards["Deep"].content_id]}
    snapshot.content["contexts"][0]["wisest_set"] = None
    snapshot.save()
    report = publish_report(draft_report(snapshot, now=NOW), by=make_member(study=judged.study), now=NOW)
    assert report.content["tables"]["written_by"] == {"participants": 1, "team": 1, "elsewhere": 0}
    shown = read()
    assert '<span class="chip chip-info">Written by the study team</span>' in shown
    assert "<dt>Values written by the study team</dt><dd>1</dd>" in shown and "of others or written by" in shown


def test_where_people_wrote_every_card_the_study_team_is_not_named(judged: Judged):
    published(judged)
    assert "<dt>Values in words of people who took part</dt><dd>2</dd>" in read() and "study team" not in read()


def test_all_who_judged_are_counted_and_those_who_tell_of_an_order_apart(judged: Judged):
    for row in judged.study.judgements.filter(answer="about_equal")[:2]:
        row.answer = "both_needed"
        row.save()
    report = published(judged)
    assert "15 judgements by 15 people. 13 of them, by 13 of these people, say something of which value" in read()
    [found] = report.snapshot.content["contexts"]
    assert report.content["contexts"][0]["people"] == found["people"] == 15


def test_not_enough_evidence_is_said_and_no_card_is_shown_as_wisest(judged: Judged):
    snapshot = draft_newest_report(judged.study, now=NOW).snapshot
    snapshot.content["contexts"][0] |= {"standing": "not_enough_evidence", "contenders": [], "wisest_set": None}
    snapshot.save()
    publish_report(draft_report(snapshot, now=NOW), by=make_member(study=judged.study), now=NOW)
    shown = read()
    assert "Not enough evidence to say which value is the wisest.</p>" in shown and "values-card-title" not in shown


def test_what_is_missing_is_said_as_it_is_and_not_only_that_people_are_few(judged: Judged):
    published(judged)
    assert "Too few people gave an answer that tells" in read()
    found = {"standing": "not_enough_evidence", "wisest": []}
    said = {verdict({**found, "shortage": shortage.value}) for shortage in Shortage}
    assert len(said) == len(Shortage)
    assert not any(shortage.value in sentence for shortage in Shortage if shortage for sentence in said)


@pytest.mark.parametrize("gone", ["withdrawn", "retired"])
def test_what_is_gone_keeps_its_address_and_its_hash_and_shows_nothing_else(judged: Judged, gone: str):
    report = published(judged)
    if gone == "withdrawn":
        withdraw_report(report, reason="A question was wrong.", now=NOW)
    else:
        withdraw(judged.deep, now=NOW)
    for path in ("", "1/"):
        shown = read(path, status=410)
        assert report.content_hash in shown and "12\u00a0/\u00a015" not in shown and "Plain" not in shown
    assert ("A question was wrong." in shown) == (gone == "withdrawn")
    for path in ADDRESSES[2:]:
        read(path, status=404)


def test_a_new_report_after_a_withdrawal_stands_beside_the_gone_one(judged: Judged):
    published(judged)
    withdraw(judged.study.participants.last(), now=NOW)
    second = published(judged)
    assert second.number == 2
    assert "Report 2" in read() and "/reports/published/2/" in read("1/", status=410)


def test_a_retired_canonical_card_leaves_no_word_on_the_new_page(judged: Judged):
    CardMembership.objects.filter(card__participant=judged.deep).delete()
    withdraw(judged.deep, now=NOW)
    assert CanonicalValuesCard.objects.filter(title="Withdrawn value").exists()
    assert Client().get("/reports/published/").status_code == 404


def test_the_organizer_sees_the_draft_and_publishes_it_after_confirming(judged: Judged):
    client = Client()
    client.force_login(make_member(study=judged.study))
    assert client.post("/organizer/published/report/draft/", {"introduction": HOSTILE}).status_code == 302
    shown = client.get("/organizer/published/report/1/").content.decode()
    assert HOSTILE not in shown and "12\u00a0/\u00a015" in shown
    assert client.post("/organizer/published/report/1/publish/").status_code == 422
    assert client.post("/organizer/published/report/1/publish/", {"confirm": "on"}).status_code == 302
    assert "12\u00a0/\u00a015" in read()
    assert client.post("/organizer/published/report/1/withdraw/", {"reason": "Wrong."}).status_code == 302
    read(status=410)


@pytest.mark.parametrize("role", ["analyst", "observer"])
def test_others_of_the_team_read_and_do_not_publish(judged: Judged, role: str):
    draft_newest_report(judged.study, now=NOW)
    client = Client()
    client.force_login(make_member(study=judged.study, role=role))
    shown = client.get("/organizer/published/report/1/")
    assert shown.status_code == 200 and b"Publish this report" not in shown.content
    assert client.post("/organizer/published/report/1/publish/", {"confirm": "on"}).status_code == 404


def test_a_refused_draft_says_why():
    study = judged_study(of=0).study
    client = Client()
    client.force_login(make_member(study=study))
    answer = client.post("/organizer/published/report/draft/", {})
    assert answer.status_code == 409 and "no answered judgement" in answer.content.decode()


def test_a_page_of_a_simulated_draft_says_so_loudly(judged: Judged):
    for rows in (judged.study.participants, judged.study.judgements, judged.study.canonical_cards):
        rows.update(origin="simulated")
    draft_newest_report(judged.study, now=NOW)
    client = Client()
    client.force_login(make_member(study=judged.study))
    shown = client.get("/organizer/published/report/1/").content.decode()
    assert "Programs answered here, not people." in shown and "Publish this report" not in shown


def test_points_have_a_true_minus_and_none_at_all_has_no_sign():
    effect = {"name": "both", "difference": -0.012, "low": -0.13, "high": 0.002}
    told = " ".join(pull_sentences({"effects": [effect]}))
    assert "by \u22121 points (between \u221213 and 0)" in told
