"""Signals about how answers came to be, for a person to look at. They flag; they never reject, and nothing is withheld.

Rule: every signal shows its number beside its limit, and every limit has a name and a reason. HONEST is the largest
share of honest people that a signal may flag, which the tests hold it to on simulated honest answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elicit.analysis.repeated_text import LIKENESS, near_copies, same_texts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HONEST = 0.01

FASTEST = -3.5  # robust deviations of log time: Iglewicz and Hoaglin's limit; 0.02% of a normal distribution
CONSISTENT = 1.4826  # makes the median absolute deviation the standard deviation of a normal distribution
CONSISTENT_MEAN = 1.2533  # the same for the mean absolute deviation, where more than half of the times are equal
FEWEST_TIMES = 10  # people before a usual time can be said
FEWEST_ANSWERS = 5  # in a row, before being alike says anything: four equal points of five come up by chance
FEWEST_POINTS = 3  # different answers in the group: of two, long runs come up by chance
SELDOM = 0.05  # if more people than this answer alike throughout, it is the question that invites it
RARE = 0.995  # quantile of the group's longest runs that a run must exceed
SHARE_AT_START = 0.5  # of the sliders: round answers in the middle are honest, half of all of them there are not usual
FEWEST_SLIDERS = 4
SHARE_PASTED = 0.5  # of the characters: a pasted name or link is honest, most of a text about oneself is worth a look
FEWEST_PASTED = 100  # characters
FAILED = 2  # attention items: one slip is human (about 5% an item), two are seldom
STRANGERS = 20  # second answers of others that each person is compared with
FEWEST_REPEATED = 3  # repeated items, before agreement with oneself says anything


class Code(StrEnum):
    """Name a signal."""

    FAST = "fast"
    FAST_THROUGHOUT = "fast_throughout"
    STRAIGHT_LINE = "straight_line"
    LEFT_AT_START = "left_at_start"
    SAME_TEXT = "same_text"
    NEAR_COPY = "near_copy"
    PASTED = "pasted"
    ATTENTION = "attention"
    RETEST = "retest"
    NOT_SAID = "not_said"


SENTENCES = {
    Code.FAST: "Took %(value)s seconds where %(limit)s is usually the least. Quick readers exist: look at the answers.",
    Code.FAST_THROUGHOUT: "Took %(value)s of the usual time all along, where %(limit)s is usually the least.",
    Code.STRAIGHT_LINE: "Gave the same answer %(value)s times in a row, where more than %(limit)s is unusual here.",
    Code.LEFT_AT_START: "Left %(value)s of the sliders where they start; from %(limit)s on it is worth a look.",
    Code.SAME_TEXT: "Wrote a text that appears %(value)s more times, word for word. It may be a shared source.",
    Code.NEAR_COPY: "Wrote a text that is %(value)s alike to another one; from %(limit)s on it is worth a look.",
    Code.PASTED: "Pasted %(value)s of the text; from %(limit)s on it is worth a look. Many write elsewhere first.",
    Code.ATTENTION: "Missed %(value)s of the attention questions; from %(limit)s on it is worth a look.",
    Code.RETEST: "Differs by %(value)s points from themselves on repeated questions; strangers differ by %(limit)s.",
    Code.NOT_SAID: "Preferred not to say %(value)s times. That is everybody's right and never counts against anyone.",
}
SHARES = (Code.FAST_THROUGHOUT, Code.LEFT_AT_START, Code.NEAR_COPY, Code.PASTED)


@dataclass(frozen=True)
class Signal:
    """One signal over all people, in the order in which they were given.

    Attributes
    ----------
    value : the number a person, in the signal's unit; NaN where it says nothing of them.
    limit : the number from which it flags, one a person (often the same); NaN where it cannot flag.
    is_flagged : whether to look at a person.
    """

    code: Code
    value: Floats
    limit: Floats
    is_flagged: Bools

    def said(self, person: int, *, translate: Callable[[str], str] = str) -> str:
        """Return the sentence for organizers about a person, given what translates it."""
        as_share = self.code in SHARES
        shown = {
            name: f"{number:.0%}" if as_share else f"{number:.0f}"
            for name, number in (("value", self.value[person]), ("limit", self.limit[person]))
        }
        return translate(SENTENCES[self.code]) % shown


def robust_deviations(values: ArrayLike) -> Floats:
    """Return how far each value is from the median, in robust standard deviations; NaN stays NaN.

    All NaN with fewer than FEWEST_TIMES values, or when they do not differ.

    References
    ----------
    Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): median absolute deviation, else the mean one.

    Examples
    --------
    >>> robust_deviations([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]).round(2).tolist()[0]
    -1.12
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(numbers)
    if known.sum() < FEWEST_TIMES:
        return np.full(numbers.shape, np.nan)
    apart = numbers - np.median(numbers[known])
    scale = CONSISTENT * float(np.median(np.abs(apart[known]))) or CONSISTENT_MEAN * float(
        np.mean(np.abs(apart[known]))
    )
    return apart / scale if scale > 0 else np.full(numbers.shape, np.nan)


