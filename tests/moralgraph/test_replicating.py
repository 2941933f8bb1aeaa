"""Rebuilding a study from its folder: without a database, the same to the last digit, and never in silence."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elicit.prism.files import write_checksums
from moralgraph.importing import import_mge
from moralgraph.models import CanonicalValuesCard, Context, Snapshot
from moralgraph.replicating import NotReplicated, replicate
from moralgraph.replicating_files import write_replica
from moralgraph.study_export import Asked, export_study
from tests.make import NOW
from tests.moralgraph.exported import exported, filled_study

FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"
pytestmark = pytest.mark.django_db


def changed(folder: Path, name: str, **fields: Any) -> Path:
    """Change the first row of a table, or fields of an object, and make the checksums fit again."""
    path = folder / name
    lines = path.read_text("utf-8").splitlines() if path.suffix == ".jsonl" else [path.read_text("utf-8")]
    path.write_text("\n".join([json.dumps(json.loads(lines[0]) | fields), *lines[1:]]) + "\n", "utf-8")
    (folder / "SHA256SUMS").unlink()
    write_checksums(folder)
    return folder


@pytest.mark.parametrize("method", Snapshot.Method.values)
def test_a_folder_gives_the_snapshot_of_the_database_and_reads_no_database(tmp_path: Path, method: str):
    done = exported(filled_study(), tmp_path / "release", method=method)
    with CaptureQueriesContext(connection) as queries:
        found = replicate(done.folder)
    assert len(queries) == 0
    assert found.differs == ()
    assert json.dumps(found.snapshot["content"], sort_keys=True) == json.dumps(done.snapshot.content, sort_keys=True)
    assert found.snapshot["inputs_hash"] == done.snapshot.inputs_hash


def test_merged_cards_and_contexts_are_rebuilt_too(tmp_path: Path):
    study = filled_study()
    other, deep = (CanonicalValuesCard.objects.get(title=title) for title in ("Other", "Deep"))
    CanonicalValuesCard.objects.filter(pk=other.pk).update(merged_into=deep)
    into = Context.objects.create(study=study, key="weary", text={"en": "When weary"}, position=1)
    Context.objects.filter(key="tired").update(merged_into=into)
    found = replicate(exported(study, tmp_path / "release").folder)
    assert found.differs == ()
    assert found.snapshot["content"]["contexts"][0]["key"] == "weary"
    assert len(found.snapshot["content"]["graph"]["cards"]) == 2


def test_an_imported_study_is_rebuilt_in_the_order_of_its_source(tmp_path: Path):
    study = import_mge(FIXTURE, slug="made").study
    asked = Asked(name="made", purpose="explore", method="classic")
    done = export_study(study, tmp_path / "made", asked, now=NOW)
    assert replicate(done.folder).differs == ()


def test_a_changed_answer_is_found(tmp_path: Path):
    folder = exported(filled_study(), tmp_path / "release").folder
    found = replicate(changed(folder, "judgements.jsonl", answer="cannot_judge"))
    assert found.differs[0].startswith("inputs_hash: the folder says")
    with pytest.raises(CommandError, match="not the same"):
        call_command("replicate", folder)


def test_a_folder_of_other_code_says_so(tmp_path: Path):
    folder = exported(filled_study(), tmp_path / "release").folder
    found = replicate(changed(folder, "snapshot.json", code_version="algorithms-older"))
    assert found.differs == ()
    assert "algorithms-older" in found.notes[0]


SPOILT = [
    ("judgements.jsonl", "{", "line 1"),
    ("judgements.jsonl", '{"participant": "p"}', "first"),
    ("study.json", "[]", "not a JSON object"),
    ("study.json", '{"format": "wellspring-study", "format_version": 9}', "is known here"),
    ("snapshot.json", "", "not JSON"),
]


def test_a_spoilt_folder_is_named(tmp_path: Path):
    whole = exported(filled_study(), tmp_path / "release").folder
    for number, (name, text, told) in enumerate(SPOILT):
        folder = Path(shutil.copytree(whole, tmp_path / str(number)))
        (folder / name).write_text(text)
        (folder / "SHA256SUMS").unlink()
        write_checksums(folder)
        with pytest.raises(NotReplicated, match=told):
            replicate(folder)


def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path):
    folder = exported(filled_study(), tmp_path / "release").folder
    (folder / "contexts.jsonl").write_text("")
    with pytest.raises(NotReplicated, match=r"contexts.jsonl has changed"):
        replicate(folder)
    shutil.rmtree(folder)
    with pytest.raises(NotReplicated, match="Is this an exported folder"):
        replicate(folder)


def test_what_was_rebuilt_can_be_written(tmp_path: Path):
    done = exported(filled_study(), tmp_path / "release")
    write_replica(replicate(done.folder), tmp_path / "again")
    assert json.loads((tmp_path / "again" / "snapshot.json").read_text())["content"] == done.snapshot.content
