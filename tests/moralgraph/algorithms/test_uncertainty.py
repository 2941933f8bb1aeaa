from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from moralgraph.algorithms import uncertainty
from moralgraph.algorithms.building import build_repaired
from moralgraph.algorithms.records import Judgements
from moralgraph.algorithms.tally import by_appearance
from moralgraph.algorithms.uncertainty import (
    answers_by_person,
    bootstrap_all_ranks,
    bootstrap_ranks,
    jeffreys_interval,
    resampled_weights,
    wilson_interval,
)
from tests.moralgraph.algorithms.studies import HOME, SYNTHETIC, WORK, about_equal, judged, read_study, wiser

counts = st.integers(0, 40).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@given(counts)
def test_intervals_hold_the_share_and_stay_between_zero_and_one(found):
    hits, trials = found
    for interval in (wilson_interval, jeffreys_interval):
        low, high = (float(end) for end in interval(hits, trials))
        share = hits / trials if trials else 0.5
        assert 0.0 <= low <= share + 1e-12
        assert share - 1e-12 <= high <= 1.0


def test_wilson_agrees_with_scipy():
    expected = stats.binomtest(4, 5).proportion_ci(0.95, method="wilson")
    assert [float(end) for end in wilson_interval(4, 5)] == pytest.approx([expected.low, expected.high])


def test_jeffreys_agrees_with_scipy():
    expected = stats.beta(4.5, 1.5).interval(0.95)
    assert [float(end) for end in jeffreys_interval(4, 5)] == pytest.approx(list(expected))


def test_nothing_tried_says_nothing():
    assert [float(end) for end in wilson_interval(0, 0)] == [0.0, 1.0]
    assert [float(end) for end in jeffreys_interval(0, 0)] == [0.0, 1.0]


def test_everyone_drawn_once_gives_the_repaired_graph():
    judgements = read_study(SYNTHETIC)
    people, person = by_appearance(judgements.participant)
    given = answers_by_person(judgements, person)
    weight = resampled_weights(given, np.ones((1, people.size), dtype=int), minimum_wiser=2, minimum_likelihood=0.5)
    graph = build_repaired(judgements)
    expected = {(None, edge.first, edge.second): edge.likelihood for edge in graph.edges}
    expected |= {(c, e.first, e.second): e.within(c).likelihood for e in graph.edges for c in e.contexts}
    blocks = [None, *judgements.contexts]
    names = [judgements.cards[card] for card in given.card.tolist()]
    assert {
        (blocks[given.group[row]], names[given.source[row]], names[given.target[row]]): float(weight[row, 0])
        for row in np.flatnonzero(weight[:, 0]).tolist()
    } == pytest.approx(expected)


def test_all_contexts_at_once_hold_what_one_by_one_holds():
    judgements = judged(wiser("a", "b", 9), wiser("c", "d", 9, HOME), about_equal("c", "d", 3, HOME))
    found = bootstrap_all_ranks(judgements, rng=np.random.default_rng(1), resamples=60)
    assert set(found) == {None, HOME, WORK}
    assert (found[HOME].cards, found[WORK].cards) == (("d", "c"), ("b", "a"))
    assert found[None] == bootstrap_ranks(judgements, rng=np.random.default_rng(1), resamples=60)


def test_drawing_in_portions_changes_nothing(monkeypatch):
    judgements = read_study(SYNTHETIC)
    whole = bootstrap_all_ranks(judgements, rng=np.random.default_rng(3), resamples=20)
    monkeypatch.setattr(uncertainty, "WEIGHTS_AT_ONCE", 700)
    assert bootstrap_all_ranks(judgements, rng=np.random.default_rng(3), resamples=20) == whole


def test_a_clear_winner_comes_first_in_every_resample():
    found = bootstrap_ranks(judged(wiser("a", "b", 20), wiser("b", "c", 20)), rng=np.random.default_rng(1))
    assert (found.cards[0], found.first_share[0], found.low[0], found.high[0]) == ("c", 1.0, 1, 1)


def test_a_close_race_has_no_clear_winner():
    judgements = judged(wiser("a", "b", 9), about_equal("a", "b", 4), wiser("a", "c", 9), about_equal("a", "c", 4))
    found = bootstrap_ranks(judgements, rng=np.random.default_rng(1))
    shares = dict(zip(found.cards, found.first_share, strict=True))
    assert 0.2 < shares["b"] < 0.8
    assert 0.2 < shares["c"] < 0.8


def test_first_places_and_undecided_resamples_sum_to_one():
    found = bootstrap_ranks(judged(wiser("a", "b", 2), about_equal("a", "b", 1)), rng=np.random.default_rng(1))
    assert found.undecided_share > 0
    assert sum(found.first_share) + found.undecided_share == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_result():
    judgements = read_study(SYNTHETIC)
    one, two = (bootstrap_ranks(judgements, rng=np.random.default_rng(8), resamples=50) for _ in range(2))
    assert one == two


def test_one_context_uses_only_its_judgements():
    judgements = judged(wiser("a", "b", 9), wiser("c", "d", 9, HOME))
    assert set(bootstrap_ranks(judgements, rng=np.random.default_rng(1), context=HOME).cards) == {"c", "d"}


def test_nothing_judged_is_undecided():
    assert bootstrap_ranks(judged(), rng=np.random.default_rng(1)).undecided_share == 1.0


def test_people_are_drawn_whole():
    """One person gave all the judgements: every resample is the study itself."""
    judgements = Judgements.from_columns(
        participant=["p"] * 4, first=["a"] * 4, second=["b"] * 4, context=["c"] * 4, answer=["wiser"] * 4
    )
    assert bootstrap_ranks(judgements, rng=np.random.default_rng(1)).first_share == (1.0, 0.0)


def test_five_hundred_people_take_well_under_a_second():
    rng = np.random.default_rng(2)
    first = rng.integers(0, 60, size=1600)
    judgements = Judgements.from_columns(
        participant=rng.integers(0, 500, size=1600).tolist(),
        first=first.tolist(),
        second=((first + 1 + rng.integers(0, 3, size=1600)) % 60).tolist(),
        context=rng.integers(0, 8, size=1600).tolist(),
        answer=["wiser"] * 1600,
    )
    started = process_time()  # of this process alone, however busy the machine is
    bootstrap_ranks(judgements, rng=rng, resamples=200)
    assert process_time() - started < 3.0
