"""Deal a table of counts out to people, by chance or to those it suits best."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from elicit.prism.published import scaled

Value = TypeVar("Value")


def deal(counts: Mapping[Value, int], total: int, rng: np.random.Generator) -> list[Value]:
    """Return `total` values in the table's proportions, in an order of chance.

    >>> sorted(deal({"a": 3, "b": 1}, 8, np.random.default_rng(0)))
    ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'b']
    """
    hand = [value for value, count in scaled(counts, total).items() for _ in range(count)]
    return [hand[place] for place in rng.permutation(total)]


def deal_to(
    counts: Mapping[str, int], suits: Mapping[str, NDArray[np.bool_]], total: int, rng: np.random.Generator
) -> NDArray[np.object_]:
    """Return `total` values in the table's proportions; a value in `suits` goes first to whom its mask marks.

    Counts stay exact: a value goes to others where too few are marked, the rarest value choosing first.

    >>> young = np.array([True, False, False, True])
    >>> deal_to({"student": 2, "other": 2}, {"student": young}, 4, np.random.default_rng(0)).tolist()
    ['student', 'other', 'other', 'student']
    """
    parts = scaled(counts, total)
    dealt = np.full(total, None, dtype=object)
    is_free = np.ones(total, dtype=bool)
    for value in sorted(suits, key=lambda name: parts[name]):
        wish = np.where(is_free, suits[value] + rng.random(total), -1.0)
        chosen = np.argsort(-wish, kind="stable")[: parts[value]]
        dealt[chosen] = value
        is_free[chosen] = False
    rest = [value for value, count in parts.items() if value not in suits for _ in range(count)]
    dealt[np.flatnonzero(is_free)[rng.permutation(int(is_free.sum()))]] = np.array(rest, dtype=object)
    return dealt


def mark(count: int, total: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a mask with `count` places of `total` marked by chance.

    >>> int(mark(3, 10, np.random.default_rng(0)).sum())
    3
    """
    marked = np.zeros(total, dtype=bool)
    marked[rng.permutation(total)[:count]] = True
    return marked


def bounded(
    mean: float, sd: float, *, least: int, most: int, size: int | tuple[int, ...], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return whole numbers between two bounds with about this mean and standard deviation (a stretched beta).

    >>> draws = bounded(70, 20, least=0, most=100, size=4000, rng=np.random.default_rng(0))
    >>> bool(abs(draws.mean() - 70) < 1.5), bool(abs(draws.std() - 20) < 1.5)
    (True, True)
    """
    first, second = beta_shape((mean - least) / (most - least), sd / (most - least))
    return np.rint(least + (most - least) * rng.beta(first, second, size=size)).astype(np.int64)


def beta_shape(mean: float, sd: float) -> tuple[float, float]:
    """Return both parameters of a beta distribution by its mean and standard deviation.

    >>> beta_shape(0.5, 12 ** -0.5)
    (1.0, 1.0)
    """
    weight = round(mean * (1 - mean) / sd**2 - 1, 9)
    return mean * weight, (1 - mean) * weight


def lengths(
    mean: float, sd: float, *, least: float, most: float, size: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return positive numbers with a long tail (log-normal) of about this mean and deviation, cut at bounds."""
    spread = np.log(1 + (sd / mean) ** 2)
    return np.clip(rng.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), size), least, most)


def index_of(values: Sequence[str]) -> dict[str, int]:
    """Return the place of each value."""
    return {value: place for place, value in enumerate(values)}
