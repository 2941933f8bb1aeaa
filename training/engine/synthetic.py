"""Values and prompts of our own, for studies that are too small to train on.

Rule: what is added is marked `origin: synthetic` and never replaces, outweighs or enters a context of the study:
synthetic cards have no support and synthetic prompts belong to no context.
"""

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from training.engine.target import METHOD_TEST_ONLY, AlignmentTarget, TargetCard, TargetPrompt


def with_synthetic(target: AlignmentTarget, *, values: int, prompts: int) -> AlignmentTarget:
    """Fill a target up to a number of cards and prompts; a target that has as many stays as it is.

    Cards and prompts are added in the order of the file, so the same numbers give the same target.
    """
    cards = _missing(synthetic_cards(), [card.id for card in target.cards], values)
    asked = _missing(synthetic_prompts(), [prompt.id for prompt in target.prompts], prompts)
    return target.model_copy(update={"cards": target.cards + cards, "prompts": target.prompts + asked})


def _missing(stock: list[Any], present: list[str], wanted: int) -> list[Any]:
    lacking = max(0, wanted - len(present))
    return [item for item in stock if item.id not in present][:lacking]


@cache
def _stock() -> dict[str, Any]:
    text = resources.files("training.engine").joinpath("synthetic_values.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def synthetic_cards() -> list[TargetCard]:
    """Return every value that was written for the project, in the order of the file."""
    return [
        TargetCard(
            id=f"synthetic-{number:03}", title=title, description=description, policies=policies, origin="synthetic"
        )
        for number, (title, description, policies) in enumerate(_stock()["values"], start=1)
    ]


def synthetic_prompts() -> list[TargetPrompt]:
    return [
        TargetPrompt(id=f"synthetic-{number:03}", text=text, origin="synthetic")
        for number, text in enumerate(_stock()["prompts"], start=1)
    ]


def synthetic_target(*, values: int, prompts: int) -> AlignmentTarget:
    """Return a target made of synthetic values alone, for benchmarks and tests."""
    cards = synthetic_cards()[:values]
    empty = AlignmentTarget(
        format_version=1,
        study="synthetic",
        snapshot="none",
        method="none",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        labels=[METHOD_TEST_ONLY],
        cards=cards,
        contexts=[],
        edges=[],
        prompts=[],
        provenance={},
    )
    return with_synthetic(empty, values=values, prompts=prompts)
