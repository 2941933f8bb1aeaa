"""Runs: learning, determinism, stopping, and what the folder says."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from training.engine.__main__ import main
from training.engine.errors import BadRow, Diverged, FileProblem
from training.engine.evaluate import evaluate
from training.engine.files import file_hash, read_json, read_lines
from training.engine.recipe import Recipe, save_recipe
from training.engine.target import AlignmentTarget, save_target
from training.engine.train import train

ROOT = Path(__file__).parents[3]


def with_stage(recipe: Recipe, **values: Any) -> Recipe:
    return recipe.model_copy(update={"stages": [recipe.stages[0].model_copy(update=values)]})


def test_the_engine_imports_nothing_of_the_site() -> None:
    code = (
        "import sys, importlib, pkgutil, training.engine as e\n"
        "for m in pkgutil.iter_modules(e.__path__): importlib.import_module(f'training.engine.{m.name}')\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'celery', 'config', 'elicit', 'moralgraph')])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"


def test_describing_data_loads_no_training_library() -> None:
    code = (
        "import sys, training.engine.dataset, training.engine.card\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "False False"


@pytest.mark.slow
def test_a_run_goes_from_target_to_model_card(target: AlignmentTarget, recipe: Recipe, tmp_path: Path) -> None:
    save_target(target, tmp_path / "target.json")
    save_recipe(recipe, tmp_path / "recipe.yaml")
    data, run = str(tmp_path / "data"), str(tmp_path / "run")
    assert main(["build", str(tmp_path / "target.json"), "--out", data, "--recipe", str(tmp_path / "recipe.yaml")]) == 0
    assert main(["train", str(tmp_path / "recipe.yaml"), "--data", data, "--out", run]) == 0
    assert main(["evaluate", run, "--data", data]) == 0
    assert main(["card", run]) == 0
    assert main(["chat", run, "--system", "Be kind.", "--prompt", "Why?", "--most-tokens", "4"]) == 0
    card = (tmp_path / "run" / "model_card.md").read_text()
    assert card.startswith("# Pipeline check")
    assert "**Simulated**" in card
    assert "lexical baseline" in card
    evaluation = read_json(tmp_path / "run" / "evaluation.json")
    assert evaluation["kind"] == "pipeline check"
    assert set(evaluation["splits"]) == {"unseen_prompts", "unseen_values", "unseen_paraphrases"}
    assert (tmp_path / "run" / "model" / "model.safetensors").is_file()


@pytest.mark.slow
def test_a_run_learns_counts_and_is_the_same_again(dataset: Path, recipe: Recipe, tmp_path: Path) -> None:
    for name in ("one", "two"):
        train(recipe, data=dataset, out=tmp_path / name)
    weights = [file_hash(tmp_path / name / "model" / "model.safetensors") for name in ("one", "two")]
    assert weights[0] == weights[1]
    lines = [line for _, line in read_lines(tmp_path / "one" / "metrics.jsonl")]
    losses = [line["loss"] for line in lines if line["stage"] == "1-sft" and "loss" in line]
    assert losses[-1] < losses[0]
    assert [line["step"] for line in lines if "loss" in line] == [2, 4, 6, 8, 10, 12]
    assert all(line["tokens_per_second"] > 0 for line in lines if "loss" in line)
    assert any("validation_loss" in line for line in lines)
    status = read_json(tmp_path / "one" / "status.json")
    assert (status["state"], status["step"], status["total"]) == ("finished", 12, 12)
    manifest = read_json(dataset / "manifest.json")
    assert read_json(tmp_path / "one" / "environment.json")["data_hash"] == manifest["data_hash"]


def test_the_block_objective_trains(dataset: Path, recipe: Recipe, tmp_path: Path) -> None:
    train(with_stage(recipe, objective="block", steps=2, batch=1), data=dataset, out=tmp_path / "run")
    assert read_json(tmp_path / "run" / "status.json")["state"] == "finished"


def test_bad_data_stops_before_the_first_step(dataset: Path, recipe: Recipe, tmp_path: Path) -> None:
    path = dataset / "blocks" / "train.jsonl"
    path.write_text(path.read_text().replace('"writer":"template"', '"writer":7', 1))
    with pytest.raises(BadRow, match=r"line 1 is not a block:\n  answers\.0\.writer"):
        train(recipe, data=dataset, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_row_that_is_too_long_stops_the_run_and_says_so(dataset: Path, recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(BadRow, match="more than max_length 20"):
        train(recipe.model_copy(update={"max_length": 20}), data=dataset, out=tmp_path / "run")
    assert not (tmp_path / "run" / "model").exists()


def test_a_loss_that_is_no_number_stops_the_run(
    dataset: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.engine.train.sft_loss", lambda logits, labels: logits.sum() * torch.nan)
    with pytest.raises(Diverged, match="Try a tenth of the learning rate"):
        train(with_stage(recipe), data=dataset, out=tmp_path / "run")
    status = read_json(tmp_path / "run" / "status.json")
    assert status["state"] == "failed"
    assert "learning rate" in status["message"]
    assert not (tmp_path / "run" / "model").exists()


@pytest.mark.slow
def test_sigterm_ends_a_run_cleanly(dataset: Path, recipe: Recipe, tmp_path: Path) -> None:
    save_recipe(with_stage(recipe, steps=100_000), tmp_path / "r.yaml")
    run = tmp_path / "run"
    command = [sys.executable, "-m", "training.engine", "train", str(tmp_path / "r.yaml"), "--data", str(dataset)]
    child = subprocess.Popen([*command, "--out", str(run)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 300
    while not (run / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    os.kill(child.pid, signal.SIGTERM)
    assert child.wait(timeout=300) == 143
    assert read_json(run / "status.json")["state"] == "cancelled"
    assert not (run / "model").exists()
    assert all(json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines())


def test_an_unfinished_run_cannot_be_evaluated(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="holds no model"):
        evaluate(tmp_path, data=dataset)


def test_a_used_run_folder_is_refused(dataset: Path, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    with pytest.raises(FileProblem, match="not empty"):
        train(recipe, data=dataset, out=tmp_path / "run")


def test_the_command_line_answers_with_one_message_and_status_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", str(tmp_path / "none.json"), "--out", str(tmp_path / "data")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "data").exists()
