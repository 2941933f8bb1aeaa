import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from elicit.analysis.privacy_floor import HIDDEN, LEAST_PEOPLE, floored, held_back, next_view

one_way = st.lists(st.integers(0, 40), min_size=1, max_size=7).map(np.array)
two_way = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 40))
)


def equations(table, shown):
    """Write the table as its reader sees it: an unknown a number, an equation for each sum and each shown number."""
    shape = table.shape if table.ndim == 2 else (1, len(table))
    cells = np.arange(table.size).reshape(shape)
    lines = [*cells, *cells.T] if table.ndim == 2 else []
    size = table.size + len(lines) + 1
    rows, right = [], []
    for number, line in enumerate([*lines, cells.ravel()]):
        row = np.zeros(size)
        row[line] = 1
        row[table.size + number] = -1
        rows.append(row)
        right.append(0)
    for place, value in enumerate(shown):
        if value != HIDDEN:
            rows.append(np.eye(size)[place])
            right.append(value)
    return np.array(rows), np.array(right, dtype=float)


def numbers(view):
    return np.concatenate([view.cells.ravel(), view.rows, view.columns, [view.total]])


def possible(matrix, right, place):
    """Return the least and the largest value that a reader cannot rule out (no count is negative)."""
    goal = np.eye(matrix.shape[1])[place]
    least = linprog(goal, A_eq=matrix, b_eq=right, bounds=(0, None))
    most = linprog(-goal, A_eq=matrix, b_eq=right, bounds=(0, None))
    assert least.status == 0
    return least.fun, np.inf if most.status == 3 else -most.fun


def assert_nothing_is_worked_out(table):
    shown = numbers(floored(table))
    matrix, right = equations(table, shown)
    for place in np.flatnonzero(shown == HIDDEN):
        low, high = possible(matrix, right, place)
        assert high - low >= LEAST_PEOPLE - 1e-6


def test_a_single_small_cell_takes_the_smallest_other_with_it():
    view = floored([40, 25, 3])
    assert view.listed() == [40, None, None]
    assert view.total == 68


def test_two_small_cells_that_together_reach_the_floor_need_no_other():
    assert floored([40, 6, 5]).listed() == [40, None, None]


def test_two_small_cells_that_together_stay_under_the_floor_take_a_third():
    assert floored([40, 20, 4, 5]).listed() == [40, None, None, None]


def test_where_all_is_large_all_is_shown():
    view = floored([[30, 20], [20, 14]])
    assert view.listed() == [30, 20, 20, 14]
    assert view.rows.tolist() == [50, 34]
    assert view.columns.tolist() == [50, 34]
    assert view.total == 84


def test_a_total_under_the_floor_is_hidden_with_all_its_cells():
    view = floored([4, 5])
    assert view.listed() == [None, None]
    assert view.total == HIDDEN


def test_a_single_cell_is_its_total():
    assert floored([12]).listed() == [12]
    assert floored([3]).total == HIDDEN


def test_a_small_cell_of_a_two_way_table_takes_a_rectangle_with_it():
    view = floored([[3, 50, 50], [50, 12, 50], [50, 50, 50]])
    assert view.shown.tolist() == [[False, False, True], [False, False, True], [True, True, True]]
    assert (view.rows != HIDDEN).all()


def test_a_rectangle_without_room_is_not_enough():
    # The first column's 0 and 3 would be known to add up to 3: each could take four values only.
    view = floored([[0, 60, 30], [3, 60, 30], [30, 30, 30]])
    assert not view.shown[2, 0]
    assert (~view.shown).sum() > 4


def test_cells_that_are_withheld_protect_a_small_one():
    assert floored([40, 25, 3, 30], withheld=[False, False, False, True]).listed() == [40, 25, None, None]


def test_zero_is_under_the_floor():
    assert floored([30, 30, 0, 30]).listed().count(None) == 2


@pytest.mark.parametrize("counts", [np.zeros((2, 2, 2)), [], [1.5], [-1]])
def test_what_is_no_table_of_people_is_an_error(counts):
    with pytest.raises(ValueError, match="tables|whole"):
        floored(counts)


@settings(max_examples=30, deadline=None)
@given(one_way)
def test_no_hidden_number_of_a_one_way_table_is_worked_out(table):
    assert_nothing_is_worked_out(table)


@settings(max_examples=25, deadline=None)
@given(two_way)
def test_no_hidden_number_of_a_two_way_table_is_worked_out(table):
    assert_nothing_is_worked_out(table)


@settings(max_examples=50, deadline=None)
@given(two_way)
def test_no_linear_combination_of_what_is_shown_is_a_hidden_number(table):
    shown = numbers(floored(table))
    matrix, _ = equations(table, shown)
    rank = np.linalg.matrix_rank(matrix)
    for place in np.flatnonzero(shown == HIDDEN):
        assert np.linalg.matrix_rank(np.vstack([matrix, np.eye(matrix.shape[1])[place]])) == rank + 1


@settings(max_examples=50, deadline=None)
@given(two_way)
def test_what_is_shown_is_true_and_at_the_floor(table):
    view = floored(table)
    assert (view.cells[view.shown] == table[view.shown]).all()
    assert (view.cells[view.shown] >= LEAST_PEOPLE).all()
    assert view.total in (HIDDEN, table.sum())


def test_a_view_waits_until_ten_have_come():
    assert held_back([20, 20, 20], [29, 30, 20]).tolist() == [20, 30, 20]


def test_a_first_view_is_what_there_is():
    assert held_back(None, [3, 12]).tolist() == [3, 12]


def test_a_rise_and_a_fall_do_not_meet_in_one_view():
    assert held_back([40, 40], [29, 51]).tolist() == [40, 51]
    assert held_back([40, 51], [29, 51]).tolist() == [29, 51]


def test_views_of_different_cells_are_an_error():
    with pytest.raises(ValueError, match="same cells"):
        held_back([1, 2], [1, 2, 3])


def test_the_next_view_shows_what_is_kept():
    shown, kept = next_view([40, 25, 12], [45, 40, 3])
    assert kept.tolist() == [40, 40, 12]
    assert shown.listed() == [40, 40, 12]


@given(st.lists(arrays(np.int64, 5, elements=st.integers(0, 60)), min_size=2, max_size=8), st.integers(1, 31))
def test_no_sum_of_cells_moves_by_fewer_than_ten_from_view_to_view(steps, subset):
    chosen = np.array([bool(subset >> place & 1) for place in range(5)])
    kept = None
    for counts in steps:
        before, kept = kept, held_back(kept, counts)
        if before is not None:
            moved = abs(int((kept - before)[chosen].sum()))
            assert moved == 0 or moved >= LEAST_PEOPLE


@given(arrays(np.int64, 5, elements=st.integers(0, 60)), arrays(np.int64, 5, elements=st.integers(0, 60)))
def test_views_catch_up_to_within_nine(before, now):
    kept = held_back(held_back(before, now), now)
    assert (np.abs(kept - now) < LEAST_PEOPLE).all()
