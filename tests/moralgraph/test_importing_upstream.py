"""Importing the reference's own tables: the same study, cut at a date, and never a file that says who people are."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from elicit.errors import ImportFailed
from elicit.models import Study, ValuesCard
from moralgraph.importing import import_mge, time_of
from moralgraph.models import CardMembership, Judgement
from moralgraph.snapshots import build_snapshot
from tests.fixtures.make_mge_synthetic import upstream_files
from tests.make import NOW

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"
CUT = "2025-05-01T00:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in upstream_files().items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def spoil(folder: Path, name: str, **fields: object) -> Path:
    rows = json.loads((folder / name).read_text())
    rows[1] = {key: value for key, value in (rows[1] | fields).items() if value != "gone"}
    (folder / name).write_text(json.dumps(rows, indent=1))
    return folder


def test_a_cut_at_a_date_gives_the_same_graph_as_the_public_layout(folder: Path):
    found = import_mge(folder, slug="upstream", until=time_of(CUT))
    published = import_mge(FIXTURE, slug="published")
    assert (found.judgements, found.participants, found.later) == (published.judgements, published.participants, 7)
    graphs = [build_snapshot(each.study, method="classic", now=NOW).content["graph"] for each in (found, published)]
    assert graphs[0] == graphs[1]


def test_without_a_cut_everything_comes_in(folder: Path):
    found = import_mge(folder, slug="upstream")
    assert found.later == 0
    assert Judgement.objects.count() == found.judgements == 457
    assert found.study.is_method_test


def test_own_cards_come_without_author_under_the_card_the_source_put_them(folder: Path):
    assert import_mge(folder, slug="upstream").own_cards == 3
    assert set(ValuesCard.objects.values_list("participant", "origin", "state")) == {(None, "imported", "confirmed")}
    membership = CardMembership.objects.first()
    assert (membership.card.title, membership.is_provisional) == (membership.canonical.title, False)


def test_a_story_is_an_arm_and_neither_it_nor_a_comment_is_kept(folder: Path):
    import_mge(folder, slug="upstream")
    assert set(Judgement.objects.values_list("story_arm", "why")) == {("forward", ""), ("unknown", "")}


def test_fields_of_the_later_layout_are_known_by_their_names(folder: Path):
    text = (folder / "canonicalValuesCard.json").read_text()
    text = text.replace("instructionsShort", "description").replace("evaluationCriteria", "policies")
    (folder / "canonicalValuesCard.json").write_text(text)
    edges = (folder / "edge.json").read_text().replace('"relationship"', '"type"')
    (folder / "edge.json").write_text(edges)
    assert import_mge(folder, slug="upstream").judgements == 457


@pytest.mark.parametrize("name", ["user.json", "emailCodes.json", "chat.json", "more/demographics.csv"])
def test_a_file_that_says_who_people_are_is_refused(folder: Path, name: str):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("[]")
    with pytest.raises(ImportFailed, match=f"{name}.*who people are"):
        import_mge(folder, slug="upstream")
    assert not Study.objects.exists()


@pytest.mark.parametrize("field", ["name", "prolificId", "email"])
def test_demographic_rows_with_a_name_or_a_panel_id_are_refused(folder: Path, field: str):
    (folder / "demographic.json").write_text(json.dumps([{"age": 41}]))
    assert import_mge(folder, slug="plain").judgements
    (folder / "demographic.json").write_text(json.dumps([{"age": 41}, {"age": 44, field: "x"}]))
    with pytest.raises(ImportFailed, match="who people are"):
        import_mge(folder, slug="upstream")


@pytest.mark.parametrize(
    ("name", "fields", "told"),
    [
        ("edge.json", {"relationship": "maybe"}, "relationship"),
        ("edge.json", {"toId": 999}, "toId: there is no card 999"),
        ("edge.json", {"createdAt": "gone"}, "createdAt"),
        ("edge.json", {"prolificId": "abc"}, "says who somebody is"),
        ("canonicalValuesCard.json", {"title": ""}, "title"),
        ("valuesCard.json", {"canonicalCardId": 999}, "canonicalCardId: there is no card 999"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(folder: Path, name: str, fields: dict[str, object], told: str):
    with pytest.raises(ImportFailed, match=rf"{name}, line \d+: .*{told}"):
        import_mge(spoil(folder, name, **fields), slug="upstream")
    assert not Study.objects.exists()


def test_the_command_cuts_at_a_date_with_a_zone(folder: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(CommandError, match="no time zone"):
        call_command("import_mge", str(folder), study="made", until="2025-05-01T00:00:00", skip_checks=True)
    call_command("import_mge", str(folder), study="made", until=CUT, skip_checks=True)
    assert "7 judgements were made after" in capsys.readouterr().out
