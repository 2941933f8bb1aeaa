"""A small target and dataset for the engine's tests."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.small_recipe import SMALL
from training.engine.dataset import build_dataset
from training.engine.recipe import Recipe
from training.engine.synthetic import with_synthetic
from training.engine.target import AlignmentTarget


@pytest.fixture
def recipe() -> Recipe:
    return Recipe.model_validate(SMALL)


@pytest.fixture
def target() -> AlignmentTarget:
    cards = [
        {"id": "care", "title": "Tender Care", "policies": ["HANDS that hold"]},
        {"id": "truth", "title": "Bare Truth", "policies": ["WORDS that fit"]},
    ]
    entry = {"share": 0.5, "low": 0.2, "high": 0.8}
    return AlignmentTarget.model_validate(
        {
            "format_version": 1,
            "study": "demo",
            "snapshot": "abc",
            "method": "corrected",
            "created_at": datetime(2026, 1, 1, tzinfo=UTC),
            "labels": ["simulated"],
            "cards": [card | {"description": "", "origin": "simulated"} for card in cards],
            "contexts": [
                {
                    "id": "illness",
                    "text": "When somebody is ill",
                    "settled": False,
                    "cards": [{"card": "care", "weight": 0.75, **entry}, {"card": "truth", "weight": 0.25, **entry}],
                }
            ],
            "edges": [{"context": "illness", "first": "truth", "second": "care", "wiser": 3, "judged": 4, **entry}],
            "prompts": [{"id": "p1", "text": "My aunt is ill.", "context": "illness", "split": "train"}],
            "provenance": {"graph": "abc"},
        }
    )


@pytest.fixture
def filled(target: AlignmentTarget) -> AlignmentTarget:
    return with_synthetic(target, values=16, prompts=12)


@pytest.fixture
def dataset(target: AlignmentTarget, recipe: Recipe, tmp_path: Path) -> Path:
    build_dataset(target, tmp_path / "data", recipe=recipe)
    return tmp_path / "data"
