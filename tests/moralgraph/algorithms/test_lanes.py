"""The map of lanes: small maps worked by hand, then properties of any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moralgraph.algorithms.layout import LayoutError, Link
from moralgraph.algorithms.layout.lanes import CELL, LANE_WIDTH, SIZES, Spot, lane_map

HERE = ["here", "there"]


def spots(ids: str, lane: str = "here") -> list[Spot]:
    return [Spot(each, lane, place + 1.0) for place, each in enumerate(ids)]


def test_longer_chains_stand_higher_and_starting_points_are_counted():
    found = lane_map(spots("abc"), [Link("a", "b"), Link("b", "c"), Link("a", "c")], lanes=HERE)
    assert [dot.id for dot in found.dots] == ["c", "b"]
    assert found.dots[0].y < found.dots[1].y
    assert (found.lanes[0].cards, found.lanes[0].folded) == (3, 1)


def test_a_starting_point_that_is_asked_for_is_drawn():
    found = lane_map(spots("ab"), [Link("a", "b")], lanes=HERE, unfolded={"a"})
    assert [dot.id for dot in found.dots] == ["b", "a"]
    assert found.lanes[0].folded == 0


def test_the_lightest_link_of_a_circle_is_not_followed():
    links = [Link("a", "b", 9), Link("b", "c", 9), Link("c", "a", 1)]
    assert [dot.id for dot in lane_map(spots("abc"), links, lanes=HERE).dots] == ["c", "b", "a"]


def test_a_lane_without_cards_is_left_out():
    found = lane_map(spots("ab", "there"), [Link("a", "b")], lanes=HERE)
    assert [lane.key for lane in found.lanes] == ["there"]
    assert found.width == LANE_WIDTH


def test_the_heaviest_of_a_level_is_largest_and_in_the_middle():
    cards = [*spots("xyz"), Spot("low", "here", 0)]
    found = lane_map(cards, [Link("low", each) for each in "xyz"], lanes=HERE)
    assert [dot.id for dot in found.dots] == ["x", "z", "y"]
    assert found.dots[1].size == SIZES - 1


@pytest.mark.parametrize("links", [[Link("a", "nowhere")], [Link("nowhere", "a")]])
def test_a_link_to_nowhere_is_refused(links: list[Link]):
    with pytest.raises(LayoutError, match="no such card"):
        lane_map(spots("a"), links, lanes=HERE)


def test_a_card_without_a_lane_is_refused():
    with pytest.raises(LayoutError, match="not one of the lanes"):
        lane_map(spots("a", "elsewhere"), [], lanes=HERE)


@given(st.sets(st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda pair: pair[0] != pair[1]), max_size=90))
def test_no_two_dots_overlap_and_the_order_given_does_not_matter(pairs: set[tuple[int, int]]):
    cards = [Spot(str(each), HERE[each % 2], float(each % 5)) for each in range(41)]
    links = [Link(str(first), str(second)) for first, second in sorted(pairs)]
    found = lane_map(cards, links, lanes=HERE)
    places = {(dot.x // CELL, dot.y) for dot in found.dots}
    assert len(places) == len(found.dots) == len({second for _, second in pairs})
    assert lane_map(cards[::-1], links[::-1], lanes=HERE) == found
