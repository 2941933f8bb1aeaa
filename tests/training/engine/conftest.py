"""A small target and dataset for the engine's tests."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from training.engine.dataset import build_dataset
from training.engine.recipe import Recipe
from training.engine.synthetic import with_synthetic
from training.engine.target import AlignmentTarget

TINY = {
    "name": "test",
    "seed": 3,
    "threads": 1,
    "max_length": 256,
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
        {"objective": "sft", "steps": 8, "batch": 4, "learning_rate": 0.003, "log_every": 2, "validate_every": 4},
        {"objective": "dpo", "steps": 4, "batch": 2, "learning_rate": 0.001, "log_every": 2, "validate_every": 4},
    ],
    "evaluation": {"batch": 16, "draws": 100},
}


@pytest.fixture
def recipe() -> Recipe:
    return Recipe.model_validate(TINY)


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
