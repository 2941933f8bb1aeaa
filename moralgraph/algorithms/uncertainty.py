"""Say how sure a share or a rank is: intervals for shares, a bootstrap over people for ranks.

People, not judgements, are drawn again, since one person's judgements hang together (a cluster bootstrap).

Rule that must stay true: "share of resamples in which a card came first" is called that. It is not the probability that
the card is the wisest.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy import sparse
from scipy.special import betaincinv

from moralgraph.algorithms.records import REPAIRED_MARKS, Codes, Judgements, Mark
from moralgraph.algorithms.tally import (
    Facts,
    Floats,
    by_appearance,
    compared,
    count_cells,
    is_kept,
    marked,
    posterior_mean,
)

LEVEL = 0.95
RESAMPLES = 200
DAMPING = 0.85
TOLERANCE = 1e-9
MOST_ITERATIONS = 200
SAME_RANK_DECIMALS = 9


def wilson_interval(successes: Codes | int, trials: Codes | int, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the Wilson score interval of a share; (0, 1) where nothing was tried.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Examples
    --------
    >>> low, high = wilson_interval(np.array([4, 45]), np.array([5, 54]))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.38, 0.71], [0.96, 0.91])
    """
    hits, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    z = NormalDist().inv_cdf((1 + level) / 2)
    tried = np.maximum(n, 1.0)
    share = hits / tried
    centre = (share + z**2 / (2 * tried)) / (1 + z**2 / tried)
    half = z / (1 + z**2 / tried) * np.sqrt(share * (1 - share) / tried + z**2 / (4 * tried**2))
    low, high = np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def jeffreys_interval(successes: Codes | int, trials: Codes | int, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the equal-tailed interval of a share's posterior Beta(successes + 1/2, failures + 1/2).

    The low end is 0 where nothing succeeded and the high end 1 where nothing failed, as its source advises.

    References
    ----------
    Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", Stat. Science 16 (2001), section 3.1.

    Examples
    --------
    >>> low, high = jeffreys_interval(np.array([4, 0]), np.array([5, 0]))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.37, 0.0], [0.98, 1.0])
    """
    hits, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    tail = (1 - level) / 2
    low = betaincinv(hits + 0.5, n - hits + 0.5, tail)
    high = betaincinv(hits + 0.5, n - hits + 0.5, 1 - tail)
    return np.where(hits > 0, low, 0.0), np.where(hits < n, high, 1.0)


@dataclass(frozen=True)
class RankBootstrap:
    """How the repaired ranking moves when people are drawn again.

    Attributes
    ----------
    cards
        The cards that were judged, by share of first places, then by id.
    first_share
        Share of resamples in which each card came first; a tie is split. Shape (cards,), between 0 and 1.
    low, high
        Positions, 1 = first, that cover `level` of the resamples. Cards of equal rank share the better position.
    undecided_share
        Share of resamples in which no upgrade was kept, so that no card came first.
    """

    cards: tuple[str, ...]
    first_share: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    undecided_share: float
    resamples: int
    level: float


def bootstrap_ranks(
    judgements: Judgements,
    *,
    rng: np.random.Generator,
    context: str | None = None,
    resamples: int = RESAMPLES,
    minimum_wiser: int = 2,
    minimum_likelihood: float = 0.5,
    level: float = LEVEL,
) -> RankBootstrap:
    """Build and rank the repaired graph again and again, each time from people drawn with replacement.

    Parameters
    ----------
    rng
        The seeded generator; the same seed and judgements give the same result.
    context
        One context, or None for all of them together.
    minimum_wiser, minimum_likelihood
        The limits of `building.build_repaired`.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=range(8), first=["a"] * 8, second=["b"] * 8, context=["c"] * 8, answer=["wiser"] * 8)
    >>> found = bootstrap_ranks(judgements, rng=np.random.default_rng(1))
    >>> found.cards, found.first_share, found.high
    (('b', 'a'), (1.0, 0.0), (1, 2))
    """
    used = judgements if context is None else judgements.in_context(context)
    people, person = by_appearance(used.participant)
    if people.size == 0:
        return RankBootstrap((), (), (), (), 1.0, resamples, level)
    times = rng.multinomial(people.size, np.full(people.size, 1 / people.size), size=resamples)
    cards, source, target, weight = resampled_weights(
        used, person, times=times, minimum_wiser=minimum_wiser, minimum_likelihood=minimum_likelihood
    )
    rank = stationary_ranks(source, target, weight, cards=cards.size)
    return _summary(
        tuple(judgements.cards[code] for code in cards), rank, decided=(weight > 0).max(axis=0), level=level
    )


def resampled_weights(
    judgements: Judgements, person: Codes, *, times: Codes, minimum_wiser: int, minimum_likelihood: float
) -> tuple[Codes, Codes, Codes, Floats]:
    """Return the repaired edges' likelihoods in each resample, 0 where an edge is not kept.

    Parameters
    ----------
    person
        The column of `times` that each judgement belongs to, shape (judgements,).
    times
        How often each person was drawn, shape (resamples, people).

    Returns
    -------
    cards, source, target, weight
        Codes of the judged cards; ends of each judged pair as positions in `cards`; weights, shape (pairs, resamples).
    """
    cells = count_cells(judgements)
    answered = sparse.csr_array((np.ones(len(judgements)), (np.arange(len(judgements)), person)))
    drawn = answered @ times.T.astype(np.float64)
    one_hot = np.eye(cells.answers.shape[1], dtype=np.int64)[judgements.answer]
    by_cell = sparse.csr_array((np.ones(len(judgements)), (cells.cell, np.arange(len(judgements)))))
    wiser = by_cell @ (drawn * marked(one_hot, Mark.WISER, table=REPAIRED_MARKS)[:, None])
    trials = by_cell @ (drawn * compared(one_hot)[:, None])
    kept = is_kept(wiser, trials, minimum_wiser=minimum_wiser, minimum_likelihood=minimum_likelihood)
    cards = np.unique(np.concatenate([cells.first, cells.second]))
    pairs, pair = by_appearance(cells.first * len(judgements.cards) + cells.second)
    by_pair = sparse.csr_array((np.ones(pair.size), (pair, np.arange(pair.size))))
    likelihood = posterior_mean(by_pair @ (wiser * kept), by_pair @ (trials * kept))
    weight = np.where((by_pair @ kept.astype(np.float64)) > 0, likelihood, 0.0)
    source, target = np.divmod(pairs, len(judgements.cards))
    return cards, np.searchsorted(cards, source), np.searchsorted(cards, target), weight


def stationary_ranks(source: Codes, target: Codes, weight: Floats, *, cards: int) -> Floats:
    """Return PageRank with dangling mass spread evenly, for many weightings of the same edges at once.

    Parameters
    ----------
    source, target
        Ends of the edges, shape (edges,).
    weight
        Weights, 0 where an edge is absent, shape (edges, resamples).

    Returns
    -------
    Ranks, shape (cards, resamples); each column sums to 1.
    """
    edges = np.arange(source.size)
    leave = sparse.csr_array((np.ones(source.size), (source, edges)), shape=(cards, source.size))
    arrive = sparse.csr_array((np.ones(source.size), (target, edges)), shape=(cards, source.size))
    leaving = leave @ weight
    share = np.divide(weight, leaving[source], out=np.zeros_like(weight), where=leaving[source] > 0)
    dangling = (leaving == 0).astype(np.float64)
    rank = np.full(leaving.shape, 1 / cards)
    for _ in range(MOST_ITERATIONS):
        spread = (1 - DAMPING + DAMPING * (rank * dangling).sum(axis=0)) / cards
        moved = spread + DAMPING * (arrive @ (rank[source] * share))
        change, rank = np.abs(moved - rank).sum(axis=0).max(), moved
        if change < TOLERANCE:
            break
    return rank


def _summary(cards: tuple[str, ...], rank: Floats, *, decided: Facts, level: float) -> RankBootstrap:
    position = _positions(rank)
    first = (position == 1) & decided
    share = (first / np.maximum(first.sum(axis=0), 1)).mean(axis=1)
    tail = (1 - level) / 2
    low = np.quantile(position, tail, axis=1, method="inverted_cdf")
    high = np.quantile(position, 1 - tail, axis=1, method="inverted_cdf")
    order = sorted(range(len(cards)), key=lambda row: (-share[row], cards[row]))
    return RankBootstrap(
        cards=tuple(cards[row] for row in order),
        first_share=tuple(float(share[row]) for row in order),
        low=tuple(int(low[row]) for row in order),
        high=tuple(int(high[row]) for row in order),
        undecided_share=float(1 - decided.mean()),
        resamples=int(rank.shape[1]),
        level=level,
    )


def _positions(rank: Floats) -> Codes:
    """Return each card's position in each resample, 1 = highest; equal ranks share the better position."""
    falling = -np.round(rank, SAME_RANK_DECIMALS)
    columns = [np.searchsorted(np.sort(column), column) + 1 for column in falling.T]
    return np.stack(columns, axis=1).astype(np.int64)
