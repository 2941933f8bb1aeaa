"""Name the cards of a context that may be the wisest, with the confidence that the study asked for, or say that there
is not enough evidence.

The wisest set is a rank confidence set: it holds the card that stands highest in the latent order of `bradley_terry`
with probability of at least `level`. The latent order is what everybody would give if every proposed pair were asked
once from each side.

"Not enough evidence" is an answer of its own, by one rule (`Shortage`): too few people or judgements for the errors to
be trusted, cards that hang apart, or a set that leaves no card out.

Rule that must stay true: a card that few compared is never left out of a set, and a set is called settled only when it
holds one card.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from moralgraph.algorithms.bradley_terry import BradleyTerry, fit_bradley_terry, is_comparable
from moralgraph.algorithms.rank_confidence import LEVEL, Differences, may_be_best, rank_intervals
from moralgraph.algorithms.ranking import Standing
from moralgraph.algorithms.records import Judgements
from moralgraph.algorithms.tally import Facts

LEAST_PEOPLE = 20  # clusters under which clustered errors are known to be too small
LEAST_COMPARISONS = 5  # of a card: three of three are a matter of luck
LEAST_PER_CARD = 10  # comparisons a card, on average over the context
FEWEST_CARDS = 2


class Shortage(StrEnum):
    """What is missing where there is not enough evidence."""

    NONE = ""
    FEW_CARDS = "few_cards"
    FEW_PEOPLE = "few_people"
    FEW_JUDGEMENTS = "few_judgements"
    HANG_APART = "hang_apart"
    NOTHING_LEFT_OUT = "nothing_left_out"


@dataclass(frozen=True)
class PlacedCard:
    """A card of a context with its score and the ranks that it may have.

    Attributes
    ----------
    score, low, high
        Log-odds against the mean of the cards that it hangs together with, and the ends of the interval.
    best_rank, worst_rank
        Ends of the confidence set of its rank, 1 = wisest, among all cards of the context.
    comparisons
        Judgements that said something of its place.
    is_comparable
        Whether it was compared often enough, and with cards that hang together; if not, no rank is ruled out.
    """

    card: str
    score: float
    low: float
    high: float
    best_rank: int
    worst_rank: int
    comparisons: int
    is_comparable: bool


@dataclass(frozen=True)
class WisestSet:
    """The cards of a context that may be the wisest.

    Attributes
    ----------
    cards
        The confidence set, highest score first. Where there is not enough evidence it is what was not ruled out, and
        is not to be shown as a finding.
    shortage
        What is missing, if the standing is "not enough evidence".
    placed
        Every card that was judged in the context, highest score first.
    judgements, people
        Judgements that said something of the order, and the participants who gave them.
    """

    context: str | None
    standing: Standing
    cards: tuple[str, ...]
    level: float
    judgements: int
    people: int
    shortage: Shortage
    placed: tuple[PlacedCard, ...]


def wisest_set(
    judgements: Judgements, *, context: str | None, rng: np.random.Generator, level: float = LEVEL
) -> WisestSet:
    """Return the confidence set of the wisest card of a context; of all contexts together for None.

    Parameters
    ----------
    rng
        The seeded generator of the draws; the same seed and judgements give the same set.
    level
        Probability with which the set holds the wisest card.

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm: see `rank_confidence`.

    Examples
    --------
    Sixty people, each asked once, half of them from the other side; fifty say that b is wiser.

    >>> judgements = Judgements.from_columns(
    ...     participant=range(60), first=["a", "b"] * 30, second=["b", "a"] * 30, context=["at work"] * 60,
    ...     answer=["wiser", "less_wise"] * 25 + ["less_wise", "wiser"] * 5)
    >>> found = wisest_set(judgements, context="at work", rng=np.random.default_rng(1))
    >>> found.standing.value, found.cards, [(placed.best_rank, placed.worst_rank) for placed in found.placed]
    ('settled', ('b',), [(1, 1), (2, 2)])
    """
    return wisest_of(fit_bradley_terry(judgements, context=context), context=context, rng=rng, level=level)


def wisest_of(fit: BradleyTerry, *, context: str | None, rng: np.random.Generator, level: float = LEVEL) -> WisestSet:
    """Return the confidence set of the wisest card from scores that were fitted already; see `wisest_set`."""
    comparable = is_comparable(fit, least=LEAST_COMPARISONS)
    error = np.where(comparable[:, None] & comparable[None, :], fit.error_of_differences(), np.inf)
    differences = Differences.from_covariance(
        fit.score, fit.covariance, rng=rng, error=error, degrees=float(fit.degrees)
    )
    best = may_be_best(differences, level=level)
    shortage = _shortage(fit, comparable, best)
    order = sorted(range(len(fit.cards)), key=lambda row: (-fit.score[row], fit.cards[row]))
    return WisestSet(
        context=context,
        standing=_standing(best, shortage),
        cards=tuple(fit.cards[row] for row in order if best[row]),
        level=level,
        judgements=fit.judgements,
        people=fit.people,
        shortage=shortage,
        placed=_placed(fit, differences, comparable, order=order, level=level),
    )


def _shortage(fit: BradleyTerry, comparable: Facts, best: Facts) -> Shortage:
    """Say what is missing for a set that says something; the first reason of several."""
    compared = fit.comparisons[fit.comparisons >= LEAST_COMPARISONS]
    if len(fit.cards) < FEWEST_CARDS:
        return Shortage.FEW_CARDS
    if fit.people < LEAST_PEOPLE:
        return Shortage.FEW_PEOPLE
    if compared.size < FEWEST_CARDS or compared.mean() < LEAST_PER_CARD:
        return Shortage.FEW_JUDGEMENTS
    if compared.size > comparable.sum():
        return Shortage.HANG_APART
    return Shortage.NOTHING_LEFT_OUT if best.all() else Shortage.NONE


def _standing(best: Facts, shortage: Shortage) -> Standing:
    if shortage is not Shortage.NONE:
        return Standing.NOT_ENOUGH_EVIDENCE
    return Standing.SETTLED if best.sum() == 1 else Standing.SEVERAL


def _placed(
    fit: BradleyTerry, differences: Differences, comparable: Facts, *, order: list[int], level: float
) -> tuple[PlacedCard, ...]:
    low, high = fit.interval(level=level)
    best_rank, worst_rank = rank_intervals(differences, level=level)
    return tuple(
        PlacedCard(
            card=fit.cards[row],
            score=float(fit.score[row]),
            low=float(low[row]),
            high=float(high[row]),
            best_rank=int(best_rank[row]),
            worst_rank=int(worst_rank[row]),
            comparisons=int(fit.comparisons[row]),
            is_comparable=bool(comparable[row]),
        )
        for row in order
    )
