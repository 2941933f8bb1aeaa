"""Which items a person sees, and in which order."""

import pytest

from elicit.instruments import has_answer, ordered_items, ordered_options, visible_items
from tests.elicit.instrument_texts import instrument, item, single_item

SLEPT = item("slept", options=["yes", "no"])


def shown(asked, answers):
    return [one.name for one in visible_items(asked, answers)]


def asked_about(first, **show_if):
    return instrument([first], [item("then", "text", show_if=show_if)])


def is_shown(first, answer, **show_if):
    return "then" in shown(asked_about(first, **show_if), {str(first["name"]): answer})


@pytest.mark.parametrize(
    ("kind", "condition", "answer", "expected"),
    [
        ("single", {"is_one_of": ["a"]}, "a", True),
        ("single", {"is_one_of": ["a"]}, "b", False),
        ("single", {"is_one_of": ["a"]}, None, False),
        ("multi", {"is_one_of": ["a"]}, {"a": 1, "b": 0}, True),
        ("multi", {"is_one_of": ["a"]}, {"a": 0, "b": 1}, False),
        ("country", {"is_one_of": ["KE", "TZ"]}, "TZ", True),
        ("number", {"at_least": 3}, 3, True),
        ("number", {"at_least": 3}, 2, False),
        ("number", {"at_least": 3, "at_most": 5}, 6, False),
        ("number", {"at_most": 5}, None, False),
        ("slider", {"row": "a", "at_least": 50}, {"a": 50, "b": None}, True),
        ("slider", {"row": "a", "at_least": 50}, {"a": None, "b": 90}, False),
        ("matrix", {"row": "b", "is_one_of": ["2", "3"]}, {"a": "1", "b": "3"}, True),
        ("matrix", {"row": "b", "is_answered": True}, {"a": "1", "b": None}, False),
        ("matrix", {"is_answered": True}, {"a": "1", "b": None}, True),
        ("slider", {"is_answered": True}, {"a": 0, "b": None}, True),
        ("multi", {"is_answered": True}, {"a": 0, "b": 0}, False),
        ("text", {"is_answered": True}, "words", True),
        ("text", {"is_answered": False}, None, True),
    ],
)
def test_a_condition_reads_the_stored_answer(kind, condition, answer, expected):
    assert is_shown(item("first", kind), answer, all=[{"item": "first", **condition}]) is expected


def test_any_needs_one_all_needs_every_and_not_needs_none():
    first, second = item("first"), item("second")
    asks = {
        "any": [{"item": "first", "is_one_of": ["a"]}, {"item": "second", "is_one_of": ["a"]}],
        "not": [{"item": "second", "is_one_of": ["b"]}],
    }
    asked = instrument([first, second], [item("then", show_if=asks)])
    answers = [("a", "a"), ("a", None), ("a", "b"), ("b", "a"), ("b", "b"), (None, None)]
    seen = ["then" in shown(asked, {"first": one, "second": two}) for one, two in answers]
    assert seen == [True, True, False, True, False, False]


def test_the_answer_to_a_hidden_item_counts_as_no_answer():
    more = item("more", show_if={"all": [{"item": "slept", "is_one_of": ["no"]}]})
    most = item("most", show_if={"all": [{"item": "more", "is_one_of": ["a"]}]})
    asked = instrument([SLEPT], [more], [most])
    assert shown(asked, {"slept": "no", "more": "a"}) == ["slept", "more", "most"]
    assert shown(asked, {"slept": "yes", "more": "a"}) == ["slept"]


def test_a_hidden_item_is_not_answered():
    more = item("more", show_if={"all": [{"item": "slept", "is_one_of": ["no"]}]})
    rest = item("rest", show_if={"all": [{"item": "more", "is_answered": False}]})
    assert shown(instrument([SLEPT], [more], [rest]), {"slept": "yes", "more": "a"}) == ["slept", "rest"]


def test_answers_to_questions_of_others_change_nothing():
    assert shown(instrument([SLEPT]), {"slept": "no", "unknown": {"x": 1}}) == ["slept"]


@pytest.mark.parametrize(
    ("kind", "answer", "expected"),
    [("number", 0, True), ("slider", {"a": 0}, True), ("multi", {"a": 0}, False), ("multi", {"a_text": "w"}, True),
     ("text", "", False), ("matrix", {"a": None}, False)],
)  # fmt: skip
def test_nothing_placed_nothing_ticked_and_nothing_written_is_no_answer(kind, answer, expected):
    assert has_answer(single_item(kind), answer) is expected


def shuffled(seed):
    asked = instrument([item(f"i{number}") for number in range(8)]).parts[0]
    return [one.name for one in ordered_items(asked.model_copy(update={"randomise": True}), seed)]


def test_the_same_seed_gives_the_same_order_of_items():
    assert shuffled(1) == shuffled(1) != shuffled(2)
    assert sorted(shuffled(1)) == [f"i{number}" for number in range(8)]


def test_a_part_that_is_not_shuffled_keeps_its_order():
    part = instrument([item("b"), item("a")]).parts[0]
    assert ordered_items(part, 5) == tuple(part.items)


def test_the_rows_of_a_matrix_are_shuffled_and_its_scale_never():
    rows = [f"r{number}" for number in range(8)]
    asked = single_item("matrix", options=rows, randomise=True)
    orders = {tuple(option.value for option in ordered_options(asked, seed)) for seed in range(5)}
    assert len(orders) == 5
    assert {tuple(sorted(order)) for order in orders} == {tuple(rows)}
    assert [point.value for point in asked.scale] == ["1", "2", "3"]
