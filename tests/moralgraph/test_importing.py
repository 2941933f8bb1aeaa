"""Importing a public study: all of it or nothing, with errors that say where."""

import json
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from elicit.errors import ImportFailed
from elicit.models import Participant, Study
from moralgraph.importing import import_mge
from moralgraph.models import CanonicalValuesCard, Context, Judgement

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"
GOOD = {
    "participant": 1,
    "from_card": 38,
    "to_card": 47,
    "context": "When sharing a kitchen",
    "verdict": "upgrade",
    "created_at": "2025-03-01T09:00:00.000Z",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixture that a test may spoil."""
    return Path(shutil.copytree(FIXTURE, tmp_path / "study"))


def with_judgements(folder: Path, *lines: str) -> Path:
    (folder / "judgements.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def changed(**fields: object) -> str:
    return json.dumps({**GOOD, **fields})


def test_everything_comes_in_and_is_marked_imported():
    found = import_mge(FIXTURE, slug="made")
    rows = [json.loads(line) for line in (FIXTURE / "judgements.jsonl").read_text().splitlines()]
    assert found.judgements == len(rows) == Judgement.objects.count()
    assert found.participants == len({row["participant"] for row in rows})
    assert Context.objects.count() == len({row["context"] for row in rows})
    for model in (Participant, CanonicalValuesCard, Context, Judgement):
        assert set(model.objects.values_list("origin", flat=True)) == {"imported"}


def test_the_study_is_a_closed_method_test_that_pages_can_read():
    study = import_mge(FIXTURE, slug="made").study
    assert study.is_method_test
    assert study.state == Study.State.CLOSED
    assert [step.kind for step in study.current_version.design.steps] == ["consent", "judgements"]


def test_judgements_keep_the_order_of_the_source():
    import_mge(FIXTURE, slug="made")
    rows = [json.loads(line) for line in (FIXTURE / "judgements.jsonl").read_text().splitlines()]
    pairs = Judgement.objects.order_by("number").values_list("first__content_id", "second__content_id")
    assert list(pairs) == [(str(row["from_card"]), str(row["to_card"])) for row in rows]


def test_a_pair_judged_twice_in_either_direction_is_a_repeat(folder: Path):
    back = changed(from_card=47, to_card=38, verdict="not_sure")
    import_mge(with_judgements(folder, json.dumps(GOOD), back, json.dumps(GOOD)), slug="made")
    assert list(Judgement.objects.order_by("number").values_list("repeat", flat=True)) == [0, 1, 2]


def test_importing_into_a_study_that_is_there_is_refused():
    import_mge(FIXTURE, slug="made")
    with pytest.raises(ImportFailed, match="already a study"):
        import_mge(FIXTURE, slug="made")
    assert Study.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not one JSON object"),
        ("[" * 40_000, "not one JSON object"),
        ('"words"', "line 2"),
        ("x" * 70_000, "longer than"),
        (changed(verdict="maybe"), "verdict"),
        (changed(to_card=999_999), "there is no card 999999"),
        (changed(to_card=38), "compared with itself"),
        (changed(context=" "), "context"),
        (changed(context="a\x00b"), "NUL"),
        (changed(context="a\ud800b"), "context"),
        (changed(created_at="yesterday"), "created_at"),
        (changed(created_at="2025-03-01T09:00:00"), "created_at"),
        (changed(participant=None), "participant"),
        (json.dumps({"participant": 1}), "from_card"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(folder: Path, line: str, told: str):
    with pytest.raises(ImportFailed) as caught:
        import_mge(with_judgements(folder, json.dumps(GOOD), line), slug="made")
    assert "judgements.jsonl, line 2" in str(caught.value)
    assert told in str(caught.value)
    assert "Nothing was written" in str(caught.value)
    assert not Study.objects.exists()


def test_a_wrong_card_is_named_by_its_line(folder: Path):
    cards = json.loads((folder / "values_cards.json").read_text())
    del cards[1]["title"]
    lines = json.dumps(cards, indent=1).splitlines()
    (folder / "values_cards.json").write_text("\n".join(lines))
    line = [number for number, text in enumerate(lines, start=1) if text == " {"][1]
    with pytest.raises(ImportFailed, match=f"values_cards.json, line {line}: title"):
        import_mge(folder, slug="made")


def test_a_card_that_is_there_twice_is_refused(folder: Path):
    cards = json.loads((folder / "values_cards.json").read_text())
    (folder / "values_cards.json").write_text(json.dumps([*cards, cards[0]]))
    with pytest.raises(ImportFailed, match=f"card {cards[0]['id']} is there twice"):
        import_mge(folder, slug="made")


@pytest.mark.parametrize("text", ["", "{}", "[", '[{"id": 1}', "[1 2]", "[] more", "[]"])
def test_a_card_file_of_another_shape_is_refused(folder: Path, text: str):
    (folder / "values_cards.json").write_text(text)
    with pytest.raises(ImportFailed, match="values_cards.json"):
        import_mge(folder, slug="made")


def test_a_file_that_is_not_utf8_is_refused(folder: Path):
    (folder / "values_cards.json").write_bytes(b'[\n{"id": 1, "title": "\xff"}]')
    with pytest.raises(ImportFailed, match="line 2: it is not UTF-8"):
        import_mge(folder, slug="made")


@pytest.mark.parametrize("name", ["values_cards.json", "judgements.jsonl"])
def test_a_missing_file_is_named(folder: Path, name: str):
    (folder / name).unlink()
    with pytest.raises(ImportFailed, match=f"{name}: cannot be read"):
        import_mge(folder, slug="made")


def test_a_study_name_that_no_address_can_hold_is_refused():
    with pytest.raises(ImportFailed, match="slug"):
        import_mge(FIXTURE, slug="Not a slug")


def test_the_command_says_what_came_in_and_what_went_wrong(capsys: pytest.CaptureFixture[str]):
    call_command("import_mge", str(FIXTURE), study="made", skip_checks=True)
    assert "method test only" in capsys.readouterr().out
    with pytest.raises(CommandError, match="already a study"):
        call_command("import_mge", str(FIXTURE), study="made", skip_checks=True)
