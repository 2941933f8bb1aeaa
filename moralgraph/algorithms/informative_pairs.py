"""Say how much one more judgement of each pair would tell about which card is the wisest of its context.

The order is guessed by Bradley-Terry strengths with a prior. A pair tells much if it was judged seldom, if its answer
is open, and if it bears on how far some card that may be the wisest stands from the one that leads: directly, or by a
chain of pairs. The design is Neyman's allocation for an estimator that counts each pair alike (`bradley_terry`).

Many contexts, or many made-up worlds, stand side by side in the leading axis.

Rule that must stay true: this guides what is asked and never what is said: an estimate weighs the design out again.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from moralgraph.algorithms.records import Codes
from moralgraph.algorithms.tally import Facts, Floats

PRIOR_PRECISION = 1.0  # of a strength: a standard deviation of 1 in log-odds, as wide as cards differ
STEPS = 4  # of Newton's method from 0; the guess is then right to a hundredth, which is more than the answers are
LONGEST_STEP = 1.5
UNJUDGED = 1.0  # judgements that a pair is taken to have had beside its own


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Proposed pairs of cards and what was answered, shape (contexts, pairs) each.

    Attributes
    ----------
    first, second
        Positions of the cards, below `cards`.
    is_pair
        Where there is a pair; the rest only fills the rows.
    asked
        Judgements in either direction.
    second_wins, first_wins
        How often each card was judged the wiser one; "about equal" is half for each.
    cards
        The most cards that a context has.
    """

    first: Codes
    second: Codes
    is_pair: Facts
    asked: Floats
    second_wins: Floats
    first_wins: Floats
    cards: int

    @property
    def ordered(self) -> Floats:
        """Judgements that said something of the order."""
        return self.second_wins + self.first_wins


def information_gains(counts: PairCounts) -> Floats:
    """Return by how much one more judgement of each pair lowers the doubt about the wisest card.

    For each card, the variance of its distance to the leading card, weighed by the chance that it is in truth ahead of
    it; summed over cards. In squared log-odds, 0 where there is no pair, shape (contexts, pairs).

    References
    ----------
    Neyman, "On the two different aspects of the representative method", JRSS 97 (1934), for the allocation; the
    variance of a distance is that of a weighted least squares fit, Glickman and Jensen, "Adaptive paired comparison
    design", J. Stat. Planning and Inference 127 (2005), for choosing pairs by it.

    Examples
    --------
    b and d lead a by far, and nobody has compared them:

    >>> counts = PairCounts(first=np.array([[0, 0, 1]]), second=np.array([[1, 2, 2]]), is_pair=np.ones((1, 3), bool),
    ...     asked=np.array([[20.0, 20, 0]]), second_wins=np.array([[18.0, 18, 0]]),
    ...     first_wins=np.array([[2.0, 2, 0]]), cards=3)
    >>> int(information_gains(counts)[0].argmax())
    2
    """
    strength = likely_strengths(counts)
    rows = np.arange(strength.shape[0])[:, None]
    chance = expit(strength[rows, counts.second] - strength[rows, counts.first])
    variance = np.where(counts.is_pair, chance * (1 - chance), 0.0)
    inverse = np.linalg.inv(_laplacian(variance, counts) + PRIOR_PRECISION / 10 * np.eye(counts.cards))
    is_card = np.zeros(strength.shape, dtype=np.bool_)
    for ends in (counts.first, counts.second):
        is_card[np.broadcast_to(rows, ends.shape)[counts.is_pair], ends[counts.is_pair]] = True
    leader = np.where(is_card, strength, -np.inf).argmax(axis=1)
    pull = inverse[rows, counts.second] - inverse[rows, counts.first]
    influence = pull - np.take_along_axis(pull, leader[:, None, None], axis=2)
    each = variance / (counts.ordered + UNJUDGED)
    doubt = _doubt(strength, leader, (influence**2 * each[..., None]).sum(axis=1)) * is_card
    gain = (influence**2 * doubt[:, None, :]).sum(axis=2) * each / (counts.ordered + UNJUDGED)
    says_something = (counts.ordered + 1) / (counts.asked + 1)
    found: Floats = gain * says_something
    return found


def likely_strengths(counts: PairCounts) -> Floats:
    """Return Bradley-Terry strengths drawn to 0 by the prior; shape (contexts, cards)."""
    rows = np.arange(counts.first.shape[0])[:, None]
    met, won = counts.ordered, np.zeros((counts.first.shape[0], counts.cards))
    np.add.at(won, (rows, counts.second), counts.second_wins)
    np.add.at(won, (rows, counts.first), counts.first_wins)
    strength = np.zeros_like(won)
    for _ in range(STEPS):
        chance = expit(strength[rows, counts.second] - strength[rows, counts.first])
        gradient = won - PRIOR_PRECISION * strength
        np.add.at(gradient, (rows, counts.second), -met * chance)
        np.add.at(gradient, (rows, counts.first), -met * (1 - chance))
        information = _laplacian(met * chance * (1 - chance), counts) + PRIOR_PRECISION * np.eye(counts.cards)
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        strength = strength + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
    return strength


def _doubt(strength: Floats, leader: Codes, variance: Floats) -> Floats:
    """Return the chance that each card is in truth ahead of the one that leads; 0 for that one itself."""
    rows = np.arange(leader.size)
    behind = strength[rows, leader][:, None] - strength
    doubt = ndtr(-behind / np.sqrt(np.maximum(variance, 1e-12)))
    doubt[rows, leader] = 0.0
    return np.asarray(doubt, dtype=np.float64)


def _laplacian(weight: Floats, counts: PairCounts) -> Floats:
    rows = np.arange(counts.first.shape[0])[:, None]
    found = np.zeros((counts.first.shape[0], counts.cards, counts.cards))
    for ends, sign in (
        ((counts.first, counts.first), 1),
        ((counts.second, counts.second), 1),
        ((counts.first, counts.second), -1),
        ((counts.second, counts.first), -1),
    ):
        np.add.at(found, (rows, *ends), sign * weight)
    return found
