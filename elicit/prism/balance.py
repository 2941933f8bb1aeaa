"""Subsets of a release: as many conversations of each type from everybody, and people by the cells of a census.

Rule: a draw depends on its seed and on the order of the rows alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from elicit.prism.schema import CENSUS_ETHNICITY, TYPES

BALANCE_SEED = 0
CENSUS_SEED = 42
CENSUS_SIZE = 300
CENSUS_GENDERS = ("Male", "Female")


def balanced_subset(
    participants: Sequence[int] | NDArray[np.int64],
    types: Sequence[int] | NDArray[np.int64],
    *,
    kinds: int = len(TYPES),
    seed: int = BALANCE_SEED,
) -> NDArray[np.bool_]:
    """Mark the conversations of the balanced subset: from each participant equally many of every type.

    Both arguments have one number a conversation; `types` counts from 0 to `kinds` - 1. n is the least number that a
    participant has of any type; who lacks one has no conversation in the subset. Where there are more than n, the draw
    is the one that pandas makes with `sample(n, random_state=seed)` on that participant's conversations of that type.

    Source: PRISM (arXiv 2404.16019), balanced subset. Raises ValueError where the lengths differ.

    >>> balanced_subset([0, 0, 0, 0, 1], [0, 1, 2, 2, 0]).tolist()
    [True, True, False, True, False]
    """
    people, kind = np.asarray(participants, dtype=np.int64), np.asarray(types, dtype=np.int64)
    if people.shape != kind.shape:
        raise ValueError(f"{len(people)} participants, but {len(kind)} types.")
    marked = np.zeros(len(people), dtype=bool)
    order = np.lexsort((np.arange(len(people)), kind, people))
    group = people[order] * kinds + kind[order]
    starts = (
        np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1]))) if len(group) else np.array([], dtype=int)
    )
    places = np.split(order, starts[1:])
    by_person: dict[int, list[NDArray[np.int64]]] = {}
    for members in places if len(group) else []:
        by_person.setdefault(int(people[members[0]]), []).append(members)
    for groups in by_person.values():
        if len(groups) == kinds:
            least = min(map(len, groups))
            for members in groups:
                whole = least == len(members)
                marked[members if whole else members[pandas_sample(len(members), least, seed=seed)]] = True
    return marked


def pandas_sample(length: int, count: int, *, seed: int) -> NDArray[np.int64]:
    """Return the places that pandas' `sample(count, random_state=seed)` draws from a table of `length` rows.

    pandas asks numpy's RandomState for a choice without replacement, which is the head of a permutation.

    >>> pandas_sample(3, 2, seed=0).tolist()
    [2, 1]
    """
    return np.random.RandomState(seed).permutation(length)[:count].astype(np.int64)  # noqa: NPY002


def representative(
    cells: Sequence[tuple[str, str, str] | None],
    shares: Mapping[tuple[str, str, str], float],
    *,
    size: int = CENSUS_SIZE,
    seed: int = CENSUS_SEED,
) -> NDArray[np.bool_]:
    """Mark people so that the cells of a census are filled: int(share x size) + 1 of each, or all if there are fewer.

    `cells` gives each person's (age, ethnicity, gender), see `census_cell`, or None for whom no cell is meant; `shares`
    the share of each cell in the population, from 0 to 1. The + 1, which favours small cells, is as published.
    Source: PRISM (arXiv 2404.16019), census-representative subsets.

    >>> old, young = ("65+ years old", "White", "Male"), ("18-24 years old", "White", "Male")
    >>> representative([old, old, young, None], {old: 0.0, young: 1.0}, size=2).sum()
    np.int64(2)
    """
    rng = np.random.RandomState(seed)  # noqa: NPY002
    marked = np.zeros(len(cells), dtype=bool)
    members: dict[tuple[str, str, str], list[int]] = {}
    for place, cell in enumerate(cells):
        if cell is not None:
            members.setdefault(cell, []).append(place)
    for cell, share in shares.items():
        found = np.array(members.get(cell, []), dtype=np.int64)
        marked[found[rng.permutation(len(found))[: int(share * size) + 1]]] = True
    return marked


def census_cell(age: str, ethnicity: str, gender: str) -> tuple[str, str, str] | None:
    """Return a person's cell by age band, categorised ethnicity and gender, or None where the census has none.

    >>> census_cell("18-24 years old", "Hispanic / Latino", "Female")
    ('18-24 years old', 'Other', 'Female')
    """
    group = CENSUS_ETHNICITY.get(ethnicity)
    if group is None or gender not in CENSUS_GENDERS or not age.endswith("years old"):
        return None
    return age, group, gender
