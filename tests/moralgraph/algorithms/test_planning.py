"""What a plan promises is what the simulator found, and never more."""

import numpy as np
import pytest

from moralgraph.algorithms.known_truth.collecting import Design, collect
from moralgraph.algorithms.known_truth.regimes import REGIMES
from moralgraph.algorithms.known_truth.scoring import Method, score
from moralgraph.algorithms.known_truth.truths import truths_of
from moralgraph.algorithms.known_truth.worlds import draw_worlds
from moralgraph.algorithms.planning import FEW_CARDS, MOSTLY, OUTCOMES, outcome_at, plan


def test_five_hundred_people_with_three_judgements_over_thirteen_contexts_end_undecided():
    assert plan(people=500, contexts=13, judgements_each=3).ends_undecided


def test_more_people_decide_more_and_more_contexts_less():
    decided = [plan(people=n, contexts=3, judgements_each=10).outcome.narrowed for n in (100, 300, 1000, 3000)]
    assert decided == sorted(decided)
    assert plan(people=1000, contexts=9, judgements_each=10).outcome.narrowed <= decided[2]


def test_the_people_it_takes_decide_half_of_the_contexts():
    found = plan(people=10, contexts=4, judgements_each=10)
    assert found.people_to_decide is not None
    enough = plan(people=found.people_to_decide, contexts=4, judgements_each=10)
    assert enough.outcome.narrowed == pytest.approx(MOSTLY, abs=0.01)


def test_a_plan_promises_no_more_than_was_simulated():
    assert plan(people=10**6, contexts=1, judgements_each=30).outcome == OUTCOMES[-1]
    assert outcome_at(OUTCOMES[0].judgements / 2).undecided == 1


def test_below_what_was_simulated_the_first_card_is_right_as_often_as_a_lot_or_more():
    row = OUTCOMES[0]
    chances = [outcome_at(row.judgements * part, cards=10).is_first for part in (0, 0.5, 0.999, 1)]
    assert chances[0] == pytest.approx(1 / 10)
    assert chances == sorted(chances)
    assert chances[2] == pytest.approx(row.is_first, abs=0.01)
    assert outcome_at(row.judgements, cards=2).is_first == pytest.approx(1 / 2)
    assert [plan(people=n, contexts=1, judgements_each=1, cards=10).is_simulated for n in (39, 40)] == [False, True]


def test_an_interval_of_more_answers_is_narrower():
    few, many = (plan(people=n, contexts=2, judgements_each=5).edge_width for n in (100, 1000))
    assert 0 < many < few < 1


@pytest.mark.parametrize(("people", "contexts", "each"), [(-1, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_impossible_numbers_are_refused(people, contexts, each):
    with pytest.raises(ValueError, match="at least one context"):
        plan(people=people, contexts=contexts, judgements_each=each)


def test_the_table_is_what_the_simulator_finds():
    worlds = draw_worlds(REGIMES[0], worlds=40, rng=np.random.default_rng(77))
    collected = collect(worlds, design=Design.ACTIVE, judgements=500, rng=np.random.default_rng(78))
    found = score(Method.BRADLEY_TERRY, collected, truths_of(worlds), first=500, rng=np.random.default_rng(79))
    expected = outcome_at(500 / 12.5)
    narrowed = found.is_said & (found.size <= FEW_CARDS)
    assert (found.size == 1).mean() == pytest.approx(expected.settled, abs=0.1)
    assert narrowed.mean() == pytest.approx(expected.narrowed, abs=0.25)
