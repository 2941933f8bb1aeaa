"""What is true in a world, once for each estimand, from its whole population and never from a sample.

- **An edge's share**: of all people, asked about each proposed pair from both sides and with each story arm equally
  often, the share that judges the one card wiser than the other. It is true that one is wiser where that is over half.
- **The latent order**: the Bradley-Terry strengths that fit those answers best, each proposed pair asked equally often
  (the pseudo-true parameters, where no order of the cards explains the answers). Its top is *the wisest card*.
- **PageRank** of the graph of the true edges.

Nobody abstains in the truth: who could not judge is counted with what they lean to. What endless judgements would
say, abstentions included, is `answered`; where its top is another card, no method of these can find the wisest.

Rule that must stay true: everything here is an exact average over the people of the world; nothing is drawn.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from moralgraph.algorithms.known_truth.answering import ARMS, answer_shares, margins
from moralgraph.algorithms.known_truth.worlds import Worlds
from moralgraph.algorithms.records import ANSWERS, Answer, Codes
from moralgraph.algorithms.tally import Facts, Floats
from moralgraph.algorithms.walking import Walks, settled_ranks

STEPS = 200  # of Newton's method; it stops long before
TOLERANCE = 1e-9
FAINT_RIDGE = 1e-9  # only fixes the free constant, and cards that are not there at 0


@dataclass(frozen=True, eq=False)
class Truths:
    """What is true in each of some worlds.

    Attributes
    ----------
    share_second, share_first
        Share that judges the pair's `second` (its `first`) the wiser card, shape (worlds, pairs).
    strength
        The latent order, shape (worlds, cards), NaN where there is no card.
    wisest
        The card at its top, shape (worlds,).
    lead
        By how much it leads before the next, in log-odds, shape (worlds,).
    pagerank_top
        The top of PageRank of the population graph; -1 where no pair has a true edge.
    answered_top
        The top of the order that endless judgements of this regime, with all their abstentions, would give.
    undistorted_top
        A value that would be on top if values were neither merged nor split, and no story or side moved anybody.
    """

    share_second: Floats
    share_first: Floats
    strength: Floats
    wisest: Codes
    lead: Floats
    pagerank_top: Codes
    answered_top: Codes
    undistorted_top: Codes

    def edges(self) -> tuple[Facts, Facts]:
        """Return whether each pair's `second` (its `first`) is truly the wiser card, shape (worlds, pairs) each."""
        return self.share_second > 1 / 2, self.share_first > 1 / 2


def truths_of(worlds: Worlds) -> Truths:
    """Return what is true in each world.

    Examples
    --------
    >>> from moralgraph.algorithms.known_truth.regimes import REGIMES
    >>> from moralgraph.algorithms.known_truth.worlds import draw_worlds
    >>> true = truths_of(draw_worlds(REGIMES[0], worlds=1, rng=np.random.default_rng(1)))
    >>> int(true.wisest[0]) == int(np.nanargmax(true.strength[0]))
    True
    """
    nobody_abstains = replace(worlds.regime, cannot_judge=0.0, unsure_abstain=0.0, against_abstain=0.0)
    all_judge = replace(worlds, regime=nobody_abstains)
    wins, shares = _population(all_judge)
    strength = projection(wins, worlds)
    answered = wins if worlds.regime == nobody_abstains else _population(worlds)[0]
    plain = replace(nobody_abstains, story=0.0, side=0.0)
    still = np.zeros_like(worlds.to_first)
    undistorted, _ = _population(
        replace(all_judge, regime=plain, wisdom=worlds.value_wisdom, to_first=still, to_second=still)
    )
    top_two = np.sort(np.nan_to_num(strength, nan=-np.inf), axis=1)[:, -2:]
    return Truths(
        share_second=shares[..., 0],
        share_first=shares[..., 1],
        strength=strength,
        wisest=np.nanargmax(strength, axis=1),
        lead=top_two[:, 1] - top_two[:, 0],
        pagerank_top=_pagerank_tops(worlds, shares),
        answered_top=np.nanargmax(projection(answered, worlds), axis=1),
        undistorted_top=np.nanargmax(projection(undistorted, worlds), axis=1),
    )


