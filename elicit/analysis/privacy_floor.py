"""Hold back counts of people that say too much of a few: the one floor for pages, API and exports.

Three rules. A number under the floor is never shown. A hidden number can never be worked out from those that are shown:
at least as many whole numbers as the floor remain possible for each, given every row, column and total that is shown
and that nobody counts less than nothing. And from one published view to the next every number stays or moves by at
least the floor, so that nobody can be read off by subtracting.

Decided against: rounding to a base, since a rounded number that flips says that one person came, and rounded cells do
not add up. Zero is under the floor as well: that nobody in a group said a thing is also a fact about the group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

LEAST_PEOPLE = 10  # as architecture.md, section 5, says
HIDDEN = -1

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Floored:
    """A table of one or two ways as it may be shown; HIDDEN (-1) stands where nothing may be.

    Attributes
    ----------
    cells : the counts, in the shape they came in.
    rows, columns : totals of a two-way table; empty for a one-way table.
    total : everybody.
    """

    cells: Ints
    rows: Ints
    columns: Ints
    total: int

    @property
    def shown(self) -> Bools:
        """Mark the cells that may be shown, and so may a mean or a share over the people in them."""
        return np.asarray(self.cells != HIDDEN)

    def listed(self) -> list[int | None]:
        """Return the cells, row by row, with `None` where a page writes "fewer than 10, or held back"."""
        return [None if count == HIDDEN else int(count) for count in self.cells.ravel()]


@dataclass(frozen=True)
class _Network:
    """A table as a network: everybody flows from the source over rows and columns to the sink, and the total back.

    What adds up in the table is what flows in equals what flows out, so that a change that keeps every shown number is
    a flow in circles over the hidden ones.
    """

    nodes: int
    tails: Ints
    heads: Ints
    values: Ints
    margins: Ints  # 0 a cell, 1 a total of a row or column, 2 the total of all


def floored(counts: ArrayLike, *, least: int = LEAST_PEOPLE, withheld: ArrayLike | None = None) -> Floored:
    """Return a table with its small numbers hidden, and as many others as are needed to keep them so.

    Parameters
    ----------
    counts
        Whole numbers of people, one-way (length k) or two-way (rows x columns); totals are added here.
    least
        The floor.
    withheld
        Marks, of the shape of `counts`, cells that are not shown for another reason (people without a group).

    Raises
    ------
    ValueError
        When the table is not one- or two-way, or a count is negative or not whole.

    References
    ----------
    Willenborg and de Waal, "Elements of Statistical Disclosure Control" (2001), chapter 4; intervals of hidden cells by
    flows: Gusfield, "A graph theoretic approach to statistical data security", SIAM J. Computing 17 (1988).

    Examples
    --------
    The smallest other cell goes with a single small one:

    >>> floored([40, 25, 3]).listed(), floored([40, 25, 3]).total
    ([40, None, None], 68)
    >>> floored([[30, 20], [20, 4]]).listed()
    [None, None, None, None]
    """
    table = _checked(counts)
    network = _network(table)
    must = network.values < least
    if withheld is not None:
        must[: table.size] |= np.asarray(withheld, dtype=np.bool_).ravel()
    hidden = _without_surplus(network, _with_companions(table, network, must, least), must, least)
    shown = np.where(hidden, HIDDEN, network.values)
    ways = table.shape if table.ndim == 2 else (0, 0)
    rest = shown[table.size :]
    return Floored(shown[: table.size].reshape(table.shape), rest[: ways[0]], rest[ways[0] : -1], int(rest[-1]))


def held_back(previous: ArrayLike | None, current: ArrayLike, *, least: int = LEAST_PEOPLE) -> Ints:
    """Return the counts of the next view: a cell keeps its earlier count until it has moved by at least the floor.

    Totals are those of the cells as returned, never the true ones. In one view cells only rise or only fall (whichever
    moves more people; the others wait), so that a total never moves by a difference of two moves. Keep the result, not
    what `floored` shows of it: it is the `previous` of the next view. What is said of a cell's people (a mean, a share)
    changes only when its count does.

    Raises
    ------
    ValueError
        When the two views differ in shape.

    Examples
    --------
    >>> held_back([20, 20, 20], [29, 30, 20]).tolist()
    [20, 30, 20]
    >>> held_back([20, 20], [8, 31]).tolist()
    [8, 20]
    """
    now = _checked(current)
    if previous is None:
        return now
    before = _checked(previous)
    if before.shape != now.shape:
        raise ValueError("A view is compared with an earlier view of the same cells.")
    moves = now - before
    rising, falling = np.where(moves >= least, moves, 0), np.where(moves <= -least, moves, 0)
    return np.asarray(before + (rising if rising.sum() >= -falling.sum() else falling))


def next_view(previous: ArrayLike | None, current: ArrayLike, *, least: int = LEAST_PEOPLE) -> tuple[Floored, Ints]:
    """Return what may be shown now, and the counts to keep for the view after it.

    Examples
    --------
    >>> shown, kept = next_view([40, 25, 12], [45, 40, 12])
    >>> shown.listed(), kept.tolist()
    ([40, 40, 12], [40, 40, 12])
    """
    kept = held_back(previous, current, least=least)
    return floored(kept, least=least), kept


def _checked(counts: ArrayLike) -> Ints:
    table = np.asarray(counts)
    if table.ndim not in (1, 2) or not table.size:
        raise ValueError("Only one- and two-way tables can be floored; show fewer attributes at once.")
    whole = table.astype(np.int64)
    if (whole != table).any() or (whole < 0).any():
        raise ValueError("Counts of people are whole numbers, none of them negative.")
    return whole


def _network(table: Ints) -> _Network:
    total = table.sum()
    if table.ndim == 1:
        size = len(table)
        return _Network(
            nodes=2,
            tails=np.append(np.zeros(size, dtype=np.int64), 1),
            heads=np.append(np.ones(size, dtype=np.int64), 0),
            values=np.append(table, total),
            margins=np.append(np.zeros(size, dtype=np.int64), 2),
        )
    rows, columns = table.shape
    row, column = 1 + np.arange(rows), 1 + rows + np.arange(columns)
    sink = 1 + rows + columns
    return _Network(
        nodes=sink + 1,
        tails=np.concatenate([np.repeat(row, columns), np.zeros(rows, dtype=np.int64), column, [sink]]),
        heads=np.concatenate([np.tile(column, rows), row, np.full(columns, sink), [0]]),
        values=np.concatenate([table.ravel(), table.sum(axis=1), table.sum(axis=0), [total]]),
        margins=np.repeat([0, 1, 2], [table.size, rows + columns, 1]),
    )


def _with_companions(table: Ints, network: _Network, must: Bools, least: int) -> Bools:
    """Hide more until no hidden number can be worked out; hiding more never narrows what was wide enough."""
    hidden = must.copy()
    waiting = np.flatnonzero(must).tolist()
    while waiting:
        place = waiting[-1]
        if _width(network, hidden, place, least) >= least:
            waiting.pop()
            continue
        new = _companions(table, network, hidden, place, least)
        hidden[new] = True
        waiting = [*new, *waiting]
    return hidden


def _without_surplus(network: _Network, hidden: Bools, must: Bools, least: int) -> Bools:
    """Show again, the largest first, what need not be hidden after all."""
    surplus = np.flatnonzero(hidden & ~must)
    for place in surplus[np.argsort(-network.values[surplus], kind="stable")].tolist():
        fewer = hidden.copy()
        fewer[place] = False
        if all(_width(network, fewer, int(other), least) >= least for other in _nearest_first(network, fewer, place)):
            hidden = fewer
    return hidden


def _nearest_first(network: _Network, hidden: Bools, place: int) -> list[int]:
    """Order hidden numbers so that those which would be worked out first are looked at first."""
    ends = (network.tails[place], network.heads[place])
    near = np.isin(network.tails, ends).astype(np.int64) + np.isin(network.heads, ends)
    places = np.flatnonzero(hidden)
    return [int(other) for other in places[np.argsort(-near[places], kind="stable")]]


def _width(network: _Network, hidden: Bools, place: int, least: int) -> int:
    """Return how far a hidden number can move, up and down together; counted to the floor in each direction."""
    tail, head, value = int(network.tails[place]), int(network.heads[place]), int(network.values[place])
    others = np.flatnonzero(hidden)
    others = others[others != place]
    room = np.zeros((network.nodes, network.nodes), dtype=np.int32)
    np.add.at(room, (network.tails[others], network.heads[others]), least)
    np.add.at(room, (network.heads[others], network.tails[others]), np.minimum(network.values[others], least))
    graph = csr_array(room)
    up = min(least, int(maximum_flow(graph, head, tail).flow_value))
    down = min(least, value, int(maximum_flow(graph, tail, head).flow_value)) if up < least else 0
    return up + down


def _companions(table: Ints, network: _Network, hidden: Bools, place: int, least: int) -> list[int]:
    """Choose what to hide next: for a cell of a two-way table the rectangle with room that costs the fewest people."""
    if table.ndim == 2 and place < table.size:
        row, column = divmod(place, table.shape[1])
        rectangles = [
            [corner for corner in _corners(table, row, column, other_row, other_column) if not hidden[corner]]
            for other_row in np.flatnonzero(table[:, column] >= least).tolist()
            for other_column in np.flatnonzero(table[row] >= least).tolist()
            if other_row != row and other_column != column
        ]
        if new := [corners for corners in rectangles if corners]:
            return min(new, key=lambda corners: int(network.values[corners].sum()))
    return [_companion(network, hidden, place)]


def _corners(table: Ints, row: int, column: int, other_row: int, other_column: int) -> list[int]:
    width = table.shape[1]
    return [row * width + other_column, other_row * width + column, other_row * width + other_column]


def _companion(network: _Network, hidden: Bools, place: int) -> int:
    """Choose one more number: a cell before a total, in the same row or column, the smallest."""
    ends = {int(network.tails[place]), int(network.heads[place])}

    def order(candidate: int) -> tuple[int, bool, int]:
        both = {int(network.tails[candidate]), int(network.heads[candidate])}
        return int(network.margins[candidate]), not both & ends, int(network.values[candidate])

    return min((int(candidate) for candidate in np.flatnonzero(~hidden)), key=order)
