"""What a browser says of how a page was answered is bounded, and no answer depends on it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.instruments import read_handling
from elicit.instruments.handling import LONGEST_HANDLING, MOST_CHANGES, MOST_SECONDS
from elicit.instruments.schema import LONGEST_ANSWER
from tests.elicit.instrument_texts import TYPES, instrument, item

OTHER = {"value": "other", "label": "Other", "with_text": True}
ITEMS = instrument([item(kind, kind) for kind in TYPES]).items()
TOLD = {"touched": True, "seconds": 2.25, "changes": 3, "pasted": 0}
NOTHING = {"touched": False, "seconds": 0.0, "changes": 0, "pasted": 0}


def read(told, items=ITEMS):
    return read_handling(json.dumps(told), items)


def test_a_field_is_described_under_its_item():
    assert read({"text": TOLD}) == {"text": {"touched": True, "seconds": 2.2, "changes": 3, "pasted": 0}}


def test_the_rows_of_a_slider_and_a_matrix_are_described_each_for_itself():
    found = read({"slider__a": TOLD, "slider__b": {}, "matrix__b": {"touched": True}})
    assert found["slider"]["a"]["changes"] == 3
    assert found["slider"]["b"] == NOTHING
    assert found["matrix"] == {"b": {**NOTHING, "touched": True}}


def test_words_beside_an_option_are_added_to_its_item():
    items = instrument([item("multi", "multi", options=["a", OTHER])]).items()
    found = read({"multi": {"seconds": 1, "changes": 1}, "multi__other_text": {**TOLD, "pasted": 4}}, items)
    assert found == {"multi": {"touched": True, "seconds": 3.2, "changes": 4, "pasted": 4}}


def test_fields_of_other_items_and_unknown_keys_are_dropped():
    assert read({"unknown": TOLD, "text__a": TOLD, "text": {"touched": True, "words": "secret"}}) == {
        "text": {**NOTHING, "touched": True}
    }


@pytest.mark.parametrize(
    ("key", "given_value", "kept"),
    [
        ("seconds", 1e12, MOST_SECONDS),
        ("seconds", -4, 0.0),
        ("seconds", "9", 0.0),
        ("seconds", True, 0.0),
        ("changes", 10**9, MOST_CHANGES),
        ("changes", 2.9, 2),
        ("pasted", 10**9, LONGEST_ANSWER),
        ("pasted", None, 0),
        ("touched", 1, False),
        ("touched", "yes", False),
    ],
)
def test_what_is_out_of_bounds_is_clamped_and_what_is_no_number_is_nothing(key, given_value, kept):
    assert read({"text": {key: given_value}})["text"] == {**NOTHING, key: kept}


@pytest.mark.parametrize(
    "raw", ["", "no json", "[]", "null", "3", '{"text": [1]}', '{"text": null}', "[" * 15_000, "{"]
)
def test_what_cannot_be_read_says_nothing(raw):
    assert read_handling(raw, ITEMS) == {}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_numbers_that_are_none_are_bounded(number):
    found = read_handling('{"text": {"seconds": ' + number + "}}", ITEMS)
    assert all(0 <= record["seconds"] <= MOST_SECONDS for record in found.values())


def test_a_page_that_says_too_much_is_not_read():
    assert read_handling(json.dumps({"text": TOLD}).ljust(LONGEST_HANDLING), ITEMS) != {}
    assert read_handling(json.dumps({"text": TOLD}).ljust(LONGEST_HANDLING + 1), ITEMS) == {}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
FIELDS = st.sampled_from([*TYPES, "slider__a", "matrix__b", "text__null", "else"])
RECORDS = st.dictionaries(st.sampled_from(["touched", "seconds", "changes", "pasted", "else"]), ANYTHING)


@given(ANYTHING | st.dictionaries(FIELDS, ANYTHING | RECORDS))
def test_whatever_is_told_what_is_kept_is_small_and_well_formed(told):
    found = read(told)
    records = [
        one for name, kept in found.items() for one in (kept.values() if name in ("slider", "matrix") else [kept])
    ]
    for record in records:
        assert list(record) == ["touched", "seconds", "changes", "pasted"]
        assert isinstance(record["touched"], bool)
        assert 0 <= record["seconds"] <= MOST_SECONDS
        assert 0 <= record["changes"] <= MOST_CHANGES
        assert 0 <= record["pasted"] <= LONGEST_ANSWER
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@given(st.text(max_size=200))
def test_no_text_is_an_error(raw):
    assert isinstance(read_handling(raw, ITEMS), dict)
