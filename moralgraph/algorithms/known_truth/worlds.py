"""Draw worlds of one regime: people, what they think of each card of a context, and the pairs that are proposed.

Many worlds stand side by side in one array, so that they can be walked through in step.

Rule that must stay true: the same seed gives the same worlds, whatever is asked in them afterwards.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moralgraph.algorithms.known_truth.regimes import (
    CHANCE_PAIRS,
    FEWEST_CARDS,
    MOST_CARDS,
    NEIGHBOURS,
    POPULATION,
    Regime,
)
from moralgraph.algorithms.records import Codes
from moralgraph.algorithms.tally import Facts, Floats

TWIN_SPREAD = 0.1  # how differently one person sees the two cards that a value was split into
NO_ORDER_CONCENTRATION = 10.0  # of the Beta from which each pair's share of "both needed" is drawn
MOST_PAIRS = MOST_CARDS * (NEIGHBOURS + 1)  # more than there ever are: near pairs are often mutual


@dataclass(frozen=True, eq=False)
class Worlds:
    """Worlds of one regime, side by side.

    Attributes
    ----------
    cards
        How many cards each world has, shape (worlds,); codes from there on stand for nothing.
    wisdom
        What each person thinks of each card, shape (worlds, people, MOST_CARDS).
    value
        Which values each card stands for, shape (worlds, MOST_CARDS, 2); both are the same unless it is a merged card.
    value_wisdom
        What each person thinks of each value before merging and splitting, shape (worlds, people, MOST_CARDS).
    first, second, is_pair
        The proposed pairs, `first` below `second`, and which of them there are, shape (worlds, MOST_PAIRS).
    tilt
        What a cycle adds to `second` against `first`, shape (worlds, MOST_PAIRS).
    both_needed, different_concerns
        Shares of these answers, shape (worlds, MOST_PAIRS).
    to_second, to_first
        The pull of the story that leads to `second`, and of the one that leads to `first`, shape (worlds, MOST_PAIRS).
    """

    regime: Regime
    cards: Codes
    wisdom: Floats
    value: Codes
    value_wisdom: Floats
    first: Codes
    second: Codes
    is_pair: Facts
    tilt: Floats
    both_needed: Floats
    different_concerns: Floats
    to_second: Floats
    to_first: Floats

    def __len__(self) -> int:
        return int(self.cards.size)


def draw_worlds(regime: Regime, *, worlds: int, rng: np.random.Generator) -> Worlds:
    """Draw worlds of a regime.

    Examples
    --------
    >>> from moralgraph.algorithms.known_truth.regimes import REGIMES
    >>> drawn = draw_worlds(REGIMES[0], worlds=2, rng=np.random.default_rng(1))
    >>> drawn.wisdom.shape, bool((drawn.first[drawn.is_pair] < drawn.second[drawn.is_pair]).all())
    ((2, 400, 15), True)
    """
    cards = rng.integers(FEWEST_CARDS, MOST_CARDS + 1, size=worlds)
    mean = rng.normal(0.0, regime.spread, size=(worlds, MOST_CARDS))
    mean[np.arange(MOST_CARDS) >= cards[:, None]] = -np.inf
    ring = np.argsort(-mean, axis=1)[:, :3]
    if regime.cycle:
        best = np.take_along_axis(mean, ring[:, :1], axis=1)
        np.put_along_axis(mean, ring, best, axis=1)
    mean[np.isinf(mean)] = 0.0
    opposed = rng.random((worlds, POPULATION)) < regime.second_camp
    value_wisdom = mean[:, None, :] * np.where(opposed, -1.0, 1.0)[..., None]
    value_wisdom += rng.normal(0.0, regime.own_view, size=value_wisdom.shape)
    value = _values_of_cards(cards, regime, rng=rng)
    wisdom = _as_read(value_wisdom, value, rng=rng)
    first, second, is_pair = _proposed(cards, ring if regime.cycle else ring[:, :0], rng=rng)
    concentration = (NO_ORDER_CONCENTRATION * regime.no_order, NO_ORDER_CONCENTRATION * (1 - regime.no_order))
    stories = rng.normal(regime.story, regime.story / 2, size=(2, *first.shape))
    return Worlds(
        regime=regime,
        cards=cards,
        wisdom=wisdom,
        value=value,
        value_wisdom=value_wisdom,
        first=first,
        second=second,
        is_pair=is_pair,
        tilt=_tilts(ring, first, second) * regime.cycle,
        both_needed=rng.beta(*concentration, size=first.shape),
        different_concerns=rng.beta(*concentration, size=first.shape),
        to_second=stories[0],
        to_first=stories[1],
    )


def _values_of_cards(cards: Codes, regime: Regime, *, rng: np.random.Generator) -> Codes:
    """Say which values each card stands for; merged cards stand for two, and split values stand as two cards."""
    value = np.repeat(np.arange(MOST_CARDS)[None, :, None], 2, axis=2).repeat(cards.size, axis=0)
    for world, count in enumerate(cards.tolist()):
        drawn = rng.permutation(count)
        for number in range(regime.merged):
            value[world, drawn[2 * number], 1] = drawn[2 * number + 1]
        start = 2 * regime.merged
        for number in range(regime.split):
            value[world, drawn[start + 2 * number + 1]] = drawn[start + 2 * number]
    return value


def _as_read(value_wisdom: Floats, value: Codes, *, rng: np.random.Generator) -> Floats:
    """Return what each person thinks of each card, having read it as one of the values it stands for."""
    people = np.arange(value_wisdom.shape[1])
    reads_second = rng.random(value_wisdom.shape) < 1 / 2
    read = np.where(reads_second, value[:, None, :, 1], value[:, None, :, 0])
    seen = value_wisdom[np.arange(len(value))[:, None, None], people[None, :, None], read]
    is_twin = (value[:, :, 0] != np.arange(MOST_CARDS)) & (value[:, :, 0] == value[:, :, 1])
    return seen + rng.normal(0.0, TWIN_SPREAD, size=seen.shape) * is_twin[:, None, :]


def _proposed(cards: Codes, ring: Codes, *, rng: np.random.Generator) -> tuple[Codes, Codes, Facts]:
    """Propose pairs of near concerns, some others, those of the ring, and what is needed to hang all cards together."""
    first = np.zeros((cards.size, MOST_PAIRS), dtype=np.int64)
    second = np.ones((cards.size, MOST_PAIRS), dtype=np.int64)
    is_pair = np.zeros((cards.size, MOST_PAIRS), dtype=np.bool_)
    for world, count in enumerate(cards.tolist()):
        concern = rng.random((count, 2))
        apart = np.linalg.norm(concern[:, None] - concern[None], axis=-1)
        pairs = {(int(a), int(b)) for a, row in enumerate(apart) for b in np.argsort(row)[1 : NEIGHBOURS + 1]}
        chosen = rng.integers(count, size=(int(CHANCE_PAIRS * count), 2))
        pairs |= {(int(a), int(b)) for a, b in chosen if a != b}
        order = np.argsort(concern[:, 0])
        pairs |= _links(pairs, order)
        pairs |= {(int(a), int(b)) for a in ring[world] for b in ring[world] if a != b}
        ends = sorted({(min(pair), max(pair)) for pair in pairs})
        first[world, : len(ends)], second[world, : len(ends)] = np.array(ends).T
        is_pair[world, : len(ends)] = True
    return first, second, is_pair


def _tilts(ring: Codes, first: Codes, second: Codes) -> Floats:
    """Return +1 where the second card of a pair follows the first in the ring, -1 where it precedes it, else 0."""
    tilt = np.zeros(first.shape)
    for place in range(3):
        this, following = ring[:, [place]], ring[:, [(place + 1) % 3]]
        tilt += (first == this) & (second == following)
        tilt -= (first == following) & (second == this)
    return tilt


def _links(pairs: set[tuple[int, int]], order: npt.NDArray[np.int64]) -> set[tuple[int, int]]:
    """Return pairs of cards that stand beside each other in `order` and that no chain of pairs connects yet."""
    group = {int(card): int(card) for card in order}

    def root(card: int) -> int:
        while group[card] != card:
            card = group[card]
        return card

    for a, b in sorted(pairs):
        group[root(a)] = root(b)
    links = set()
    for a, b in zip(order[:-1].tolist(), order[1:].tolist(), strict=True):
        if root(a) != root(b):
            links.add((a, b))
            group[root(a)] = root(b)
    return links
