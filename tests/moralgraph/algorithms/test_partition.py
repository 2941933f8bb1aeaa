"""Average linkage with constraints, worked by hand and by properties, and how partitions compare."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moralgraph.algorithms.partition import Contradiction, agglomerate
from moralgraph.algorithms.stability import compare_partitions, first_moves, labels_of

IDS = "abcdefg"
PAIRS = list(combinations(IDS, 2))
SIMILARITIES = st.dictionaries(st.sampled_from(PAIRS), st.sampled_from([0.1, 0.3, 0.5, 0.5, 0.7, 0.9]))
SOME_PAIRS = st.sets(st.sampled_from(PAIRS), max_size=3)


def linked(similarities, must=(), cannot=()):
    return agglomerate(IDS, similarities, lowest=0.05, must_link=must, cannot_link=cannot)


def test_groups_join_by_the_mean_of_all_pairs_between_them():
    found = linked({("a", "b"): 0.9, ("a", "c"): 0.6, ("b", "c"): 0.2, ("d", "e"): 0.5})
    assert [(join.first, join.second, join.similarity) for join in found.joins] == [
        ("a", "b", 0.9), ("d", "e", 0.5), ("a", "c", 0.4),
    ]  # fmt: skip


def test_what_must_be_together_counts_as_one_group_from_the_start():
    found = linked({("a", "b"): 0.9}, must=[("b", "c")])
    assert found.joins[0].similarity == 0.45
    assert ("b", "c") in found.groups(minimum=1)


def test_what_must_be_apart_keeps_their_groups_apart():
    found = linked({("a", "b"): 0.9, ("b", "c"): 0.8, ("a", "c"): 0.8}, cannot=[("a", "c")])
    assert found.groups(minimum=0.1)[:2] == (("a", "b"), ("c",))


def test_a_contradiction_through_a_third_is_named():
    with pytest.raises(Contradiction, match="a and c"):
        linked({}, must=[("a", "b"), ("b", "c")], cannot=[("a", "c")])


@settings(max_examples=60, deadline=None)
@given(SIMILARITIES, SOME_PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(similarities, cannot, random):
    shuffled, ids, apart = list(similarities.items()), list(IDS), sorted(cannot)
    for each in (shuffled, ids, apart):
        random.shuffle(each)
    again = agglomerate(ids, dict(shuffled), lowest=0.05, cannot_link=apart)
    assert again == linked(similarities, cannot=cannot)


@settings(max_examples=60, deadline=None)
@given(SIMILARITIES, SOME_PAIRS, SOME_PAIRS)
def test_constraints_hold_and_a_lower_threshold_only_joins(similarities, must, cannot):
    try:
        found = linked(similarities, must, cannot)
    except Contradiction:
        return
    heights = [join.similarity for join in found.joins]
    assert heights == sorted(heights, reverse=True)
    wide, narrow = (labels_of(found.groups(minimum=minimum)) for minimum in (0.2, 0.6))
    assert all(groups[first] == groups[second] for groups in (wide, narrow) for first, second in must)
    assert all(groups[first] != groups[second] for groups in (wide, narrow) for first, second in cannot)
    assert all(wide[first] == wide[second] for first, second in PAIRS if narrow[first] == narrow[second])


def test_the_adjusted_rand_index_is_the_published_one():
    first = dict(zip("abcdef", "112233", strict=True))
    second = dict(zip("abcdef", "111223", strict=True))
    found = compare_partitions(first, second)
    assert found.rand_index == pytest.approx((1 - 12 / 15) / (3.5 - 12 / 15))  # pairs: 1 in both, 3 and 4 in one
    assert (found.joined, found.parted, found.share_changed) == (3, 2, pytest.approx(5 / 6))


def test_two_partitions_of_single_cards_are_the_same():
    alone = {"a": "a", "b": "b"}
    assert compare_partitions(alone, alone).rand_index == 1.0


def test_what_would_move_first_is_nearest_to_the_threshold():
    found = linked({("a", "b"): 0.9, ("c", "d"): 0.55, ("e", "f"): 0.4}, must=[("c", "g")])
    moves = first_moves(found, threshold=0.5, count=2)
    assert [(move.first, move.second, move.is_together) for move in moves] == [
        (("e",), ("f",), False), (("c", "g"), ("d",), False),
    ]  # fmt: skip
