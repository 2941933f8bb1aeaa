"""The alignment target file."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from training.engine.errors import FileProblem, TargetProblem
from training.engine.files import read_json, write_json
from training.engine.target import AlignmentTarget, load_target, save_target, target_hash


def changed(target: AlignmentTarget, **values: object) -> dict[str, object]:
    return target.model_dump(mode="json") | values


def test_a_saved_target_loads_as_it_was(target: AlignmentTarget, tmp_path: Path) -> None:
    save_target(target, tmp_path / "target.json")
    assert load_target(tmp_path / "target.json") == target


def test_the_same_target_has_the_same_bytes_and_hash(target: AlignmentTarget, tmp_path: Path) -> None:
    save_target(target, tmp_path / "one.json")
    save_target(target.model_copy(), tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert target_hash(target) == target_hash(target.model_copy())


def test_an_unknown_field_is_refused(target: AlignmentTarget) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        AlignmentTarget.model_validate(changed(target, participants=["p"]))


def test_another_format_version_is_refused(target: AlignmentTarget) -> None:
    with pytest.raises(ValidationError, match="format_version"):
        AlignmentTarget.model_validate(changed(target, format_version=2))


def test_weights_of_a_context_must_sum_to_one(target: AlignmentTarget) -> None:
    contexts = target.model_dump(mode="json")["contexts"]
    contexts[0]["cards"][0]["weight"] = 0.5
    with pytest.raises(ValidationError, match=r"sum to 0\.75"):
        AlignmentTarget.model_validate(changed(target, contexts=contexts))


def test_an_interval_must_hold_its_share(target: AlignmentTarget) -> None:
    edges = target.model_dump(mode="json")["edges"]
    edges[0]["low"] = 0.6
    with pytest.raises(ValidationError, match="not between"):
        AlignmentTarget.model_validate(changed(target, edges=edges))


def test_an_edge_must_name_a_card_of_the_file(target: AlignmentTarget) -> None:
    edges = target.model_dump(mode="json")["edges"]
    edges[0]["first"] = "nobody"
    with pytest.raises(ValidationError, match="'nobody' is named but not in the file"):
        AlignmentTarget.model_validate(changed(target, edges=edges))


def test_a_wrong_file_names_the_place(target: AlignmentTarget, tmp_path: Path) -> None:
    write_json(tmp_path / "target.json", changed(target, cards=[]))
    with pytest.raises(TargetProblem, match="cards: "):
        load_target(tmp_path / "target.json")


def test_broken_json_and_a_missing_file_are_clear_errors(tmp_path: Path) -> None:
    (tmp_path / "target.json").write_text("{\n,")
    with pytest.raises(FileProblem, match="line 2"):
        load_target(tmp_path / "target.json")
    with pytest.raises(FileProblem, match="cannot be read"):
        load_target(tmp_path / "absent.json")


def test_numbers_that_are_not_finite_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", float("nan"))
    write_json(tmp_path / "x.json", [1])
    assert read_json(tmp_path / "x.json") == [1]
