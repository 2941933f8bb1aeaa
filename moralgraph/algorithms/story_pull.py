"""Estimate what moves an answer besides the two cards: the story beside them, the side, the order, and chance.

Stories, sides and directions are drawn at random for each question, so that comparing answers to the same pair under
different draws shows what the draw did. Every estimand is an average over pairs as they were drawn in the study, in
points of a share (0.1 = ten of a hundred people). Intervals are clustered by participant.

Rule that must stay true: these are averages. They correct no single upgrade, since one pair may be pulled more than
another, and nothing here changes a count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from elicit.analysis.regression import fit_ols
from moralgraph.algorithms.comparisons import ORDER_SHARES
from moralgraph.algorithms.records import ANSWERS, STORIES, Answer, Codes, Judgements, Story
from moralgraph.algorithms.tally import Facts, Floats, by_appearance
from moralgraph.algorithms.uncertainty import jeffreys_interval

LEVEL = 0.95
LEAST_PEOPLE = 20  # clusters under which clustered errors are known to be too small


@dataclass(frozen=True)
class Effect:
    """What a draw did to a share, on average over pairs as drawn.

    Attributes
    ----------
    name
        What is compared with what.
    difference, low, high
        In points of a share, with the ends of the clustered interval.
    judgements, people
        Answers, and participants, in pairs that were seen under more than one draw.
    """

    name: str
    difference: float
    low: float
    high: float
    judgements: int
    people: int


@dataclass(frozen=True)
class Arm:
    """How a story arm was answered, whatever the pairs: `wiser` of those who compared, with its Jeffreys interval."""

    story: Story
    compared: int
    wiser: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class StoryPull:
    """How often "wiser" was said in each arm, and the pull of each kind of story against none.

    `effects` is empty where no pair was seen both with and without a story, or by fewer than `LEAST_PEOPLE` people.
    """

    arms: tuple[Arm, ...]
    effects: tuple[Effect, ...]


def story_pull(judgements: Judgements, *, level: float = LEVEL) -> StoryPull:
    """Return how far a story moves people to say "wiser": least squares within each question.

    A question is a directed pair in a context. The estimand of an arm is the share that would say "wiser" with its
    story, less the share without one, averaged over questions as drawn. First answers that compared the cards count;
    arms that were not recorded do not.

    References
    ----------
    Angrist and Pischke, "Mostly Harmless Econometrics" (2009), section 3.3, for the weights of a within regression:
    where arms are drawn alike for every question they are those of the questions as drawn.

    Examples
    --------
    Forty people see one question: without a story ten of twenty say "wiser", with one fifteen of twenty.

    >>> judgements = Judgements.from_columns(
    ...     participant=range(40), first=["a"] * 40, second=["b"] * 40, context=["at work"] * 40,
    ...     answer=["wiser"] * 10 + ["less_wise"] * 10 + ["wiser"] * 15 + ["less_wise"] * 5,
    ...     story=["none"] * 20 + ["forward"] * 20)
    >>> effect, = story_pull(judgements).effects
    >>> effect.name, round(effect.difference, 2), effect.low < 0 < effect.high
    ('forward', 0.25, True)
    """
    used = _first_comparisons(judgements)
    used = used.select(used.story != STORIES.index(Story.UNKNOWN))
    wiser = (used.answer == ANSWERS.index(Answer.WISER)).astype(np.float64)
    arms = [story for story in STORIES if (used.story == STORIES.index(story)).any()]
    shown = [story for story in arms if story is not Story.NONE]
    columns = np.stack([used.story == STORIES.index(story) for story in shown], axis=1) if shown else None
    effects: tuple[Effect, ...] = ()
    if columns is not None and Story.NONE in arms:
        names = [story.value for story in shown]
        effects = _within(wiser, columns.astype(np.float64), names, used, cell=_question(used), level=level)
    return StoryPull(tuple(_arm(used, wiser, story, level) for story in arms), effects)


def asked_about_effect(judgements: Judgements, *, level: float = LEVEL) -> Effect | None:
    """Return what being the second card, the one that is asked about, does to a card's share of wins.

    The same pair in the same context is compared between its two directions. A win is read as in `bradley_terry`:
    "about equal" is half a win each. None where too few people saw pairs that were asked from both sides.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=range(40), first=["a"] * 20 + ["b"] * 20, second=["b"] * 20 + ["a"] * 20, context=["c"] * 40,
    ...     answer=(["wiser"] * 15 + ["less_wise"] * 5) * 2)
    >>> round(asked_about_effect(judgements).difference, 2)
    0.5
    """
    used, share = _ordered(judgements)
    is_upper_second = used.second > used.first
    upper_share = np.where(is_upper_second, share, 1 - share)
    found = _within(
        upper_share, is_upper_second[:, None].astype(np.float64), ["asked about"], used, cell=_pair(used), level=level
    )
    return found[0] if found else None


def side_effect(judgements: Judgements, *, first_is_at_start: Facts, level: float = LEVEL) -> Effect | None:
    """Return what standing where reading starts does to a card's share of wins, within each question.

    Parameters
    ----------
    first_is_at_start
        Whether the first card stood where reading starts, shape (judgements,).
    """
    everything = _is_ordered(judgements)
    used, share = _ordered(judgements)
    at_start = np.asarray(first_is_at_start)[everything]
    found = _within(
        1 - share, at_start[:, None].astype(np.float64), ["at the start"], used, cell=_question(used), level=level
    )
    return found[0] if found else None


def drift(judgements: Judgements, *, level: float = LEVEL) -> Effect | None:
    """Return how much more often "wiser" is said at each further question of a person, within each question.

    None where everybody answered once, or by fewer than `LEAST_PEOPLE` people.
    """
    used = _first_comparisons(judgements)
    wiser = (used.answer == ANSWERS.index(Answer.WISER)).astype(np.float64)
    number = _number_within_person(used)
    found = _within(wiser, number[:, None], ["each further question"], used, cell=_question(used), level=level)
    return found[0] if found else None


@dataclass(frozen=True)
class Retest:
    """How steady answers are when the same person is asked again.

    Attributes
    ----------
    same, low, high
        Share of repeats answered as at first (as if asked from the same side), with its Jeffreys interval, which takes
        a person's few repeats for independent.
    reversed_order
        Share that turned an order round: from one card being wiser to the other.
    by_chance
        Share that would be the same if answers were drawn anew from how often each is given.
    """

    repeats: int
    people: int
    same: float
    low: float
    high: float
    reversed_order: float
    by_chance: float


def retest(judgements: Judgements, *, level: float = LEVEL) -> Retest | None:
    """Compare repeats with the same person's first answer to the pair in the context; None where there are none.

    A repeat from the other side counts as the same when "wiser" has become "less wise" or the other way round.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=["p", "p", "q", "q"], first=["a", "b", "a", "a"], second=["b", "a", "b", "b"],
    ...     context=["c"] * 4, answer=["wiser", "less_wise", "wiser", "less_wise"], repeat=[0, 1, 0, 1])
    >>> found = retest(judgements)
    >>> found.repeats, found.same, found.reversed_order
    (2, 0.5, 0.5)
    """
    upper = np.where(judgements.second > judgements.first, judgements.answer, _turned(judgements.answer))
    _, asked = by_appearance(_pair(judgements) * max(len(judgements.participants), 1) + judgements.participant)
    first = judgements.repeat == 0
    answer_of = dict(zip(asked[first].tolist(), upper[first].tolist(), strict=True))
    again = [row for row in np.flatnonzero(~first).tolist() if asked[row] in answer_of]
    if not again:
        return None
    before = np.array([answer_of[asked[row]] for row in again])
    after = upper[again]
    orders = [ANSWERS.index(Answer.WISER), ANSWERS.index(Answer.LESS_WISE)]
    turned = np.isin(before, orders) & (after == _turned(before))
    low, high = jeffreys_interval(int((before == after).sum()), len(again), level=level)
    shares = [np.bincount(codes, minlength=len(ANSWERS)) / len(again) for codes in (before, after)]
    return Retest(
        repeats=len(again),
        people=int(np.unique(judgements.participant[again]).size),
        same=float((before == after).mean()),
        low=float(low),
        high=float(high),
        reversed_order=float(turned.mean()),
        by_chance=float((shares[0] * shares[1]).sum()),
    )


def _turned(answer: Codes) -> Codes:
    """Return the answers as if they had been asked from the other side."""
    wiser, less_wise = ANSWERS.index(Answer.WISER), ANSWERS.index(Answer.LESS_WISE)
    return np.where(answer == wiser, less_wise, np.where(answer == less_wise, wiser, answer))


def _first_comparisons(judgements: Judgements) -> Judgements:
    return judgements.select((judgements.repeat == 0) & (judgements.answer != ANSWERS.index(Answer.CANNOT_JUDGE)))


def _is_ordered(judgements: Judgements) -> Facts:
    says = np.array([ORDER_SHARES[answer] is not None for answer in ANSWERS])
    return (judgements.repeat == 0) & says[judgements.answer]


def _ordered(judgements: Judgements) -> tuple[Judgements, Floats]:
    """Return the first answers that say something of the order, and the share of a win of the second card."""
    used = judgements.select(_is_ordered(judgements))
    shares = np.array([ORDER_SHARES[answer] or 0.0 for answer in ANSWERS])
    return used, shares[used.answer]


def _question(judgements: Judgements) -> Codes:
    cards, contexts = max(len(judgements.cards), 1), max(len(judgements.contexts), 1)
    return (judgements.first * cards + judgements.second) * contexts + judgements.context


def _pair(judgements: Judgements) -> Codes:
    cards, contexts = max(len(judgements.cards), 1), max(len(judgements.contexts), 1)
    lower, upper = np.minimum(judgements.first, judgements.second), np.maximum(judgements.first, judgements.second)
    return (lower * cards + upper) * contexts + judgements.context


def _number_within_person(judgements: Judgements) -> Floats:
    order = np.argsort(judgements.participant, kind="stable")
    times = np.bincount(judgements.participant, minlength=len(judgements.participants))
    number = np.empty(len(judgements))
    number[order] = np.arange(len(judgements)) - np.repeat(np.cumsum(times) - times, times)
    return number


def _arm(used: Judgements, wiser: Floats, story: Story, level: float) -> Arm:
    rows = used.story == STORIES.index(story)
    hits, compared = int(wiser[rows].sum()), int(rows.sum())
    low, high = jeffreys_interval(hits, compared, level=level)
    return Arm(story, compared, hits, hits / compared, float(low), float(high))


def _within(
    outcome: Floats, columns: Floats, names: Sequence[str], used: Judgements, *, cell: Codes, level: float
) -> tuple[Effect, ...]:
    """Regress an outcome on columns within cells; only cells in which some column varies say anything."""
    _, number = by_appearance(cell)
    times = np.maximum(np.bincount(number), 1)[number]
    centred = np.stack([_less_mean(column, number, times) for column in (*columns.T, outcome)], axis=1)
    told = np.zeros(number.max(initial=-1) + 1, dtype=np.bool_)
    np.logical_or.at(told, number, (np.abs(centred[:, :-1]) > 1e-12).any(axis=1))
    rows = told[number] if number.size else np.zeros(0, dtype=np.bool_)
    varies: Facts = np.asarray((np.abs(centred[:, :-1]) > 1e-12).any(axis=0))
    people = int(np.unique(used.participant[rows]).size)
    if people < LEAST_PEOPLE or not varies.any() or rows.sum() <= varies.sum():
        return ()
    kept = [name for name, is_seen in zip(names, varies.tolist(), strict=True) if is_seen]
    regressors = centred[rows, :-1][:, varies]
    if np.linalg.matrix_rank(regressors) < len(kept):
        return ()
    fit = fit_ols(centred[rows, -1], regressors, kept, cluster=used.participant[rows])
    low, high = fit.interval(level=level)
    return tuple(
        Effect(name, float(fit.estimate[at]), float(low[at]), float(high[at]), int(rows.sum()), people)
        for at, name in enumerate(kept)
    )


def _less_mean(values: Floats, number: Codes, times: Codes) -> Floats:
    found: Floats = values - np.bincount(number, weights=values)[number] / times
    return found
