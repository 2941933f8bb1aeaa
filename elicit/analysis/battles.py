"""Turn scores into battles: of two answers to one prompt, which one did the same person prefer?

Rule that must stay true: only answers that stood side by side meet, so a battle never compares two people's use of the
scale. Two answers of one model are no battle.
"""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from scipy import sparse

from elicit.analysis.ratings import Bools, Floats, Ints, Ratings

TIE_THRESHOLD = 5.0  # points out of 100: what PRISM takes for equal (section 6.1)

Ties = Literal["both", "half", "none"]
TIE_SHARE: dict[Ties, float] = {"both": 1.0, "half": 0.5, "none": 0.0}


@dataclass(frozen=True)
class Battles:
    """Battles as columns of equal length; `a` and `b` hold places in `models`.

    Attributes
    ----------
    models : the names of the models.
    participant, interaction : who judged, and among which answers.
    a, b : the two models; `a` stood before `b` in the ratings.
    outcome : 1 where a won, -1 where b won, 0 for a tie.
    """

    models: tuple[str, ...]
    participant: Ints
    interaction: Ints
    a: Ints
    b: Ints
    outcome: Ints

    def __len__(self) -> int:
        return len(self.outcome)

    def where(self, kept: Bools) -> Self:
        """Return the battles that are kept; the models and their order stay."""
        columns = (self.participant, self.interaction, self.a, self.b, self.outcome)
        return type(self)(self.models, *(column[kept] for column in columns))

    def among(self, models: tuple[str, ...]) -> Self:
        """Return the battles whose both sides are among these models, which give the new order."""
        place = np.array([models.index(name) if name in models else -1 for name in self.models], dtype=np.int64)
        kept = (place[self.a] >= 0) & (place[self.b] >= 0)
        part = self.where(kept)
        return type(self)(models, part.participant, part.interaction, place[part.a], place[part.b], part.outcome)


def battles_of(ratings: Ratings, *, threshold: float = TIE_THRESHOLD) -> Battles:
    """Pair every two opening answers of an interaction; scores at most `threshold` points apart are a tie.

    Four answers make six battles, three make three. Time and memory are linear in the number of battles.

    References
    ----------
    Kirk et al., "The PRISM Alignment Dataset" (2024), case study II.

    Examples
    --------
    One person gives heron 80, kite 77 and wren 30: heron and kite tie, and both beat wren.

    >>> ratings = Ratings.from_columns(
    ...     participant=[1, 1, 1], interaction=[1, 1, 1], model=["heron", "kite", "wren"], score=[80, 77, 30])
    >>> met = battles_of(ratings)
    >>> met.a.tolist(), met.b.tolist(), met.outcome.tolist()
    ([0, 0, 1], [1, 2, 2], [0, 1, 1])
    """
    openings = ratings.openings()
    order = np.lexsort((openings.interaction, openings.participant))
    first, second = _pairs_within(openings.participant[order], openings.interaction[order])
    a, b = order[first], order[second]
    met = openings.model[a] != openings.model[b]
    a, b = a[met], b[met]
    difference = openings.score[a] - openings.score[b]
    return Battles(
        models=openings.models,
        participant=openings.participant[a],
        interaction=openings.interaction[a],
        a=openings.model[a],
        b=openings.model[b],
        outcome=np.where(np.abs(difference) <= threshold, 0, np.sign(difference)).astype(np.int64),
    )


def _pairs_within(people: Ints, interactions: Ints) -> tuple[Ints, Ints]:
    """Return the places of every two rows of one person's interaction, in columns sorted by both."""
    starts = np.r_[True, (people[1:] != people[:-1]) | (interactions[1:] != interactions[:-1])][: len(people)]
    group = np.cumsum(starts)
    widest = int(np.bincount(group).max()) if len(group) else 0
    firsts, seconds = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for apart in range(1, widest):
        same = np.flatnonzero(group[apart:] == group[:-apart])
        firsts.append(same)
        seconds.append(same + apart)
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    by_place = np.lexsort((second, first))
    return first[by_place], second[by_place]


