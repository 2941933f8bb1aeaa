"""A frozen target and a recipe that is done in seconds."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.models import AlignmentTarget
from tests.make import NOW, make_judgements, make_study
from tests.small_recipe import SMALL
from training import recipes


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