def fast_people(seconds: ArrayLike) -> Signal:
    """Flag people whose time for a step is far under the usual, on a logarithmic scale.

    Long times are no signal: people make coffee. A mean less three standard deviations, as PRISM used, is negative with
    its own numbers (`mean_less_three_deviations`) and can never flag anybody.

    Parameters
    ----------
    seconds
        One positive number a person; NaN where it was not measured.

    Examples
    --------
    >>> fast_people([300, 240, 500, 420, 350, 280, 610, 330, 390, 450, 12]).is_flagged.tolist()[-2:]
    [False, True]
    """
    times = np.asarray(seconds, dtype=np.float64)
    logs = np.log(np.where(times > 0, times, np.nan))
    deviations = robust_deviations(logs)
    limit = np.full(times.shape, _limit_of(logs, deviations))
    return Signal(Code.FAST, times, limit, np.asarray(deviations < FASTEST))


def fast_by_item(seconds: ArrayLike) -> Signal:
    """Flag people who are fast on item after item, compared with what each item usually takes.

    Parameters
    ----------
    seconds
        One row a person, one column an item; NaN where it was not shown or not measured.

    Returns
    -------
    The value is the median over items of a person's time, as a share of what the item usually takes (1: as usual).
    """
    times = np.asarray(seconds, dtype=np.float64)
    logs = np.log(np.where(times > 0, times, np.nan))
    pace = _row_medians(logs - _row_medians(logs.T)[None, :])
    deviations = robust_deviations(pace)
    limit = np.full(len(times), _limit_of(pace, deviations))
    return Signal(Code.FAST_THROUGHOUT, np.exp(pace), limit, np.asarray(deviations < FASTEST))


def mean_less_three_deviations(mean: float, deviation: float) -> float:
    """Return the limit that PRISM's speed check used; times are never negative, so a negative one never flags.

    Examples
    --------
    >>> mean_less_three_deviations(2154, 20557), mean_less_three_deviations(556, 422)
    (-59517, -710)
    """
    return mean - 3 * deviation


