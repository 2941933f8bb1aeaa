"""Rebuilding the public report from an exported folder: every number and every figure, without a database."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elicit.consent import change_answer
from elicit.prism.files import write_checksums
from moralgraph.models import Context, Snapshot
from moralgraph.replicating import replicate
from moralgraph.replicating_report import rebuild_report
from moralgraph.report_pages import ReportPage
from moralgraph.reporting.svg import draw
from moralgraph.reports import draft_newest_report, withdraw_report
from tests.elicit.results.answered import answer
from tests.make import NOW, make_canonical_card, make_consenting_participant
from tests.moralgraph.exported import exported
from tests.moralgraph.publishing import agreeing, judge, judged_study, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exported study of which a report was drafted; its people answered the closing questions."""
    study = judged_study().study
    people = [agreeing(study) for _ in range(24)]
    answer(people[:12], "closing_trust", "5", instrument="closing")
    answer(people[12:], "closing_trust", "1", instrument="closing")
    draft_newest_report(study, method=Snapshot.Method.REPAIRED, now=NOW)
    return exported(study, tmp_path / "release", method=Snapshot.Method.REPAIRED).folder


def test_the_folder_gives_every_number_and_figure_of_the_report_and_reads_no_database(folder: Path):
    report = Snapshot.objects.get().reports.get()
    with CaptureQueriesContext(connection) as queries:
        found = rebuild_report(replicate(folder))
    assert len(queries) == 0
    assert (found.differs, found.content_hash) == ((), report.content_hash)
    assert found.content == report.content
    page = ReportPage(report, language="en")
    assert found.figures == {f"{figure.name}.svg": draw(figure) for figure in page.figures}
    assert {"places-tired.svg", "upgrades-tired.svg", "legitimacy.svg"} == set(found.figures)


def test_the_count_of_judgements_without_words_is_carried(tmp_path: Path):
    judged = judged_study()
    judge(judged.study, *(make_canonical_card(judged.study, title=title) for title in ("Old", "New")), wiser=2, of=3)
    change_answer(judged.deep, "publish", False, now=NOW)
    published(judged)
    found = rebuild_report(replicate(exported(judged.study, tmp_path / "release").folder))
    assert found is not None and found.differs == ()
    assert found.content["tables"]["judgements"] == {"without_words": 15}


def test_a_number_that_does_not_follow_from_the_rows_is_found(folder: Path):
    path = folder / "report.json"
    told = json.loads(path.read_text("utf-8"))
    told["content"]["contexts"][0]["upgrades"][0]["wiser"] += 1
    path.write_text(json.dumps(told), "utf-8")
    (folder / "SHA256SUMS").unlink()
    write_checksums(folder)
    assert "upgrades.0.wiser" in rebuild_report(replicate(folder)).differs[0]
    with pytest.raises(CommandError, match="not the same"):
        call_command("replicate", folder)


def test_the_command_writes_the_report_and_its_figures(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    call_command("replicate", folder, "--out", tmp_path / "again")
    assert "Report 1: the same numbers, and 3 figures." in capsys.readouterr().out
    assert (tmp_path / "again" / "figures" / "legitimacy.svg").read_text("utf-8").startswith("<svg")


def test_a_folder_without_a_report_has_none_to_rebuild(tmp_path: Path):
    done = exported(judged_study().study, tmp_path / "release", method=Snapshot.Method.REPAIRED)
    assert rebuild_report(replicate(done.folder)) is None


def test_a_report_that_was_taken_back_is_in_no_folder(tmp_path: Path):
    report = published(judged_study())
    withdraw_report(report, reason="A mistake was found.", now=NOW)
    assert not (exported(report.study, tmp_path / "release").folder / "report.json").exists()


def test_a_context_whose_words_may_not_be_told_is_drawn_without_them(tmp_path: Path):
    report = published(judged_study())
    Context.objects.filter(study=report.study).update(found_in=make_consenting_participant(report.study))
    found = rebuild_report(replicate(exported(report.study, tmp_path / "release").folder))
    assert found is not None
    assert found.differs == ()
