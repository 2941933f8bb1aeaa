"""A frozen target and a recipe that is done in seconds."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.models import AlignmentTarget
from tests.make import NOW, make_judgements, make_study
from training import recipes

SMALL = {
    "name": "small",
    "threads": 1,
    "max_length": 512,
    "model": {"hidden": 32, "layers": 1, "heads": 2, "feed_forward": 64, "vocabulary": 400},
    "data": {
        "messages_per_block": 3,
        "blocks": {"train": 24, "validation": 4, "test": 6},
        "test_prompts": 0.25,
        "validation_prompts": 0.1,
        "test_values": 0.25,
        "at_least_values": 16,
        "at_least_prompts": 12,
    },
    "stages": [
        {"objective": "sft", "steps": 4, "batch": 4, "learning_rate": 0.003, "log_every": 2, "validate_every": 4},
        {"objective": "dpo", "steps": 2, "batch": 2, "learning_rate": 0.001, "log_every": 1, "validate_every": 2},
    ],
    "evaluation": {"batch": 16, "draws": 100},
}


@pytest.fixture
def small_recipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A recipe named `small`, the only one that comes with the engine in this test."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "small.yaml").write_text(yaml.safe_dump(SMALL))
    monkeypatch.setattr(recipes, "FOLDER", folder)
    return "small"


@pytest.fixture
def frozen_target(db: Any) -> AlignmentTarget:
    """A target of a study in which ten people judged."""
    study = make_study(slug="training")
    make_judgements(study, wiser=8, of=10)
    return freeze_newest_target(study, now=NOW)
