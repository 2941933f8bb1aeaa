"""Which models answer is drawn with propensities that are exactly what happens."""

from collections import Counter
from itertools import combinations
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.drawing import EXPLORATION, Exposures, balanced_inclusion, diverse_inclusion, draw, group_of

SEEDS = 20_000
NAMES = ["a/1", "a/2", "a/3", "b/1", "b/2", "c/1", "d/1"]
SEEN = Exposures(
    {"a/1": 9, "a/2": 4, "a/3": 4, "b/1": 2, "b/2": 7, "c/1": 1, "d/1": 5},
    {pair: (place * 7) % 4 for place, pair in enumerate(combinations(NAMES, 2))},
)


def names(places):
    return [place.model_name for place in places]


def test_the_same_seed_draws_the_same():
    for policy in ("uniform", "balanced", "diverse"):
        drawn = draw(NAMES, policy, wanted=3, seed=5, exposures=SEEN)
        assert drawn == draw(NAMES, policy, wanted=3, seed=5, exposures=SEEN)
        assert drawn != draw(NAMES, policy, wanted=3, seed=6, exposures=SEEN)


@pytest.mark.parametrize("policy", ["uniform", pytest.param("balanced", marks=pytest.mark.slow), "diverse"])
def test_the_stored_propensity_is_how_often_a_model_is_drawn_and_for_a_back_fill_asked_by_then(policy):
    counted: dict[str, Counter[str]] = {"drawn": Counter(), "asked": Counter()}
    stated: dict[tuple[str, str], float] = {}
    for seed in range(SEEDS):
        drawn = draw(NAMES, policy, wanted=3, seed=seed, exposures=SEEN)
        counted["drawn"].update(names(drawn.places))
        counted["asked"].update(names([*drawn.places, drawn.standby[0]]))
        for how, place in [*(("drawn", place) for place in drawn.places), ("asked", drawn.standby[0])]:
            assert stated.setdefault((how, place.model_name), place.propensity) == place.propensity
    assert len(stated) == 2 * len(NAMES)
    for (how, name), chance in stated.items():
        assert abs(counted[how][name] / SEEDS - chance) <= 3 * sqrt(chance * (1 - chance) / SEEDS), (how, name)


def test_a_uniform_draw_of_four_from_six_gives_each_two_thirds_and_a_back_fill_five_sixths():
    drawn = draw("abcdef", "uniform", wanted=4, seed=1)
    assert [place.propensity for place in drawn.places] == pytest.approx([4 / 6] * 4)
    assert [place.propensity for place in drawn.standby] == pytest.approx([5 / 6, 1])


def test_a_balanced_draw_worked_by_hand():
    """c leads (0.8 + 0.2 / 3) and follows either of the others (0.9), so it is there with 0.9867."""
    seen = Exposures({"a": 1, "b": 1}, {("a", "b"): 1})
    assert balanced_inclusion("abc", 2, seen) == pytest.approx([0.50667, 0.50667, 0.98667], abs=1e-5)


def test_without_exposures_a_balanced_draw_is_uniform():
    assert balanced_inclusion(NAMES, 3, Exposures()) == pytest.approx([3 / 7] * 7)


def test_balanced_blocks_come_near_to_a_block_design():
    """In 70 blocks of 3 out of 7 each pair stands side by side 10 times; uniform draws stray three times as far."""
    spread = {}
    for policy in ("uniform", "balanced"):
        shown: Counter[str] = Counter()
        together: Counter[tuple[str, str]] = Counter()
        for seed in range(70):
            block = sorted(names(draw(NAMES, policy, wanted=3, seed=seed, exposures=Exposures(shown, together)).places))
            shown.update(block)
            together.update(combinations(block, 2))
        counts = [together[pair] for pair in combinations(NAMES, 2)]
        assert sum(counts) == 210
        spread[policy] = sum((count - 10) ** 2 for count in counts) / 21
    assert spread["balanced"] < spread["uniform"] / 2


def test_a_diverse_draw_takes_one_of_each_provider_first():
    for seed in range(200):
        drawn = draw(NAMES, "diverse", wanted=4, seed=seed)
        assert {group_of(name) for name in names(drawn.places)} == {"a", "b", "c", "d"}
        assert {group_of(name) for name in names(drawn.standby[:2])} == {"a", "b"}


def test_a_diverse_draw_of_two_gives_each_provider_half():
    groups = {name: group_of(name) for name in NAMES}
    chances = [diverse_inclusion(name, NAMES, groups, 2) for name in NAMES]
    assert chances == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 4, 1 / 4, 1 / 2, 1 / 2])


def test_providers_may_be_named_beside_the_models():
    groups = {"x": "one", "y": "one", "z": "two"}
    assert all("z" in names(draw("xyz", "diverse", wanted=2, seed=seed, groups=groups).places) for seed in range(30))


def test_with_fewer_models_than_wanted_all_answer():
    drawn = draw(["a", "b"], "balanced", wanted=4, seed=1)
    assert sorted(names(drawn.places)) == ["a", "b"] and not drawn.standby
    assert [place.propensity for place in drawn.places] == [1.0, 1.0]


@pytest.mark.parametrize(("models", "wanted"), [([], 1), (["a", "a"], 1), (["a"], 0)])
def test_a_draw_of_nothing_is_an_error(models, wanted):
    with pytest.raises(ValueError, match="at least one"):
        draw(models, "uniform", wanted=wanted, seed=1)


@given(
    shown=st.lists(st.integers(0, 30), min_size=2, max_size=8),
    wanted=st.integers(1, 5),
    seed=st.integers(0, 999),
    policy=st.sampled_from(["uniform", "balanced", "diverse"]),
)
def test_every_model_stands_once_in_a_draw_and_every_propensity_is_a_probability(shown, wanted, seed, policy):
    models = [f"{'xyz'[place % 3]}/{place}" for place in range(len(shown))]
    together = {pair: (place * 5) % 3 for place, pair in enumerate(combinations(models, 2))}
    seen = Exposures(dict(zip(models, shown, strict=True)), together)
    drawn = draw(models, policy, wanted=wanted, seed=seed, exposures=seen)
    places = [*drawn.places, *drawn.standby]
    assert sorted(names(places)) == sorted(models)
    assert len(drawn.places) == min(wanted, len(models))
    assert all(0 < place.propensity <= 1 for place in places)


@given(shown=st.lists(st.integers(0, 30), min_size=2, max_size=8), wanted=st.integers(1, 5))
def test_balanced_propensities_add_up_to_the_size_of_the_block_and_none_is_small(shown, wanted):
    models = [f"m{place}" for place in range(len(shown))]
    chances = balanced_inclusion(models, wanted, Exposures(dict(zip(models, shown, strict=True))))
    size = min(wanted, len(models))
    assert chances.sum() == pytest.approx(size)
    assert chances.min() >= EXPLORATION * size / len(models) - 1e-12
