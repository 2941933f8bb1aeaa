"""Instruments are data, and an answer is stored as it was given or not at all."""

import pytest

from elicit.instruments import (
    AnswerError,
    InstrumentError,
    answer_as_post,
    answer_from_post,
    available_instruments,
    load_instrument,
    ordered_options,
    validate_answer,
    visible_items,
)

# PRISM's fields in the order in which they are asked, with gender in own words and the two places of one's own.
PRISM_FIELDS = [
    "lm_familiarity",
    "lm_indirect_use",
    "lm_direct_use",
    "lm_frequency_use",
    "lm_usecases",
    "self_description",
    "stated_prefs",
    "system_string",
    "age",
    "gender",
    "gender_self_description",
    "employment_status",
    "marital_status",
    "education",
    "reside_country",
    "birth_country",
    "ethnicity",
    "ethnicity_group",
    "religion",
    "religion_group",
    "english_proficiency",
]
USE_CASES = 18
PREFERENCES = ["values", "creativity", "fluency", "factuality", "diversity", "safety", "personalisation", "helpfulness"]


@pytest.fixture(scope="module")
def prism():
    return load_instrument("prism")


def names(items):
    return [item.name for item in items]


def test_every_instrument_that_comes_with_the_site_loads():
    assert [load_instrument(name).key for name in available_instruments()] == list(available_instruments())


def test_items_are_called_as_prism_calls_its_fields(prism):
    assert names(prism.items()) == PRISM_FIELDS
    assert [option.value for option in prism.item("stated_prefs").options] == [*PREFERENCES, "other"]
    assert len(prism.item("lm_usecases").options) == USE_CASES + 1


def test_people_who_never_used_one_are_not_asked_how(prism):
    shown = names(visible_items(prism, {"lm_direct_use": "No", "lm_indirect_use": "Unsure"}))
    assert "lm_frequency_use" not in shown
    assert "lm_usecases" not in shown


@pytest.mark.parametrize("use", ["lm_direct_use", "lm_indirect_use"])
def test_either_use_is_enough_to_be_asked_how(prism, use):
    assert "lm_usecases" in names(visible_items(prism, {use: "Yes"}))


def test_the_same_seed_gives_the_same_order_and_other_stays_last(prism):
    item = prism.item("lm_usecases")
    orders = [[option.value for option in ordered_options(item, seed)] for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert {order[-1] for order in orders} == {"other"}
    assert sorted(orders[0]) == sorted(option.value for option in item.options)


def test_a_question_that_is_not_shuffled_keeps_its_order(prism):
    item = prism.item("lm_familiarity")
    assert ordered_options(item, 7) == tuple(item.options)


def test_an_answer_that_is_not_offered_is_refused(prism):
    with pytest.raises(AnswerError, match="not one of the choices"):
        validate_answer(prism.item("lm_direct_use"), "Perhaps")


def test_a_required_question_wants_an_answer(prism):
    with pytest.raises(AnswerError, match="choose one"):
        validate_answer(prism.item("lm_direct_use"), "")


def test_questions_about_the_person_may_be_left_open_or_declined(prism):
    assert validate_answer(prism.item("age"), "") is None
    assert validate_answer(prism.item("gender"), "Prefer not to say") == "Prefer not to say"


def test_use_cases_are_stored_as_flags_beside_the_words_of_other(prism):
    answer = validate_answer(prism.item("lm_usecases"), {"research": "1", "other": "1", "other_text": " crosswords "})
    assert (answer["research"], answer["games"], answer["other"], answer["other_text"]) == (1, 0, 1, "crosswords")


def placed(value):
    return dict.fromkeys(PREFERENCES, value)


def test_a_slider_that_was_not_moved_is_not_an_answer(prism):
    with pytest.raises(AnswerError, match="Still open: writes clearly and well"):
        validate_answer(prism.item("stated_prefs"), {**placed("50"), "fluency": ""})


def test_an_unused_other_slider_has_no_value(prism):
    answer = validate_answer(prism.item("stated_prefs"), placed("0"))
    assert (answer["values"], answer["other"], answer["other_text"]) == (0, None, None)


@pytest.mark.parametrize("value", ["101", "-1", "5.5", "many", "²"])
def test_a_slider_takes_whole_numbers_in_its_range(prism, value):
    with pytest.raises(AnswerError, match="from 0 to 100"):
        validate_answer(prism.item("stated_prefs"), placed(value))


def test_a_row_that_does_not_exist_is_refused(prism):
    with pytest.raises(AnswerError, match="not one of the choices"):
        validate_answer(prism.item("stated_prefs"), {**placed("5"), "speed": "5"})


def test_a_text_may_be_as_long_as_the_item_says(prism):
    item = prism.item("self_description")
    assert validate_answer(item, "  kept\r\nwhole ") == "kept\nwhole"
    with pytest.raises(AnswerError, match="it has 4001"):
        validate_answer(item, "x" * 4001)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("lm_direct_use", "Yes"),
        ("self_description", "Two words"),
        ("lm_usecases", {"games": 1, "other": 1, "other_text": "chess"}),
        ("stated_prefs", dict.fromkeys(PREFERENCES, 40)),
    ],
)
def test_an_answer_survives_the_form(prism, name, raw):
    item = prism.item(name)
    answer = validate_answer(item, raw)
    fields = {key: value if isinstance(value, list) else [value] for key, value in answer_as_post(item, answer).items()}
    assert validate_answer(item, answer_from_post(item, lambda key: fields.get(key, []))) == answer


WRONG = """\
format_version: 1
key: wrong
title: Wrong
parts:
  - key: one
    title: One
    items:
      - name: first
        type: single
        text: First?
        options: [{value: "a", label: A}, {value: "b", label: B}]
      - name: second
        type: text
        text: Second?
        show_if: {any: [{item: frist, is_one_of: ["a"]}]}
"""


def problem(text):
    with pytest.raises(InstrumentError) as caught:
        load_instrument(text)
    return caught.value.problems[0]


def test_a_condition_on_an_unknown_question_is_refused():
    assert problem(WRONG).line == 15
    assert 'did you mean "first"?' in str(problem(WRONG))


def test_a_condition_on_an_unknown_option_is_refused():
    assert 'no option "c"' in str(problem(WRONG.replace("frist", "first").replace('["a"]', '["c"]')))


def test_a_misspelt_key_is_refused():
    with pytest.raises(InstrumentError) as caught:
        load_instrument(WRONG.replace("frist", "first").replace("type: text", "tpye: text"))
    said = [str(found) for found in caught.value.problems]
    assert 'line 13, parts[0].items[1].tpye: there is no key "tpye" here. Fix: did you mean "type"?' in said


def test_a_slider_needs_its_ends():
    assert "a slider needs a text at its high end" in str(problem(WRONG.replace("type: single", "type: slider")))


def test_an_instrument_that_does_not_exist_is_explained():
    with pytest.raises(InstrumentError, match="does not exist"):
        load_instrument("none")