def projection(wins: Floats, worlds: Worlds) -> Floats:
    """Return the Bradley-Terry strengths that fit best; NaN where there is no card.

    Parameters
    ----------
    wins
        How often each pair's `second` card, and its `first`, is the wiser one; about equal is half for each. Shape
        (worlds, pairs, 2).

    References
    ----------
    White, "Maximum likelihood estimation of misspecified models", Econometrica 50 (1982): the pseudo-true parameter.
    """
    count = worlds.wisdom.shape[-1]
    rows = np.arange(len(worlds))[:, None]
    ends = (worlds.first, worlds.second)
    met, won = wins.sum(axis=-1), np.zeros((len(worlds), count))
    for side, end in ((0, worlds.second), (1, worlds.first)):
        np.add.at(won, (rows, end), wins[..., side])
    strength = np.zeros_like(won)
    for _ in range(STEPS):
        chance = expit(strength[rows, ends[1]] - strength[rows, ends[0]])
        gradient = won - FAINT_RIDGE * strength
        np.add.at(gradient, (rows, ends[1]), -met * chance)
        np.add.at(gradient, (rows, ends[0]), -met * (1 - chance))
        information = laplacian(met * chance * (1 - chance), worlds) + FAINT_RIDGE * np.eye(count)
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        strength = strength + step / np.maximum(1.0, np.abs(step).max(axis=1, keepdims=True))
        if np.abs(step).max() < TOLERANCE:
            break
    return np.where(np.arange(count) < worlds.cards[:, None], strength, np.nan)


def laplacian(weight: Floats, worlds: Worlds) -> Floats:
    """Return the weighted graph Laplacian of the proposed pairs, shape (worlds, cards, cards)."""
    count = worlds.wisdom.shape[-1]
    rows = np.arange(len(worlds))[:, None]
    found = np.zeros((len(worlds), count, count))
    np.add.at(found, (rows, worlds.first, worlds.second), -weight)
    np.add.at(found, (rows, worlds.second, worlds.first), -weight)
    np.add.at(found, (rows, worlds.first, worlds.first), weight)
    np.add.at(found, (rows, worlds.second, worlds.second), weight)
    return found


def _population(worlds: Worlds) -> tuple[Floats, Floats]:
    """Return wins (equal halves) and shares that judge a card wiser, of all people, both sides and all arms."""
    wins = np.zeros((*worlds.first.shape, 2))
    shares = np.zeros_like(wins)
    for row in range(len(worlds)):
        answers = _answers_by_side(worlds, row) * worlds.is_pair[row, :, None, None]
        wiser, equal, less_wise = (
            answers[..., ANSWERS.index(answer)] for answer in (Answer.WISER, Answer.ABOUT_EQUAL, Answer.LESS_WISE)
        )
        compared = np.maximum((1 - answers[..., ANSWERS.index(Answer.CANNOT_JUDGE)]).sum(axis=1), 1e-12)
        for card, (shown_second, shown_first) in enumerate(((0, 1), (1, 0))):
            preferred = wiser[:, shown_second] + less_wise[:, shown_first]
            wins[row, :, card] = preferred + equal.sum(axis=1) / 2
            shares[row, :, card] = preferred / compared
    return wins, shares


def _answers_by_side(worlds: Worlds, row: int) -> Floats:
    """Return the shares of the six answers of one world by pair and side; shape (pairs, 2, 6)."""
    ends = worlds.wisdom[row][:, worlds.first[row]], worlds.wisdom[row][:, worlds.second[row]]
    lead = ends[1] - ends[0] + worlds.tilt[row]
    sides = []
    for is_turned in (False, True):
        margin = margins(
            lead[..., None],
            is_turned=np.array(is_turned),
            arm=np.arange(len(ARMS)) if worlds.regime.story else np.zeros(1, dtype=np.int64),
            to_second=worlds.to_second[row][:, None],
            to_first=worlds.to_first[row][:, None],
            side=worlds.regime.side,
        )
        chances = answer_shares(
            margin,
            both_needed=worlds.both_needed[row][:, None],
            different_concerns=worlds.different_concerns[row][:, None],
            regime=worlds.regime,
        )
        sides.append(chances.mean(axis=(0, 2)))
    return np.stack(sides, axis=1)


def _pagerank_tops(worlds: Worlds, shares: Floats) -> Codes:
    """Return the top of PageRank over the true edges of each world, -1 where there are none."""
    true = (shares > 1 / 2) & worlds.is_pair[..., None]
    start = np.cumsum(worlds.cards) - worlds.cards
    first, second = worlds.first + start[:, None], worlds.second + start[:, None]
    walks = Walks(
        block=np.repeat(np.arange(len(worlds)), worlds.cards),
        source=np.concatenate([first[true[..., 0]], second[true[..., 1]]]),
        target=np.concatenate([second[true[..., 0]], first[true[..., 1]]]),
        weight=np.concatenate([shares[..., 0][true[..., 0]], shares[..., 1][true[..., 1]]]),
    )
    ranks = np.split(settled_ranks(walks), start[1:])
    tops = np.array([int(rank.argmax()) for rank in ranks], dtype=np.int64)
    return np.where(true.any(axis=(1, 2)), tops, -1)
