from time import process_time

import numpy as np
import pytest
from scipy.special import expit

from moralgraph.algorithms.ranking import Standing
from moralgraph.algorithms.records import Answer, Judgements
from moralgraph.algorithms.wisest_sets import Shortage, WisestSet, wisest_set
from tests.moralgraph.algorithms.studies import WORK, Asked, judged, wiser
from tests.moralgraph.algorithms.test_bradley_terry import from_both_sides


def found_in(*asked: Asked) -> WisestSet:
    return wisest_set(judged(*asked), context=WORK, rng=np.random.default_rng(1))


def drawn(score: list[float], judgements: int, *, seed: int = 1, contexts: int = 1) -> Judgements:
    """Draw judgements of every two cards from both sides; each person gives five."""
    rng, cards = np.random.default_rng(seed), len(score)
    first = rng.integers(cards, size=judgements)
    second = (first + rng.integers(1, cards, size=judgements)) % cards
    won = rng.random(judgements) < expit(np.array(score)[second] - np.array(score)[first])
    return Judgements.from_columns(
        participant=np.arange(judgements) // 5,
        first=[f"card {code:02}" for code in first],
        second=[f"card {code:02}" for code in second],
        context=rng.integers(contexts, size=judgements),
        answer=np.where(won, Answer.WISER, Answer.LESS_WISE),
    )


def test_one_clearly_wiser_card_settles_a_context():
    found = found_in(*from_both_sides("a", "b", 25, 5))
    assert (found.standing, found.cards, found.shortage) == (Standing.SETTLED, ("b",), Shortage.NONE)


def test_cards_that_stand_near_each_other_are_all_in_the_set():
    sides = [*from_both_sides("a", "c", 25, 5), *from_both_sides("b", "c", 15, 15), *from_both_sides("a", "b", 25, 5)]
    found = found_in(*sides)
    assert (found.standing, set(found.cards)) == (Standing.SEVERAL, {"b", "c"})
    assert {placed.card: (placed.best_rank, placed.worst_rank) for placed in found.placed}["a"] == (3, 3)


@pytest.mark.parametrize(
    ("asked", "shortage"),
    [
        ([], Shortage.FEW_CARDS),
        (from_both_sides("a", "b", 4, 0), Shortage.FEW_PEOPLE),
        ([wiser(f"a{n}", f"b{n}", 4) for n in range(9)], Shortage.FEW_JUDGEMENTS),
        ([*from_both_sides("a", "b", 20, 2), *from_both_sides("c", "d", 20, 2)], Shortage.HANG_APART),
        (from_both_sides("a", "b", 16, 15), Shortage.NOTHING_LEFT_OUT),
    ],
)
def test_what_is_missing_is_named(asked: list[Asked], shortage: Shortage):
    found = found_in(*asked)
    assert (found.standing, found.shortage) == (Standing.NOT_ENOUGH_EVIDENCE, shortage)


def test_a_card_that_few_compared_is_never_left_out():
    found = found_in(*from_both_sides("a", "b", 40, 5), ("c", "b", WORK, Answer.WISER, 3))
    assert (found.standing, set(found.cards)) == (Standing.SEVERAL, {"b", "c"})
    assert [placed.is_comparable for placed in found.placed if placed.card == "c"] == [False]


def test_groups_of_cards_that_nobody_compared_each_keep_their_wisest():
    found = found_in(*from_both_sides("a", "b", 20, 2), *from_both_sides("c", "d", 20, 2))
    assert set(found.cards) == {"b", "c", "d"}


def test_the_same_seed_and_judgements_give_the_same_set():
    judgements = drawn([0, 0.3, 0.6, 0.9], 400)
    first, second = (wisest_set(judgements, context="0", rng=np.random.default_rng(7)) for _ in range(2))
    assert first == second


def test_a_higher_level_leaves_out_no_more_cards():
    judgements = drawn([0, 0.3, 0.6, 0.9], 600)
    wide, narrow = (wisest_set(judgements, context="0", rng=np.random.default_rng(7), level=at) for at in (0.99, 0.8))
    assert set(narrow.cards) <= set(wide.cards)
    assert len(narrow.cards) < len(wide.cards)


def test_fifty_contexts_take_a_few_seconds():
    judgements = drawn(np.linspace(0, 1, 12).tolist(), 10_000, contexts=50)
    before = process_time()
    for context in judgements.contexts:
        wisest_set(judgements, context=context, rng=np.random.default_rng(1))
    assert process_time() - before < 10
