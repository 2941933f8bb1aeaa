import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.analysis.ratings import Ratings
from elicit.analysis.welfare import (
    Measure,
    Rule,
    Scheme,
    UserModel,
    dominates,
    elect,
    population_welfare,
    simulate,
    spread,
)

NAN = np.nan
CONDORCET_AGAINST_BORDA = [[90, 80, 10]] * 3 + [[10, 90, 80]] * 2  # three: a > b > c; two: b > c > a
CYCLE = [[90, 50, 20], [20, 90, 50], [50, 20, 90]]
EVERYBODY = np.ones(3, dtype=bool)


def winners(scores, rule, **options):
    return elect(UserModel.from_scores(scores), rule, **options).winners


def test_the_condorcet_winner_need_not_win_by_borda():
    # Pairs: a beats b 3-2 and c 3-2. Points 2-1-0: a 6, b 3 * 1 + 2 * 2 = 7, c 2.
    assert winners(CONDORCET_AGAINST_BORDA, Rule.COPELAND) == ("a",)
    election = elect(UserModel.from_scores(CONDORCET_AGAINST_BORDA), Rule.BORDA)
    assert election.winners == ("b",)
    assert (election.tally * 5 * 2).tolist() == pytest.approx([6, 7, 2])


def test_a_condorcet_cycle_ties_by_copeland_and_by_borda():
    assert winners(CYCLE, Rule.COPELAND) == ("a", "b", "c")
    assert winners(CYCLE, Rule.BORDA) == ("a", "b", "c")


def test_the_mean_follows_strength_and_the_majority_does_not():
    scores = [[60, 50], [60, 50], [1, 100]]  # means 40.3 and 66.7; two of three prefer a
    assert winners(scores, Rule.MEAN) == ("b",)
    assert winners(scores, Rule.COPELAND) == ("a",)


def test_maximin_looks_at_the_worst_off():
    scores = [[100, 40], [100, 40], [30, 40]]  # worst off: 30 and 40
    assert winners(scores, Rule.MAXIMIN) == ("b",)
    assert winners(scores, Rule.MEAN) == ("a",)


def test_nash_weighs_a_misery_more_than_the_mean_and_less_than_maximin():
    scores = [[100, 50, 25], [100, 50, 25], [4, 18, 24]]  # means 68, 39.3, 24.7; products 40,000, 45,000, 15,000
    assert winners(scores, Rule.MEAN) == ("a",)
    assert winners(scores, Rule.NASH) == ("b",)
    assert winners(scores, Rule.MAXIMIN) == ("c",)
    assert np.exp(elect(UserModel.from_scores(scores), Rule.NASH).tally * 3) == pytest.approx([40_000, 45_000, 15_000])


def test_the_floor_of_the_logarithm_keeps_a_zero_from_ruling_a_model_out():
    tally = elect(UserModel.from_scores([[0, 50], [100, 50]]), Rule.NASH).tally
    assert tally[0] == pytest.approx((np.log(1) + np.log(100)) / 2)


def test_veto_counts_scores_of_ten_and_less():
    scores = [[100, 60, 11], [100, 60, 11], [10, 10, 11], [9, 60, 11]]  # vetoes: 2, 1, 0
    election = elect(UserModel.from_scores(scores), Rule.VETO)
    assert election.winners == ("c",)
    assert election.tally.tolist() == pytest.approx([-0.5, -0.25, 0])


def test_choice_is_the_share_of_times_chosen():
    scores = [[90, 80], [90, 80], [1, 100]]
    assert elect(UserModel.from_scores(scores), Rule.MEAN, measure=Measure.CHOICE).tally.tolist() == pytest.approx(
        [2 / 3, 1 / 3]
    )


def test_borda_compares_only_what_was_rated_by_the_same_person():
    # a over b once; b over c once; a and c never met: a won all its contests, b half, c none.
    assert elect(UserModel.from_scores([[90, 80, NAN], [NAN, 80, 10]]), Rule.BORDA).tally.tolist() == [1, 0.5, 0]


@pytest.mark.parametrize("rule", list(Rule))
def test_a_model_that_nobody_rated_does_not_win(rule):
    assert "c" not in winners([[20, 30, NAN], [30, 20, NAN]], rule)


def test_an_unrated_model_counts_as_published():
    table = UserModel.from_scores([[20, NAN]])
    assert elect(table, Rule.MEAN).tally.tolist() == [20, 1]
    assert elect(table, Rule.MEAN, measure=Measure.CHOICE).tally.tolist() == [1, 0]


