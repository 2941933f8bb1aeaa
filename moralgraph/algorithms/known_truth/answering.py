"""How likely each of the six answers is, for a person who is shown two cards with or without stories.

Noise is logistic around the margin by which the card shown second is wiser to the person, moved by the story's pull and
by the side. Within the band of indifference the cards are about equal.

Rule that must stay true: truths and samples come from these same shares, so that no estimator is told a softer truth.
"""

import numpy as np
from scipy.special import expit

from moralgraph.algorithms.known_truth.regimes import Regime
from moralgraph.algorithms.records import ANSWERS, Answer, Codes, Story
from moralgraph.algorithms.tally import Facts, Floats

ARMS: tuple[Story, ...] = (Story.NONE, Story.FORWARD, Story.REVERSE, Story.BOTH)  # drawn with equal chance


def margins(lead: Floats, *, is_turned: Facts, arm: Codes, to_second: Floats, to_first: Floats, side: float) -> Floats:
    """Return by how much the card shown second is wiser to somebody, in log-odds.

    Parameters
    ----------
    lead
        How much wiser the pair's `second` card is to the person than its `first`.
    is_turned
        Whether the pair's `first` card is the one shown second.
    arm
        Positions in `ARMS`; "forward" leads to the card shown second.
    to_second, to_first
        Pulls of the stories that lead to the pair's two cards.

    All broadcast together.
    """
    forward = np.where(is_turned, to_first, to_second)
    reverse = np.where(is_turned, to_second, to_first)
    told_forward = (arm == ARMS.index(Story.FORWARD)) | (arm == ARMS.index(Story.BOTH))
    told_reverse = (arm == ARMS.index(Story.REVERSE)) | (arm == ARMS.index(Story.BOTH))
    return np.where(is_turned, -lead, lead) + side + forward * told_forward - reverse * told_reverse


def opinion_shares(margin: Floats, regime: Regime) -> Floats:
    """Return the chances of wiser, about equal and less wise, before anybody abstains; shape (..., 3)."""
    wiser = expit(margin - regime.indifference)
    less_wise = expit(-margin - regime.indifference)
    return np.stack([wiser, 1 - wiser - less_wise, less_wise], axis=-1)


def answer_shares(margin: Floats, *, both_needed: Floats, different_concerns: Floats, regime: Regime) -> Floats:
    """Return the chances of the six answers, in the order of `ANSWERS`; shape (..., 6), each row sums to 1.

    Examples
    --------
    >>> from moralgraph.algorithms.known_truth.regimes import REGIMES
    >>> chances = answer_shares(np.array(0.0), both_needed=np.array(0.1), different_concerns=np.array(0.0),
    ...                         regime=REGIMES[0])
    >>> chances.round(3).tolist()
    [0.374, 0.106, 0.374, 0.095, 0.0, 0.05]
    """
    opinions = opinion_shares(margin, regime)
    unsure = regime.cannot_judge + regime.unsure_abstain * np.exp(-np.abs(margin))
    judges = np.stack([1 - unsure, 1 - unsure, 1 - np.minimum(unsure + regime.against_abstain, 1.0)], axis=-1)
    has_order = 1 - both_needed - different_concerns
    found = np.zeros((*margin.shape, len(ANSWERS)))
    given = opinions * judges * has_order[..., None]
    for column, answer in enumerate((Answer.WISER, Answer.ABOUT_EQUAL, Answer.LESS_WISE)):
        found[..., ANSWERS.index(answer)] = given[..., column]
    found[..., ANSWERS.index(Answer.BOTH_NEEDED)] = both_needed * (1 - unsure)
    found[..., ANSWERS.index(Answer.DIFFERENT_CONCERNS)] = different_concerns * (1 - unsure)
    found[..., ANSWERS.index(Answer.CANNOT_JUDGE)] = 1 - found.sum(axis=-1)
    return found
