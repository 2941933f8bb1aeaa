"""Say how sure a share or a rank is: intervals for shares, a bootstrap over people for ranks.

People, not judgements, are drawn again, since one person's judgements hang together (a cluster bootstrap).

Rule that must stay true: "share of resamples in which a card came first" is called that. It is not the probability that
the card is the wisest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy import sparse, stats
from scipy.special import betaincinv

from moralgraph.algorithms.records import REPAIRED_MARKS, Codes, Judgements, Mark
from moralgraph.algorithms.tally import (
    Cells,
    Facts,
    Floats,
    by_appearance,
    compared,
    count_cells,
    is_kept,
    marked,
    posterior_mean,
    sum_by_group,
)
from moralgraph.algorithms.walking import SAME_RANK_DECIMALS, Walks, settled_ranks

LEVEL = 0.95
RESAMPLES = 200
WEIGHTS_AT_ONCE = 4_000_000  # edges times resamples in memory at a time: some hundred megabytes


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
    given_hits, given_trials = np.broadcast_arrays(successes, trials)
    distinct, row = np.unique(given_hits + 1j * given_trials, return_inverse=True)  # many edges have the same counts
    hits, n = distinct.real, distinct.imag
    tail = (1 - level) / 2
    low = np.where(hits > 0, betaincinv(hits + 0.5, n - hits + 0.5, tail), 0.0)
    high = np.where(hits < n, betaincinv(hits + 0.5, n - hits + 0.5, 1 - tail), 1.0)
    return low[row.reshape(given_hits.shape)], high[row.reshape(given_hits.shape)]


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
        One context, whose people are drawn, or None for all of them together.
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
    return bootstrap_all_ranks(
        used,
        rng=rng,
        resamples=resamples,
        minimum_wiser=minimum_wiser,
        minimum_likelihood=minimum_likelihood,
        level=level,
    )[None]


def bootstrap_all_ranks(
    judgements: Judgements,
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    minimum_wiser: int = 2,
    minimum_likelihood: float = 0.5,
    level: float = LEVEL,
) -> dict[str | None, RankBootstrap]:
    """Do what `bootstrap_ranks` does, for the whole graph and every context at once, from the same draws of people.

    Returns
    -------
    dict
        By context; the whole graph under None. A context in which nobody judged is not there.

    References
    ----------
    Field and Welsh, "Bootstrapping clustered data", JRSS B 69 (2007): the cluster bootstrap.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=range(8), first=["a"] * 8, second=["b"] * 8, context=["c"] * 8, answer=["wiser"] * 8)
    >>> bootstrap_all_ranks(judgements, rng=np.random.default_rng(1))["c"].cards
    ('b', 'a')
    """
    people, person = by_appearance(judgements.participant)
    if people.size == 0:
        return {None: RankBootstrap((), (), (), (), 1.0, resamples, level)}
    given = answers_by_person(judgements, person)
    even = np.full(people.size, 1 / people.size)
    drawn = [
        _drawn(
            given,
            rng.multinomial(people.size, even, size=size),
            minimum_wiser=minimum_wiser,
            minimum_likelihood=minimum_likelihood,
        )
        for size in _portions(resamples, edges=given.group.size)
    ]
    rank, decided = (np.concatenate(part, axis=-1) for part in zip(*drawn, strict=True))
    names = [None, *(judgements.contexts[code] for code in np.unique(given.cells.context).tolist())]
    found = {}
    for block, name in enumerate(names):
        rows = given.block == block
        cards = tuple(judgements.cards[code] for code in given.card[rows].tolist())
        found[name] = _summary(cards, rank[rows], decided=decided[block], level=level)
    return found


@dataclass(frozen=True, eq=False)
class AnswersByPerson:
    """What stays the same in every resample: cells by people, and the edges of the whole graph and of each context.

    Edges of the whole graph come first, one for each pair, then one for each cell, in the block of its context.

    Attributes
    ----------
    wiser, trials
        How often each person said "wiser", and compared, sparse, shape (cells, people).
    pair
        The pair of each cell, of `pairs` in all, shape (cells,).
    group, source, target
        Block of each edge (0 is the whole graph) and the nodes at its ends, shape (pairs + cells,).
    block, card
        Block and code of the card of each node, shape (nodes,).
    """

    cells: Cells
    wiser: sparse.csr_array
    trials: sparse.csr_array
    pair: Codes
    pairs: int
    group: Codes
    source: Codes
    target: Codes
    block: Codes
    card: Codes


def answers_by_person(judgements: Judgements, person: Codes) -> AnswersByPerson:
    """Count once what each person said of each edge, for all resamples.

    Parameters
    ----------
    person
        Number of the person of each judgement, from 0, shape (judgements,).

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "less_wise"])
    >>> given = answers_by_person(judgements, judgements.participant)
    >>> given.wiser.toarray().tolist(), given.trials.toarray().tolist(), given.group.tolist()
    ([[1.0, 0.0]], [[1.0, 1.0]], [0, 1])
    """
    cells = count_cells(judgements)
    one_hot = np.eye(cells.answers.shape[1], dtype=np.int64)[judgements.answer]
    by_cell = (cells.cell, person)
    cards = len(judgements.cards)
    pairs, pair = by_appearance(cells.first * cards + cells.second)
    _, context = np.unique(cells.context, return_inverse=True)
    group = np.concatenate([np.zeros(pairs.size, dtype=np.int64), context.reshape(-1) + 1])
    first, second = np.divmod(np.concatenate([pairs, cells.first * cards + cells.second]), cards)
    nodes, ends = np.unique(np.concatenate([group * cards + first, group * cards + second]), return_inverse=True)
    source, target = np.split(ends.reshape(-1), 2)
    block, card = np.divmod(nodes, cards)
    return AnswersByPerson(
        cells=cells,
        wiser=sparse.csr_array((marked(one_hot, Mark.WISER, table=REPAIRED_MARKS).astype(np.float64), by_cell)),
        trials=sparse.csr_array((compared(one_hot).astype(np.float64), by_cell)),
        pair=pair,
        pairs=pairs.size,
        group=group,
        source=source,
        target=target,
        block=block,
        card=card,
    )


def _portions(resamples: int, *, edges: int) -> Iterator[int]:
    """Say how many resamples to draw at a time; drawing them in portions gives the same ones."""
    most = max(WEIGHTS_AT_ONCE // max(edges, 1), 1)
    while resamples > 0:
        yield min(most, resamples)
        resamples -= most


def _drawn(
    given: AnswersByPerson, times: Codes, *, minimum_wiser: int, minimum_likelihood: float
) -> tuple[Floats, Facts]:
    """Return the ranks, shape (nodes, resamples), and whether each block has an upgrade in each resample."""
    weight = resampled_weights(given, times, minimum_wiser=minimum_wiser, minimum_likelihood=minimum_likelihood)
    nodes, blocks, draws = given.block.size, int(given.block[-1]) + 1, times.shape[0]
    draw, edge = np.nonzero(weight.T)
    walks = Walks(
        block=(np.arange(draws)[:, None] * blocks + given.block).reshape(-1),
        source=draw * nodes + given.source[edge],
        target=draw * nodes + given.target[edge],
        weight=weight[edge, draw],
    )
    decided = np.bincount(given.group[edge] * draws + draw, minlength=blocks * draws) > 0
    return settled_ranks(walks).reshape(draws, nodes).T, decided.reshape(blocks, draws)


def resampled_weights(given: AnswersByPerson, times: Codes, *, minimum_wiser: int, minimum_likelihood: float) -> Floats:
    """Return the repaired edges' likelihoods in each resample, 0 where an edge is not kept, shape (edges, resamples).

    `times` says how often each person was drawn, shape (resamples, people).

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "less_wise"])
    >>> given = answers_by_person(judgements, judgements.participant)
    >>> resampled_weights(given, np.array([[1, 1], [2, 0]]), minimum_wiser=2, minimum_likelihood=0.5).round(3).tolist()
    [[0.0, 0.833], [0.0, 0.833]]
    """
    drawn = times.T.astype(np.float64)
    wiser, trials = given.wiser @ drawn, given.trials @ drawn
    kept = is_kept(wiser, trials, minimum_wiser=minimum_wiser, minimum_likelihood=minimum_likelihood)
    wiser, trials = wiser * kept, trials * kept
    of_cells = np.where(kept, posterior_mean(wiser, trials), 0.0)
    summed, tried = (sum_by_group(given.pair, each, groups=given.pairs) for each in (wiser, trials))
    of_pairs = np.where(summed > 0, posterior_mean(summed, tried), 0.0)
    return np.concatenate([of_pairs, of_cells])


def _summary(cards: tuple[str, ...], rank: Floats, *, decided: Facts, level: float) -> RankBootstrap:
    position = _positions(rank)
    first = (position == 1) & decided
    share = (first / np.maximum(first.sum(axis=0), 1)).mean(axis=1)
    tail = (1 - level) / 2
    low, high = np.quantile(position, [tail, 1 - tail], axis=1, method="inverted_cdf")
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
    return stats.rankdata(-rank.round(SAME_RANK_DECIMALS), method="min", axis=0).astype(np.int64)
