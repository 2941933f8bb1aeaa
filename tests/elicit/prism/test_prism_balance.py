import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.prism.balance import balanced_subset, census_cell, pandas_sample, representative


def test_each_participant_gives_as_many_of_every_type():
    people = [0] * 7 + [1] * 3
    types = [0, 0, 0, 1, 1, 2, 2, 0, 0, 1]
    marked = balanced_subset(people, types)
    assert [int(marked[[t == kind for t in types]].sum()) for kind in range(3)] == [2, 2, 2]
    assert not marked[7:].any()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=60))
def test_the_subset_has_the_least_number_of_any_type(rows):
    people, types = np.array([row[0] for row in rows], int), np.array([row[1] for row in rows], int)
    marked = balanced_subset(people, types)
    for person in set(people.tolist()):
        counts = [int(((people == person) & (types == kind)).sum()) for kind in range(3)]
        drawn = [int((marked & (people == person) & (types == kind)).sum()) for kind in range(3)]
        assert drawn == [min(counts)] * 3


@pytest.mark.parametrize(("length", "count", "seed"), [(3, 2, 0), (4, 2, 0), (10, 7, 42), (1, 1, 0)])
def test_the_draw_is_the_one_of_pandas(length, count, seed):
    pandas = pytest.importorskip("pandas", reason="pandas is only the oracle here")
    drawn = pandas.DataFrame({"place": range(length)}).sample(n=count, random_state=seed)["place"].tolist()
    assert pandas_sample(length, count, seed=seed).tolist() == drawn


def test_participants_and_types_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 participants, but 1 types"):
        balanced_subset([0, 1], [0])


def test_each_cell_gives_its_share_and_one_more_or_all_it_has():
    young, old = census_cell("18-24 years old", "White", "Male"), census_cell("65+ years old", "White", "Male")
    marked = representative([young] * 50 + [old] * 3 + [None], {young: 0.1, old: 0.5}, size=100)
    assert (marked[:50].sum(), marked[50:53].sum(), marked[53]) == (11, 3, False)


@pytest.mark.parametrize(
    ("age", "ethnicity", "gender"),
    [
        ("Prefer not to say", "White", "Male"),
        ("18-24 years old", "Prefer not to say", "Male"),
        ("18-24 years old", "White", "Non-binary / third gender"),
    ],
)
def test_who_refused_or_is_neither_woman_nor_man_has_no_cell(age, ethnicity, gender):
    assert census_cell(age, ethnicity, gender) is None
