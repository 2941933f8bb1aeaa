"""Count answers in columns: the arithmetic that building and the bootstrap share.

Rule that must stay true: groups are numbered in order of first appearance, so the source's order decides the order of
the result and nothing else about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from moralgraph.algorithms.records import ANSWERS, REPAIRED_MARKS, Answer, Codes, Judgements, Mark

Floats = npt.NDArray[np.float64]
Facts = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cells:
    """Answers counted by directed pair and context.

    Attributes
    ----------
    cards, contexts
        The names that the codes point into.
    first, second, context
        Codes of each cell, shape (cells,).
    answers
        Counts of each of `ANSWERS`, shape (cells, 6).
    cell
        The cell of each judgement, shape (judgements,).
    """

    cards: tuple[str, ...]
    contexts: tuple[str, ...]
    first: Codes
    second: Codes
    context: Codes
    answers: Codes
    cell: Codes


def by_appearance(keys: Codes) -> tuple[Codes, Codes]:
    """Number the distinct keys in order of first appearance; return them and the number of each row.

    Examples
    --------
    >>> distinct, number = by_appearance(np.array([7, 3, 7, 5]))
    >>> distinct.tolist(), number.tolist()
    ([7, 3, 5], [0, 1, 0, 2])
    """
    order = np.argsort(keys)
    in_order = keys[order]
    starts = np.flatnonzero(np.diff(in_order, prepend=in_order[:1] - 1))
    first_row = np.minimum.reduceat(order, starts) if keys.size else starts
    appearance = np.argsort(first_row)
    rank = np.empty_like(appearance)
    rank[appearance] = np.arange(appearance.size)
    number = np.empty(keys.size, dtype=np.int64)
    number[order] = np.repeat(rank, np.diff(starts, append=keys.size))
    return in_order[starts][appearance], number


def count_answers(group: Codes, answer: Codes, *, groups: int) -> Codes:
    """Count each answer in each group; return shape (groups, 6).

    Examples
    --------
    >>> count_answers(np.array([0, 1, 1]), np.array([0, 0, 5]), groups=2).tolist()
    [[1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 1]]
    """
    width = len(ANSWERS)
    return np.bincount(group * width + answer, minlength=groups * width).reshape(groups, width).astype(np.int64)


def count_cells(judgements: Judgements) -> Cells:
    """Count the answers of every directed pair in every context.

    Examples
    --------
    >>> cells = count_cells(Judgements.from_columns(
    ...     participant=[1, 2], first=["a", "a"], second=["b", "b"], context=["c", "c"], answer=["wiser", "less_wise"]))
    >>> cells.answers.tolist(), cells.cell.tolist()
    ([[1, 0, 1, 0, 0, 0]], [0, 0])
    """
    cards, contexts = max(len(judgements.cards), 1), max(len(judgements.contexts), 1)
    keys, cell = by_appearance((judgements.first * cards + judgements.second) * contexts + judgements.context)
    pair, context = np.divmod(keys, contexts)
    first, second = np.divmod(pair, cards)
    return Cells(
        cards=judgements.cards,
        contexts=judgements.contexts,
        first=first,
        second=second,
        context=context,
        answers=count_answers(cell, judgements.answer, groups=keys.size),
        cell=cell,
    )


def sum_by_group(group: Codes, rows: Codes, *, groups: int) -> Codes:
    """Add up the rows of each group; shapes (rows,) and (rows, columns) become (groups, columns).

    Examples
    --------
    >>> sum_by_group(np.array([1, 0, 1]), np.array([[1, 2], [3, 4], [5, 6]]), groups=2).tolist()
    [[3, 4], [6, 8]]
    """
    chosen = sparse.csr_array(
        (np.ones(group.size, dtype=rows.dtype), (group, np.arange(group.size))), (groups, group.size)
    )
    found: Codes = chosen @ rows
    return found


def marked(answers: Codes, mark: Mark, *, table: Mapping[Answer, Mark]) -> Codes:
    """Sum the answers that a table counts as `mark`; shape (..., 6) becomes (...).

    Examples
    --------
    >>> marked(np.array([[3, 1, 2, 0, 0, 4]]), Mark.NOT_WISER, table=REPAIRED_MARKS).tolist()
    [1]
    """
    columns = [code for code, answer in enumerate(ANSWERS) if table[answer] is mark]
    found: Codes = answers[..., columns].sum(axis=-1)
    return found


def compared(answers: Codes) -> Codes:
    """Count the answers that compared the two cards: all but "cannot judge".

    Examples
    --------
    >>> compared(np.array([[3, 1, 2, 0, 0, 4]])).tolist()
    [6]
    """
    every: Codes = answers.sum(axis=-1)
    return every - marked(answers, Mark.UNSURE, table=REPAIRED_MARKS)


def entropy_bits(counts: Codes) -> Floats:
    """Return the Shannon entropy in bits of the counts along the last axis; 0 where nothing was counted.

    Examples
    --------
    >>> entropy_bits(np.array([[3, 3, 0], [4, 0, 0], [0, 0, 0]])).tolist()
    [1.0, 0.0, 0.0]
    """
    totals = counts.sum(axis=-1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    logs = np.log2(np.where(shares > 0, shares, 1.0))
    bits: Floats = np.abs((shares * logs).sum(axis=-1))
    return bits


def posterior_mean(successes: Codes, trials: Codes) -> Floats:
    """Return the mean of a share's posterior under the Jeffreys prior, (successes + 1/2) / (trials + 1).

    Examples
    --------
    >>> posterior_mean(np.array([2, 20]), np.array([2, 20])).round(3).tolist()
    [0.833, 0.976]
    """
    return (np.asarray(successes) + 0.5) / (np.asarray(trials) + 1.0)


def is_kept(wiser: Codes, compared: Codes, *, minimum_wiser: int, minimum_likelihood: float) -> Facts:
    """Say which cells pass the repaired rule: enough "wiser" answers, and a likelihood above the limit.

    Examples
    --------
    >>> is_kept(np.array([2, 2, 1]), np.array([2, 5, 1]), minimum_wiser=2, minimum_likelihood=0.5).tolist()
    [True, False, False]
    """
    enough = np.asarray(wiser) >= max(minimum_wiser, 1)
    return enough & (posterior_mean(wiser, compared) > minimum_likelihood)
