import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moralgraph.algorithms.layout import Box, Layout, LayoutError, Link, Placed, layered_layout, wrap_label

IDS = [f"card {number:02}" for number in range(14)]
LABELS = ["Calm", "Keeping a promise that costs something", "Listening before answering", "智慧と思いやりの深い生き方"]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[Link]]:
    ids = IDS[: draw(st.integers(1, len(IDS)))]
    boxes = [Box.of(key, draw(st.sampled_from(LABELS)), scale=draw(st.sampled_from([1.0, 1.3]))) for key in ids]
    pairs = [(a, b) for a in ids for b in ids if a != b]
    ends = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=24)) if pairs else []
    return boxes, [Link(a, b, draw(st.integers(1, 5))) for a, b in ends]


def overlap(one: Placed, two: Placed) -> bool:
    beside = one.x + one.width <= two.x + 1e-6 or two.x + two.width <= one.x + 1e-6
    return not (beside or one.y + one.height <= two.y + 1e-6 or two.y + two.height <= one.y + 1e-6)


def points_of(layout: Layout) -> list[tuple[str, str, float, float]]:
    """Sample every line densely."""
    found = []
    for route in layout.routes:
        start = route.start
        for one, two, end in route.pieces:
            for step in range(1, 20):
                t = step / 20
                weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                x, y = (
                    sum(w * p[axis] for w, p in zip(weights, (start, one, two, end), strict=True)) for axis in (0, 1)
                )
                found.append((route.first, route.second, x, y))
            start = end
    return found


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_no_two_cards_overlap(graph):
    placed = layered_layout(graph[0], graph[1])
    assert len(placed.boxes) == len(graph[0])
    assert not [(one.id, two.id) for one, two in combinations(placed.boxes, 2) if overlap(one, two)]


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_lines_go_up_unless_they_are_marked_down(graph):
    placed = layered_layout(graph[0], graph[1])
    assert len(placed.routes) == len(graph[1])
    assert all((route.end[1] > route.start[1]) == route.is_down for route in placed.routes)


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_lines_cross_no_card(graph):
    placed = layered_layout(graph[0], graph[1])
    crossed = [
        (first, second, box.id)
        for first, second, x, y in points_of(placed)
        for box in placed.boxes
        if box.x + 0.01 < x < box.x + box.width - 0.01 and box.y + 0.01 < y < box.y + box.height - 0.01
    ]
    assert not crossed


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_everything_lies_inside_the_picture(graph):
    placed = layered_layout(graph[0], graph[1])
    assert all(box.x >= -1e-6 and box.y >= -1e-6 for box in placed.boxes)
    assert all(box.x + box.width <= placed.width + 1e-6 for box in placed.boxes)
    assert all(box.y + box.height <= placed.height + 1e-6 for box in placed.boxes)


@settings(max_examples=40, deadline=None)
@given(graphs(), st.randoms())
def test_the_order_of_the_input_does_not_matter(graph, order: random.Random):
    boxes, links = list(graph[0]), list(graph[1])
    order.shuffle(boxes)
    order.shuffle(links)
    assert layered_layout(boxes, links) == layered_layout(*graph)


def test_five_hundred_cards_do_not_overlap_whatever_order_they_come_in():
    ends = random.Random(7)
    boxes = [Box.of(f"card {number:03}", ends.choice(LABELS)) for number in range(500)]
    pairs = {tuple(ends.sample(range(500), 2)) for _ in range(600)}
    links = [Link(boxes[one].id, boxes[two].id, ends.randint(2, 80)) for one, two in sorted(pairs)]
    placed = layered_layout(boxes, links)
    assert not [(one.id, two.id) for one, two in combinations(placed.boxes, 2) if overlap(one, two)]
    assert layered_layout(boxes[::-1], links[::-1]) == placed


def test_lines_start_and_end_at_the_edges_of_their_cards():
    placed = layered_layout([Box.of(key, key) for key in "abc"], [Link("a", "b"), Link("b", "c"), Link("a", "c")])
    low = {box.id: box for box in placed.boxes}
    long = next(route for route in placed.routes if (route.first, route.second) == ("a", "c"))
    assert long.start[1] == low["a"].y
    assert long.end[1] == low["c"].y + low["c"].height
    assert low["a"].x < long.start[0] < low["a"].x + low["a"].width


def test_the_weakest_link_of_a_circle_points_down():
    links = [Link("a", "b", 5), Link("b", "c", 4), Link("c", "a", 2)]
    placed = layered_layout([Box.of(key, key) for key in "abc"], links)
    assert [(route.first, route.second) for route in placed.routes if route.is_down] == [("c", "a")]


def test_of_two_opposite_links_the_weaker_points_down():
    placed = layered_layout([Box.of(key, key) for key in "ab"], [Link("a", "b", 2), Link("b", "a", 3)])
    assert [(route.first, route.is_down) for route in placed.routes] == [("a", True), ("b", False)]


def test_starting_points_stand_just_below_what_they_lead_to():
    links = [Link("a", "b"), Link("b", "c"), Link("x", "c")]
    layers = {box.id: box.layer for box in layered_layout([Box.of(key, key) for key in "abcx"], links).boxes}
    assert layers == {"a": 0, "b": 1, "c": 2, "x": 1}


def test_parts_without_links_wrap_into_rows():
    placed = layered_layout([Box.of(key, "Some value") for key in IDS], [], width=400)
    assert placed.width <= 400
    assert len({box.y for box in placed.boxes}) > 1


def test_an_empty_graph_has_no_size():
    assert layered_layout([], []) == Layout(width=0.0, height=0.0, boxes=(), routes=())


def test_paths_are_svg():
    placed = layered_layout([Box("a", 100, 40), Box("b", 100, 40)], [Link("a", "b")])
    assert placed.routes[0].path == "M50,92 C50,66 50,66 50,40"


@pytest.mark.parametrize(
    ("boxes", "links", "said"),
    [
        (["a", "a"], [], "given twice"),
        (["a"], [Link("a", "a")], "to itself"),
        (["a"], [Link("a", "b")], "no such box"),
        (["a", "b"], [Link("a", "b"), Link("a", "b")], "given twice"),
    ],
)
def test_wrong_input_is_named(boxes, links, said):
    with pytest.raises(LayoutError, match=said):
        layered_layout([Box.of(key, key) for key in boxes], links)


def test_long_words_break_and_long_labels_are_cut_with_a_sign():
    assert wrap_label("Donaudampfschifffahrtsgesellschaft") == ("Donaudampfschifffa", "hrtsgesellschaft")
    lines = wrap_label("one two three four five six seven eight nine ten eleven twelve thirteen")
    assert len(lines) == 3
    assert lines[-1].endswith("…")


def test_an_empty_label_has_one_empty_line():
    assert wrap_label("  ") == ("",)
