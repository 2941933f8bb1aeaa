import numpy as np
import pytest

from elicit.analysis.agreement import PairDraws, agreement, common_pairs, draw_by_pair
from elicit.analysis.battles import Battles
from elicit.analysis.rank_centrality import rank_centrality


def source(
    wins: dict[tuple[str, str], int], models: str = "abcd", ties: dict[tuple[str, str], int] | None = None
) -> Battles:
    counted = [(pair, 1, n) for pair, n in wins.items()] + [(pair, 0, n) for pair, n in (ties or {}).items()]
    rows = [(models.index(a), models.index(b), outcome) for (a, b), outcome, n in counted for _ in range(n)]
    a, b, outcome = np.array(rows, dtype=np.int64).T
    return Battles(tuple(models), np.arange(len(rows)), np.arange(len(rows)), a, b, outcome)


CLEAR = source({("a", "b"): 9, ("b", "a"): 1, ("b", "c"): 9, ("c", "b"): 1, ("a", "c"): 9, ("c", "a"): 1})
OPPOSITE = source({("b", "a"): 9, ("c", "b"): 9, ("c", "a"): 9}, models="cbae")


def test_pairs_count_where_both_sources_have_them():
    less = source({("a", "b"): 1, ("c", "a"): 1})
    assert common_pairs(CLEAR, less).tolist() == [[0, 1], [0, 2]]


def test_every_pair_gets_as_many_battles_however_often_it_met():
    uneven = source({("a", "b"): 500, ("b", "c"): 1}, ties={("a", "b"): 100})
    draws = draw_by_pair(uneven, common_pairs(uneven, uneven), seed=1, rounds=5)
    fought = draws.wins + draws.ties + np.swapaxes(draws.wins, 1, 2)
    assert (fought[:, [0, 1], [1, 2]] == 80).all()
    assert (fought[:, 0, 2] == 0).all()


def test_drawn_shares_are_those_of_the_source():
    tied = source({("a", "b"): 5, ("b", "a"): 3}, ties={("a", "b"): 2})
    draws = draw_by_pair(tied, np.array([[0, 1]]), seed=1)
    assert draws.wins[:, 0, 1].mean() / 80 == pytest.approx(0.5, abs=0.01)
    assert draws.ties[:, 0, 1].mean() / 80 == pytest.approx(0.2, abs=0.01)


def test_sources_of_one_mind_agree_and_of_opposite_mind_do_not():
    assert agreement(CLEAR, CLEAR, seed=1, rounds=50).tau_interval() == (1, 1)
    assert agreement(CLEAR, OPPOSITE, seed=1, rounds=50).rho_interval() == (-1, -1)


def test_only_models_that_met_in_both_are_compared():
    found = agreement(CLEAR, OPPOSITE, seed=1, rounds=10)
    assert (found.models, found.pairs) == (("a", "b", "c"), 3)


def test_any_statistic_of_the_draws_will_do():
    found = agreement(CLEAR, OPPOSITE, seed=1, rounds=50, statistic=lambda drawn: rank_centrality(drawn.directed()))
    assert found.first.sum(axis=1) == pytest.approx(1)
    assert found.tau.max() == -1


def test_ties_stay_in_the_denominator_of_the_win_fraction():
    wins, ties = np.array([[[0, 2.0], [1, 0]]]), np.array([[[0, 5.0], [5, 0]]])
    assert PairDraws(wins, ties).win_fraction().tolist() == [[2 / 8, 1 / 8]]
    assert PairDraws(wins, ties).halved()[0, 0, 1] == 4.5


def test_two_common_models_have_no_order_worth_comparing():
    with pytest.raises(ValueError, match="share 2"):
        agreement(CLEAR, source({("a", "b"): 1}), seed=1)
