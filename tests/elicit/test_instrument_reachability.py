"""Items that nobody can ever see are found, and no others."""

import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from elicit.instruments import never_shown, visible_items
from elicit.instruments.schema import Instrument
from tests.elicit.instrument_texts import item, text_of


def one(name, **test):
    return {"item": name, **test}


def unseen(*parts):
    return never_shown(Instrument.model_validate(json.loads(text_of(*parts))))


def needs(first, **show_if):
    return unseen([first], [item("x", show_if=show_if)])


def test_two_values_of_one_single_item_never_stand_together():
    first = item("first")
    assert needs(first, all=[one("first", is_one_of=["a"]), one("first", is_one_of=["b"])]) == ("x",)
    assert needs(first, any=[one("first", is_one_of=["a"]), one("first", is_one_of=["b"])]) == ()


def test_two_ticks_of_one_multi_item_may_stand_together():
    assert needs(item("first", "multi"), all=[one("first", is_one_of=[value]) for value in "ab"]) == ()


def test_a_tick_that_is_wanted_and_forbidden_never_is():
    wanted, either = one("first", is_one_of=["a"]), one("first", is_one_of=["a", "b"])
    assert needs(item("first", "multi"), all=[wanted], **{"not": [either]}) == ("x",)
    assert needs(item("first", "multi"), all=[either], **{"not": [wanted]}) == ()


def test_a_number_cannot_be_above_and_below():
    number = item("first", "number")
    assert needs(number, all=[one("first", at_least=5), one("first", at_most=4)]) == ("x",)
    assert needs(number, all=[one("first", at_least=5), one("first", at_most=5)]) == ()
    assert needs(number, all=[one("first", at_least=5)], **{"not": [one("first", at_least=6)]}) == ()


def test_rows_are_decided_each_for_itself():
    slider = item("first", "slider")
    apart = [one("first", row="a", at_least=60), one("first", row="b", at_most=40)]
    assert needs(slider, all=apart) == ()
    assert needs(slider, all=[*apart, one("first", row="a", at_most=40)]) == ("x",)
    assert needs(slider, all=[*apart, one("first", is_answered=False)]) == ("x",)


def test_whoever_must_answer_cannot_have_left_it_open():
    left_open = {"all": [one("first", is_answered=False)]}
    assert needs(item("first", required=True), **left_open) == ("x",)
    assert needs(item("first", required=True, refusable=True), **left_open) == ()


def test_what_needs_the_answer_to_a_hidden_item_is_hidden_with_it():
    more = item("more", show_if={"all": [one("first", is_one_of=["a"])]})
    x = item("x", show_if={"all": [one("more", is_one_of=["a"]), one("first", is_one_of=["b"])]})
    y = item("y", show_if={"all": [one("more", is_answered=False), one("first", is_one_of=["b"])]})
    assert unseen([item("first")], [more], [x, y]) == ("x",)


def test_what_looks_back_at_a_part_that_is_not_asked_is_never_shown():
    asked = Instrument.model_validate(
        json.loads(text_of([item("first")], [item("x", show_if={"any": [one("first", is_answered=True)]})]))
    )
    assert (never_shown(asked), never_shown(asked, ["p1"])) == ((), ("x",))


SMALL = {
    "single": {"options": ["a", "b"]},
    "multi": {"options": ["a", "b"]},
    "number": {"min": 0, "max": 2},
    "matrix": {"options": ["a", "b"], "scale": ["1", "2"]},
    "text": {},
}
ANSWERS = {
    "single": [None, "a", "b"],
    "multi": [{"a": a, "b": b} for a in (0, 1) for b in (0, 1)],
    "number": [None, 0, 1, 2],
    "matrix": [{"a": a, "b": b} for a in (None, "1", "2") for b in (None, "1", "2")],
    "text": [None, "words"],
}


@st.composite
def conditions(draw, earlier):
    name, kind = draw(st.sampled_from(earlier))
    answered = one(name, is_answered=draw(st.booleans()))
    if kind == "text" or draw(st.booleans()):
        return answered
    if kind == "number":
        low, high = sorted(draw(st.tuples(st.integers(0, 2), st.integers(0, 2))))
        return one(name, at_least=low, at_most=high)
    if kind == "matrix":
        return one(name, row=draw(st.sampled_from("ab")), is_one_of=[draw(st.sampled_from("12"))])
    return one(name, is_one_of=draw(st.lists(st.sampled_from("ab"), min_size=1, max_size=2, unique=True)))


@st.composite
def instruments(draw):
    kinds = draw(st.lists(st.sampled_from(sorted(SMALL)), min_size=2, max_size=4))
    items, earlier = [], []
    for number, kind in enumerate(kinds):
        keys = dict(SMALL[kind])
        if earlier and draw(st.integers(0, 3)):
            lists = {key: draw(st.lists(conditions(earlier), max_size=2)) for key in ("any", "all", "not")}
            if any(lists.values()):
                keys["show_if"] = lists
        items.append(item(f"i{number}", kind, **keys))
        earlier.append((f"i{number}", kind))
    return items


@settings(max_examples=150)
@given(instruments())
def test_it_agrees_with_trying_every_answer(items):
    asked = Instrument.model_validate(json.loads(text_of(items)))
    seen = set()
    for given_answers in itertools.product(*(ANSWERS[one.type] for one in asked.items())):
        answers = dict(zip((one.name for one in asked.items()), given_answers, strict=True))
        seen |= {one.name for one in visible_items(asked, answers)}
    assert set(never_shown(asked)) == {one.name for one in asked.items()} - seen


def test_it_ends_soon_however_many_ways_there_are():
    every = [one(f"i{number}", is_one_of=["a"]) for number in range(12)]
    items = [item("i0")]
    items += [item(f"i{n}", show_if={"any": every[:n]}) for n in range(1, 12)]
    items.append(item("x", show_if={"all": every}))
    assert unseen(items) == ()
