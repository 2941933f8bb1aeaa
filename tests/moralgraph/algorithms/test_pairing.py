from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moralgraph.algorithms.pairing import NoPairLeftError, Tally, Upgrade, choose_pair, possible_choices

ends = st.sampled_from("abcd")
tallies = st.integers(0, 5) | st.builds(lambda w, e, u: Tally(w + e + 2 * u, w, e, u), *[st.integers(0, 5)] * 3)
keys = st.tuples(ends, ends, st.sampled_from(["at work", "at home"])).filter(lambda key: key[0] != key[1])


@given(st.lists(keys), st.dictionaries(keys, tallies), st.lists(keys))
def test_the_probabilities_of_all_choices_sum_to_one(candidates, counts, judged):
    choices = possible_choices([Upgrade(*key) for key in candidates], counts=counts, judged=judged)
    done = {(frozenset(key[:2]), key[2]) for key in judged}
    assert not [each for each in choices if (frozenset((each.first, each.second)), each.context) in done]
    assert not choices or abs(sum(each.probability for each in choices) - 1) < 1e-12


def test_a_judged_pair_is_not_asked_again_in_the_other_direction():
    candidates = [Upgrade("a", "b", "c"), Upgrade("a", "d", "c")]
    choices = possible_choices(candidates, counts={}, judged=[("b", "a", "c")])
    assert {(each.first, each.second) for each in choices} == {("a", "d"), ("d", "a")}


def test_a_judged_pair_may_be_asked_in_another_context():
    candidates = [Upgrade("a", "b", "at work"), Upgrade("a", "b", "at home")]
    choices = possible_choices(candidates, counts={}, judged=[("a", "b", "at work")])
    assert {each.context for each in choices} == {"at home"}


def test_both_directions_are_one_candidate():
    one = possible_choices([Upgrade("a", "b", "c")], counts={}, judged=[])
    assert one == possible_choices([Upgrade("b", "a", "c"), Upgrade("a", "b", "c")], counts={}, judged=[])
    assert [each.probability for each in one] == [0.5, 0.5]


def chances(candidates, counts, judged=()):
    return {(e.first, e.second): e.probability for e in possible_choices(candidates, counts=counts, judged=judged)}


def test_a_fifth_is_uniform_and_a_fifth_goes_to_the_pairs_that_were_judged_least():
    candidates = [Upgrade("a", "b", "c"), Upgrade("a", "d", "c"), Upgrade("a", "e", "c")]
    counts = {("a", "b", "c"): 4, ("a", "d", "c"): 1, ("d", "a", "c"): 2, ("e", "a", "c"): 3}
    found = chances(candidates, counts)
    assert min(found.values()) == pytest.approx(0.2 / 6)
    assert found[("a", "d")] > 0.2 / 6 + 0.1
    assert found[("a", "e")] > 0.2 / 6 + 0.1
    assert found[("d", "a")] == pytest.approx(0.2 / 6)


def test_leaders_that_nobody_compared_are_asked_about_before_cards_that_lost():
    candidates = [
        Upgrade("low", "x", "c"),
        Upgrade("low", "y", "c"),
        Upgrade("lost", "low", "c"),
        Upgrade("x", "y", "c"),
    ]
    won, level = Tally(asked=9, wiser=9), Tally(asked=9, wiser=3, about_equal=3, less_wise=3)
    counts = {("low", "x", "c"): won, ("low", "y", "c"): won, ("lost", "low", "c"): level, ("x", "y", "c"): level}
    found = chances(candidates, counts)
    assert found[("y", "x")] == max(found.values())
    assert found[("low", "lost")] == min(found[("y", "x")], found[("x", "low")], found[("low", "lost")])


def test_what_the_person_judged_still_tells_where_the_cards_stand():
    candidates = [Upgrade("a", "b", "c"), Upgrade("a", "d", "c"), Upgrade("b", "d", "c")]
    lost = {("a", "b", "c"): Tally(asked=9, less_wise=9), ("b", "d", "c"): Tally(asked=3, wiser=3)}
    left_out = [each for each in candidates if each.second != "b"]
    assert chances(candidates, lost, judged=[("b", "a", "c")]) == chances(left_out, lost)


def test_a_context_that_was_judged_little_is_drawn_more():
    candidates = [Upgrade("a", "b", "at work"), Upgrade("a", "b", "at home")]
    found = possible_choices(candidates, counts={("a", "b", "at work"): 1}, judged=[])
    at_home = sum(each.probability for each in found if each.context == "at home")
    assert at_home == pytest.approx(0.1 + 0.8 * 4 / 5)


def test_draws_follow_the_stated_probabilities():
    candidates = [Upgrade("a", "b", "c"), Upgrade("a", "d", "c")]
    counts = {("a", "b", "c"): 2, ("a", "d", "c"): 1}
    rng = np.random.default_rng(5)
    drawn = Counter(choose_pair(candidates, counts=counts, judged=[], rng=rng) for _ in range(4000))
    for choice in possible_choices(candidates, counts=counts, judged=[]):
        assert drawn[choice] / 4000 == pytest.approx(choice.probability, abs=0.03)


def test_the_same_seed_draws_the_same_pair():
    candidates = [Upgrade("a", "b", "c"), Upgrade("d", "e", "c")]
    draws = [
        choose_pair(order, counts={}, judged=[], rng=np.random.default_rng(3))
        for order in (candidates, candidates[::-1])
    ]
    assert draws[0] == draws[1]


def test_nothing_left_is_said():
    with pytest.raises(NoPairLeftError, match="add upgrades or end the step"):
        choose_pair([Upgrade("a", "b", "c")], counts={}, judged=[("a", "b", "c")], rng=np.random.default_rng(1))
