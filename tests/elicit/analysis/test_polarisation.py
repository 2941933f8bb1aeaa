import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from elicit.analysis.groups import Verdict
from elicit.analysis.polarisation import FLAT, between_share, bimodality, polarisations

RNG = np.random.default_rng(0)


def test_two_equal_peaks_without_width_have_coefficient_one():
    # Skewness 0, kurtosis 1: (0 + 1) / 1 in a large sample.
    assert bimodality(np.repeat([0.0, 1.0], 5000)) == pytest.approx(1, abs=1e-3)


def test_a_flat_spread_has_five_ninths_and_a_bell_one_third():
    assert bimodality(np.linspace(0, 1, 20_001)) == pytest.approx(FLAT, abs=1e-3)
    assert bimodality(stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)) == pytest.approx(1 / 3, abs=1e-2)


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [5.0] * 10])
def test_three_values_or_one_have_no_coefficient(values):
    assert np.isnan(bimodality(np.array(values)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=4, max_size=30).filter(lambda values: len(set(values)) > 1))
def test_the_coefficient_is_the_textbook_one_and_blind_to_scale(values):
    sample = np.array(values, dtype=float)
    n = len(sample)
    skewness, excess = stats.skew(sample, bias=False), stats.kurtosis(sample, bias=False)
    expected = (skewness**2 + 1) / (excess + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))
    assert bimodality(sample) == pytest.approx(expected, rel=1e-6)
    assert bimodality(3 * sample + 7) == pytest.approx(expected, rel=1e-6)


def test_the_share_between_groups_by_hand():
    # Values 1, 1 and 2, 4: total 6 over 3 degrees of freedom, within 2 over 2; 1 - 1 / 2.
    assert between_share(np.array([1.0, 1.0, 2.0, 4.0]), np.array([0, 0, 1, 1])) == pytest.approx(0.5)


def test_the_share_between_groups_that_do_not_differ_is_about_zero():
    shares = [between_share(RNG.normal(size=40), np.repeat([0, 1], 20)) for _ in range(300)]
    assert np.mean(shares) == pytest.approx(0, abs=0.01)


def test_an_item_that_divides_by_group_is_found_among_items_that_do_not():
    groups = ["north"] * 30 + ["south"] * 30
    table = RNG.normal(50, 10, size=(60, 3))
    table[:30, 1] += 25
    found = polarisations(table, ["a", "b", "c"], groups, seed=1, draws=400)
    assert [row.differs_by_group for row in found][1] is Verdict.HIGHER
    assert found[1].between > 0.4
    assert all(row.q >= row.p for row in found)


def test_one_peak_is_said_to_be_one():
    found = polarisations(RNG.normal(50, 10, size=(400, 1)), ["a"], None, seed=1, draws=200)[0]
    assert found.has_two_camps is Verdict.LOWER
    assert (found.between, found.differs_by_group) == (None, Verdict.TOO_FEW_TO_SAY)


def test_under_the_floor_nothing_is_said():
    found = polarisations(RNG.normal(size=(9, 1)), ["a"], ["north"] * 9, seed=1)[0]
    assert (found.people, found.bimodality, found.has_two_camps) == (None, None, Verdict.TOO_FEW_TO_SAY)


def test_a_group_of_nine_takes_no_part():
    groups = ["north"] * 9 + ["south"] * 30
    found = polarisations(RNG.normal(size=(39, 1)), ["a"], groups, seed=1, draws=50)[0]
    assert found.between is None


def test_missing_values_are_left_out_by_item():
    table = RNG.normal(size=(30, 2))
    table[:15, 1] = np.nan
    assert [row.people for row in polarisations(table, ["a", "b"], None, seed=1, draws=50)] == [30, 15]


def test_groups_that_do_not_differ_are_rarely_said_to():
    groups = ["north"] * 20 + ["south"] * 20
    found = polarisations(RNG.normal(size=(40, 60)), [str(item) for item in range(60)], groups, seed=2, draws=300)
    assert sum(row.differs_by_group is Verdict.HIGHER for row in found) <= 2
    assert np.mean([row.p <= 0.1 for row in found]) < 0.25
