"""Draw the models that answer a prompt, each with the probability with which it was drawn.

Rule: a draw is a function of its arguments alone, every model can be drawn, and every propensity is exact: it is worked
out over all ways in which the draw could have gone, not estimated. Pure: no Django.

The propensity of a place is the probability that its model is among the first `max(wanted, place + 1)` that are asked.
So for the models of the draw it is the probability of being drawn, and for a model that takes the place of one that
failed it is the probability of being asked by then, as the standby order was drawn beside the models.

The policies. ``uniform``: every set of models is as likely as any other (the design of PRISM, Kirk et al. 2024, section
3.2). ``balanced``: models and pairs that were shown least are preferred, so that the blocks come near to a balanced
incomplete block design (Cochran and Cox 1957, chapter 11); see `balanced_inclusion`. ``diverse``: one of each provider
before a second of any; see `diverse_inclusion`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Policy = Literal["uniform", "balanced", "diverse"]

EXPLORATION = 0.2  # share of balanced steps that ignore what was shown: no model's propensity falls under 0.2 k / n
ROWS_AT_ONCE = 20_000  # of partial blocks: keeps the arrays of 40 models under 10 MB

Pair = tuple[str, str]
Floats = NDArray[np.float64]
Masks = NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """A model that is asked, and its propensity."""

    model_name: str
    propensity: float


@dataclass(frozen=True)
class Draw:
    """The models that are asked at once, and those that stand by for one that fails, in order."""

    places: tuple[Place, ...]
    standby: tuple[Place, ...]


@dataclass(frozen=True)
class Exposures:
    """How often models were shown so far: each alone, and each pair (names in order) side by side."""

    shown: Mapping[str, int] = field(default_factory=dict)
    together: Mapping[Pair, int] = field(default_factory=dict)


def group_of(name: str) -> str:
    """Return the provider that a model's name begins with.

    Examples
    --------
    >>> group_of("mistral/large"), group_of("gpt-4")
    ('mistral', 'gpt-4')
    """
    return name.partition("/")[0]


def draw(
    models: Sequence[str],
    policy: Policy,
    *,
    wanted: int,
    seed: int | str,
    exposures: Exposures | None = None,
    groups: Mapping[str, str] | None = None,
) -> Draw:
    """Draw `wanted` different models, and the order in which the others stand by.

    Parameters
    ----------
    models
        Names, each once, at most 62. With fewer than `wanted`, all of them are drawn.
    policy
        How, as the module says.
    wanted, seed
        How many models answer, at least 1. The same seed and arguments give the same draw.
    exposures
        What was shown so far, for ``balanced``.
    groups
        Provider by model, for ``diverse``; by default what stands before "/" in the name.

    Raises
    ------
    ValueError
        When no model is given, one is given twice, or fewer than one is wanted.

    Examples
    --------
    >>> drawn = draw(["a", "b", "c"], "uniform", wanted=2, seed=7)
    >>> [(place.model_name, round(place.propensity, 2)) for place in (*drawn.places, *drawn.standby)]
    [('b', 0.67), ('a', 0.67), ('c', 1.0)]
    """
    if not models or len(set(models)) != len(models) or wanted < 1:
        raise ValueError("Give at least one model, each once, and want at least one.")
    size = min(wanted, len(models))
    rng = random.Random(f"{seed}:models")
    if policy == "balanced":
        return _balanced(models, size, exposures or Exposures(), rng)
    if policy == "diverse":
        grouped = groups or {name: group_of(name) for name in models}
        order = _diverse_order(models, grouped, rng)
        return _placed(order, size, lambda name, asked: diverse_inclusion(name, models, grouped, asked))
    order = list(models)
    rng.shuffle(order)
    return _placed(order, size, lambda name, asked: asked / len(models))


def _placed(order: Sequence[str], size: int, inclusion: Callable[[str, int], float]) -> Draw:
    places = [Place(name, inclusion(name, max(size, index + 1))) for index, name in enumerate(order)]
    return Draw(tuple(places[:size]), tuple(places[size:]))


def _diverse_order(models: Sequence[str], groups: Mapping[str, str], rng: random.Random) -> list[str]:
    """Return rounds: in each, every provider that has models left gives one, providers in random order."""
    left: dict[str, list[str]] = {}
    for name in models:
        left.setdefault(groups[name], []).append(name)
    for members in left.values():
        rng.shuffle(members)
    order: list[str] = []
    while len(order) < len(models):
        giving = [group for group, members in left.items() if members]
        rng.shuffle(giving)
        order += [left[group].pop() for group in giving]
    return order


def diverse_inclusion(name: str, models: Sequence[str], groups: Mapping[str, str], size: int) -> float:
    """Return the probability that a model is among the first `size` of a diverse order.

    Round r is reached by the G_r providers that have r models or more. Each of them gives a model in it with the
    probability with which the round comes to it, min(1, max(0, size - G_1 - ... - G_(r-1)) / G_r); the sum over the
    rounds is how many models of its provider are expected, shared evenly among them.

    Examples
    --------
    >>> names = ["x/1", "x/2", "y/1"]
    >>> by_provider = {name: group_of(name) for name in names}
    >>> [diverse_inclusion(name, names, by_provider, 2) for name in names]
    [0.5, 0.5, 1.0]
    """
    sizes: dict[str, int] = {}
    for model in models:
        sizes[groups[model]] = sizes.get(groups[model], 0) + 1
    members = sizes[groups[name]]
    expected, before = 0.0, 0
    for number in range(1, members + 1):
        giving = sum(count >= number for count in sizes.values())
        expected += min(1.0, max(0, size - before) / giving)
        before += giving
    return min(1.0, expected / members)


def _balanced(models: Sequence[str], size: int, exposures: Exposures, rng: random.Random) -> Draw:
    """Draw step by step with the probabilities of `_steps`; the others stand by in uniform order."""
    costs = _Costs.of(models, exposures)
    block: list[int] = []
    for _ in range(size):
        chances = _steps(np.array([sum(1 << index for index in block)], dtype=np.int64), costs)[0]
        block.append(rng.choices(range(len(models)), weights=chances.tolist())[0])
    inclusion = balanced_inclusion(models, size, exposures)
    standby = [index for index in range(len(models)) if index not in block]
    rng.shuffle(standby)
    places = [Place(models[index], float(inclusion[index])) for index in block]
    waiting = [
        Place(models[index], _asked_by_then(float(inclusion[index]), number, len(standby)))
        for number, index in enumerate(standby, start=1)
    ]
    return Draw(tuple(places), tuple(waiting))


def _asked_by_then(inclusion: float, number: int, standing_by: int) -> float:
    """Return the probability of being drawn, or else of being among the first `number` that stand by."""
    return min(1.0, inclusion + (1 - inclusion) * number / standing_by)


@dataclass(frozen=True)
class _Costs:
    """What was shown, as arrays: `own` (n,) by model, `pairs` (n, n) by pair."""

    own: Floats
    pairs: Floats

    @classmethod
    def of(cls, models: Sequence[str], exposures: Exposures) -> _Costs:
        own = np.array([exposures.shown.get(name, 0) for name in models], dtype=float)
        pairs = np.zeros((len(models), len(models)))
        for first, second in combinations(range(len(models)), 2):
            names = sorted((models[first], models[second]))
            pairs[first, second] = pairs[second, first] = exposures.together.get((names[0], names[1]), 0)
        return cls(own, pairs)


def _steps(blocks: Masks, costs: _Costs) -> Floats:
    """Return how likely each model is to be the next of each partial block, shape (blocks, n).

    A block is a set of bits. Those that cost least, by how often they stood beside the block's models and then by how
    often they were shown at all, share 1 - EXPLORATION evenly; all that are not in the block share the rest.
    """
    n = len(costs.own)
    inside = (blocks[:, None] >> np.arange(n)) & 1 == 1
    beside = inside.astype(float) @ costs.pairs
    cost = beside * (costs.own.max() + 1) + costs.own
    cost[inside] = np.inf
    cheapest = cost == cost.min(axis=1, keepdims=True)
    free = ~inside
    greedy = cheapest / cheapest.sum(axis=1, keepdims=True)
    explored = free / free.sum(axis=1, keepdims=True)
    return np.asarray((1 - EXPLORATION) * greedy + EXPLORATION * explored)


def balanced_inclusion(models: Sequence[str], wanted: int, exposures: Exposures) -> Floats:
    """Return the exact probability of each model to be in a balanced draw, shape (n,), in the order of `models`.

    The next model depends on the set drawn so far and not on its order, so it is enough to follow the probability of
    every set of 0, 1, ..., `wanted` - 1 models: the sum over all of them of P(set) P(model | set).

    Examples
    --------
    Two of three models, one of which was never shown: it leads, unless one explores.

    >>> seen = Exposures({"a": 1, "b": 1}, {("a", "b"): 1})
    >>> [round(float(chance), 3) for chance in balanced_inclusion(["a", "b", "c"], 2, seen)]
    [0.507, 0.507, 0.987]
    """
    costs = _Costs.of(models, exposures)
    inclusion = np.zeros(len(models))
    blocks, chances = np.zeros(1, dtype=np.int64), np.ones(1)
    for number in range(1, min(wanted, len(models)) + 1):
        grown: list[tuple[Masks, Floats]] = []
        for start in range(0, len(blocks), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            reached = chances[part, None] * _steps(blocks[part], costs)
            inclusion += reached.sum(axis=0)
            if number < wanted:
                grown.append(_grown(blocks[part], reached))
        if grown:
            blocks, chances = _merged(grown)
    return np.asarray(np.minimum(inclusion, 1.0))


def _grown(blocks: Masks, reached: Floats) -> tuple[Masks, Floats]:
    rows, columns = np.nonzero(reached)
    return _merged([(blocks[rows] | (np.int64(1) << columns.astype(np.int64)), reached[rows, columns])])


def _merged(parts: Sequence[tuple[Masks, Floats]]) -> tuple[Masks, Floats]:
    """Add up the probabilities of the same set reached by different ways."""
    masks = np.concatenate([masks for masks, _chances in parts])
    chances = np.concatenate([chances for _masks, chances in parts])
    sets, place = np.unique(masks, return_inverse=True)
    return sets, np.asarray(np.bincount(place, weights=chances, minlength=len(sets)), dtype=np.float64)
