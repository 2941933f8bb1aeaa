"""The classic rule on imported data gives the published graph exactly, number for number."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"
PUBLIC_DATA = os.environ.get("MGE_DATA_DIR", "")
EXACT = 1e-12


def published_from(folder: Path, *, out: Path) -> dict[str, Any]:
    """Go the whole way by the commands."""
    call_command("import_mge", str(folder), study="made", skip_checks=True)
    call_command("build_moral_graph", "made", method="classic", skip_checks=True)
    call_command("export_moral_graph", "made", form="published", out=out, skip_checks=True)
    return json.loads(out.read_text())


def assert_the_same_graph(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    words = ("id", "title", "instructionsShort", "instructionsDetailed", "evaluationCriteria")
    by_id = {value["id"]: value for value in ours["values"]}
    assert set(by_id) == {value["id"] for value in theirs["values"]}
    for value in theirs["values"]:
        assert {name: by_id[value["id"]][name] for name in words} == {name: value[name] for name in words}
    assert len(ours["edges"]) == len(theirs["edges"])
    for edge, wanted in zip(ours["edges"], theirs["edges"], strict=True):
        assert (edge["sourceValueId"], edge["wiserValueId"]) == (wanted["sourceValueId"], wanted["wiserValueId"])
        assert edge["counts"] == wanted["counts"]
        assert sorted(edge["contexts"]) == sorted(wanted["contexts"])
        assert edge["summary"] == pytest.approx(wanted["summary"], abs=EXACT, rel=0)


def test_the_synthetic_study_gives_its_published_graph(tmp_path: Path):
    ours = published_from(FIXTURE, out=tmp_path / "graph.json")
    assert_the_same_graph(ours, json.loads((FIXTURE / "published_moral_graph.json").read_text()))


@pytest.mark.skipif(
    not PUBLIC_DATA, reason="MGE_DATA_DIR is not set: the public study's files are not part of this project"
)
def test_the_public_study_gives_its_published_graph(tmp_path: Path):
    ours = published_from(Path(PUBLIC_DATA), out=tmp_path / "graph.json")
    assert (len(ours["values"]), len(ours["edges"])) == (60, 69)
    assert_the_same_graph(ours, json.loads((Path(PUBLIC_DATA) / "published_moral_graph.json").read_text()))


def test_an_export_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path):
    published_from(FIXTURE, out=tmp_path / "graph.json")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_moral_graph", "made", out=tmp_path / "nowhere" / "graph.json", skip_checks=True)
    assert [path.name for path in tmp_path.iterdir()] == ["graph.json"]


def test_an_export_before_there_is_a_graph_says_how_to_build_one(tmp_path: Path):
    call_command("import_mge", str(FIXTURE), study="made", skip_checks=True)
    with pytest.raises(CommandError, match="build_moral_graph made"):
        call_command("export_moral_graph", "made", out=tmp_path / "graph.json", skip_checks=True)
