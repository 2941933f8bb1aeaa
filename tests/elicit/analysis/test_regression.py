import numpy as np
import pytest

from elicit.analysis.ratings import Ratings
from elicit.analysis.regression import controlled_means, fit_ols, two_sided
from elicit.analysis.scores import means_by_model

# Two people, two answers each; slopes of 2 and 4. Fit: 0.5 + 3 x, residuals -0.5, -1.5, 0.5, 1.5.
X = np.array([0.0, 1, 0, 1])
Y = np.array([0.0, 2, 1, 5])
PEOPLE = np.array([1, 1, 2, 2])


def hand_made():
    return fit_ols(Y, np.column_stack([np.ones(4), X]), ["const", "x"], cluster=PEOPLE)


def test_estimates_worked_by_hand():
    fit = hand_made()
    assert fit.estimate == pytest.approx([0.5, 3])
    assert fit.r_squared == pytest.approx(1 - 5 / 14)


def test_clustered_errors_worked_by_hand():
    # People's scores add up to -(2, 1.5) and (2, 1.5); the bread turns them into (0.25, 0.5); 2 * 3 / 2 scales.
    assert hand_made().clustered == pytest.approx(3 * 2 * np.outer([0.25, 0.5], [0.25, 0.5]))


def test_hc1_errors_worked_by_hand():
    assert hand_made().hc1[1, 1] == pytest.approx(1.25 * 4 / 2)


def test_clusters_of_one_row_are_hc1_but_for_the_scale():
    fit = fit_ols(Y, np.column_stack([np.ones(4), X]), ["const", "x"], cluster=np.arange(4))
    assert fit.clustered == pytest.approx(fit.hc1 * (4 / 3 * 3 / 2) / (4 / 2))


def test_p_values_use_the_number_of_people():
    fit = hand_made()
    t = 3 / np.sqrt(1.5)
    assert fit.p_values()[1] == pytest.approx(2 * (0.5 - np.arctan(t) / np.pi))  # Student's t with one degree
    assert fit.of("x") == (pytest.approx(3), pytest.approx(np.sqrt(1.5)))


def test_two_sided_p_of_a_t_of_zero_is_one():
    assert two_sided(np.array([0.0]), degrees=9).tolist() == [1]


def test_the_constant_alone_is_a_mean_with_the_error_of_a_mean():
    ratings = Ratings.from_columns(participant=PEOPLE, interaction=PEOPLE, model="aaaa", score=Y)
    fit = fit_ols(Y, np.ones((4, 1)), ["const"], cluster=PEOPLE)
    assert fit.of("const") == (means_by_model(ratings).mean[0], pytest.approx(means_by_model(ratings).error[0]))


def test_columns_that_repeat_one_another_are_refused():
    with pytest.raises(ValueError, match="leave a column out"):
        fit_ols(Y, np.column_stack([X, X]), ["x", "again"], cluster=PEOPLE)


def test_one_person_has_no_clustered_errors():
    with pytest.raises(ValueError, match="two people"):
        fit_ols(Y, np.ones((4, 1)), ["const"], cluster=np.zeros(4, int))


def test_controlled_effects_without_controls_are_means_against_their_mean():
    model = np.array([0, 1, 0, 1])
    found = controlled_means(Y, model, ["a", "b"], np.empty((4, 0)), [], cluster=PEOPLE)
    assert found.effect == pytest.approx([-1.5, 1.5])


def test_a_model_that_is_only_longer_gains_nothing():
    rng = np.random.default_rng(1)
    model, people = rng.integers(0, 3, 3000), rng.integers(0, 100, 3000)
    length = 100.0 + 50 * model + rng.normal(0, 20, 3000)
    score = 20 + 0.2 * length + 5 * (model == 0) + rng.normal(0, 3, 3000)
    found = controlled_means(score, model, "abc", length[:, None], ["length"], cluster=people)
    low, high = found.interval()
    assert ((low <= [10 / 3, -5 / 3, -5 / 3]) & (high >= [10 / 3, -5 / 3, -5 / 3])).all()
    assert [score[model == m].mean() for m in range(3)] == sorted(score[model == m].mean() for m in range(3))


def test_clustered_intervals_hold_the_truth_where_hc1_is_too_sure():
    held = {"clustered": [], "hc1": []}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        people = np.repeat(np.arange(40), 10)
        x = rng.normal(0, 1, 40)[people]
        y = rng.normal(0, 1, 40)[people] + rng.normal(0, 1, 400)
        fit = fit_ols(y, np.column_stack([np.ones(400), x]), ["const", "x"], cluster=people)
        held["clustered"].append(fit.p_values()[1] > 0.1)
        held["hc1"].append(fit.hc1_p_values()[1] > 0.1)
    assert 0.82 <= np.mean(held["clustered"]) <= 0.95
    assert np.mean(held["hc1"]) < 0.7
