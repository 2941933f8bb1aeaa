"""The verbs of a public report: what may be published, what becomes of it, and what its numbers are."""

import pytest

from elicit.consent import change_answer
from elicit.errors import Conflict
from elicit.participants import withdraw
from moralgraph.consented import cards_for
from moralgraph.deduplication import join_canonical
from moralgraph.importing import import_mge
from moralgraph.models import CardMembership, Judgement, Report
from moralgraph.reporting.content import content_hash
from moralgraph.reports import (
    NotPublishable,
    discard_draft,
    draft_newest_report,
    draft_report,
    publish_report,
    published_report,
    reasons_against,
    withdraw_report,
)
from moralgraph.snapshots import build_snapshot
from tests.elicit.results.answered import answer
from tests.make import NOW, make_canonical_card, make_confirmed_card, make_member
from tests.moralgraph.publishing import LINES, Judged, agreeing, judge, judged_study, published
from tests.moralgraph.test_explorer import FIXTURE

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged() -> Judged:
    return judged_study()


def test_a_draft_holds_the_numbers_of_what_was_granted_for_publication(judged: Judged):
    silent = Judgement.objects.filter(study=judged.study).last().participant
    change_answer(silent, "publish", False, now=NOW)
    report = draft_newest_report(judged.study, now=NOW)
    [row] = report.content["contexts"][0]["upgrades"]
    assert (row["wiser"], row["compared"]) == (12, 14)
    assert report.content["tables"]["people"]["kept_from_publication"] == 1
    assert report.content_hash == content_hash(report.content)


def test_judgements_about_words_that_may_not_be_published_are_left_out_and_counted(judged: Judged):
    assert draft_newest_report(judged.study, now=NOW).content["tables"]["judgements"] == {"without_words": 0}
    seeds = [make_canonical_card(judged.study, title=title) for title in ("Old", "New")]
    judge(judged.study, *seeds, wiser=2, of=3)
    change_answer(judged.deep, "publish", False, now=NOW)
    report = draft_newest_report(judged.study, now=NOW)
    assert report.content["tables"]["judgements"] == {"without_words": 15}
    assert [found["judgements"] for found in report.content["contexts"]] == [3]


def test_another_author_of_the_very_same_words_who_agrees_keeps_a_value_in_the_report(judged: Judged):
    same = make_confirmed_card(
        agreeing(judged.study), title="deep", policies=[LINES["Deep"][0] + "."], description="I am deep!"
    )
    join_canonical(same)
    assert same.membership.canonical == judged.cards["Deep"]
    change_answer(judged.deep, "publish", False, now=NOW)
    report = draft_newest_report(judged.study, now=NOW)
    assert report.content["tables"]["judgements"] == {"without_words": 0}
    assert report.content["contexts"][0]["judgements"] == 15
    change_answer(same.participant, "publish", False, now=NOW)
    assert not cards_for(judged.study, purpose="publish", origins=["person"]).filter(title="Deep").exists()


def test_an_author_of_other_words_keeps_nobodys_in_the_report(judged: Judged):
    near = make_confirmed_card(agreeing(judged.study), title="Deeper", policies=LINES["Deep"], description="I am.")
    CardMembership.objects.create(card=near, canonical=judged.cards["Deep"], decision="similar")
    change_answer(judged.deep, "publish", False, now=NOW)
    assert not cards_for(judged.study, purpose="publish", origins=["person"]).filter(title="Deep").exists()


def test_drafting_again_renews_the_draft_and_after_publication_makes_the_next_number(judged: Judged):
    first = draft_newest_report(judged.study, introduction="One", now=NOW)
    again = draft_newest_report(judged.study, introduction=" Two ", now=NOW)
    assert (first.pk, again.introduction) == (again.pk, "Two")
    publish_report(again, by=make_member(study=judged.study), now=NOW)
    assert draft_newest_report(judged.study, now=NOW).number == 2


def test_a_graph_built_for_the_team_gives_no_report(judged: Judged):
    snapshot = build_snapshot(judged.study, method="repaired", now=NOW)
    with pytest.raises(NotPublishable, match="for the team"):
        draft_report(snapshot, now=NOW)
    assert not Report.objects.exists()


