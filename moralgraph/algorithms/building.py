"""Turn judgements into a moral graph, by the published rule or by the repaired one.

The classic rule is the one of the Moral Graph Elicitation study (Edelman, Klingefjord and Lowe, "What are human values,
and how do we align AI to them?", arXiv 2404.10636), defects included: its entropy counts the impressions as if they
were a fifth answer, and it adds the judgements of all contexts together.

The repaired rule asks, for one direction of one pair in one context, what share of the people who compared the cards
said "wiser". Its entropy is over the answers alone, so it is reported and filters nothing: at the published limit the
right entropy removes no upgrade.

Rule that must stay true: the numbers do not depend on the order of the judgements, only the order of the edges does.
"""

import numpy as np

from moralgraph.algorithms.records import (
    CLASSIC_MARKS,
    REPAIRED_MARKS,
    Codes,
    Counts,
    Edge,
    Evidence,
    Judgements,
    Mark,
    MoralGraph,
    ends_of,
)
from moralgraph.algorithms.tally import (
    Cells,
    Facts,
    Floats,
    by_appearance,
    compared,
    count_answers,
    count_cells,
    entropy_bits,
    is_kept,
    marked,
    posterior_mean,
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
    pairs, number = _both_directions(judgements)
    answers, counts = _classic_counts(judgements, number, pairs=pairs.size)
    wiser, less_wise = counts[:, 0], counts[:, 2]
    likelihood = (wiser - less_wise) / np.maximum(counts[:, :4].sum(axis=1), 1)
    entropy = entropy_bits(counts)
    kept = (wiser >= max(minimum_wiser, 1)) & (likelihood >= minimum_likelihood) & (entropy <= maximum_entropy)
    edges = _classic_edges(
        judgements,
        pairs,
        kept=kept,
        answers=answers,
        counts=counts,
        likelihood=likelihood,
        entropy=entropy,
        number=number,
    )
    parameters = {
        "minimum_wiser": minimum_wiser,
        "minimum_likelihood": minimum_likelihood,
        "maximum_entropy": maximum_entropy,
    }
    return MoralGraph(cards=ends_of(edges), edges=edges, method=CLASSIC, parameters=parameters)


def _classic_counts(judgements: Judgements, number: Codes, *, pairs: int) -> tuple[Codes, Codes]:
    """Count the answers of each pair, and its wiser, not wiser, less wise, unsure and impressions."""
    asked, opposite = number[: len(judgements)], number[len(judgements) :]
    answers = count_answers(asked, judgements.answer, groups=pairs)
    opposite_answers = count_answers(opposite, judgements.answer, groups=pairs)
    counts = [
        marked(answers, Mark.WISER, table=CLASSIC_MARKS),
        marked(answers, Mark.NOT_WISER, table=CLASSIC_MARKS),
        marked(opposite_answers, Mark.WISER, table=CLASSIC_MARKS),
        marked(answers, Mark.UNSURE, table=CLASSIC_MARKS),
        np.bincount(number, minlength=pairs),
    ]
    return answers, np.stack(counts, axis=1)


def _classic_edges(
    judgements: Judgements,
    pairs: Codes,
    *,
    number: Codes,
    kept: Facts,
    answers: Codes,
    counts: Codes,
    likelihood: Floats,
    entropy: Floats,
) -> tuple[Edge, ...]:
    first, second = np.divmod(pairs, max(len(judgements.cards), 1))
    low, high = jeffreys_interval(counts[:, 0], counts[:, 0] + counts[:, 1])
    contexts = _contexts_of_pairs(judgements, number, kept=kept)
    return tuple(
        Edge(
            first=judgements.cards[first[row]],
            second=judgements.cards[second[row]],
            contexts=contexts[row],
            counts=Counts(*counts[row].tolist()),
            likelihood=float(likelihood[row]),
            entropy=float(entropy[row]),
            answers=tuple(answers[row].tolist()),
            low=float(low[row]),
            high=float(high[row]),
        )
        for row in np.flatnonzero(kept).tolist()
    )


def _both_directions(judgements: Judgements) -> tuple[Codes, Codes]:
    """Number the pairs: first those that were asked, in the source's order, then the opposite ones."""
    cards = len(judgements.cards)
    asked = judgements.first * cards + judgements.second
    opposite = judgements.second * cards + judgements.first
    return by_appearance(np.concatenate([asked, opposite]))


def _contexts_of_pairs(judgements: Judgements, number: Codes, *, kept: Facts) -> dict[int, tuple[str, ...]]:
    contexts = max(len(judgements.contexts), 1)
    keys, _ = by_appearance(number * contexts + np.tile(judgements.context, 2))
    names: dict[int, list[str]] = {}
    for key in keys[kept[keys // contexts]].tolist():
        names.setdefault(key // contexts, []).append(judgements.contexts[key % contexts])
    return {pair: tuple(found) for pair, found in names.items()}


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
    wiser = marked(cells.answers, Mark.WISER, table=REPAIRED_MARKS)
    trials = compared(cells.answers)
    kept = is_kept(wiser, trials, minimum_wiser=minimum_wiser, minimum_likelihood=minimum_likelihood)
    edges = _repaired_edges(judgements, cells, kept=kept)
    parameters = {"minimum_wiser": minimum_wiser, "minimum_likelihood": minimum_likelihood}
    return MoralGraph(cards=ends_of(edges), edges=edges, method=REPAIRED, parameters=parameters)


def _repaired_edges(judgements: Judgements, cells: Cells, *, kept: Facts) -> tuple[Edge, ...]:
    pairs, pair = by_appearance(cells.first * max(len(judgements.cards), 1) + cells.second)
    first, second = np.divmod(pairs, max(len(judgements.cards), 1))
    summed = np.zeros((pairs.size, cells.answers.shape[1]), dtype=np.int64)
    np.add.at(summed, pair[kept], cells.answers[kept])
    parts = _evidence(cells.answers, contexts=[judgements.contexts[code] for code in cells.context.tolist()])
    by_pair: dict[int, list[Evidence]] = {}
    names: dict[int, list[str]] = {}
    for row, part in enumerate(parts):
        by_pair.setdefault(int(pair[row]), []).append(part)
        if kept[row]:
            names.setdefault(int(pair[row]), []).append(part.context)
    return tuple(
        _repaired_edge(
            whole,
            first=judgements.cards[first[number]],
            second=judgements.cards[second[number]],
            contexts=tuple(names[number]),
            by_context=tuple(by_pair[number]),
        )
        for number, whole in enumerate(_evidence(summed, contexts=[""] * pairs.size))
        if number in names
    )


def _evidence(answers: Codes, *, contexts: list[str]) -> list[Evidence]:
    marks = np.stack([marked(answers, mark, table=REPAIRED_MARKS) for mark in COUNTED], axis=1)
    counts = np.column_stack([marks, answers.sum(axis=1)])
    trials = compared(answers)
    likelihood = posterior_mean(marks[:, 0], trials)
    entropy = entropy_bits(marks)
    low, high = jeffreys_interval(marks[:, 0], trials)
    return [
        Evidence(
            context=context,
            counts=Counts(*counts[row].tolist()),
            answers=tuple(answers[row].tolist()),
            likelihood=float(likelihood[row]),
            entropy=float(entropy[row]),
            low=float(low[row]),
            high=float(high[row]),
        )
        for row, context in enumerate(contexts)
    ]


def _repaired_edge(
    whole: Evidence, *, first: str, second: str, contexts: tuple[str, ...], by_context: tuple[Evidence, ...]
) -> Edge:
    return Edge(
        first=first,
        second=second,
        contexts=contexts,
        counts=whole.counts,
        likelihood=whole.likelihood,
        entropy=whole.entropy,
        answers=whole.answers,
        low=whole.low,
        high=whole.high,
        by_context=by_context,
    )