def test_a_person_and_a_model_are_averaged_over_showings():
    ratings = Ratings.from_columns(
        participant=[4, 4, 4, 9], interaction=[1, 2, 2, 3], model=["a", "a", "b", "b"], score=[10, 40, 90, 60],
        chosen=[False, False, True, True],
    )  # fmt: skip
    table = UserModel.from_ratings(ratings)
    assert table.participants.tolist() == [4, 9]
    assert table.rating.tolist() == [[25, 90], pytest.approx([NAN, 60], nan_ok=True)]
    assert table.veto[0].tolist() == [0.5, 0]
    assert table.choice[0].tolist() == [0, 1]


def test_a_committee_of_one_kind_chooses_what_is_worse_for_the_others():
    table = UserModel.from_scores([[90, 60], [90, 60], [5, 70]])
    two = Scheme("two", 2, np.array([True, True, False]))
    result = simulate(table, two, {"all": EVERYBODY, "third": ~two.pool}, seed=1, draws=50)
    assert set(result.chosen) == {0}
    assert set(result.welfare["third"]) == {5}
    assert result.welfare["all"].tolist() == pytest.approx([185 / 3] * 50)


def test_welfare_is_the_mean_over_observed_cells():
    assert population_welfare(np.array([[10, NAN], [30, NAN]])).tolist() == pytest.approx([20, NAN], nan_ok=True)


def test_ties_are_drawn_evenly():
    table = UserModel.from_scores([[50, 50, 10]])
    one = Scheme("one", 1, np.array([True]))
    chosen = simulate(table, one, {}, seed=3, draws=4000).chosen
    assert np.bincount(chosen, minlength=3)[2] == 0
    assert np.bincount(chosen)[0] == pytest.approx(2000, abs=4 * np.sqrt(1000))


def test_a_committee_of_one_chooses_each_members_favourite_as_often_as_it_is_drawn():
    table = UserModel.from_scores(CYCLE)
    chosen = simulate(table, Scheme("one", 1, EVERYBODY), {}, seed=5, draws=6000).chosen
    assert np.bincount(chosen) == pytest.approx([2000] * 3, abs=4 * np.sqrt(6000 * 2 / 9))


@pytest.mark.parametrize("rule", list(Rule))
def test_the_same_seed_gives_the_same_committees(rule):
    table = UserModel.from_scores(np.random.default_rng(0).integers(1, 101, size=(30, 5)))
    scheme = Scheme("rep", 7, np.ones(30, dtype=bool))
    first, again = (simulate(table, scheme, {"all": scheme.pool}, seed=9, rule=rule, draws=40) for _ in range(2))
    assert first.chosen.tolist() == again.chosen.tolist()


def test_larger_committees_serve_the_people_better():
    rng = np.random.default_rng(2)
    table = UserModel.from_scores(np.clip(rng.normal([55, 60, 65, 50], 25, size=(200, 4)), 1, 100))
    everybody = np.ones(200, dtype=bool)
    means = [
        spread(simulate(table, Scheme("rep", size, everybody), {"all": everybody}, seed=1).welfare["all"]).mean
        for size in (3, 10, 50)
    ]
    assert means == sorted(means)


def test_an_empty_pool_is_an_error():
    with pytest.raises(ValueError, match="nobody to draw from"):
        simulate(UserModel.from_scores(CYCLE), Scheme("none", 3, ~EVERYBODY), {}, seed=1)


samples = st.lists(st.floats(0, 100), min_size=3, max_size=3).map(np.array)


@given(samples, samples, samples)
def test_dominance_is_an_order_and_orders_means(first, second, third):
    assert dominates(first, first)
    assert not (dominates(first, second) and dominates(second, third)) or dominates(first, third)
    assert not dominates(first, second) or first.mean() >= second.mean() - 1e-9


@given(st.integers(0, 10_000))
def test_relabelling_the_models_relabels_the_winners(seed):
    scores = np.random.default_rng(seed).integers(1, 101, size=(5, 4)).astype(float)
    for rule in Rule:
        plain, turned = elect(UserModel.from_scores(scores), rule), elect(UserModel.from_scores(scores[:, ::-1]), rule)
        assert plain.tally.tolist() == pytest.approx(turned.tally[::-1].tolist())
