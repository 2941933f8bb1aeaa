"""Simulated people answer every kind of question by reading the page, and sometimes would rather not."""

import pytest
from django.test import Client

from elicit.instruments import load_instrument, null_field_name, passes_attention
from elicit.models import Participant, SurveyAnswer
from elicit.simulation import crowd, survey_answers
from elicit.simulation.behaviour import declines_by
from elicit.simulation.pages import FieldNotOffered, form_with, forms_of
from elicit.simulation.walking import survey_fields
from tests.make import make_browser, make_consenting_participant, make_study

BATTERIES = ("values", "politics", "income", "home_language", "disability", "attention")
NAMES = ("prism", *BATTERIES)
MORE = f"survey: {{instrument: prism, batteries: [{', '.join(BATTERIES)}]}}\n"
MOST_PAGES = 20
PEOPLE = crowd(24)


def fields_for(persona, html):
    form = form_with(html, "part")
    found = {}
    for name in NAMES:
        found |= survey_fields(persona, load_instrument(name), form)
    return form, found


def walk_survey(client: Client, url: str, persona) -> int:
    """Answer page after page until the survey is left; return how many there were."""
    for pages in range(MOST_PAGES):
        page = client.get(url, follow=True)
        if page.request["PATH_INFO"] != url:
            return pages
        form, fields = fields_for(persona, page.content.decode())
        answered = client.post(url, form.filled(fields))
        assert answered.status_code in (302, 303), persona.number
    raise AssertionError("the survey has no end")


@pytest.mark.django_db
@pytest.mark.parametrize("persona", PEOPLE[:3], ids=lambda persona: str(persona.number))
def test_they_get_through_the_survey_and_all_its_batteries(persona):
    participant = make_consenting_participant(make_study(steps="consent, survey", more=MORE))
    walk_survey(make_browser(participant), f"/study/{participant.study.slug}/survey/", persona)
    stored = stored_answers(participant)
    assert set(stored) == {item.name for name in NAMES for item in load_instrument(name).items()}
    for name in NAMES:
        for item, answer in survey_answers(persona, load_instrument(name)).items():
            assert stored[item] == (answer if is_said(answer) else None), item


def is_said(answer):
    return any(value not in (None, 0) for value in answer.values()) if isinstance(answer, dict) else answer is not None


def stored_answers(participant: Participant) -> dict[str, object]:
    return dict(SurveyAnswer.objects.filter(participant=participant).values_list("item", "value"))


def test_they_answer_each_type_as_the_form_wants_it():
    answers = {name: survey_answers(PEOPLE[1], load_instrument(name)) for name in NAMES}
    assert len(str(answers["prism"]["reside_country"])) == 2
    assert set(answers["values"]["value_portraits_a"].values()) <= {"1", "2", "3", "4", "5"}
    assert all(passes_attention(item, answers["attention"][item.name]) for item in load_instrument("attention").items())


def test_some_of_them_decline_where_they_may_and_only_there():
    items = load_instrument("politics").items()
    choices = {declines_by(persona, item) for persona in PEOPLE for item in items}
    assert choices == {None, "dont_know", "refused"}
    assert {declines_by(persona, load_instrument("values").items()[0]) for persona in PEOPLE} == {None}


def test_whoever_declines_ticks_the_reason_and_sends_nothing_else():
    item = load_instrument("politics").item("politics_interest")
    persona = next(one for one in crowd(60) if declines_by(one, item) is not None)
    html = """<form><input type="hidden" name="part" value="politics">
      <input type="radio" name="politics_interest" value="1">
      <input type="checkbox" name="politics_interest__null" value="refused">
      <input type="checkbox" name="politics_interest__null" value="dont_know"></form>"""
    form, fields = fields_for(persona, html)
    assert fields == {null_field_name(item): declines_by(persona, item)}
    assert "politics_interest" not in form.filled(fields)


PAGE = """<form method="post"><input type="number" name="hours" min="0" max="24">
  <select name="country"><option value="">Please choose</option><optgroup label="Here"><option value="KE">Kenya</option>
  <option value="TZ">Tanzania</option></optgroup></select>
  <input type="radio" name="ease__walking" value="1"><input type="radio" name="ease__walking" value="2"></form>"""


def test_numbers_menus_and_rows_of_a_matrix_can_be_filled_in():
    filled = forms_of(PAGE)[0].filled({"hours": "7", "country": "TZ", "ease__walking": "2"})
    assert filled == {"hours": ["7"], "country": ["TZ"], "ease__walking": ["2"]}


@pytest.mark.parametrize("wrong", [{"country": "XX"}, {"ease__walking": "3"}, {"ease__running": "1"}])
def test_what_the_page_does_not_offer_cannot_be_sent(wrong):
    with pytest.raises(FieldNotOffered):
        forms_of(PAGE)[0].filled(wrong)
