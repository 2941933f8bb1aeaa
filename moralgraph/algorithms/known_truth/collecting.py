"""Ask made-up people, under one design, in many worlds in step.

Each participant is drawn from the world's population, judges `EACH` pairs of the context and none of them twice. Sides
and story arms are drawn as in a real study. The active design is that of `pairing`; with many judgements its guess of
where the cards stand is renewed whenever their number has grown by `RENEWED_AFTER`, not after every one.

Rule that must stay true: a design reads only what was answered before, and every draw keeps its exact probability.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from moralgraph.algorithms.informative_pairs import PairCounts, information_gains
from moralgraph.algorithms.known_truth.answering import ARMS, answer_shares, margins
from moralgraph.algorithms.known_truth.regimes import EACH
from moralgraph.algorithms.known_truth.worlds import MOST_CARDS, Worlds
from moralgraph.algorithms.pairing import UNIFORM_SHARE, pair_shares
from moralgraph.algorithms.records import ANSWERS, STORIES, Answer, Codes, Judgements
from moralgraph.algorithms.tally import Facts, Floats

CONTEXT = "context"
RENEWED_AFTER = 0.02
ORDERED = np.array([answer in (Answer.WISER, Answer.ABOUT_EQUAL, Answer.LESS_WISE) for answer in ANSWERS])
SHARE_OF_WIN = np.array([{Answer.WISER: 1.0, Answer.ABOUT_EQUAL: 0.5}.get(answer, 0.0) for answer in ANSWERS])


class Design(StrEnum):
    """How the next pair is chosen."""

    UNIFORM = "uniform"
    ACTIVE = "active"


@dataclass(frozen=True, eq=False)
class Collected:
    """What was asked and answered, in the order in which it was; shape (worlds, judgements) each.

    `person` counts participants from 0, `pair` is a column of the worlds' pairs, `arm` a position in `ARMS`.
    """

    worlds: Worlds
    person: Codes
    pair: Codes
    is_turned: Facts
    arm: Codes
    answer: Codes
    probability: Floats

    def judgements(self, world: int, *, first: int) -> Judgements:
        """Return the first judgements of one world as the columns that estimators read."""
        pair, turned = self.pair[world, :first], self.is_turned[world, :first]
        ends = self.worlds.first[world, pair], self.worlds.second[world, pair]
        arms = np.array([STORIES.index(arm) for arm in ARMS])
        return Judgements.from_codes(
            cards=[card_name(code) for code in range(MOST_CARDS)],
            contexts=[CONTEXT],
            participants=[f"{number:05d}" for number in range(self.person[world, :first].max() + 1)],
            participant=self.person[world, :first],
            first=np.where(turned, ends[1], ends[0]),
            second=np.where(turned, ends[0], ends[1]),
            context=np.zeros(first, dtype=np.int64),
            answer=self.answer[world, :first],
            story=arms[self.arm[world, :first]],
            probability=self.probability[world, :first],
        )


def card_name(code: int) -> str:
    """Return the name of a made-up card; names sort as their codes do."""
    return f"card-{code:02d}"


def collect(worlds: Worlds, *, design: Design, judgements: int, rng: np.random.Generator) -> Collected:
    """Ask for so many judgements in each world.

    Examples
    --------
    >>> from moralgraph.algorithms.known_truth.regimes import REGIMES
    >>> from moralgraph.algorithms.known_truth.worlds import draw_worlds
    >>> worlds = draw_worlds(REGIMES[0], worlds=2, rng=np.random.default_rng(1))
    >>> found = collect(worlds, design=Design.ACTIVE, judgements=20, rng=np.random.default_rng(2))
    >>> len(found.judgements(1, first=20)), found.judgements(1, first=20).participants[-1]
    (20, '00003')
    """
    rows, shape = np.arange(len(worlds)), worlds.first.shape
    counts = PairCounts(
        first=worlds.first, second=worlds.second, is_pair=worlds.is_pair, asked=np.zeros(shape),
        second_wins=np.zeros(shape), first_wins=np.zeros(shape), cards=MOST_CARDS,
    )  # fmt: skip
    turned_more = np.zeros(shape)
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ("pair", "is_turned", "arm", "answer", "probability")}
    gain, renewed = np.zeros(shape), -1
    for number in range(judgements):
        if number % EACH == 0:
            person = rng.integers(worlds.wisdom.shape[1], size=len(worlds))
            is_open = worlds.is_pair.copy()
        uniform = is_open / is_open.sum(axis=1, keepdims=True)
        if design is Design.ACTIVE:
            if number > renewed * (1 + RENEWED_AFTER):
                gain, renewed = information_gains(counts), number
            active = pair_shares(gain, counts.asked, is_open=is_open)
            chances = UNIFORM_SHARE * uniform + (1 - UNIFORM_SHARE) * active
        else:
            active, chances = uniform, uniform
        pair = _drawn(chances, rng=rng)
        is_open[rows, pair] = False
        turn_chance = _turn_chances(turned_more[rows, pair], uniform[rows, pair], active[rows, pair], design)
        is_turned = rng.random(len(worlds)) < turn_chance
        arm = rng.integers(len(ARMS), size=len(worlds))
        answer = _answers(worlds, person, pair, is_turned, arm, rng=rng)
        _count(counts, turned_more, pair, is_turned, answer)
        probability = chances[rows, pair] * np.where(is_turned, turn_chance, 1 - turn_chance)
        for name, column in zip(columns, (pair, is_turned, arm, answer, probability), strict=True):
            columns[name].append(column)
    stacked = {name: np.stack(column, axis=1) for name, column in columns.items()}
    people = np.broadcast_to(np.arange(judgements) // EACH, (len(worlds), judgements))
    return Collected(worlds=worlds, person=people, **stacked)


def _drawn(chances: Floats, *, rng: np.random.Generator) -> Codes:
    edges = np.cumsum(chances, axis=1)
    point = rng.random((len(chances), 1)) * edges[:, -1:]
    return (edges <= point).sum(axis=1)


def _turn_chances(turned_more: Floats, uniform: Floats, active: Floats, design: Design) -> Floats:
    """Return the chance of asking from the other side: half of the uniform draws, else the side that was asked less."""
    if design is Design.UNIFORM:
        return np.full(turned_more.shape, 0.5)
    evening = np.where(turned_more == 0, 0.5, turned_more < 0)
    part, rest = UNIFORM_SHARE * uniform, (1 - UNIFORM_SHARE) * active
    found: Floats = (part / 2 + rest * evening) / (part + rest)
    return found


def _answers(
    worlds: Worlds, person: Codes, pair: Codes, is_turned: Facts, arm: Codes, *, rng: np.random.Generator
) -> Codes:
    rows = np.arange(len(worlds))
    first, second = worlds.first[rows, pair], worlds.second[rows, pair]
    lead = worlds.wisdom[rows, person, second] - worlds.wisdom[rows, person, first] + worlds.tilt[rows, pair]
    margin = margins(
        lead,
        is_turned=is_turned,
        arm=arm,
        to_second=worlds.to_second[rows, pair],
        to_first=worlds.to_first[rows, pair],
        side=worlds.regime.side,
    )
    chances = answer_shares(
        margin,
        both_needed=worlds.both_needed[rows, pair],
        different_concerns=worlds.different_concerns[rows, pair],
        regime=worlds.regime,
    )
    return _drawn(chances, rng=rng)


def _count(counts: PairCounts, turned_more: Floats, pair: Codes, is_turned: Facts, answer: Codes) -> None:
    rows = np.arange(len(pair))
    to_shown_second = np.where(ORDERED[answer], SHARE_OF_WIN[answer], 0.0)
    to_shown_first = np.where(ORDERED[answer], 1 - SHARE_OF_WIN[answer], 0.0)
    counts.asked[rows, pair] += 1
    counts.second_wins[rows, pair] += np.where(is_turned, to_shown_first, to_shown_second)
    counts.first_wins[rows, pair] += np.where(is_turned, to_shown_second, to_shown_first)
    turned_more[rows, pair] += np.where(is_turned, 1, -1)
