"""Made-up people are asked as real ones are: the same rule, nobody twice about a pair, draws with their chances."""

from collections import Counter

import numpy as np
import pytest

from moralgraph.algorithms.known_truth.collecting import Collected, Design, collect
from moralgraph.algorithms.known_truth.regimes import EACH, REGIMES
from moralgraph.algorithms.known_truth.worlds import draw_worlds
from moralgraph.algorithms.pairing import Directed, Tally, Upgrade, possible_choices
from moralgraph.algorithms.records import ANSWERS, Answer, Judgements

ASKED = 40


@pytest.fixture(scope="module")
def active() -> Collected:
    worlds = draw_worlds(REGIMES[0], worlds=3, rng=np.random.default_rng(5))
    return collect(worlds, design=Design.ACTIVE, judgements=ASKED, rng=np.random.default_rng(6))


def named(judgements: Judgements, row: int) -> Directed:
    first, second = judgements.cards[judgements.first[row]], judgements.cards[judgements.second[row]]
    return (first, second, "context")


def tallies(judgements: Judgements) -> dict[Directed, Tally]:
    answers: dict[Directed, Counter[Answer]] = {}
    for row, answer in enumerate(judgements.answer.tolist()):
        answers.setdefault(named(judgements, row), Counter()).update([ANSWERS[answer]])
    ordered = (Answer.WISER, Answer.ABOUT_EQUAL, Answer.LESS_WISE)
    return {key: Tally(found.total(), *[found[answer] for answer in ordered]) for key, found in answers.items()}


def test_nobody_is_asked_about_a_pair_twice(active):
    for world in range(3):
        asked = list(zip(active.person[world].tolist(), active.pair[world].tolist(), strict=True))
        assert len(set(asked)) == len(asked)
        assert Counter(person for person, _ in asked) == dict.fromkeys(range(ASKED // EACH), EACH)


@pytest.mark.parametrize("row", [0, 7, 29, ASKED - 1])
def test_the_probability_is_the_one_by_which_a_real_person_is_asked(active, row):
    judgements = active.judgements(1, first=ASKED)
    worlds = active.worlds
    names = [
        (f"card-{a:02d}", f"card-{b:02d}")
        for a, b, is_pair in zip(worlds.first[1], worlds.second[1], worlds.is_pair[1], strict=True)
        if is_pair
    ]
    before = np.arange(ASKED) < row
    own = [named(judgements, each) for each in range(row) if judgements.participant[each] == row // EACH]
    choices = possible_choices(
        [Upgrade(*pair, "context") for pair in names], counts=tallies(judgements.select(before)), judged=own
    )
    found = {(choice.first, choice.second, choice.context): choice.probability for choice in choices}
    assert judgements.probability[row] == pytest.approx(found[named(judgements, row)])


def test_a_uniform_draw_is_as_likely_as_every_other_that_is_left():
    worlds = draw_worlds(REGIMES[0], worlds=1, rng=np.random.default_rng(5))
    found = collect(worlds, design=Design.UNIFORM, judgements=EACH, rng=np.random.default_rng(6))
    left = worlds.is_pair.sum() - np.arange(EACH)
    assert found.probability[0] == pytest.approx(1 / (2 * left))


def test_the_same_seed_asks_the_same(active):
    again = collect(active.worlds, design=Design.ACTIVE, judgements=ASKED, rng=np.random.default_rng(6))
    assert np.array_equal(again.answer, active.answer)
    assert np.array_equal(again.pair, active.pair)


def test_the_active_design_asks_from_both_sides_alike(active):
    assert abs(active.is_turned.mean() - 0.5) < 0.1
