"""How answers are read from a form: as they were typed, or with the reason why there is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from elicit.instruments import (
    AnswerError,
    answer_as_post,
    answer_from_post,
    country_choices,
    null_choice_from_post,
    passes_attention,
    validate_answer,
)
from tests.elicit.instrument_texts import TYPES, single_item

OTHER = {"value": "other", "label": "Other", "with_text": True}
DECLINED = {"value": "Prefer not to say", "label": "I'd rather not say"}


def posted(fields):
    lists = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return lambda name: lists.get(name, [])


@pytest.mark.parametrize(("typed", "stored"), [("7", 7), (" 7 ", 7), ("007", 7), ("-3", -3), ("٢٥", 25), ("", None)])
def test_a_number_is_read_in_the_digits_of_any_script(typed, stored):
    assert validate_answer(single_item("number", min=-5, max=30), typed) == stored


@pytest.mark.parametrize("typed", ["31", "-6", "5.5", "5,5", "1e1", "²", "--3", "- 3", "five", "9" * 5000])
def test_a_number_out_of_its_range_is_refused_with_the_range(typed):
    with pytest.raises(AnswerError, match="from -5 to 30"):
        validate_answer(single_item("number", min=-5, max=30), typed)


def test_a_required_number_waits_for_one():
    with pytest.raises(AnswerError, match="from 1 to 4"):
        validate_answer(single_item("number", min=1, max=4, required=True), "")


def test_a_country_is_its_code_or_an_option_of_the_item():
    asked = single_item("country", options=[DECLINED])
    assert [validate_answer(asked, raw) for raw in ("KE", "Prefer not to say", "")] == ["KE", "Prefer not to say", None]


@pytest.mark.parametrize("raw", ["Kenya", "ke", "XX", "KEN"])
def test_what_is_no_country_is_refused(raw):
    with pytest.raises(AnswerError, match="not one of the choices"):
        validate_answer(single_item("country"), raw)


def test_a_matrix_is_answered_line_by_line():
    asked = single_item("matrix")
    assert validate_answer(asked, {"a": "2"}) == {"a": "2", "b": None}
    assert answer_from_post(asked, posted({"asked__a": "2"})) == {"a": "2", "b": ""}


def test_a_required_matrix_names_the_lines_that_are_open():
    with pytest.raises(AnswerError, match="Still open: b"):
        validate_answer(single_item("matrix", required=True), {"a": "2"})


@pytest.mark.parametrize("raw", [{"a": "4"}, {"c": "1"}])
def test_a_point_or_line_that_does_not_exist_is_refused(raw):
    with pytest.raises(AnswerError, match="not one of the choices"):
        validate_answer(single_item("matrix"), raw)


def test_a_null_character_does_not_reach_the_database():
    assert validate_answer(single_item("text"), "a\x00b") == "ab"
    kept = validate_answer(single_item("multi", options=["a", OTHER]), {"other": "1", "other_text": "\x00c"})
    assert kept["other_text"] == "c"


@pytest.mark.parametrize(
    ("keys", "chosen", "found"),
    [
        ({"refusable": True}, "refused", "refused"),
        ({"dont_know": True}, "dont_know", "dont_know"),
        ({"may_not_apply": True}, "not_applicable", "not_applicable"),
        ({"refusable": True}, "dont_know", None),
        ({}, "refused", None),
        ({"refusable": True, "dont_know": True}, ["dont_know", "refused"], "refused"),
        ({"refusable": True}, "skipped", None),
    ],
)
def test_a_reason_counts_where_the_item_offers_it(keys, chosen, found):
    assert null_choice_from_post(single_item("number", **keys), posted({"asked__null": chosen})) == found


@pytest.mark.parametrize(("answer", "passed"), [("a", True), ("b", False), (None, None)])
def test_an_attention_item_is_passed_missed_or_left_open(answer, passed):
    assert passes_attention(single_item("single", attention="a"), answer) is passed


@pytest.mark.parametrize(("place", "passed"), [(30, True), (29, False), (None, None)])
def test_an_attention_slider_expects_one_place(place, passed):
    assert passes_attention(single_item("slider", options=["a"], attention=30), {"a": place}) is passed


def test_a_question_that_expects_nothing_is_neither_passed_nor_missed():
    assert passes_attention(single_item("single"), "a") is None


@pytest.mark.parametrize("language", ["en", "ar", "pt-br", "tlh"])
def test_every_country_has_a_name_of_its_own(language):
    names = [name for _code, name in country_choices(language)]
    assert len(set(names)) == len(names) == len(country_choices("en"))


def test_countries_are_named_as_people_name_them_and_sorted():
    english, arabic = dict(country_choices("en")), dict(country_choices("ar"))
    assert (english["TZ"], arabic["MD"], arabic["TR"]) == ("Tanzania", "مولدوفا", "تركيا")
    assert list(english)[:3] == ["AF", "AX", "AL"]
    assert all(not name.isascii() for name in arabic.values())


WORDS = st.text(max_size=50)
NUMBERS = st.none() | st.integers(0, 100)
ITEMS = {kind: single_item(kind) for kind in TYPES} | {
    "multi": single_item("multi", options=["a", OTHER]),
    "slider": single_item("slider", options=["a", OTHER]),
}
RAW = {
    "single": st.sampled_from(["", "a", "b"]),
    "country": st.sampled_from(["", "KE", "AX"]),
    "text": WORDS,
    "number": NUMBERS.map(lambda number: "" if number is None else str(number)),
    "multi": st.fixed_dictionaries({"a": st.integers(0, 1), "other": st.integers(0, 1), "other_text": WORDS}),
    "slider": st.fixed_dictionaries({"a": NUMBERS, "other": NUMBERS, "other_text": WORDS}),
    "matrix": st.fixed_dictionaries({row: st.sampled_from(["", "1", "3"]) for row in "ab"}),
}


@pytest.mark.parametrize("kind", TYPES)
@given(data=st.data())
def test_an_answer_survives_the_form(kind, data):
    answer = validate_answer(ITEMS[kind], data.draw(RAW[kind]))
    again = answer_from_post(ITEMS[kind], posted(answer_as_post(ITEMS[kind], answer)))
    assert validate_answer(ITEMS[kind], again) == answer


@pytest.mark.parametrize("kind", TYPES)
@given(data=st.data())
def test_whatever_is_sent_is_an_answer_or_a_sentence(kind, data):
    asked = ITEMS[kind]
    fields = data.draw(st.dictionaries(st.sampled_from(["asked", "asked__a", "asked__b", "asked__other_text"]), WORDS))
    try:
        answer = validate_answer(asked, answer_from_post(asked, posted(fields)))
    except AnswerError as refused:
        assert refused.said().endswith(".")
    else:
        assert validate_answer(asked, answer) == answer


@given(WORDS)
@example("\r\n a \x00 \r\n b \n")
def test_words_stay_as_they_were_typed(words):
    stored = validate_answer(ITEMS["text"], words)
    assert (stored or "") == words.replace("\r\n", "\n").replace("\x00", "").strip()
