"""Say beforehand what a study's judgements will settle: from people, contexts and judgements each.

What will settle is looked up in `OUTCOMES`, which the known-truth simulator made (`make bench-known-truth` prints the
rows): made-up contexts of 10 to 15 cards, judged under the active design by people who each judge five pairs, with the
Bradley-Terry sets at 95 %. Between its rows it is read on a line over the logarithm of judgements a card. Each share
has a standard error of at most `ERROR`, that of the simulation.

What a plan takes for granted: every context has as many cards as is said and gets the same share of the judgements.
`settled` is for people who see the cards in one order with differences; `settled_mixed` is the mean over all regimes,
where people may be of two camps, go round in a cycle, abstain, or be moved by stories and sides.

Rule that must stay true: a plan never promises more than the table's last row.
"""

from dataclasses import dataclass

import numpy as np

from moralgraph.algorithms.uncertainty import jeffreys_interval

USUAL_CARDS = 12  # of a context, the middle of what was simulated
PAIRS_A_CARD = 2.1  # proposed pairs, as simulated
FEW_CARDS = 3  # a context is decided where no more are left: one card alone takes some 5,000 judgements in half of them
MOSTLY = 0.5  # a study that decides fewer of its contexts will mostly end undecided
CLEAR_MAJORITY = 0.7  # the share for which the width of an edge's interval is given


@dataclass(frozen=True)
class Outcome:
    """What becomes of contexts with so many judgements a card; shares of contexts, from 0 to 1.

    Attributes
    ----------
    judgements
        Judgements a card: those of the context over its cards.
    settled, settled_mixed
        One card is left, where people see the cards in one order, and on average over all regimes.
    narrowed
        At most `FEW_CARDS` cards are left, the settled contexts among them: the context is decided.
    undecided
        There is not enough evidence to leave any card out.
    is_first
        The card that comes first is the wisest, whether that is sure or not.
    """

    judgements: float
    settled: float
    settled_mixed: float
    narrowed: float
    undecided: float
    is_first: float


OUTCOMES: tuple[Outcome, ...] = (
    Outcome(4, settled=0.0, settled_mixed=0.0, narrowed=0.0, undecided=1.0, is_first=0.283),
    Outcome(12, settled=0.0, settled_mixed=0.001, narrowed=0.017, undecided=0.117, is_first=0.45),
    Outcome(40, settled=0.067, settled_mixed=0.056, narrowed=0.283, undecided=0.0, is_first=0.692),
    Outcome(120, settled=0.342, settled_mixed=0.203, narrowed=0.667, undecided=0.0, is_first=0.792),
    Outcome(400, settled=0.533, settled_mixed=0.4, narrowed=0.858, undecided=0.0, is_first=0.867),
)
ERROR = 0.046  # of 120 worlds: the means of two runs of the benchmark, seeds 0 and 1


@dataclass(frozen=True)
class Plan:
    """What a study of so many people will settle.

    Attributes
    ----------
    judgements_per_context
        Judgements that each context will get.
    outcome
        What becomes of the contexts.
    edge_width
        Width of the 95 % interval of one directed pair's share where 70 % say "wiser".
    people_to_decide
        People with whom half of the contexts are decided; None where no table row reaches that.
    """

    people: int
    contexts: int
    judgements_each: int
    cards: int
    judgements_per_context: float
    outcome: Outcome
    edge_width: float
    people_to_decide: int | None

    @property
    def ends_undecided(self) -> bool:
        """Whether fewer than half of the contexts will be decided: at most `FEW_CARDS` cards left."""
        return self.outcome.narrowed < MOSTLY

    @property
    def is_simulated(self) -> bool:
        """Whether so few judgements a card were simulated; below that the outcome is an extrapolation."""
        return self.judgements_per_context / self.cards >= OUTCOMES[0].judgements


def plan(*, people: int, contexts: int, judgements_each: int, cards: int = USUAL_CARDS) -> Plan:
    """Return what the judgements of so many people will settle.

    Parameters
    ----------
    people
        Participants who judge to the end.
    contexts
        Contexts among which their judgements are spread alike, at least 1.
    judgements_each
        Pairs that each person judges.
    cards
        Cards of a context, at least 2.

    Raises
    ------
    ValueError
        If a number is below its least.

    Examples
    --------
    Five hundred people with three judgements each over 13 contexts: a study that will mostly end undecided.

    >>> found = plan(people=500, contexts=13, judgements_each=3)
    >>> found.ends_undecided, round(found.judgements_per_context), found.outcome.narrowed < 0.1
    (True, 115, True)
    """
    if people < 0 or contexts < 1 or judgements_each < 1 or cards < 2:
        raise ValueError("A plan needs people, at least one context, one judgement each, and two cards a context.")
    per_context = people * judgements_each / contexts
    return Plan(
        people=people,
        contexts=contexts,
        judgements_each=judgements_each,
        cards=cards,
        judgements_per_context=per_context,
        outcome=outcome_at(per_context / cards, cards=cards),
        edge_width=_edge_width(per_context / (2 * PAIRS_A_CARD * cards)),
        people_to_decide=_people_to_decide(contexts=contexts, judgements_each=judgements_each, cards=cards),
    )


def outcome_at(judgements: float, *, cards: int = USUAL_CARDS) -> Outcome:
    """Read the table at so many judgements a card; nothing settles below its first row, and no more above its last.

    Below the first row nothing was simulated. There the chance that the first card is the wisest is an extrapolation: a
    straight line from a draw by lot, right once in so many cards, at no judgement, to the first row. Nowhere is it less
    than a lot's, which matters for contexts of two or three cards, fewer than were simulated.

    Parameters
    ----------
    judgements
        Judgements a card, at least 0.
    cards
        Cards of the context, which say how often a lot would be right.

    Examples
    --------
    >>> outcome_at(0).undecided, outcome_at(10**6) == OUTCOMES[-1]
    (1.0, True)
    >>> [round(outcome_at(judgements, cards=10).is_first, 3) for judgements in (0, 2, 4)]
    [0.1, 0.192, 0.283]
    """
    lowest, lot = OUTCOMES[0], 1 / cards
    if judgements < lowest.judgements:
        is_first = float(np.interp(judgements, [0, lowest.judgements], [lot, max(lot, lowest.is_first)]))
        return Outcome(judgements, settled=0.0, settled_mixed=0.0, narrowed=0.0, undecided=1.0, is_first=is_first)
    if judgements >= OUTCOMES[-1].judgements:
        return OUTCOMES[-1]
    places = np.log([row.judgements for row in OUTCOMES])

    def between(name: str) -> float:
        return float(np.interp(np.log(judgements), places, [getattr(row, name) for row in OUTCOMES]))

    return Outcome(
        judgements=judgements,
        settled=between("settled"),
        settled_mixed=between("settled_mixed"),
        narrowed=between("narrowed"),
        undecided=between("undecided"),
        is_first=max(lot, between("is_first")),
    )


def _edge_width(answers: float) -> float:
    """Return the width of the interval of a share of 70 %, from so many answers to one directed pair."""
    low, high = jeffreys_interval(np.array([CLEAR_MAJORITY * answers]), np.array([answers]))
    return float(high[0] - low[0])


def _people_to_decide(*, contexts: int, judgements_each: int, cards: int) -> int | None:
    shares = np.maximum.accumulate([row.narrowed for row in OUTCOMES])
    if shares[-1] < MOSTLY:
        return None
    judgements = float(np.exp(np.interp(MOSTLY, shares, np.log([row.judgements for row in OUTCOMES]))))
    return int(np.ceil(judgements * cards * contexts / judgements_each))
