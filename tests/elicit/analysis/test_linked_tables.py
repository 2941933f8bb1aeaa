import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elicit.analysis.linked_tables import floored_together
from elicit.analysis.privacy_floor import HIDDEN, LEAST_PEOPLE, floored

AGE_BY_SEX = np.array([[20, 20], [13, 12], [2, 1]])


def test_a_total_that_one_table_hides_is_hidden_in_the_other():
    assert floored([40, 25, 3]).listed() == [40, None, None]
    found = floored_together({("age",): [40, 25, 3], ("age", "sex"): AGE_BY_SEX})
    assert found[("age",)].cells.tolist() == found["age", "sex"].rows.tolist() == [40, HIDDEN, HIDDEN]


def test_large_tables_are_shown_whole():
    found = floored_together({("age", "sex"): AGE_BY_SEX * 20})
    assert found["age", "sex"].cells.tolist() == (AGE_BY_SEX * 20).tolist()
    assert found["age", "sex"].total == AGE_BY_SEX.sum() * 20


def test_tables_of_different_people_are_an_error():
    with pytest.raises(ValueError, match="differently"):
        floored_together({("age",): [40, 25], ("age", "sex"): [[20, 20], [13, 11]]})
    with pytest.raises(ValueError, match="same number"):
        floored_together({("age",): [40, 25], ("sex",): [30, 30]})
    with pytest.raises(ValueError, match="one- or two-way"):
        floored_together({("age", "sex"): [40, 25]})


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=150))
def test_no_combination_of_two_linked_tables_is_a_hidden_number(people):
    by_sex, by_place = np.zeros((3, 2), dtype=int), np.zeros((3, 2), dtype=int)
    for age, sex, place in people:
        by_sex[age, sex] += 1
        by_place[age, place] += 1
    found = floored_together({("age", "sex"): by_sex, ("age", "place"): by_place})
    one, other = found["age", "sex"], found["age", "place"]
    shown = np.concatenate([one.cells.ravel(), other.cells.ravel(), one.rows, one.columns, other.columns, [one.total]])
    rows = [np.eye(20)[place] for place in np.flatnonzero(shown != HIDDEN)]
    for age in range(3):
        rows += [_sum([2 * age, 2 * age + 1], 12 + age), _sum([6 + 2 * age, 7 + 2 * age], 12 + age)]
    for column in range(2):
        rows += [
            _sum([column, 2 + column, 4 + column], 15 + column),
            _sum([6 + column, 8 + column, 10 + column], 17 + column),
        ]
    rows += [_sum([12, 13, 14], 19), _sum([15, 16], 19), _sum([17, 18], 19)]
    rank = np.linalg.matrix_rank(np.array(rows))
    for place in np.flatnonzero(shown == HIDDEN):
        assert np.linalg.matrix_rank(np.array([*rows, np.eye(20)[place]])) == rank + 1
    assert (shown[shown != HIDDEN] >= LEAST_PEOPLE).all()
    assert one.rows.tolist() == other.rows.tolist()


def _sum(cells, total):
    row = np.zeros(20)
    row[cells], row[total] = 1, -1
    return row
