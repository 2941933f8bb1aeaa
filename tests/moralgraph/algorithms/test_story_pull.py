import numpy as np
import pytest

from moralgraph.algorithms.records import Answer, Judgements
from moralgraph.algorithms.story_pull import asked_about_effect, drift, retest, side_effect, story_pull


def drawn(people: int, *, pull: float = 0.0, asked: float = 0.0, seed: int = 1) -> Judgements:
    """Three questions a person, in four pairs with their own shares; a forward story adds `pull` to the share."""
    rng = np.random.default_rng(seed)
    pair, is_turned = rng.integers(4, size=3 * people), rng.random(3 * people) < 0.5
    story = rng.choice(["none", "forward", "reverse", "both"], size=3 * people)
    upper = np.array([0.3, 0.4, 0.5, 0.6])[pair]
    share = np.where(is_turned, 1 - upper, upper) + pull * ((story == "forward") - 1.0 * (story == "reverse")) + asked
    cards = np.array([["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]])[pair]
    ends = np.where(is_turned[:, None], cards[:, ::-1], cards)
    return Judgements.from_columns(
        participant=np.repeat(np.arange(people), 3),
        first=ends[:, 0],
        second=ends[:, 1],
        context=["c"] * (3 * people),
        answer=np.where(rng.random(3 * people) < share, Answer.WISER, Answer.LESS_WISE),
        story=story,
    )


def test_the_pull_of_each_kind_of_story_is_found():
    effects = {effect.name: effect for effect in story_pull(drawn(2000, pull=0.2)).effects}
    assert effects["forward"].difference == pytest.approx(0.2, abs=0.05)
    assert effects["reverse"].difference == pytest.approx(-0.2, abs=0.05)
    assert effects["both"].low < 0 < effects["both"].high


def test_the_interval_covers_no_pull_as_often_as_asked():
    misses = [not (one.low < 0 < one.high) for seed in range(60) for one in story_pull(drawn(60, seed=seed)).effects]
    assert np.mean(misses) == pytest.approx(0.05, abs=0.05)


def test_a_question_seen_in_one_arm_only_says_nothing_of_a_pull():
    apart = Judgements.from_columns(
        participant=range(80), first=["a"] * 40 + ["c"] * 40, second=["b"] * 40 + ["d"] * 40, context=["w"] * 80,
        answer=["wiser"] * 40 + ["less_wise"] * 40, story=["forward"] * 40 + ["none"] * 40,
    )  # fmt: skip
    found = story_pull(apart)
    assert found.effects == ()
    assert [(arm.story.value, arm.wiser, arm.compared) for arm in found.arms] == [("none", 0, 40), ("forward", 40, 40)]


def test_too_few_people_give_no_effect():
    assert story_pull(drawn(6, pull=0.4)).effects == ()
    assert asked_about_effect(drawn(6, asked=0.3)) is None


def test_being_asked_about_is_found_between_the_two_directions():
    found = asked_about_effect(drawn(2000, asked=0.1))
    assert found.difference == pytest.approx(0.2, abs=0.05)
    assert asked_about_effect(drawn(2000)).low < 0 < asked_about_effect(drawn(2000)).high


def test_the_side_where_reading_starts_is_found_within_a_question():
    judgements = drawn(1500)
    at_start = judgements.answer == judgements.answer[0]
    found = side_effect(judgements, first_is_at_start=at_start)
    assert abs(found.difference) == pytest.approx(1)
    random = np.random.default_rng(4).random(len(judgements)) < 0.5
    assert abs(side_effect(judgements, first_is_at_start=random).difference) < 0.06


def test_questions_that_always_come_at_the_same_place_say_nothing_of_a_drift():
    judgements = Judgements.from_columns(
        participant=np.tile(np.arange(60), 2), first=["a"] * 60 + ["c"] * 60, second=["b"] * 60 + ["d"] * 60,
        context=["w"] * 120, answer=["wiser"] * 60 + ["less_wise"] * 60,
    )  # fmt: skip
    assert drift(judgements) is None


def test_a_drift_is_found_where_questions_come_in_any_order():
    rng = np.random.default_rng(5)
    number = np.tile(np.arange(4), 300)
    pair = np.concatenate([rng.permutation(4) for _ in range(300)])
    judgements = Judgements.from_columns(
        participant=np.repeat(np.arange(300), 4), first=[f"a{code}" for code in pair],
        second=[f"b{code}" for code in pair], context=["w"] * 1200,
        answer=np.where(rng.random(1200) < 0.4 + 0.1 * number, "wiser", "less_wise"),
    )  # fmt: skip
    assert drift(judgements).difference == pytest.approx(0.1, abs=0.04)


def test_asking_again_from_the_other_side_turns_the_answer():
    judgements = Judgements.from_columns(
        participant=["p"] * 2 + ["q"] * 2 + ["r"] * 2, first=["a", "b"] * 3, second=["b", "a"] * 3, context=["c"] * 6,
        answer=["wiser", "less_wise", "both_needed", "both_needed", "wiser", "wiser"], repeat=[0, 1] * 3,
    )  # fmt: skip
    found = retest(judgements)
    assert (found.repeats, found.people) == (3, 3)
    assert found.same == pytest.approx(2 / 3)
    assert found.reversed_order == pytest.approx(1 / 3)
    assert found.by_chance == pytest.approx((2 * 1 + 1 * 1) / 9)


def test_without_repeats_nothing_is_said_of_steadiness():
    assert retest(drawn(5)) is None