def straight_lines(answers: ArrayLike) -> Signal:
    """Flag people who gave one answer unusually often in a row, in a matrix or a page of sliders.

    Flagged is a run longer than RARE of the group's, of FEWEST_ANSWERS or more; and nobody where more than SELDOM of
    the group answer alike throughout or there are under FEWEST_POINTS answers: the question then invites it.

    Parameters
    ----------
    answers
        One row a person, one column an item in the order it was shown; NaN where there is no answer.

    Examples
    --------
    >>> grid = [[1, 2, 3, 2, 4, 1]] * 39 + [[3, 3, 3, 3, 3, 3]]
    >>> found = straight_lines(grid)
    >>> found.value.tolist()[-2:], found.is_flagged.tolist()[-2:]
    ([1.0, 6.0], [False, True])
    """
    table = np.asarray(answers, dtype=np.float64)
    runs = np.array([_longest_run(row[~np.isnan(row)]) for row in table], dtype=np.float64)
    answered = (~np.isnan(table)).sum(axis=1)
    alike = (runs == answered) & (answered >= FEWEST_ANSWERS)
    points = len(np.unique(table[~np.isnan(table)]))
    is_invited = points < FEWEST_POINTS or alike.mean() > SELDOM
    usual = float(np.quantile(runs, RARE, method="lower")) if len(table) else np.nan
    usual = min(usual, float(np.max(runs[~alike], initial=0.0))) if not is_invited else usual
    limit = max(usual, FEWEST_ANSWERS - 1.0)
    flagged = np.zeros(len(table), dtype=np.bool_) if is_invited else runs > limit
    return Signal(Code.STRAIGHT_LINE, runs, np.full(len(table), limit), np.asarray(flagged))


def left_at_start(values: ArrayLike, *, start: float | None, touched: ArrayLike | None = None) -> Signal:
    """Flag people who left SHARE_AT_START of FEWEST_SLIDERS or more answered sliders where they start.

    Parameters
    ----------
    values
        One row a person, one column a slider; NaN where it was left open.
    start
        Where the handle stands at first, for sliders that have a start (imported studies: 50); `None` when they start
        unset, as ours do: then only sliders that were answered and never touched count.
    touched
        Marks the sliders that were touched, where that was recorded; a touched slider is never "left".
    """
    table = np.asarray(values, dtype=np.float64)
    answered = ~np.isnan(table)
    untouched = np.ones(table.shape, dtype=np.bool_) if touched is None else ~np.asarray(touched, dtype=np.bool_)
    if start is None and touched is None:
        raise ValueError("Without a start and without what was touched, nothing can be said of sliders left alone.")
    left = answered & untouched & (table == start if start is not None else True)
    count = answered.sum(axis=1)
    share = np.divide(left.sum(axis=1), count, out=np.full(len(table), np.nan), where=count >= FEWEST_SLIDERS)
    return Signal(Code.LEFT_AT_START, share, np.full(len(table), SHARE_AT_START), np.asarray(share >= SHARE_AT_START))


def repeated_texts(texts: Sequence[str], people: Sequence[int], *, count: int) -> tuple[Signal, Signal]:
    """Flag people whose long text appears again word for word, and those whose text is nearly another person's.

    Parameters
    ----------
    texts, people
        A text and the place (0 to count - 1) of the person who wrote it; a person may have several.

    Returns
    -------
    SAME_TEXT: how many more times the person's most repeated text appears, whoever wrote it. NEAR_COPY: the largest
    likeness (0 to 1) to a text of somebody else. See `elicit.analysis.repeated_text` for both.
    """
    owner = np.asarray(people, dtype=np.int64)
    again, alike = np.zeros(count), np.zeros(count)
    np.maximum.at(again, owner, same_texts(texts))
    np.maximum.at(alike, owner, near_copies(texts, people))
    return (
        Signal(Code.SAME_TEXT, again, np.ones(count), np.asarray(again >= 1)),
        Signal(Code.NEAR_COPY, alike, np.full(count, LIKENESS), np.asarray(alike >= LIKENESS)),
    )


def pasted_texts(pasted: ArrayLike, lengths: ArrayLike) -> Signal:
    """Flag people who pasted most of what they wrote.

    Parameters
    ----------
    pasted, lengths
        Characters pasted and characters written, one a person (added up over their texts). What was pasted and then
        deleted counts no more than what is left.
    """
    written, from_elsewhere = np.asarray(lengths, dtype=np.float64), np.asarray(pasted, dtype=np.float64)
    kept = np.minimum(from_elsewhere, written)
    share = np.divide(kept, written, out=np.full(len(written), np.nan), where=written > 0)
    flagged = (share >= SHARE_PASTED) & (kept >= FEWEST_PASTED)
    return Signal(Code.PASTED, share, np.full(len(written), SHARE_PASTED), np.asarray(flagged))


