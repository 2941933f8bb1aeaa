"""What PRISM published about its rows, and the same tables for another number of people.

Rule: tables are scaled by the largest remainder, so that parts always add up to the whole.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml

Key = TypeVar("Key")


@lru_cache(maxsize=1)
def published() -> dict[str, Any]:
    """Return the published counts, means and histograms of published.yaml."""
    path = Path(__file__).parent / "published.yaml"
    facts: dict[str, Any] = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)  # noqa: S506
    return facts


def scaled(counts: Mapping[Key, int], total: int) -> dict[Key, int]:
    """Return counts that add up to `total` in the proportions of a table, by the largest remainder.

    >>> scaled({"a": 5, "b": 3, "c": 2}, 5)
    {'a': 3, 'b': 1, 'c': 1}
    """
    whole = sum(counts.values())
    if whole == 0 or total == 0:
        return dict.fromkeys(counts, 0)
    exact = {key: Fraction(count * total, whole) for key, count in counts.items()}
    parts = {key: int(share) for key, share in exact.items()}
    largest = sorted(counts, key=lambda key: parts[key] - exact[key])
    for key in largest[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def share_of(count: int, *, whole: int, total: int) -> int:
    """Return what `count` of `whole` comes to of `total`, rounded.

    >>> share_of(147, whole=68371, total=68371), share_of(147, whole=68371, total=6837)
    (147, 15)
    """
    return int(np.floor(count * total / whole + 0.5)) if whole else 0
