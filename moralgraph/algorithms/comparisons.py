"""Read judgements as comparisons of two cards, for a latent order.

Six answers, one table. The first three say something of the order, each as the share of a win that goes to the second
card; the last three say nothing of it, and are left out:

==================  ========================================
answer              what it says of the order
==================  ========================================
wiser               the second card wins
about_equal         half a win each
less_wise           the first card wins
both_needed         nothing: neither stands above the other
different_concerns  nothing: there is no common scale
cannot_judge        nothing
==================  ========================================

Judgements of a pair that was asked n times are weighted by 1 / (n + m): as n grows every pair counts alike, however
often the design asks it, and a pair that was asked little counts by what it tells (m, `PAIR_EVIDENCE`). The share of
draws that a pair really had takes the place of the probability that it was to have: it is known for every study, and it
gives smaller errors (Hirano, Imbens and Ridder, "Efficient estimation of average treatment effects using the estimated
propensity score", Econometrica 71 (2003)). `inverse_probability` gives the other weights, for comparison.

Rule that must stay true: how often the design asked a pair never decides what the pair counts in the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from moralgraph.algorithms.records import ANSWERS, Answer, Codes, Judgements, Probabilities
from moralgraph.algorithms.tally import Floats, by_appearance

ORDER_SHARES: Mapping[Answer, float | None] = MappingProxyType(
    {
        Answer.WISER: 1.0,
        Answer.ABOUT_EQUAL: 0.5,
        Answer.LESS_WISE: 0.0,
        Answer.BOTH_NEEDED: None,
        Answer.DIFFERENT_CONCERNS: None,
        Answer.CANNOT_JUDGE: None,
    }
)

PAIR_SPREAD = 0.7  # log-odds by which a pair's own share is taken to stray from what the scores say
PAIR_EVIDENCE = 4.5 / PAIR_SPREAD**2  # judgements that tell of a pair what its straying hides; 4.5 is one's variance
LARGEST_WEIGHT = 10.0  # times the mean: a rarer draw counts no more, so that one judgement never decides


@dataclass(frozen=True, eq=False)
class Comparisons:
    """The judgements of one context that say something of the order, one row each.

    Attributes
    ----------
    cards
        Every card that was judged in the context, in the order of the judgements' names.
    first, second
        Positions in `cards`, shape (comparisons,).
    share
        Share of a win that goes to the second card: 0, 1/2 or 1.
    weight
        What each counts, mean 1: see the module.
    probability
        With which the draw was made, NaN where it was not recorded.
    person
        Number of the participant, from 0 to `people` - 1.
    """

    cards: tuple[str, ...]
    first: Codes
    second: Codes
    share: Floats
    weight: Floats
    probability: Probabilities
    person: Codes
    people: int

    def __len__(self) -> int:
        return int(self.first.size)

    @property
    def of_card(self) -> Codes:
        """How many comparisons each card is in, shape (cards,)."""
        return np.bincount(np.concatenate([self.first, self.second]), minlength=len(self.cards))

    @property
    def group(self) -> Codes:
        """Number of the connected group of each card, shape (cards,): across groups nothing can be compared."""
        size = len(self.cards)
        linked = coo_array((np.ones(len(self)), (self.first, self.second)), shape=(size, size))
        _, label = connected_components(linked, directed=False)
        return np.asarray(label, dtype=np.int64)


def comparisons_of(judgements: Judgements, *, context: str | None = None) -> Comparisons:
    """Return what the first answers (repeats left out) say of the order in one context, or in all for None.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=["p1", "p2", "p3"], first=["a", "b", "a"], second=["b", "a", "c"], context=["c"] * 3,
    ...     answer=["wiser", "about_equal", "cannot_judge"])
    >>> found = comparisons_of(judgements, context="c")
    >>> found.cards, found.share.tolist(), found.weight.tolist(), found.group.tolist()
    (('a', 'b', 'c'), [1.0, 0.5], [1.0, 1.0], [0, 0, 1])
    """
    used = judgements if context is None else judgements.in_context(context)
    used = used.select(used.repeat == 0)
    codes = np.unique(np.concatenate([used.first, used.second]))
    shares = np.array([np.nan if ORDER_SHARES[answer] is None else ORDER_SHARES[answer] for answer in ANSWERS])
    times = times_asked(used.first, used.second)
    tells = ~np.isnan(shares[used.answer])
    used, times = used.select(tells), times[tells]
    people, person = by_appearance(used.participant)
    first, second = np.searchsorted(codes, used.first), np.searchsorted(codes, used.second)
    return Comparisons(
        cards=tuple(judgements.cards[code] for code in codes.tolist()),
        first=first,
        second=second,
        share=shares[used.answer],
        weight=balanced_weights(times),
        probability=used.probability,
        person=person,
        people=int(people.size),
    )


def times_asked(first: Codes, second: Codes) -> Codes:
    """Return for each judgement how often its pair was asked, from either side and whatever the answer.

    Examples
    --------
    >>> times_asked(np.array([0, 1, 2]), np.array([1, 0, 1])).tolist()
    [2, 2, 1]
    """
    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    _, pair = by_appearance(np.minimum(first, second) * size + np.maximum(first, second))
    return np.bincount(pair)[pair] if pair.size else np.zeros(0, dtype=np.int64)


def balanced_weights(times: Codes) -> Floats:
    """Return weights of mean 1 under which pairs that were asked often do not pull the order: 1 / (times asked + m).

    Examples
    --------
    Sixty judgements of one pair, ten of another: the ten count three or four times as much each.

    >>> weight = balanced_weights(np.repeat([60, 10], [60, 10]))
    >>> round(float(weight[-1] / weight[0]), 1), round(float(weight.mean()), 3)
    (3.6, 1.0)
    """
    weight: Floats = 1 / (times + PAIR_EVIDENCE)
    return weight / weight.mean() if weight.size else weight


def inverse_probability(probability: Probabilities) -> Floats:
    """Return weights of mean 1: one over the probability of the draw, cut at `LARGEST_WEIGHT` times the mean.

    References
    ----------
    Horvitz and Thompson, "A generalization of sampling without replacement from a finite universe", JASA 47 (1952).

    Examples
    --------
    >>> inverse_probability(np.array([0.5, 0.25, np.nan])).round(3).tolist()
    [0.667, 1.333, 1.0]
    """
    known = ~np.isnan(probability)
    if not known.any():
        return np.ones(probability.size)
    inverse = np.divide(1.0, probability, out=np.full(probability.size, np.nan), where=known)
    inverse = np.minimum(inverse, LARGEST_WEIGHT * inverse[known].mean())
    return np.where(known, inverse / inverse[known].mean(), 1.0)
