"""Worlds whose truth is known: the truths are what the whole population says, and the regimes do what they say."""

from dataclasses import replace

import numpy as np
import pytest

from moralgraph.algorithms.known_truth.answering import answer_shares, margins
from moralgraph.algorithms.known_truth.regimes import HELD_OUT_SEEDS, REGIMES, TUNING_SEEDS
from moralgraph.algorithms.known_truth.truths import projection, truths_of
from moralgraph.algorithms.known_truth.worlds import Worlds, draw_worlds
from moralgraph.algorithms.records import ANSWERS, Answer

BY_NAME = {regime.name: regime for regime in REGIMES}
PULLS = {"to_second": np.array(0.0), "to_first": np.array(0.0)}


def drawn(name: str, *, worlds: int = 3) -> Worlds:
    return draw_worlds(BY_NAME[name], worlds=worlds, rng=np.random.default_rng(4))


def test_no_seed_is_both_for_tuning_and_held_out():
    assert not set(TUNING_SEEDS) & set(HELD_OUT_SEEDS)


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.name)
def test_the_six_answers_are_shares(regime):
    margin = np.linspace(-4, 4, 9)
    shares = answer_shares(margin, both_needed=np.full(9, 0.1), different_concerns=np.full(9, 0.2), regime=regime)
    assert shares.min() >= 0
    assert shares.sum(axis=-1) == pytest.approx(np.ones(9))


def test_whoever_would_say_less_wise_abstains_more_often():
    chances = [
        answer_shares(
            np.array(margin),
            both_needed=np.array(0.0),
            different_concerns=np.array(0.0),
            regime=replace(BY_NAME["latent order"], against_abstain=0.3),
        )[ANSWERS.index(Answer.CANNOT_JUDGE)]
        for margin in (-2.0, 2.0)
    ]
    assert chances[0] > chances[1]


def test_a_story_pulls_towards_the_card_it_leads_to_on_whichever_side_that_is():
    pulls = {"to_second": np.array(1.0), "to_first": np.array(3.0), "side": 0.0}
    found = margins(np.zeros(4), is_turned=np.array(False), arm=np.arange(4), **pulls)
    turned = margins(np.zeros(4), is_turned=np.array(True), arm=np.arange(4), **pulls)
    assert found.tolist() == [0.0, 1.0, -3.0, -2.0]
    assert turned.tolist() == [0.0, 3.0, -1.0, 2.0]


def test_the_side_moves_both_directions_towards_the_card_shown_second():
    found = [margins(np.array(0.5), is_turned=np.array(t), arm=np.array(0), side=0.2, **PULLS) for t in (False, True)]
    assert np.array(found) == pytest.approx([0.7, -0.3])


def test_the_projection_of_two_cards_is_the_log_of_the_odds():
    worlds = drawn("latent order", worlds=1)
    one_pair = replace(
        worlds,
        cards=np.array([2]),
        first=np.zeros_like(worlds.first),
        second=np.ones_like(worlds.second),
        is_pair=np.arange(worlds.first.shape[1])[None] == 0,
    )
    wins = np.zeros((*worlds.first.shape, 2))
    wins[0, 0] = 30, 10
    strength = projection(wins, one_pair)[0]
    assert strength[1] - strength[0] == pytest.approx(np.log(3), abs=1e-5)
    assert np.isnan(strength[2:]).all()


def test_every_card_hangs_together_with_every_other():
    worlds = drawn("merge errors")
    assert np.isfinite(truths_of(worlds).strength).sum(axis=1).tolist() == worlds.cards.tolist()
    assert np.abs(np.nan_to_num(truths_of(worlds).strength)).max() < 10


def test_the_side_cancels_in_the_truth():
    plain = drawn("latent order")
    moved = replace(plain, regime=replace(plain.regime, side=0.5))
    assert (truths_of(plain).wisest == truths_of(moved).wisest).all()


def test_the_three_best_cards_beat_each_other_in_a_ring():
    worlds = drawn("cycle", worlds=1)
    assert np.count_nonzero(worlds.tilt[worlds.is_pair]) == 3
    second, _ = truths_of(worlds).edges()
    assert truths_of(worlds).lead[0] < 0.3
    assert second.any()


def test_split_values_stand_as_two_cards_and_merged_cards_for_two_values():
    worlds = drawn("merge errors", worlds=1)
    present = worlds.value[0, : worlds.cards[0]]
    merged = (present[:, 0] != present[:, 1]).sum()
    repeated = len(present) - len({tuple(pair) for pair in present.tolist()})
    assert (merged, repeated) == (2, 2)