def test_a_method_test_is_never_drafted():
    snapshot = build_snapshot(import_mge(FIXTURE, slug="made").study, method="repaired", now=NOW)
    snapshot.parameters |= {"purpose": "publish"}
    snapshot.save()
    with pytest.raises(NotPublishable, match="method test"):
        draft_report(snapshot, now=NOW)


def test_what_programs_answered_can_be_drafted_and_never_published(judged: Judged):
    judged.study.participants.update(origin="simulated")
    judged.study.judgements.update(origin="simulated")
    judged.study.canonical_cards.update(origin="simulated")
    report = draft_newest_report(judged.study, now=NOW)
    with pytest.raises(NotPublishable, match="Programs"):
        publish_report(report, by=make_member(study=judged.study), now=NOW)
    report.refresh_from_db()
    assert report.published_at is None


def test_publishing_twice_keeps_the_first_time(judged: Judged):
    report = published(judged)
    again = publish_report(report, by=make_member(study=judged.study), now=NOW.replace(year=2030))
    assert (again.published_at, again.published_by) == (NOW, report.published_by)


def test_a_draft_whose_graph_was_retired_is_not_published(judged: Judged):
    report = draft_newest_report(judged.study, now=NOW)
    withdraw(judged.deep, now=NOW)
    report.snapshot.refresh_from_db()
    assert "retired" in reasons_against(report)[0]
    with pytest.raises(NotPublishable):
        publish_report(Report.objects.get(), by=make_member(study=judged.study), now=NOW)


def test_a_withdrawal_takes_the_public_report_away_and_leaves_its_hash(judged: Judged):
    report = published(judged)
    withdraw(judged.deep, now=NOW)
    assert published_report("published") is None
    gone = published_report("published", report.number)
    assert (gone.is_standing, gone.content_hash) == (False, report.content_hash)


def test_whoever_takes_publication_back_makes_the_report_go(judged: Judged):
    published(judged)
    change_answer(judged.plain, "publish", False, now=NOW)
    assert published_report("published") is None


def test_a_report_is_taken_back_with_a_reason_once(judged: Judged):
    report = published(judged)
    with pytest.raises(Conflict):
        withdraw_report(report, reason=" ", now=NOW)
    withdraw_report(report, reason="A question was wrong.", now=NOW)
    row = withdraw_report(report, reason="Another.", now=NOW)
    assert row.withdrawn_reason == "A question was wrong."
    assert published_report("published") is None


def test_only_a_draft_is_discarded(judged: Judged):
    report = published(judged)
    with pytest.raises(Conflict):
        discard_draft(report)
    discard_draft(draft_newest_report(judged.study, now=NOW))
    assert Report.objects.get() == report


def test_how_it_was_felt_is_counted_of_those_who_agreed_and_floored(judged: Judged):
    people = [agreeing(judged.study) for _ in range(32)]
    answer(people[:20], "closing_trust", "4", instrument="closing")
    answer(people[20:], "closing_trust", "2", instrument="closing")
    answer(people[:3], "closing_clearer", "5", instrument="closing")
    rows = {row["key"]: row for row in draft_newest_report(judged.study, now=NOW).content["legitimacy"]}
    assert (rows["trust"]["yes"], rows["trust"]["answered"], rows["trust"]["asked"]) == (20, 32, 32)
    assert rows["trust"]["low"] < 0.625 < rows["trust"]["high"]
    assert (rows["clearer"]["yes"], rows["clearer"]["share"], rows["clearer"]["answered"]) == (None, None, None)


def test_who_took_part_shows_no_group_of_fewer_than_ten(judged: Judged):
    people = [agreeing(judged.study) for _ in range(43)]
    answer(people[:40], "gender", "Female")
    answer(people[40:], "gender", "Male")
    tables = draft_newest_report(judged.study, now=NOW).content["tables"]
    cells = next(one for one in tables["attributes"] if one["item"] == "gender")["cells"]
    assert all(cell["count"] is None or cell["count"] >= 10 for cell in cells)
    assert next(cell["count"] for cell in cells if cell["value"] == "Male") is None
