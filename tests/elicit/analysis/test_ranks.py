import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from elicit.analysis.ranks import kendall, ranks, spearman

scores = arrays(np.float64, (2, 6), elements=st.integers(0, 4).map(float))


def test_equal_scores_share_the_mean_of_their_ranks():
    assert ranks(np.array([5.0, 9, 5, 5])).tolist() == [3, 1, 3, 3]


def test_the_same_order_agrees_fully_and_the_opposite_not_at_all():
    rising = np.arange(5.0)
    assert kendall(rising, 2 * rising) == spearman(rising, 2 * rising) == 1
    assert kendall(rising, -rising) == spearman(rising, -rising) == -1


def test_a_side_that_is_all_equal_has_no_order_to_agree_with():
    assert np.isnan(kendall(np.ones(4), np.arange(4.0)))
    assert np.isnan(spearman(np.ones(4), np.arange(4.0)))


@given(scores)
@settings(max_examples=80, deadline=None)
def test_ranks_and_correlations_are_those_of_scipy(both: np.ndarray):
    first, second = both
    assert np.allclose(ranks(first), stats.rankdata(-first))
    assert np.allclose(kendall(first, second), stats.kendalltau(first, second).statistic, equal_nan=True)
    if np.ptp(first) and np.ptp(second):
        assert np.allclose(spearman(first, second), stats.spearmanr(first, second).statistic)


def test_a_stack_is_ranked_row_by_row():
    stack = np.array([[1.0, 2, 3], [3.0, 3, 1]])
    assert ranks(stack).tolist() == [[3, 2, 1], [1.5, 1.5, 3]]
