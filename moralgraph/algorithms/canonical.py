"""Put judgements into an order that depends on nothing but what was answered.

A database numbers people as they came, a folder as it was written. Draws of people (a bootstrap) walk through them in
their order, so the same answers would give other last digits. Here people are numbered by what they answered.

Rule that must stay true: two sources with the same answers give the same columns, whatever they call their people.
"""

from dataclasses import dataclass

import numpy as np

from moralgraph.algorithms.records import Codes, Judgements


@dataclass(frozen=True, eq=False)
class Canonical:
    """Judgements in canonical order.

    Attributes
    ----------
    number
        The new code of each of the given participants, shape (participants,).
    side
        The given column of sides in the new order, shape (judgements,).
    """

    judgements: Judgements
    number: Codes
    side: Codes


def in_canonical_order(judgements: Judgements, *, side: Codes | None = None) -> Canonical:
    """Number the people by their answers, and order rows by the source's position, then person, then content.

    Whoever gave the very same answers in the same places cannot be told apart, and need not be.

    Parameters
    ----------
    side
        A further column of codes that belongs to the answers: on which side the first card stood.

    Examples
    --------
    >>> one = Judgements.from_columns(
    ...     participant=["x", "y"], first=["a", "a"], second=["c", "b"], context=["c"] * 2, answer=["wiser"] * 2,
    ...     order=[1, 1])
    >>> other = Judgements.from_columns(
    ...     participant=["y", "z"], first=["a", "a"], second=["b", "c"], context=["c"] * 2, answer=["wiser"] * 2,
    ...     order=[1, 1])
    >>> found = in_canonical_order(one)
    >>> found.number.tolist(), found.judgements.second.tolist(), found.judgements.participants
    ([1, 0], [1, 2], ('0', '1'))
    >>> found.judgements.fingerprint() == in_canonical_order(other).judgements.fingerprint()
    True
    """
    sides = np.zeros(len(judgements), dtype=np.int64) if side is None else side
    row = _row_numbers(judgements, sides)
    number = _people_by_answers(judgements.participant, row, people=len(judgements.participants))
    person = number[judgements.participant] if len(judgements) else judgements.participant
    width = len(str(max(len(judgements.participants) - 1, 0)))
    order = np.lexsort((row, person, judgements.order))
    in_order = judgements.select(order)
    canonical = Judgements.from_codes(
        cards=in_order.cards,
        contexts=in_order.contexts,
        participants=[f"{code:0{width}}" for code in range(len(judgements.participants))],
        participant=number[in_order.participant] if len(judgements) else in_order.participant,
        first=in_order.first,
        second=in_order.second,
        context=in_order.context,
        answer=in_order.answer,
        order=in_order.order,
        story=in_order.story,
        probability=in_order.probability,
        repeat=in_order.repeat,
    )
    return Canonical(judgements=canonical, number=number, side=sides[order])


def _row_numbers(judgements: Judgements, side: Codes) -> Codes:
    """Number the rows by their content, equal rows alike."""
    probability = np.nan_to_num(judgements.probability, nan=-1.0)
    columns = (
        judgements.order, judgements.context, judgements.first, judgements.second, judgements.repeat,
        judgements.answer, judgements.story, probability, side,
    )  # fmt: skip
    order = np.lexsort(columns[::-1])
    starts = np.zeros(order.size, dtype=np.bool_)
    for column in columns:
        starts[1:] |= column[order][1:] != column[order][:-1]
    number = np.empty(order.size, dtype=np.int64)
    number[order] = np.cumsum(starts)
    return number


def _people_by_answers(participant: Codes, row: Codes, *, people: int) -> Codes:
    """Return the place of each person among all, by the list of their rows."""
    order = np.lexsort((row, participant))
    counts = np.bincount(participant, minlength=people)
    ends = np.cumsum(counts)
    rows = row[order].astype(">i8").tobytes()
    width = np.dtype(">i8").itemsize
    bounds = zip((ends - counts).tolist(), ends.tolist(), strict=True)
    signatures = [rows[start * width : end * width] for start, end in bounds]
    in_order = sorted(range(people), key=signatures.__getitem__)
    number = np.empty(people, dtype=np.int64)
    number[in_order] = np.arange(people)
    return number
