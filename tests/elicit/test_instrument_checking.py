"""An instrument that cannot work is refused with the line, the key and the fix."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from elicit.instruments import InstrumentError, check_instrument, load_instrument
from elicit.yaml_documents import read_document
from tests.elicit.instrument_texts import item, text_of


def said(*parts, **keys):
    """Return what is wrong, as `key: what`, with the place of the part and the item left out."""
    problems = check_instrument(read_document(text_of(*parts, **keys)))
    return [f"{problem.path.rpartition('items')[2].partition('].')[2] or problem.path}: {problem.what}"
            for problem in problems]  # fmt: skip


def whats(*parts, **keys):
    return [problem.what for problem in check_instrument(read_document(text_of(*parts, **keys)))]


def show_if(**condition):
    return {"all": [{"item": "first", **condition}]}


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (item("x", options=[]), "type: a single item needs choices"),
        (item("x", "matrix", options=[]), "type: a matrix item needs rows"),
        (item("x", options=["a", "a"]), 'options[1].value: the value "a" is given twice'),
        (item("x", options=["a", "b "]), "options[1].value: it begins or ends with a space, which no form sends"),
        (item("x", "matrix", scale=["1"]), "scale: a matrix needs a scale of at least two points"),
        (item("x", "matrix", scale=["1", "1"]), 'scale[1].value: the value "1" is given twice'),
        (item("x", "slider", min=5, max=5), "min: min (5) is not below max (5)"),
        (item("x", "number", min=9, max=1), "min: min (9) is not below max (1)"),
        (item("x", "number", max=10**12), "max: a number this far from 0 is not read (up to 99,999,999,999)"),
        (item("x", attention="c"), "attention: 'c' is no option of this item"),
        (item("x", attention=1), "attention: 1 is no option of this item"),
        (item("x", "slider", attention=50), "attention: no place on one slider is expected here"),
        (item("x", "slider", options=["a"], attention=101), "attention: no place on one slider is expected here"),
        (item("x", "text", attention="a"), "attention: `attention` does nothing for an item of the type text"),
        (item("x", unit="kg"), "unit: `unit` does nothing for an item of the type single"),
        (item("x", "number", max_chars=5), "max_chars: `max_chars` does nothing for an item of the type number"),
        (item("x", demographic=True), "demographic: it asks who the person is and offers no way to decline"),
        (item("x__known"), None),
        (item("handling"), 'name: its form field "handling" is also one of the page itself'),
    ],
)
def test_an_item_that_cannot_work_is_refused(wrong, what):
    assert said([wrong]) == ([what] if what else [])


def test_a_slider_without_ends_is_refused():
    wrong = {key: value for key, value in item("x", "slider").items() if key not in ("low", "high")}
    assert (
        said([wrong])
        == ["high: a slider needs a text at its high end", "low: a slider needs a text at its low end"][::-1]
    )


def test_words_beside_an_option_need_a_type_that_keeps_them_and_a_place_of_their_own():
    other = {"value": "other", "label": "Other", "with_text": True}
    assert whats([item("x", options=["a", other])]) == ["a single item keeps no words beside an option"]
    taken = '"other_text" is also where the words beside "other" are kept'
    assert taken in whats([item("x", "multi", options=[other, "other_text"])])
    assert taken in whats([item("x", "slider", options=[other, "other_text"])])


@pytest.mark.parametrize("row", ["null", "known"])
def test_a_row_cannot_take_the_field_of_something_else(row):
    assert whats([item("x", "slider", options=[row])]) == [f'its form field "x__{row}" is also one of "x"']


def test_two_items_cannot_share_a_form_field():
    assert whats([item("x", "matrix"), item("x__a")]) == ['its form field "x__a" is also one of "x"']


def test_two_items_or_two_parts_of_one_name_are_refused():
    assert whats([item("x")], [item("x")]) == ['two items are called "x"']
    parts = [{"key": "one", "title": "Page", "items": [item(name)]} for name in ("x", "y")]
    assert whats(parts=parts) == ['two parts are called "one"']


def test_a_name_that_is_longer_than_its_column_is_refused():
    assert said([item("x" * 80)]) == []
    assert "80 characters" in whats([item("x" * 81)])[0]
    assert "60 characters" in whats([item("x")], key="k" * 61)[0]


@pytest.mark.parametrize(
    ("kind", "condition", "what"),
    [
        ("single", {"is_one_of": ["z"]}, 'is_one_of[0]: "first" has no option "z"'),
        ("country", {"is_one_of": ["XX"]}, 'is_one_of[0]: "first" has no option "XX"'),
        ("text", {"is_one_of": ["a"]}, 'is_one_of: "first" has no options'),
        ("single", {"at_least": 1}, '"first" is no number'),
        ("number", {"at_least": 101}, 'at_least: "first" goes from 0 to 100'),
        ("number", {"at_least": 9, "at_most": 3}, "at_least: at_least is above at_most"),
        ("slider", {"at_least": 1}, '"first" is answered row by row'),
        ("slider", {"row": "z", "at_least": 1}, 'row: "first" has no row "z"'),
        ("matrix", {"row": "a", "is_one_of": ["9"]}, 'is_one_of[0]: "first" has no option "9"'),
        ("single", {"row": "a", "is_answered": True}, 'row: "first" has no rows'),
    ],
)
def test_a_condition_must_fit_what_it_asks_about(kind, condition, what):
    found = said([item("first", kind)], [item("x", show_if=show_if(**condition))])
    assert [one.removeprefix("show_if.all[0]").lstrip(".: ") for one in found] == [what]


@pytest.mark.parametrize("condition", [{}, {"is_answered": True, "at_least": 1}, {"is_one_of": ["a"], "at_most": 1}])
def test_a_condition_has_one_test(condition):
    assert whats([item("first")], [item("x", show_if=show_if(**condition))]) == ["it needs one test"]


@pytest.mark.parametrize("asked", ["x", "later", "nobody"])
def test_a_condition_only_looks_back(asked):
    condition = {"not": [{"item": asked, "is_answered": True}]}
    found = whats([item("first")], [item("x", show_if=condition)], [item("later")])
    assert found == [f'no earlier question is called "{asked}"']


def test_a_condition_inside_a_shuffled_page_is_refused():
    items = [item("first"), item("x", show_if=show_if(is_one_of=["a"]))]
    part = {"key": "one", "title": "Page", "randomise": True, "items": items}
    assert whats(parts=[part]) == ['"first" may come later: this page is shuffled']


def test_a_required_item_that_nobody_can_see_is_refused():
    both = {"all": [{"item": "first", "is_one_of": [value]} for value in ("a", "b")]}
    found = said([item("first")], [item("x", required=True, show_if=both)])
    what = "nobody can ever see this item: its conditions exclude each other, and its answer is required"
    assert found == [f"show_if: {what}"]


def test_every_text_is_there_in_every_language_that_the_file_declares():
    both = {"en": "One", "ar": "واحد"}
    wrong = item("x", text={"en": "X?"}, help={**both, "de": "Eins"}, options=[{"value": "a", "label": "A"}])
    part = {"key": "one", "title": both, "items": [wrong]}
    found = said(parts=[part], languages=["en", "ar"], title=both)
    assert set(found) == {
        'text: the text in "ar" is missing',
        'help.de: "de" is not a language of this file',
        "options[0].label: the file has 2 languages, this text only one",
    }


def test_a_file_of_one_language_needs_no_key_for_it():
    assert said([item("x")], languages=["en"]) == []


def test_a_release_s_names_go_with_its_values():
    age = item("age", options=["18-24 years old", "25 or older"])
    assert said([age], releases_as="prism") == ['options[1].value: "25 or older" is no value of the release\'s "age"']
    assert said([age]) == []


def test_a_release_s_names_go_with_its_types_and_keys():
    found = said([item("lm_usecases", options=["a"])], releases_as="prism")
    assert found == ['type: the release\'s "lm_usecases" cannot be a single item']
    rows = said([item("stated_prefs", "slider", options=["values", "speed"])], releases_as="prism")
    assert rows[0] == 'options[1].value: "speed" is no key of the release\'s "stated_prefs"'
    assert rows[1].startswith('options: the release\'s "stated_prefs" also has creativity, fluency')


def test_where_people_place_themselves_are_the_release_s_categories():
    group = item("religion_group", options=["Christian", "Quaker"], refusable=True)
    assert whats([group], releases_as="prism") == ['"Quaker" is no value of the release\'s "religion_group"']


def test_a_problem_names_its_line():
    text = text_of([item("first"), item("x", attention="c")])
    problem = check_instrument(read_document(text))[0]
    assert text.splitlines()[problem.line - 1].strip() == '"attention": "c"'


def test_a_misspelt_key_in_a_condition_is_explained():
    text = text_of([item("first")], [item("x", show_if={"not": [{"item": "first", "is_one_off": ["a"]}]})])
    with pytest.raises(InstrumentError, match='did you mean "is_one_of"'):
        load_instrument(text)


def run(given):
    out = StringIO()
    call_command("check_instrument", str(given), stdout=out)
    return out.getvalue()


def test_the_command_says_what_an_instrument_asks():
    told = run("attention")
    assert "attention, version 1: Two small checks" in told
    assert "questions: 2 (1 single, 1 slider)" in told
    assert "languages: en, ar" in told


def test_the_command_refuses_a_wrong_file_with_its_name_and_line(tmp_path):
    wrong = tmp_path / "mine.yaml"
    wrong.write_text(text_of(parts=[]))
    with pytest.raises(CommandError, match=r"mine\.yaml: 1 problem") as refused:
        run(wrong)
    assert refused.value.returncode == 1


def test_the_command_takes_a_file_of_one_s_own(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(text_of([item("x", "number"), item("y", show_if={"all": [{"item": "x", "at_least": 2}]})]))
    assert "shown to some only: 1" in run(own)


def test_the_command_explains_a_file_that_does_not_exist():
    with pytest.raises(CommandError, match="does not exist"):
        run("nowhere")
