"""The instruments that come with the site: what they ask, in which words, and what may be declined."""

import pytest

from elicit.instruments import available_instruments, load_instrument, minutes_of, passes_attention, validate_answer
from elicit.instruments.release_checks import release_field
from elicit.prism.schema import SURVEY

ALL = available_instruments()
TEN_VALUES = {
    "self_direction", "stimulation", "hedonism", "achievement", "power",
    "security", "conformity", "tradition", "benevolence", "universalism",
}  # fmt: skip
MOST_ON_A_PAGE = 7
ABOUT_THE_PERSON = [
    "age", "gender", "employment_status", "marital_status", "education", "reside_country", "birth_country",
    "ethnicity", "religion", "english_proficiency",
]  # fmt: skip


def test_the_optional_batteries_are_there():
    assert set(ALL) == {
        "attention", "closing", "disability", "home_language", "income", "politics", "prism", "values"
    }  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_each_is_whole_in_both_languages_has_a_version_and_is_called_as_its_file(name):
    instrument = load_instrument(name)
    assert (instrument.key, instrument.languages) == (name, ["en", "ar"])
    assert instrument.version in {"1", "2", "3"}


@pytest.mark.parametrize("name", [name for name in ALL if name != "closing"])
def test_each_says_whose_questions_they_are(name):
    assert load_instrument(name).source is not None


def test_no_item_and_no_page_of_one_bears_a_name_of_another():
    items = [item.name for name in ALL for item in load_instrument(name).items()]
    parts = [part.key for name in ALL for part in load_instrument(name).parts if name != "closing"]
    assert (len(set(items)), len(set(parts))) == (len(items), len(parts))


@pytest.mark.parametrize("name", ALL)
def test_no_page_asks_more_than_seven_questions(name):
    assert all(len(part.items) <= MOST_ON_A_PAGE for part in load_instrument(name).parts)


@pytest.mark.parametrize("name", ALL)
def test_nobody_has_to_say_who_they_are(name):
    for item in load_instrument(name).items():
        if item.demographic:
            assert not item.required
            assert item.refusable or item.option("Prefer not to say")


def test_what_prism_asks_about_the_person_is_all_there_and_marked_so():
    prism = load_instrument("prism")
    assert all(prism.item(name).demographic for name in ABOUT_THE_PERSON)


@pytest.mark.parametrize("item", load_instrument("prism").items(), ids=lambda item: item.name)
def test_every_value_that_the_release_knows_can_be_chosen(item):
    field = release_field(item.name)
    if item.type == "single":
        assert {option.value for option in item.options} == set(field.enum)
    elif item.has_rows() or item.type == "multi":
        words = [f"{option.value}_text" for option in item.options if option.with_text]
        assert {*(option.value for option in item.options), *words} == set(field.key_names)
    elif item.type == "country":
        assert [option.value for option in item.options] == ["Prefer not to say"]
    else:
        assert item.type == "text"


def test_every_field_that_a_person_fills_in_the_release_is_asked():
    asked = {item.name for item in load_instrument("prism").items()}
    fields = set(SURVEY.field_names[SURVEY.field_names.index("lm_familiarity") :])
    ours = {name for name in fields if not name.startswith(("order_", "timing_", "included_", "generated_", "study_"))}
    assert ours - asked == {"location"}
    assert {"reside_country", "birth_country"} <= asked


def test_the_portraits_cover_the_ten_values_once_each():
    rows = [option.value for item in load_instrument("values").items() for option in item.options]
    assert sorted(rows) == sorted(TEN_VALUES)


def test_left_and_right_have_a_middle():
    item = load_instrument("politics").item("politics_left_right")
    assert (item.min, item.max, item.null_choices()) == (0, 10, ("dont_know", "refused"))
    assert validate_answer(item, {"place": "5"}) == {"place": 5}


def test_the_ladder_has_ten_steps():
    options = load_instrument("income").item("income_tenth").options
    assert [option.value for option in options] == [str(step) for step in range(1, 11)]


def test_six_everyday_things_have_four_steps_each():
    item = load_instrument("disability").item("functioning")
    assert (len(item.options), len(item.scale)) == (6, 4)


@pytest.mark.parametrize("item", load_instrument("attention").items(), ids=lambda item: item.name)
def test_an_attention_item_names_in_its_text_what_it_expects(item):
    expected = item.attention if item.type == "slider" else item.option(item.attention).label.for_language("en")
    assert str(expected) in item.text.for_language("en")
    answer = {"place": expected} if item.type == "slider" else item.attention
    assert passes_attention(item, answer)


def test_people_are_asked_whether_they_were_respected():
    item = load_instrument("closing").item("closing_respected")
    assert [option.value for option in item.options] == ["1", "2", "3", "4", "5"]


def test_longer_instruments_take_longer():
    assert minutes_of(load_instrument("attention")) == 1
    assert minutes_of(load_instrument("politics")) < minutes_of(load_instrument("prism")) < 15
