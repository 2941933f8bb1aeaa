import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from scipy.special import log_expit

from elicit.analysis.battles import Battles, win_matrix
from elicit.analysis.bradley_terry import anchored, fit_bradley_terry, strengths, strengths_or_nan
from elicit.analysis.connected import NotComparable
from elicit.analysis.davidson import fit_davidson

some_wins = arrays(np.int64, (4, 4), elements=st.integers(1, 30)).map(
    lambda counts: (counts * (1 - np.eye(4))).astype(float)
)


def battles(rows: list[tuple[int, int, int, int]], models: tuple[str, ...] = ("a", "b", "c")) -> Battles:
    """Each row: participant, a, b, outcome."""
    person, a, b, outcome = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Battles(models, person, np.arange(len(rows)), a, b, outcome)


def two_models(won: int, lost: int, tied: int = 0) -> Battles:
    outcomes = [1] * won + [-1] * lost + [0] * tied
    return battles([(person, 0, 1, outcome) for person, outcome in enumerate(outcomes)], ("a", "b"))


def drawn(seed: int, *, people: int = 60, each: int = 8, models: int = 5) -> Battles:
    """Battles in which every person leans their own way, so that one person's hang together."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    a = rng.integers(0, models, people * each)
    b = (a + rng.integers(1, models, people * each)) % models
    leaning = np.linspace(0.6, -0.6, models) + rng.normal(0, 1.0, (people, models))
    chance = 1 / (1 + np.exp(leaning[person, b] - leaning[person, a]))
    outcome = np.where(rng.random(people * each) < chance, 1, -1)
    return Battles(tuple("abcde")[:models], person, np.arange(people * each), a, b, outcome)


def test_two_models_differ_by_the_log_of_wins_over_losses():
    fit = fit_bradley_terry(two_models(30, 10))
    difference, error = fit.difference("a", "b")
    assert difference == pytest.approx(np.log(3))
    assert fit.strength.sum() == pytest.approx(0)
    # One battle a person: the clustered error is the binomial one, times n / (n - 1) for the clusters.
    assert error**2 == pytest.approx((1 / 30 + 1 / 10) * 40 / 39)


def test_the_hessian_of_two_models_is_the_binomial_error():
    fit = fit_bradley_terry(two_models(30, 10))
    low, high = fit.hessian_interval()
    half_of_a = 1.959964 * np.sqrt(1 / 30 + 1 / 10) / 2
    assert (high - low)[0] / 2 == pytest.approx(half_of_a)


def test_a_tie_is_half_a_win_each_way():
    assert fit_bradley_terry(two_models(2, 0, 2)).difference("a", "b")[0] == pytest.approx(np.log(3))


def test_answering_everything_twice_narrows_the_hessian_and_not_the_clusters():
    once = drawn(3)
    twice = Battles(
        once.models, *(np.tile(c, 2) for c in (once.participant, once.interaction, once.a, once.b, once.outcome))
    )
    one, two = fit_bradley_terry(once), fit_bradley_terry(twice)
    assert np.allclose(one.strength, two.strength)
    assert np.allclose(two.clustered, one.clustered)
    assert np.allclose(two.hessian, one.hessian / 2)


def test_a_battle_of_its_own_each_is_the_plain_sandwich():
    met = drawn(4)
    alone = fit_bradley_terry(met, unit=np.arange(len(met)))
    assert alone.units == len(met)
    assert np.diagonal(alone.clustered).sum() < np.diagonal(fit_bradley_terry(met).clustered).sum()


def test_nine_intervals_in_ten_hold_the_truth_when_people_lean_their_own_way():
    truth = fit_bradley_terry(drawn(0, people=20_000)).strength
    held = []
    for seed in range(1, 121):
        low, high = fit_bradley_terry(drawn(seed)).interval(level=0.9)
        held.append((low <= truth) & (truth <= high))
    assert 0.86 <= np.mean(held) <= 0.94


@given(some_wins)
@settings(max_examples=40, deadline=None)
def test_strengths_are_those_of_a_general_optimiser(wins: np.ndarray):
    def loss(place: np.ndarray) -> float:
        return float(-(wins * log_expit(place[:, None] - place[None, :])).sum())

    found = minimize(loss, np.zeros(4), method="BFGS").x
    assert np.allclose(strengths(wins), found - found.mean(), atol=2e-3)


@given(some_wins)
@settings(max_examples=40, deadline=None)
def test_expected_wins_equal_the_observed_ones(wins: np.ndarray):
    strength = strengths(wins)
    chance = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    assert np.allclose(((wins + wins.T) * chance).sum(axis=1), wins.sum(axis=1))


def test_groups_that_never_met_are_named():
    apart = battles([(1, 0, 1, 1), (2, 0, 1, -1), (1, 2, 3, 1), (2, 2, 3, -1)], ("a", "b", "c", "d"))
    with pytest.raises(NotComparable, match="a, b; c, d") as raised:
        fit_bradley_terry(apart)
    assert raised.value.groups == (("a", "b"), ("c", "d"))


def test_a_model_that_only_won_has_no_finite_strength():
    with pytest.raises(NotComparable, match="won every battle"):
        fit_bradley_terry(two_models(5, 0))


def test_a_penalty_makes_it_finite():
    strength = strengths(np.array([[0.0, 5.0], [0.0, 0.0]]), penalty=1)
    chance_of_losing = 1 / (1 + np.exp(strength[0] - strength[1]))
    assert strength[0] == pytest.approx(5 * chance_of_losing)  # the slope of the penalised likelihood is 0


def test_one_person_is_no_ground_for_an_interval():
    with pytest.raises(ValueError, match="two people"):
        fit_bradley_terry(battles([(1, 0, 1, 1), (1, 1, 2, 1), (1, 2, 0, 1)]))


def test_a_stack_marks_the_resamples_that_have_no_common_scale():
    stack = np.array([[[0, 3.0], [1, 0]], [[0, 3.0], [0, 0]]])
    found = strengths_or_nan(stack)
    assert found[0, 0] - found[0, 1] == pytest.approx(np.log(3))
    assert np.isnan(found[1]).all()


def test_the_worst_model_is_anchored_at_800():
    assert anchored(np.array([1.0, -0.5, -0.5])).min() == 800


def test_win_chances_of_a_pair_add_up_to_one():
    chances = fit_bradley_terry(drawn(2)).win_chances()
    assert np.allclose(chances + chances.T, 1)


def test_davidson_finds_the_shares_of_two_models_exactly():
    fit = fit_davidson(two_models(8, 2, 5))
    assert fit.strength[0] - fit.strength[1] == pytest.approx(np.log(4), abs=1e-4)
    assert fit.tie == pytest.approx(5 / np.sqrt(16), abs=1e-4)


def test_davidson_orders_models_as_bradley_terry_does():
    met = drawn(6)
    tied = met.where(met.outcome != 0)
    tied.outcome[::7] = 0
    assert np.array_equal(np.argsort(fit_davidson(tied).strength), np.argsort(fit_bradley_terry(tied).strength))


def test_davidson_needs_a_tie():
    with pytest.raises(ValueError, match="No battle was a tie"):
        fit_davidson(two_models(3, 2))


def test_ties_alone_connect_models_for_davidson():
    met = battles([(1, 0, 1, 0), (2, 1, 2, 0), (3, 0, 2, 1)])
    assert win_matrix(met, ties="none").sum() == 1
    assert fit_davidson(met).strength[0] > fit_davidson(met).strength[2]
