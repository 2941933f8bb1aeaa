"""Turn judgements into a moral graph, by the published rule or by the repaired one.

The classic rule is the one of the Moral Graph Elicitation study (Edelman, Klingefjord and Lowe, "What are human values,
and how do we align AI to them?", arXiv 2404.10636), defects included: its entropy counts the impressions as if they
were a fifth answer, and it adds the judgements of all contexts together. It estimates nothing that has a name: its
likelihood, (wiser - less wise) / all marks, moves with how often each direction was asked.

The repaired rule asks, for one direction of one pair in one context, what share of the people who compared the cards
said "wiser". What it estimates is **an edge's share under balanced presentation**: the share of all who compare these
two cards, in this context and direction, that would say "wiser", if everybody were as likely to be asked. Its entropy
is over the answers alone, so it is reported and filters nothing: at the published limit the right entropy removes no
upgrade.

A latent order that would explain all answers at once is a third thing, which only the Bradley-Terry model estimates.

Rule that must stay true: the numbers do not depend on the order of the judgements, only the order of the edges does.
"""

import numpy as np

from moralgraph.algorithms.graph_columns import EdgeColumns, GraphColumns
from moralgraph.algorithms.records import CLASSIC_MARKS, REPAIRED_MARKS, Codes, Judgements, Mark, MoralGraph
from moralgraph.algorithms.tally import (
    Cells,
    Facts,
    by_appearance,
    compared,
    count_cells,
    entropy_bits,
    is_kept,
    marked,
    posterior_mean,
    sum_by_group,
)
from moralgraph.algorithms.uncertainty import jeffreys_interval

CLASSIC = "classic"
REPAIRED = "repaired"

PUBLISHED_MINIMUM_WISER = 2
PUBLISHED_MINIMUM_LIKELIHOOD = 0.33
PUBLISHED_MAXIMUM_ENTROPY = 1.69
MAJORITY = 0.5

COUNTED = (Mark.WISER, Mark.NOT_WISER, Mark.LESS_WISE, Mark.UNSURE)


def build_classic(
    judgements: Judgements,
    *,
    minimum_wiser: int = PUBLISHED_MINIMUM_WISER,
    minimum_likelihood: float = PUBLISHED_MINIMUM_LIKELIHOOD,
    maximum_entropy: float = PUBLISHED_MAXIMUM_ENTROPY,
) -> MoralGraph:
    """Build the moral graph by the published rule.

    A judgement of A to B counts for (A, B) by its answer. For (B, A) it counts as an impression, and as "less wise" if
    the answer was "wiser". The likelihood is (wiser - less wise) / all marks, from -1 to 1. The entropy, in bits, is
    over five numbers: the four marks and the impressions. An edge is kept if it was marked wiser at least once and
    passes the three limits.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=["p1", "p2", "p3"], first=["a"] * 3, second=["b"] * 3,
    ...     context=["at work"] * 3, answer=["wiser", "wiser", "cannot_judge"])
    >>> edge, = build_classic(judgements).edges
    >>> edge.first, edge.second, edge.counts.impressions, round(edge.likelihood, 3), round(edge.entropy, 3)
    ('a', 'b', 3, 0.667, 1.459)
    """
    return classic_columns(
        count_cells(judgements),
        minimum_wiser=minimum_wiser,
        minimum_likelihood=minimum_likelihood,
        maximum_entropy=maximum_entropy,
    ).as_graph()


def build_repaired(
    judgements: Judgements,
    *,
    minimum_wiser: int = PUBLISHED_MINIMUM_WISER,
    minimum_likelihood: float = MAJORITY,
) -> MoralGraph:
    """Build the moral graph from the share that said "wiser", context by context.

    The two directions of a pair are different questions and stay apart: an upgrade and its opposite may both be kept,
    and then the pair is contested. The likelihood is the posterior mean of the share under the Jeffreys prior,
    (wiser + 1/2) / (compared + 1), so that 2 of 2 weighs less than 20 of 20. An upgrade is kept in a context if it
    passes both limits there; its counts are summed over the contexts in which it is kept.

    Parameters
    ----------
    minimum_wiser
        Fewest "wiser" answers in the context.
    minimum_likelihood
        The likelihood must exceed this; the default asks for a likely majority.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=range(4), first=["a"] * 4, second=["b"] * 4,
    ...     context=["at work"] * 3 + ["at home"], answer=["wiser"] * 3 + ["less_wise"])
    >>> edge, = build_repaired(judgements).edges
    >>> edge.contexts, edge.counts.wiser, edge.likelihood, round(edge.low, 2)
    (('at work',), 3, 0.875, 0.46)
    """
    cells = count_cells(judgements)
    return repaired_columns(cells, minimum_wiser=minimum_wiser, minimum_likelihood=minimum_likelihood).as_graph()


