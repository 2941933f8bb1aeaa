import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.analysis.means import mean_of
from elicit.analysis.proportions import share


def test_a_share_of_none_has_an_upper_end_above_nothing():
    one = share(0, 10)
    assert (one.value, one.low) == (0.0, 0.0)
    assert one.high == pytest.approx(3.8416 / (10 + 3.8416), abs=1e-3)  # z^2 / (n + z^2) where nobody said it


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_share_lies_inside_its_interval(counts: tuple[int, int]):
    one = share(*counts)
    assert 0 <= one.low <= one.value + 1e-12 and one.value <= one.high + 1e-12 <= 1 + 1e-9


def test_more_people_make_a_narrower_share():
    few, many = share(5, 10), share(500, 1000)
    assert many.high - many.low < few.high - few.low


def test_a_share_of_nobody_is_refused():
    with pytest.raises(ValueError):
        share(0, 0)


def test_a_wilson_interval_covers_as_often_as_it_says():
    draws = np.random.default_rng(1).binomial(50, 0.3, size=2000)
    intervals = {int(count): share(int(count), 50) for count in set(draws)}
    covered = np.mean([intervals[int(count)].low <= 0.3 <= intervals[int(count)].high for count in draws])
    assert 0.93 <= covered <= 0.97


def test_a_mean_of_equal_numbers_is_certain():
    one = mean_of([4, 4, 4])
    assert (one.low, one.value, one.high) == (4, 4, 4)


def test_one_number_has_no_interval():
    with pytest.raises(ValueError, match="at least 2"):
        mean_of([4])
