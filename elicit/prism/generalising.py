"""Make people in survey.jsonl look alike: k-anonymity over named quasi-identifiers.

Rule: after it, whoever knows all of the named facts about somebody finds at least `k` people whom they fit. First a
whole column is coarsened, then what still stands out is withheld for the people concerned alone. What was lost is
listed. Free text is not touched here, and is not anonymous.

After Samarati (2001), "Protecting respondents' identities in microdata release", for global recoding with local
suppression; and Machanavajjhala et al. (2007) for l-diversity, which is reported.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicit.prism.schema import REFUSED

Codes = NDArray[np.int64]
Bools = NDArray[np.bool_]
Cell = str | None

USUAL_K = 5  # the least group that statistical offices commonly let stand in data for research
MOST_ALONE = 0.5  # share of people with withheld cells beyond which coarsening for all is not even compared
OTHER = "Other"
REGION_ONLY = "~"  # marks a birth region of which no narrower region is told

AGES = ("18-34 years old", "35-54 years old", "55+ years old")
SCHOOLING = ("Secondary school or less", "Vocational or some university", "University degree")
WORK = ("Working", "Not working")
MARRIAGE = ("Married", "Not married")
COARSER: dict[str, dict[str, str]] = {
    "age": {
        "18-24 years old": AGES[0],
        "25-34 years old": AGES[0],
        "35-44 years old": AGES[1],
        "45-54 years old": AGES[1],
        "55-64 years old": AGES[2],
        "65+ years old": AGES[2],
    },
    "education": {
        "Some Primary": SCHOOLING[0],
        "Completed Primary School": SCHOOLING[0],
        "Some Secondary": SCHOOLING[0],
        "Completed Secondary School": SCHOOLING[0],
        "Vocational": SCHOOLING[1],
        "Some University but no degree": SCHOOLING[1],
        "University Bachelors Degree": SCHOOLING[2],
        "Graduate / Professional degree": SCHOOLING[2],
    },
    "employment_status": {
        "Working full-time": WORK[0],
        "Working part-time": WORK[0],
        "Student": WORK[1],
        "Unemployed, seeking work": WORK[1],
        "Retired": WORK[1],
        "Homemaker / Stay-at-home parent": WORK[1],
        "Unemployed, not seeking work": WORK[1],
    },
    "marital_status": {
        "Married": MARRIAGE[0],
        "Never been married": MARRIAGE[1],
        "Divorced / Separated": MARRIAGE[1],
        "Widowed": MARRIAGE[1],
    },
    "location.special_region": {
        "US": "~Americas",
        "Northern America": "~Americas",
        "Latin America and the Caribbean": "~Americas",
        "UK": "~Europe",
        "Europe": "~Europe",
        "Africa": "~Africa",
        "Asia": "~Asia",
        "Middle East": "~Asia",
        "Australia and New Zealand": "~Oceania",
        "Oceania": "~Oceania",
    },
}
KEEPS_LARGEST = ("ethnicity.simplified", "religion.simplified")  # coarser: the largest group, and Other
WORTH = {
    "age": 3.0,
    "gender": 3.0,
    "location.special_region": 3.0,
    "ethnicity.simplified": 2.0,
    "religion.simplified": 2.0,
    "education": 1.5,
    "location.reside_region": 1.0,
    "employment_status": 1.0,
    "marital_status": 1.0,
}  # how much worse it is to lose a column; what comparisons between groups use is worth more
QUASI_IDENTIFIERS = tuple(WORTH)
SENSITIVE = ("english_proficiency", "lm_familiarity", "lm_frequency_use")
DESCRIBES = (
    "age", "gender", "employment_status", "education", "marital_status", "study_id", "study_locale", "religion",
    "ethnicity", "location", "included_in_US_REP", "included_in_UK_REP",
)  # fmt: skip


class TooFewPeople(ValueError):
    """There are fewer people than must look alike."""


@dataclass(frozen=True)
class Loss:
    """What one quasi-identifier lost: how it was recoded for all, into what, and for how many it is withheld."""

    field: str
    how: str
    merged: Mapping[str, str]
    withheld: int
    of: int


@dataclass(frozen=True)
class Generalised:
    """The cells of each quasi-identifier, in the order of the people, and what was lost."""

    cells: Mapping[str, tuple[Cell, ...]]
    losses: tuple[Loss, ...]
    k: int


def cell_of(row: Mapping[str, Any], name: str) -> Cell:
    """Return a person's value of a quasi-identifier; None where it is withheld.

    Examples
    --------
    >>> cell_of({"location": {"special_region": None, "birth_region": "Asia"}}, "location.special_region")
    '~Asia'
    """
    outer, _, inner = name.partition(".")
    value: Cell = row[outer][inner] if inner else row[outer]
    if value is None and name == "location.special_region" and row["location"]["birth_region"] is not None:
        return f"{REGION_ONLY}{row['location']['birth_region']}"
    return value


def generalise(columns: Mapping[str, Sequence[Cell]], *, k: int = USUAL_K) -> Generalised:
    """Coarsen and withhold until at least `k` people share every combination of cells.

    Parameters
    ----------
    columns
        For each of some quasi-identifiers one value a person, all in the same order of people.

    Raises
    ------
    TooFewPeople
        When there are fewer than `k` people.

    Examples
    --------
    >>> ages = ["18-24 years old"] * 5 + ["25-34 years old"] * 2 + ["35-44 years old"] * 5
    >>> generalise({"age": ages}, k=5).cells["age"][4:8]
    ('18-34 years old', '18-34 years old', '18-34 years old', '35-54 years old')
    """
    people = len(next(iter(columns.values())))
    if people < k:
        raise TooFewPeople(f"{people} people cannot be made alike in groups of {k}.")
    ladders = {name: _ladder(name, values) for name, values in columns.items()}
    best: tuple[float, dict[str, int], dict[str, list[Cell]]] | None = None
    for levels in _climb(ladders, k=k):
        table = {name: list(ladders[name][level]) for name, level in levels.items()}
        _withhold(table, k=k)
        worth = sum(WORTH.get(name, 1.0) * _told(values) for name, values in table.items())
        if best is None or worth > best[0]:
            best = worth, levels, table
    if best is None:
        raise TooFewPeople("There are no columns to make people alike in.")
    _, levels, table = best
    losses = tuple(_loss(name, ladders[name], table[name], levels[name]) for name in columns)
    return Generalised({name: tuple(values) for name, values in table.items()}, losses, k)


def _ladder(name: str, values: Sequence[Cell]) -> list[list[Cell]]:
    """Return a column as it is, coarser where there is such a step, and withheld."""
    coarser = _coarser(name, values)
    merged: list[Cell] = [coarser.get(value, value) if value else value for value in values]
    steps: list[list[Cell]] = [list(values), merged, [None] * len(values)]
    return [step for index, step in enumerate(steps) if index == 0 or step != steps[index - 1]]


def _coarser(name: str, values: Sequence[Cell]) -> Mapping[str, str]:
    if name not in KEEPS_LARGEST:
        return COARSER.get(name, {})
    counts = Counter(value for value in values if value not in (None, REFUSED, OTHER))
    largest = max(counts, key=lambda value: (counts[value], str(value)), default=None)
    return {str(value): OTHER for value in counts if value != largest}


def _codes(values: Sequence[Cell]) -> Codes:
    known = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return np.fromiter((known[value] for value in values), np.int64, len(values))


def _class_sizes(columns: Iterable[Codes]) -> Codes:
    """Return for each person how many have the same cells as they have, themselves included."""
    combined: Codes | None = None
    for codes in columns:
        mixed = codes if combined is None else combined * (int(codes.max(initial=0)) + 1) + codes
        _, combined = np.unique(mixed, return_inverse=True)
    if combined is None:
        raise ValueError("there are no columns")
    return np.asarray(np.bincount(combined)[combined], dtype=np.int64)


def _climb(ladders: Mapping[str, list[list[Cell]]], *, k: int) -> Iterator[dict[str, int]]:
    """Climb the ladders until nobody stands out, each time where the least worth is lost for each person helped.

    Yields every place from which withholding single cells is worth comparing.
    """
    coded = {name: [_codes(step) for step in steps] for name, steps in ladders.items()}
    levels = dict.fromkeys(ladders, 0)
    people = len(next(iter(coded.values()))[0])

    def alone(at: Mapping[str, int]) -> int:
        return int((_class_sizes(coded[name][level] for name, level in at.items()) < k).sum())

    now = alone(levels)
    while True:
        if now <= MOST_ALONE * people:
            yield dict(levels)
        steps = [name for name in levels if levels[name] + 1 < len(coded[name])]
        if now == 0 or not steps:
            return
        tried = {name: alone({**levels, name: levels[name] + 1}) for name in steps}
        costs = {name: _cost(coded[name], levels[name], name) for name in steps}
        best = max(steps, key=lambda name: ((now - tried[name] + 0.01) / costs[name], name))
        levels[best] += 1
        now = tried[best]


def _told(values: Sequence[Cell]) -> float:
    """Return how many bits a column tells of a person on average; what is withheld tells none."""
    told = [value for value in values if value is not None]
    return _bits(_codes(told)) * len(told) / len(values) if told else 0.0


def _cost(steps: Sequence[Codes], level: int, name: str) -> float:
    return max(_bits(steps[level]) - _bits(steps[level + 1]), 0.01) * WORTH.get(name, 1.0)


def _bits(codes: Codes) -> float:
    """Return the entropy of a column, in bits."""
    counts = np.bincount(codes)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _withhold(table: dict[str, list[Cell]], *, k: int) -> None:
    """Withhold cells of those who stand out, the least useful column first, in place; at the end all cells of a few."""
    for name in sorted(table, key=lambda name: WORTH.get(name, 1.0)):
        alone = _class_sizes(_codes(values) for values in table.values()) < k
        if not alone.any():
            return
        _clear(table, [name], alone)
    while (alone := (sizes := _class_sizes(_codes(values) for values in table.values())) < k).any():
        next_size = sizes[~alone].min()
        smallest = int(np.flatnonzero(sizes == next_size)[0])
        same = _like(table, smallest)
        _clear(table, list(table), alone | same)


def _like(table: Mapping[str, Sequence[Cell]], person: int) -> Bools:
    alike = np.ones(len(next(iter(table.values()))), dtype=np.bool_)
    for values in table.values():
        codes = _codes(values)
        alike &= codes == codes[person]
    return alike


def _clear(table: dict[str, list[Cell]], names: Iterable[str], people: Bools) -> None:
    for name in names:
        table[name] = [None if gone else value for value, gone in zip(table[name], people, strict=True)]


def _loss(name: str, ladder: Sequence[Sequence[Cell]], now: Sequence[Cell], level: int) -> Loss:
    was, coarser = ladder[0], ladder[level]
    merged = {str(a): b for a, b in zip(was, coarser, strict=True) if b is not None and a != b}
    withheld = sum(a is not None and b is None for a, b in zip(was, now, strict=True))
    is_gone = level > 0 and not any(coarser)
    how = "withheld" if is_gone else "coarser" if merged else "as it was"
    return Loss(name, how, dict(sorted(merged.items())), withheld, len(was))


def classes(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], Counter[Any]]:
    """Group the rows of a finished survey.jsonl by everything that describes a person; count the sensitive values.

    It knows nothing of how the rows were made, so that it can check them. Of each field of `SENSITIVE` the values are
    counted as `(field, value)`; the size of a class stands under None.
    """
    found: dict[tuple[Any, ...], Counter[Any]] = {}
    for row in rows:
        key = tuple(_frozen(row[name]) for name in DESCRIBES)
        counted = found.setdefault(key, Counter())
        counted[None] += 1
        counted.update((name, row[name]) for name in SENSITIVE)
    return found


def _frozen(value: Any) -> Any:
    return tuple(value.values()) if isinstance(value, Mapping) else value


def smallest_class(found: Mapping[tuple[Any, ...], Counter[Any]]) -> int:
    """Return how many people the smallest class has: the k of the rows."""
    return min((counted[None] for counted in found.values()), default=0)


def diversity(found: Mapping[tuple[Any, ...], Counter[Any]]) -> dict[str, int]:
    """Return, for each sensitive field, the fewest different values that a class has: the l of the rows."""
    return {
        name: min((sum(key is not None and key[0] == name for key in counted) for counted in found.values()), default=0)
        for name in SENSITIVE
    }