def classic_columns(
    cells: Cells,
    *,
    minimum_wiser: int = PUBLISHED_MINIMUM_WISER,
    minimum_likelihood: float = PUBLISHED_MINIMUM_LIKELIHOOD,
    maximum_entropy: float = PUBLISHED_MAXIMUM_ENTROPY,
) -> GraphColumns:
    """Build the graph of `build_classic` from counted judgements, as columns.

    Examples
    --------
    >>> cells = count_cells(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser"] * 2))
    >>> classic_columns(cells).edges.likelihood.tolist()
    [1.0]
    """
    pairs, number = _both_directions(cells)
    answers, counts = _classic_counts(cells, number, pairs=pairs.size)
    wiser, less_wise = counts[:, 0], counts[:, 2]
    likelihood = (wiser - less_wise) / np.maximum(counts[:, :4].sum(axis=1), 1)
    entropy = entropy_bits(counts)
    kept = (wiser >= max(minimum_wiser, 1)) & (likelihood >= minimum_likelihood) & (entropy <= maximum_entropy)
    low, high = jeffreys_interval(wiser[kept], (wiser + counts[:, 1])[kept])
    first, second = np.divmod(pairs[kept], max(len(cells.cards), 1))
    edges = EdgeColumns(
        first=first, second=second, answers=answers[kept], counts=counts[kept], likelihood=likelihood[kept],
        entropy=entropy[kept], low=low, high=high,
    )  # fmt: skip
    part_edge, part_context = _classic_parts(cells, number, kept=kept)
    return GraphColumns(
        cards=cells.cards,
        contexts=cells.contexts,
        edges=edges,
        part_edge=part_edge,
        part_context=part_context,
        part_is_kept=np.ones(part_edge.size, dtype=np.bool_),
        parts=edges.take(part_edge),
        is_by_context=False,
        method=CLASSIC,
        parameters={
            "minimum_wiser": minimum_wiser,
            "minimum_likelihood": minimum_likelihood,
            "maximum_entropy": maximum_entropy,
        },
    )


def _both_directions(cells: Cells) -> tuple[Codes, Codes]:
    """Number the pairs: first those that were asked, in the source's order, then the opposite ones."""
    cards = len(cells.cards)
    return by_appearance(np.concatenate([cells.first * cards + cells.second, cells.second * cards + cells.first]))


def _classic_counts(cells: Cells, number: Codes, *, pairs: int) -> tuple[Codes, Codes]:
    """Count the answers of each pair, and its wiser, not wiser, less wise, unsure and impressions."""
    asked, opposite = np.split(number, 2)
    answers = sum_by_group(asked, cells.answers, groups=pairs)
    opposite_answers = sum_by_group(opposite, cells.answers, groups=pairs)
    counts = [
        marked(answers, Mark.WISER, table=CLASSIC_MARKS),
        marked(answers, Mark.NOT_WISER, table=CLASSIC_MARKS),
        marked(opposite_answers, Mark.WISER, table=CLASSIC_MARKS),
        marked(answers, Mark.UNSURE, table=CLASSIC_MARKS),
        answers.sum(axis=1) + opposite_answers.sum(axis=1),
    ]
    return answers, np.stack(counts, axis=1)


def _classic_parts(cells: Cells, number: Codes, *, kept: Facts) -> tuple[Codes, Codes]:
    """Return edge and context of every context in which a kept edge was asked, either way round."""
    contexts = max(len(cells.contexts), 1)
    edge = np.cumsum(kept) - 1
    rows = kept[number]
    keys, _ = by_appearance(edge[number[rows]] * contexts + np.tile(cells.context, 2)[rows])
    keys = keys[np.argsort(keys // contexts, kind="stable")]
    part_edge, part_context = np.divmod(keys, contexts)
    return part_edge, part_context


def repaired_columns(
    cells: Cells, *, minimum_wiser: int = PUBLISHED_MINIMUM_WISER, minimum_likelihood: float = MAJORITY
) -> GraphColumns:
    """Build the graph of `build_repaired` from counted judgements, as columns.

    Examples
    --------
    >>> cells = count_cells(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser"] * 2))
    >>> repaired_columns(cells).edges.likelihood.round(3).tolist()
    [0.833]
    """
    wiser = marked(cells.answers, Mark.WISER, table=REPAIRED_MARKS)
    kept = is_kept(wiser, compared(cells.answers), minimum_wiser=minimum_wiser, minimum_likelihood=minimum_likelihood)
    pairs, pair = by_appearance(cells.first * max(len(cells.cards), 1) + cells.second)
    is_edge = np.bincount(pair[kept], minlength=pairs.size) > 0
    answers = sum_by_group(pair[kept], cells.answers[kept], groups=pairs.size)[is_edge]
    first, second = np.divmod(pairs[is_edge], max(len(cells.cards), 1))
    edge = np.cumsum(is_edge) - 1
    rows = np.flatnonzero(is_edge[pair])
    rows = rows[np.argsort(pair[rows], kind="stable")]
    return GraphColumns(
        cards=cells.cards,
        contexts=cells.contexts,
        edges=_shares(first, second, answers),
        part_edge=edge[pair[rows]],
        part_context=cells.context[rows],
        part_is_kept=kept[rows],
        parts=_shares(cells.first[rows], cells.second[rows], cells.answers[rows]),
        is_by_context=True,
        method=REPAIRED,
        parameters={"minimum_wiser": minimum_wiser, "minimum_likelihood": minimum_likelihood},
    )


def _shares(first: Codes, second: Codes, answers: Codes) -> EdgeColumns:
    """Say by the repaired rule what the answers about each pair add up to."""
    marks = np.stack([marked(answers, mark, table=REPAIRED_MARKS) for mark in COUNTED], axis=1)
    trials = compared(answers)
    low, high = jeffreys_interval(marks[:, 0], trials)
    return EdgeColumns(
        first=first,
        second=second,
        answers=answers,
        counts=np.column_stack([marks, answers.sum(axis=1)]),
        likelihood=posterior_mean(marks[:, 0], trials),
        entropy=entropy_bits(marks),
        low=low,
        high=high,
    )
