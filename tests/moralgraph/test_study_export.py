"""A study as a folder: what was granted, under codes of its own, whole or not there."""

import hashlib
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from elicit.models import Participant, ShownNumbers
from elicit.participants import withdraw
from moralgraph.consented import NotGranted
from moralgraph.importing import import_mge
from moralgraph.models import CanonicalValuesCard, Judgement
from moralgraph.replicating import replicate
from moralgraph.study_export import ExportRefused
from moralgraph.study_export.writing import TABLES
from tests.make import NOW, make_canonical_card, make_consenting_participant, make_judgements
from tests.moralgraph.exported import BESIDE, exported, filled_study, rows_of, write_beside_everything

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"


def whole_text(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_folder_holds_what_was_granted_and_counts_what_was_not(tmp_path: Path):
    done = exported(filled_study(), tmp_path / "release")
    assert done.rows["judgements.jsonl"] == 17
    assert done.withheld["people who did not agree to the purpose publish"] == 2
    text = whole_text(done.folder)
    assert "Published card" in text and "Wiser still" in text and "A draft" in text
    assert "Ungranted card" not in text
    assert "people who did not agree to the purpose publish: 2" in (done.folder / "README.txt").read_text()


def test_a_public_folder_says_what_people_agreed_to_in_the_words_that_they_had(tmp_path: Path):
    study = filled_study()
    told = (exported(study, tmp_path / "public").folder / "README.txt").read_text()
    assert '"My card may be published."' in told and "judgements are published" not in told
    told = (exported(study, tmp_path / "team", purpose="explore").folder / "README.txt").read_text()
    assert "My card may be published." not in told and "THIS IS NOT FOR PUBLICATION" in told


def test_every_judgement_has_arm_side_story_times_and_probability(tmp_path: Path):
    done = exported(filled_study(), tmp_path / "release")
    row = next(row for row in rows_of(done.folder / "judgements.jsonl") if row["selection_probability"] == 0.14)
    told = {
        "story_arm": "forward", "story_arm_probability": 0.5, "first_side": "end", "design": "active", "seconds": 11.0,
        "selection_probability": 0.14, "upgrade": "u0", "seen_after": 0.0, "seen_at": "2026-11",
    }  # fmt: skip
    assert row | told == row
    [upgrade] = rows_of(done.folder / "upgrades.jsonl")
    assert (upgrade["story_forward"], upgrade["first"], upgrade["second"]) == ("Somebody moved on.", "Plain", "Deep")


def test_exact_times_are_for_the_team_alone(tmp_path: Path):
    study = filled_study()
    rows = rows_of(exported(study, tmp_path / "team", purpose="explore").folder / "judgements.jsonl")
    assert rows[0]["seen_at"] == NOW.isoformat()
    assert NOW.isoformat() not in whole_text(exported(study, tmp_path / "public").folder)


def test_no_code_of_the_site_is_in_a_folder_and_two_releases_do_not_line_up(tmp_path: Path):
    study = filled_study()
    texts = [whole_text(exported(study, tmp_path / name).folder) for name in ("one", "two")]
    assert not any(code in texts[0] for code in Participant.objects.values_list("code", flat=True))
    people = [{row["participant"] for row in rows_of(tmp_path / name / "participants.csv")} for name in ("one", "two")]
    assert len(people[0]) == 16 and not people[0] & people[1]


def test_every_column_of_every_table_is_in_the_codebook(tmp_path: Path):
    folder = exported(filled_study(), tmp_path / "release").folder
    described = {(row["file"], row["column"]) for row in rows_of(folder / "codebook.csv")}
    for table in TABLES:
        for row in rows_of(folder / table.name)[:1]:
            assert {(table.name, column) for column in row} <= described


def test_checksums_hold_and_the_design_has_its_fingerprint(tmp_path: Path):
    folder = exported(filled_study(), tmp_path / "release").folder
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        wanted, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == wanted
    [version] = json.loads((folder / "study.json").read_text())["versions"]
    assert hashlib.sha256((folder / "design" / "version_1.json").read_bytes()).hexdigest() == version["design_hash"]


def test_prompts_are_there_with_the_hash_that_stands_beside_what_a_model_wrote(tmp_path: Path):
    from elicit.llm.prompts import prompt_hash

    rows = rows_of(exported(filled_study(), tmp_path / "release").folder / "prompts.jsonl")
    assert {(row["name"], row["role"]) for row in rows} >= {("values_card", "system")}
    assert all(row["hash"] == prompt_hash(row["name"]) and row["text"] for row in rows)


def test_a_card_whose_author_did_not_grant_it_takes_its_judgements_along(tmp_path: Path):
    study = filled_study()
    author = make_consenting_participant(study, explore=True, publish=False)
    make_canonical_card(study, title="Kept back", origin="person", worded_by=author)
    for number, row in enumerate(make_judgements(study, wiser=2, of=2, second="Kept back"), start=4):
        granted = Judgement.objects.get(why=f"reason {number}", repeat=0).participant
        Judgement.objects.filter(pk=row.pk).update(participant=granted)
    done = exported(study, tmp_path / "release")
    assert done.withheld["judgements about a card that may not be used"] == 2
    assert "Kept back" not in whole_text(done.folder)


def test_whoever_withdrew_is_in_no_later_folder(tmp_path: Path):
    study = filled_study()
    withdraw(Judgement.objects.filter(why="reason 4").get().participant, now=NOW)
    done = exported(study, tmp_path / "release")
    assert done.withheld["people who withdrew"] == 1
    assert not {"reason 4", "Published card", "Wiser still"} & set(whole_text(done.folder).split('"'))


def test_words_beside_cards_stay_here_where_that_is_asked(tmp_path: Path):
    done = exported(filled_study(), tmp_path / "release", purpose="explore", keeps_texts=False)
    assert "reason 4" not in whole_text(done.folder)
    assert done.withheld["texts beside the cards, lent or left out by choice"] == 19


def test_no_word_that_was_written_for_the_study_team_is_published(tmp_path: Path):
    study = filled_study()
    write_beside_everything(study)
    done = exported(study, tmp_path / "public")
    assert "for the team" not in whole_text(done.folder) and "reason 4" not in whole_text(done.folder)
    for name in BESIDE:
        assert {(row["why"], row["has_why"]) for row in rows_of(done.folder / name)} == {("", True)}
    assert done.withheld["reasons, which people wrote for the study team"] == 20
    team = exported(study, tmp_path / "team", purpose="explore").folder
    for name in BESIDE:
        assert all(row["why"] and row["has_why"] for row in rows_of(team / name))
    assert '"has_why" says whether there was one' in (done.folder / "README.txt").read_text()
    assert replicate(done.folder).differs == ()


def test_nothing_is_left_where_it_is_refused(tmp_path: Path):
    study = filled_study()
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    with pytest.raises(ExportRefused, match="is there already"):
        exported(study, tmp_path / "there")
    imported = import_mge(FIXTURE, slug="made").study
    with pytest.raises(NotGranted, match="method test only"):
        exported(imported, tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_an_import_may_be_exported_for_exploring_and_says_what_it_is(tmp_path: Path):
    done = exported(import_mge(FIXTURE, slug="made").study, tmp_path / "made", purpose="explore", method="classic")
    assert done.rows["judgements.jsonl"] == Judgement.objects.count()
    assert done.rows["canonical_cards.jsonl"] == CanonicalValuesCard.objects.count()
    assert "METHOD TEST ONLY" in (done.folder / "README.txt").read_text()


def test_the_floor_remembers_what_an_export_told(tmp_path: Path):
    study = filled_study()
    exported(study, tmp_path / "release")
    assert ShownNumbers.objects.get(study=study).page == "export-publish"


def test_the_command_says_what_is_there_and_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    filled_study()
    arguments = {"out": tmp_path / "release", "purpose": "publish", "skip_checks": True}
    call_command("export_study", "shared", **arguments)
    told = capsys.readouterr().out
    assert "judgements.jsonl: 17" in told and "not in it: people who did not agree" in told
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_study", "shared", **arguments)