def missed_attention(given: ArrayLike, expected: ArrayLike) -> Signal:
    """Flag people who missed FAILED attention items; of a single item, who missed it (about 5% of honest people).

    Parameters
    ----------
    given
        One row a person, one column an attention item; NaN where it was not shown.
    expected
        The right answer of each item.
    """
    answers = np.asarray(given, dtype=np.float64)
    missed = ((answers != np.asarray(expected, dtype=np.float64)) & ~np.isnan(answers)).sum(axis=1).astype(np.float64)
    limit = np.minimum(FAILED, np.maximum((~np.isnan(answers)).sum(axis=1), 1)).astype(np.float64)
    return Signal(Code.ATTENTION, missed, limit, np.asarray(missed >= limit))


def retest(first: ArrayLike, second: ArrayLike) -> Signal:
    """Flag people who differ from themselves on repeated items at least as much as from the usual stranger.

    Parameters
    ----------
    first, second
        The two answers to FEWEST_REPEATED or more items: one row a person, one column an item; NaN where missing.

    Notes
    -----
    The strangers are the STRANGERS people who come before: the limit is the median of all mean differences from them.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    both = (~np.isnan(one) & ~np.isnan(other)).sum(axis=1)
    differences = np.where(both >= FEWEST_REPEATED, _row_means(np.abs(one - other)), np.nan)
    shifts = range(1, min(len(one), STRANGERS + 1))
    of_strangers = np.array([_row_means(np.abs(one - np.roll(other, shift, axis=0))) for shift in shifts])
    known = of_strangers[~np.isnan(of_strangers)]
    limit = np.full(len(one), float(np.median(known)) if len(known) else np.nan)
    return Signal(Code.RETEST, differences, limit, np.asarray((differences >= limit) & (limit > 0)))


def reliability(first: ArrayLike, second: ArrayLike) -> float:
    """Return the correlation of repeated answers over people and items; NaN for fewer than three pairs.

    Examples
    --------
    >>> round(reliability([[10, 50], [90, 30]], [[20, 50], [80, 30]]), 3)
    0.996
    """
    one, other = np.asarray(first, dtype=np.float64).ravel(), np.asarray(second, dtype=np.float64).ravel()
    known = ~np.isnan(one) & ~np.isnan(other)
    if known.sum() < FEWEST_REPEATED:
        return float("nan")
    return float(np.corrcoef(one[known], other[known])[0, 1])


def not_said(counts: ArrayLike) -> Signal:
    """Report how often each person preferred not to say. It never flags: it is their right."""
    numbers = np.asarray(counts, dtype=np.float64)
    return Signal(Code.NOT_SAID, numbers, np.full(len(numbers), np.nan), np.zeros(len(numbers), dtype=np.bool_))


def _limit_of(logs: Floats, deviations: Floats) -> float:
    """Turn FASTEST back into the unit of the times."""
    known = ~np.isnan(deviations) & (deviations != 0)
    if not known.any():
        return float("nan")
    scale = float(np.median((logs[known] - np.nanmedian(logs)) / deviations[known]))
    return float(np.exp(np.nanmedian(logs) + FASTEST * scale))


def _row_medians(table: Floats) -> Floats:
    """Return the median of the known numbers of each row; NaN where there are none."""
    rows = [row[~np.isnan(row)] for row in table]
    return np.array([float(np.median(row)) if len(row) else np.nan for row in rows])


def _row_means(table: Floats) -> Floats:
    """Return the mean of the known numbers of each row; NaN where there are none."""
    known = ~np.isnan(table)
    sums, counts = np.where(known, table, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64)
    return np.asarray(np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0))


def _longest_run(row: Floats) -> int:
    if not len(row):
        return 0
    starts = np.flatnonzero(np.append(True, row[1:] != row[:-1]))
    return int(np.diff(np.append(starts, len(row))).max())
