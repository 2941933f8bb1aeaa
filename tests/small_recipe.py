"""A recipe that is done in seconds, for the engine's tests and the site's."""

from typing import Any

SMALL: dict[str, Any] = {
    "name": "small",
    "seed": 3,
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
        {"objective": "sft", "steps": 8, "batch": 4, "learning_rate": 0.003, "log_every": 2, "validate_every": 4},
        {"objective": "dpo", "steps": 4, "batch": 2, "learning_rate": 0.001, "log_every": 2, "validate_every": 4},
    ],
    "evaluation": {"batch": 16, "draws": 100},
}