def win_matrix(battles: Battles, *, ties: Ties = "both") -> Floats:
    """Count how often the model of each row beat the model of each column; shape (models, models).

    `ties` says what a tie adds: "both" a win each way, as PRISM's directed counts do; "half" half a win each way;
    "none" nothing.

    Examples
    --------
    >>> ratings = Ratings.from_columns(
    ...     participant=[1, 1, 1], interaction=[1, 1, 1], model=["heron", "kite", "wren"], score=[80, 77, 30])
    >>> win_matrix(battles_of(ratings), ties="half").tolist()
    [[0.0, 0.5, 1.0], [0.5, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    count = len(battles.models)
    cell, weight, _ = _directed(battles, ties=ties)
    wins = np.bincount(cell, weights=weight, minlength=count * count)
    return np.asarray(wins, dtype=np.float64).reshape(count, count)


def wins_by_unit(battles: Battles, *, unit: Ints | None = None, ties: Ties = "both") -> tuple[Ints, sparse.csr_array]:
    """Return the units, and the win matrix of each as one row of shape (models * models).

    A unit is what is drawn again in a bootstrap: the participant, unless `unit` numbers the battles otherwise. The
    rows add up to `win_matrix`.

    Examples
    --------
    >>> ratings = Ratings.from_columns(
    ...     participant=[5, 5, 9, 9], interaction=[1, 1, 2, 2], model=["heron", "kite"] * 2, score=[80, 20, 10, 90])
    >>> people, rows = wins_by_unit(battles_of(ratings))
    >>> people.tolist(), rows.toarray().tolist()
    ([5, 9], [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    """
    units, number = np.unique(battles.participant if unit is None else unit, return_inverse=True)
    cell, weight, battle = _directed(battles, ties=ties)
    shape = (len(units), len(battles.models) ** 2)
    return units, sparse.coo_array((weight, (number[battle], cell)), shape=shape).tocsr()


def _directed(battles: Battles, *, ties: Ties) -> tuple[Ints, Floats, Ints]:
    """Return one row per directed comparison: its cell in the flat win matrix, its weight, and its battle."""
    count = len(battles.models)
    for_a = np.where(battles.outcome > 0, 1.0, np.where(battles.outcome == 0, TIE_SHARE[ties], 0.0))
    for_b = np.where(battles.outcome < 0, 1.0, np.where(battles.outcome == 0, TIE_SHARE[ties], 0.0))
    cell = np.concatenate([battles.a * count + battles.b, battles.b * count + battles.a])
    weight = np.concatenate([for_a, for_b])
    battle = np.tile(np.arange(len(battles)), 2)
    counted = weight > 0
    return cell[counted], weight[counted], battle[counted]


def meetings(battles: Battles) -> Ints:
    """Count the battles of every two models; symmetric, shape (models, models)."""
    count = len(battles.models)
    cell = np.concatenate([battles.a * count + battles.b, battles.b * count + battles.a])
    return np.bincount(cell, minlength=count * count).reshape(count, count)


def exposure(ratings: Ratings) -> Ints:
    """Count how often each model answered an opening; shape (models,)."""
    return np.bincount(ratings.openings().model, minlength=len(ratings.models))


@dataclass(frozen=True)
class OutcomeShares:
    """How battles ended, as shares of all of them."""

    battles: int
    a: float
    b: float
    tie: float


def outcome_shares(battles: Battles) -> OutcomeShares:
    """Return the shares of battles that the first model won, the second won, and nobody won."""
    if not len(battles):
        raise ValueError("There is no battle yet: nobody has scored two answers side by side.")
    a, b, tie = (float(np.mean(battles.outcome == value)) for value in (1, -1, 0))
    return OutcomeShares(len(battles), a, b, tie)


def win_fraction(battles: Battles) -> Floats:
    """Return each model's wins as a share of its battles, ties among them; NaN for a model in none.

    Examples
    --------
    >>> ratings = Ratings.from_columns(
    ...     participant=[1, 1, 1], interaction=[1, 1, 1], model=["heron", "kite", "wren"], score=[80, 77, 30])
    >>> win_fraction(battles_of(ratings)).tolist()
    [0.5, 0.5, 0.0]
    """
    fought = meetings(battles).sum(axis=1).astype(np.float64)
    won = win_matrix(battles, ties="none").sum(axis=1)
    return np.divide(won, fought, out=np.full(len(fought), np.nan), where=fought > 0)


def average_win_fraction(battles: Battles) -> Floats:
    """Return the mean over opponents of the share of battles won against each, ties in the denominator.

    Every opponent weighs the same, however often they met. NaN for a model that met nobody. Source: the "average win
    rate" by which PRISM compares itself with LMSYS (published numbers, section 6.3).

    Examples
    --------
    Heron beats kite in one battle of three, with a tie, and wren in the only one: (1/3 + 1) / 2.

    >>> ratings = Ratings.from_columns(
    ...     participant=[1] * 8, interaction=[1, 1, 2, 2, 3, 3, 4, 4], model=["heron", "kite"] * 3 + ["heron", "wren"],
    ...     score=[80, 20, 20, 80, 50, 50, 90, 10])
    >>> average_win_fraction(battles_of(ratings)).round(3).tolist()
    [0.667, 0.333, 0.0]
    """
    fought = meetings(battles).astype(np.float64)
    shares = np.divide(win_matrix(battles, ties="none"), fought, out=np.zeros_like(fought), where=fought > 0)
    opponents = (fought > 0).sum(axis=1)
    return np.divide(shares.sum(axis=1), opponents, out=np.full(len(fought), np.nan), where=opponents > 0)
