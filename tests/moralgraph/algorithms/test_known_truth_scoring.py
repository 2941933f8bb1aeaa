"""Methods are scored against what is true, and say nothing where they know nothing."""

import numpy as np
import pytest

from moralgraph.algorithms.known_truth.collecting import Collected, Design, card_name, collect
from moralgraph.algorithms.known_truth.regimes import REGIMES
from moralgraph.algorithms.known_truth.scoring import Method, ask, score
from moralgraph.algorithms.known_truth.truths import Truths, truths_of
from moralgraph.algorithms.known_truth.worlds import draw_worlds
from moralgraph.algorithms.ranking import Standing


@pytest.fixture(scope="module")
def studied() -> tuple[Collected, Truths]:
    worlds = draw_worlds(REGIMES[0], worlds=4, rng=np.random.default_rng(8))
    collected = collect(worlds, design=Design.UNIFORM, judgements=1000, rng=np.random.default_rng(9))
    return collected, truths_of(worlds)


def test_fifty_judgements_are_not_enough_evidence_for_a_set(studied):
    found = score(Method.BRADLEY_TERRY, *studied, first=50, rng=np.random.default_rng(1))
    assert not found.is_said.any()
    assert found.size.tolist() == [0] * 4


def test_classic_names_one_winner_whatever_it_knows(studied):
    found = score(Method.CLASSIC, *studied, first=1000, rng=np.random.default_rng(1))
    assert found.size.tolist() == [1] * 4
    assert (found.holds == found.is_first).all()


def test_a_set_holds_the_wisest_where_it_is_among_its_cards(studied):
    collected, truths = studied
    found = score(Method.BRADLEY_TERRY, collected, truths, first=1000, rng=np.random.default_rng(1))
    verdict = ask(Method.BRADLEY_TERRY, collected.judgements(0, first=1000), rng=np.random.default_rng(1))
    assert found.is_said.all()
    assert found.holds[0] == (card_name(int(truths.wisest[0])) in verdict.cards)


def test_edges_found_and_false_ones_are_all_that_were_kept(studied):
    collected, truths = studied
    found = score(Method.REPAIRED, collected, truths, first=1000, rng=np.random.default_rng(1))
    verdict = ask(Method.REPAIRED, collected.judgements(2, first=1000), rng=np.random.default_rng(1))
    assert found.edges_found[2] + found.edges_false[2] == len(verdict.edges)
    assert found.edges_found[2] <= found.edges_true[2]
    assert verdict.standing in Standing
