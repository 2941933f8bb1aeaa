import numpy as np
import pytest

from elicit.analysis.battles import Battles, win_matrix
from elicit.analysis.bootstrap import Resampled, bootstrap, resampled_wins
from elicit.analysis.bradley_terry import fit_bradley_terry, strengths_or_nan
from elicit.analysis.rank_centrality import rank_centrality


def drawn(*, people: int = 40, each: int = 6, seed: int = 2) -> Battles:
    rng = np.random.default_rng(seed)
    rows = people * each
    a = rng.integers(0, 4, rows)
    b = (a + rng.integers(1, 4, rows)) % 4
    outcome = np.where(rng.random(rows) < 0.15, 0, np.where(rng.random(rows) < 0.5 + 0.1 * (b - a), 1, -1))
    return Battles(tuple("abcd"), np.repeat(np.arange(people), each), np.arange(rows), a, b, outcome)


MET = drawn()
HAND = Resampled(
    models=("a", "b", "c"),
    estimate=np.array([3.0, 2.0, 1.0]),
    draws=np.array([[3.0, 2, 1], [3, 3, 1], [1, 2, 0], [5, 4, 3]]),
)


def test_shares_of_first_places_worked_by_hand():
    # First alone in two resamples, first together in one, second in one.
    assert HAND.first_share().tolist() == [2.5 / 4, 1.5 / 4, 0]


def test_shares_above_worked_by_hand():
    assert HAND.above_share().tolist() == [[0.5, 2.5 / 4, 1], [1.5 / 4, 0.5, 1], [0, 0, 0.5]]


def test_rank_intervals_worked_by_hand():
    low, high = HAND.rank_interval(level=1)
    assert (low.tolist(), high.tolist()) == ([1, 1, 3], [2, 2, 3])


def test_one_person_alone_gives_the_same_matrix_every_time():
    alone = Battles(MET.models, np.zeros_like(MET.a), MET.interaction, MET.a, MET.b, MET.outcome)
    assert (resampled_wins(alone, seed=1, rounds=3) == win_matrix(alone)).all()


def test_every_resample_is_a_sum_of_whole_people():
    met = drawn(people=3, each=4)
    whole = [win_matrix(met.where(met.participant == person)) for person in range(3)]
    counts = [(i, j, 3 - i - j) for i in range(4) for j in range(4 - i)]
    sums = {sum(n * w for n, w in zip(count, whole, strict=True)).tobytes() for count in counts}
    assert {wins.tobytes() for wins in resampled_wins(met, seed=4, rounds=50)} <= sums


def test_the_same_seed_draws_the_same_people_however_few_rounds_fit_at_once(monkeypatch: pytest.MonkeyPatch):
    at_once = resampled_wins(MET, seed=9, rounds=7)
    monkeypatch.setattr("elicit.analysis.bootstrap.MOST_CELLS", 80)
    assert (resampled_wins(MET, seed=9, rounds=7) == at_once).all()
    assert not (resampled_wins(MET, seed=8, rounds=7) == at_once).all()


def test_the_estimate_is_of_the_data_as_they_are():
    found = bootstrap(MET, rank_centrality, seed=1, rounds=20)
    assert np.allclose(found.estimate, rank_centrality(win_matrix(MET)))


def test_bootstrap_and_sandwich_errors_of_bradley_terry_agree():
    met = drawn(people=300)
    found = bootstrap(met, strengths_or_nan, seed=1, ties="half")
    errors = np.sqrt(np.diagonal(fit_bradley_terry(met).clustered))
    assert np.allclose(found.draws.std(axis=0), errors, rtol=0.1)


def test_people_who_repeat_themselves_are_not_taken_for_more_people():
    copies = 5
    echoed = Battles(MET.models, *(np.repeat(c, copies) for c in (MET.participant, MET.interaction, MET.a, MET.b)),
                     np.repeat(MET.outcome, copies))  # fmt: skip
    by_person = bootstrap(echoed, rank_centrality, seed=3).draws.std(axis=0)
    by_battle = bootstrap(echoed, rank_centrality, seed=3, unit=np.arange(len(echoed))).draws.std(axis=0)
    assert (by_battle < by_person / 1.5).all()


def test_resamples_without_a_common_scale_are_left_out_and_counted():
    # Only one of six people let b win, so a third of the resamples have no battle that b won.
    one_upset = Battles(
        ("a", "b"), np.arange(6), np.arange(6), np.zeros(6, int), np.ones(6, int), np.array([1, 1, 1, 1, 1, -1])
    )
    found = bootstrap(one_upset, strengths_or_nan, seed=1, rounds=400)
    assert len(found.draws) + found.left_out == 400
    assert found.left_out / 400 == pytest.approx((5 / 6) ** 6, abs=0.06)


def test_no_common_scale_at_all_is_an_error():
    never = Battles(("a", "b"), np.arange(2), np.arange(2), np.zeros(2, int), np.ones(2, int), np.ones(2, int))
    with pytest.raises(ArithmeticError, match="no common scale"):
        bootstrap(never, strengths_or_nan, seed=1, rounds=10)


def test_no_battle_is_nothing_to_draw_from():
    with pytest.raises(ValueError, match="no battle"):
        resampled_wins(MET.where(np.zeros(len(MET), bool)), seed=1)
