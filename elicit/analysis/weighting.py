"""Weight a sample so that it looks like a population, and say what no weight can mend.

Rule: nobody is dropped. Who has no place on a margin (non-binary people where a census knows two answers, people who
prefer not to say) keeps their weight there and is weighted on the other margins. A line of the population without a
single person in the sample cannot be weighted up; it is named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Answers = Sequence[str | None]
Cell = tuple[str, ...]

UNKNOWN = -1
SAME = 1e-6
MOST_ROUNDS = 500
HALVINGS = 60  # of the scale of held weights: to the last digit of a float
STANDS_STILL = 1e-12  # largest move of a weight at which further rounds change nothing
TOLERANCE = 1e-8  # largest difference between a weighted share and its target that counts as met
LARGEST_WEIGHT = 5.0  # times the mean: beyond it one person speaks for many; and nobody under a fifth


class Coverage(StrEnum):
    """Say how a line of the population stands in the sample."""

    MET = "met"
    SHORT = "short"
    EMPTY = "empty"


@dataclass(frozen=True)
class Weights:
    """Weights with mean 1 and what they cost.

    Attributes
    ----------
    weights : one a person, in the order given.
    converged : every margin is met to TOLERANCE (never when weights had to be trimmed hard, or a line is empty).
    rounds : rounds of fitting.
    worst_margin : largest difference between a weighted share and its target, over lines that have people.
    trimmed : people whose weight was held at the largest or the smallest one.
    design_effect, effective_people : Kish: n * sum(w^2) / sum(w)^2, and n over it.
    empty : (margin, line) that the population has and the sample has not.
    unknown : people without a place, by margin.
    """

    weights: Floats
    converged: bool
    rounds: int
    worst_margin: float
    trimmed: int
    design_effect: float
    effective_people: float
    empty: tuple[tuple[str, str], ...]
    unknown: Mapping[str, int]


@dataclass(frozen=True)
class Shortfall:
    """One line (or cell) of the population: how many a sample of this size wants, has and lacks."""

    margin: str
    line: Cell
    share: float
    wanted: int
    have: int
    missing: int
    coverage: Coverage


@dataclass(frozen=True)
class _Margin:
    name: str
    lines: tuple[str, ...]
    targets: Floats
    codes: Ints
    empty: tuple[str, ...]


def rake(
    people: Mapping[str, Answers], targets: Mapping[str, Mapping[str, float]], *, largest: float = LARGEST_WEIGHT
) -> Weights:
    """Return weights under which the sample's margins are the population's (iterative proportional fitting).

    Parameters
    ----------
    people
        `{margin: the category of each person}`, `None` where it is not known; all of one length.
    targets
        `{margin: {category: share}}`; shares are scaled to 1 over the lines that have people.
    largest
        Largest weight in times of the mean; at least 1. The smallest is 1 / largest, so that nobody is weighted away.
        `math.inf` trims nothing.

    Raises
    ------
    ValueError
        When there is nobody, a margin has no target, lengths differ, or nobody has a place on a margin.

    References
    ----------
    Deming and Stephan, "On a least squares adjustment of a sampled frequency table", Ann. Math. Stat. 11 (1940). Kish,
    "Survey Sampling" (1965), section 11.7 (design effect of weights). Trimming within the rounds: DeBell and Krosnick,
    "Computing weights for ANES survey data" (2009), which holds weights at 5.

    Examples
    --------
    Three women and one man, and half of the population are men:

    >>> result = rake({"sex": ["F", "F", "F", "M"]}, {"sex": {"F": 0.5, "M": 0.5}})
    >>> result.weights.round(3).tolist(), round(result.effective_people, 2)
    ([0.667, 0.667, 0.667, 2.0], 3.0)
    """
    if largest < 1:
        raise ValueError("The largest weight is in times of the mean: it cannot be under 1.")
    margins = [_margin(name, people[name], lines) for name, lines in targets.items()]
    count = _one_length(margins)
    weights, rounds = np.ones(count), 0
    worst, moved = _worst(margins, weights), math.inf
    while worst > TOLERANCE and moved > STANDS_STILL and rounds < MOST_ROUNDS:
        before = weights
        for margin in margins:
            weights = _fitted(margin, weights)
        weights = _held(weights, largest)
        rounds += 1
        worst, moved = _worst(margins, weights), float(np.abs(weights - before).max())
    return _weights(weights, margins=margins, rounds=rounds, worst=worst, largest=largest)


def poststratify(people: Sequence[Cell | None], cells: Mapping[Cell, float]) -> Weights:
    """Return weights under which every cell that has people weighs as much as in the population.

    People without a cell keep weight 1. Cells of the population without people are listed in `empty`, and their share
    is spread over the others: the result then speaks for the cells that answered.

    References
    ----------
    Holt and Smith, "Post stratification", JRSS A 142 (1979).

    Examples
    --------
    >>> young = {("F", "18-24"): 0.5, ("M", "18-24"): 0.5}
    >>> result = poststratify([("F", "18-24"), ("M", "18-24"), ("M", "18-24")], young)
    >>> result.weights.tolist()
    [1.5, 0.75, 0.75]
    """
    named = {" / ".join(cell): share for cell, share in cells.items()}
    margin = _margin("cell", [None if cell is None else " / ".join(cell) for cell in people], named)
    weights = _fitted(margin, np.ones(_one_length([margin])))
    return _weights(weights, margins=[margin], rounds=1, worst=_worst([margin], weights), largest=math.inf)


def design_effect(weights: Floats) -> float:
    """Return Kish's factor by which weights of this kind widen a variance: 1 for equal weights.

    Examples
    --------
    >>> design_effect(np.array([1.0, 3.0]))
    1.25
    """
    return float(len(weights) * np.sum(weights**2) / np.sum(weights) ** 2)


def margin_shortfalls(
    people: Mapping[str, Answers], targets: Mapping[str, Mapping[str, float]], *, wanted: int
) -> tuple[Shortfall, ...]:
    """Return for every line of every margin how many of a sample of `wanted` people it should have, and has.

    Examples
    --------
    >>> [(row.line, row.wanted, row.have, row.missing) for row in margin_shortfalls(
    ...     {"sex": ["F", "F", None]}, {"sex": {"F": 0.5, "M": 0.5}}, wanted=10)]
    [(('F',), 5, 2, 3), (('M',), 5, 0, 5)]
    """
    return tuple(
        row
        for name, lines in targets.items()
        for row in _shortfalls(
            name, {(line,): share for line, share in lines.items()}, _cells_of([people[name]]), wanted
        )
    )


def cell_shortfalls(
    people: Mapping[str, Answers], cells: Mapping[Cell, float], *, dimensions: Sequence[str], wanted: int
) -> tuple[Shortfall, ...]:
    """Return for every cell (a category of each dimension, in their order) what a sample wants, has and lacks."""
    answers = [people[name] for name in dimensions]
    return _shortfalls(" x ".join(dimensions), cells, _cells_of(answers), wanted)


def wanted_counts(shares: Sequence[float] | Floats, *, total: int) -> Ints:
    """Share whole people out by largest remainders, so that they add up to `total`.

    Examples
    --------
    >>> wanted_counts([0.5, 0.3, 0.2], total=9).tolist()
    [4, 3, 2]
    """
    exact = np.asarray(shares, dtype=np.float64) * total
    whole = np.floor(exact + 1e-9).astype(np.int64)
    left = total - int(whole.sum())
    first = np.argsort(-(exact - whole), kind="stable")[: max(left, 0)]
    whole[first] += 1
    return whole


def wanted_as_published(shares: Sequence[float] | Floats, *, total: int) -> Ints:
    """Return what PRISM drew from each cell: the whole part of its people, and one more.

    One more favours the smallest cells and asks for more than `total` in all; it is here to replay the publication.

    References
    ----------
    PRISM's census subset: int(share * 300) + 1 of each cell of age, ethnicity and sex, everyone where there are fewer.

    Examples
    --------
    >>> wanted_as_published([0.5, 0.3, 0.001], total=300).tolist()
    [151, 91, 1]
    """
    return (np.asarray(shares, dtype=np.float64) * total + 1e-9).astype(np.int64) + 1


def _margin(name: str, answers: Answers, lines: Mapping[str, float]) -> _Margin:
    """Place people on the lines that the population has; the targets are scaled to the lines that have people."""
    targets = np.fromiter(lines.values(), dtype=np.float64)
    if (targets < 0).any():
        raise ValueError(f"A share of the margin {name} is negative.")
    place = {line: number for number, line in enumerate(lines) if lines[line] > 0}
    codes = np.array([UNKNOWN if answer is None else place.get(answer, UNKNOWN) for answer in answers], dtype=np.int64)
    has_people = np.bincount(codes[codes != UNKNOWN], minlength=len(targets)) > 0
    if not has_people.any():
        raise ValueError(f"Nobody in the sample has a place on the margin {name}.")
    reached = np.where(has_people, targets, 0.0)
    empty = tuple(line for line, number in place.items() if not has_people[number])
    return _Margin(name, tuple(lines), reached / reached.sum(), codes, empty)


def _one_length(margins: Sequence[_Margin]) -> int:
    lengths = {len(margin.codes) for margin in margins}
    if len(lengths) != 1:
        raise ValueError("Every margin must say something of every person, and there must be a margin.")
    return lengths.pop()


def _weighted_shares(margin: _Margin, weights: Floats) -> Floats:
    known = margin.codes != UNKNOWN
    sums = np.bincount(margin.codes[known], weights=weights[known], minlength=len(margin.lines))
    return np.asarray(sums / sums.sum())


def _fitted(margin: _Margin, weights: Floats) -> Floats:
    """Fit one margin; the people it knows keep their common weight, those it does not know keep their own."""
    shares = _weighted_shares(margin, weights)
    factors = np.divide(margin.targets, shares, out=np.ones_like(shares), where=shares > 0)
    return np.asarray(weights * np.where(margin.codes == UNKNOWN, 1.0, factors[margin.codes]))


def _held(weights: Floats, largest: float) -> Floats:
    """Return the weights scaled to mean 1 and held between 1/largest and largest: the scale is found by halving."""
    if math.isinf(largest):
        return np.asarray(weights / weights.mean())
    low, high = 0.0, largest / float(weights.min())
    for _ in range(HALVINGS):
        scale = (low + high) / 2
        too_much = np.clip(scale * weights, 1 / largest, largest).mean() > 1
        low, high = (low, scale) if too_much else (scale, high)
    return np.asarray(np.clip(high * weights, 1 / largest, largest))


def _worst(margins: Sequence[_Margin], weights: Floats) -> float:
    return max(float(np.abs(_weighted_shares(margin, weights) - margin.targets).max()) for margin in margins)


def _weights(weights: Floats, *, margins: Sequence[_Margin], rounds: int, worst: float, largest: float) -> Weights:
    weights = weights / weights.mean()
    is_held = (weights >= largest * (1 - SAME)) | (weights <= (1 + SAME) / largest)
    effect = design_effect(weights)
    return Weights(
        weights=weights,
        converged=worst <= TOLERANCE,
        rounds=rounds,
        worst_margin=worst,
        trimmed=int(is_held.sum()),
        design_effect=effect,
        effective_people=len(weights) / effect,
        empty=tuple((margin.name, line) for margin in margins for line in margin.empty),
        unknown={margin.name: int((margin.codes == UNKNOWN).sum()) for margin in margins},
    )


def _cells_of(answers: Sequence[Answers]) -> dict[Cell, int]:
    """Count the people of each cell; who lacks an answer is in none."""
    counts: dict[Cell, int] = {}
    for cell in zip(*answers, strict=True):
        known = tuple(answer for answer in cell if answer is not None)
        if len(known) == len(cell):
            counts[known] = counts.get(known, 0) + 1
    return counts


def _shortfalls(
    margin: str, shares: Mapping[Cell, float], have: Mapping[Cell, int], wanted: int
) -> tuple[Shortfall, ...]:
    counts = wanted_counts(list(shares.values()), total=wanted)
    return tuple(
        _shortfall(margin, line, share, int(count), have.get(line, 0))
        for (line, share), count in zip(shares.items(), counts, strict=True)
    )


def _shortfall(margin: str, line: Cell, share: float, wanted: int, have: int) -> Shortfall:
    missing = max(wanted - have, 0)
    reached = Coverage.SHORT if missing else Coverage.MET
    coverage = Coverage.EMPTY if share > 0 and have == 0 else reached
    return Shortfall(margin, line, share, wanted, have, missing, coverage)
