import pytest

from elicit.results.surveys import survey_results
from tests.elicit.results.answered import answer, people
from tests.make import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return make_study(steps="consent, survey", more="survey: {instrument: prism}\n")


def question(study, text, *, origin="person"):
    blocks = survey_results(study, origin, language="en")
    return next(one for block in blocks for one in block.questions if text in one.text)


def test_shares_add_up_and_carry_intervals(study):
    who = people(study, 40)
    answer(who[:20], "lm_direct_use", "Yes")
    answer(who[20:30], "lm_direct_use", "No")
    answer(who[30:], "lm_direct_use", "Unsure")
    rows = question(study, "directly").rows
    assert [(row.label, row.mid) for row in rows] == [("Yes", 50), ("No", 25), ("I am not sure", 25)]
    assert all(row.low < row.mid < row.high for row in rows)


def test_a_question_of_nine_people_shows_nothing(study):
    answer(people(study, 9), "lm_direct_use", "Yes")
    found = question(study, "directly")
    assert (found.answered, found.rows) == (None, ())
    assert "Fewer than ten" in found.note


def test_a_slider_shows_the_mean_of_those_who_placed_it(study):
    who = people(study, 24)
    answer(who[:12], "stated_prefs", {"values": 20, "creativity": None})
    answer(who[12:], "stated_prefs", {"values": 40, "creativity": None})
    rows = {row.label: row for row in question(study, "important to me").rows}
    values = next(row for label, row in rows.items() if "my values" in label)
    assert (values.mid, values.note) == (30, "24")
    assert next(row for label, row in rows.items() if "surprises" in label).mid is None


def test_who_left_it_open_is_counted_by_the_reason(study):
    who = people(study, 30)
    answer(who[:18], "age", "25-34 years old")
    answer(who[18:], "age", None, reason="skipped")
    found = question(study, "How old")
    assert (found.answered, found.without) == (18, (("Skipped", 12),))


def test_who_withdrew_was_left_out_or_is_a_program_does_not_count(study):
    who = people(study, 12)
    answer(who, "lm_direct_use", "Yes")
    answer(people(study, 12, origin="simulated"), "lm_direct_use", "No")
    for one in who[:3]:
        one.excluded_at, one.excluded_because = one.began_at, "test"
        one.save()
    assert question(study, "directly").answered is None


def test_a_country_is_shown_by_its_name(study):
    answer(people(study, 12), "reside_country", "GH")
    assert [row.label for row in question(study, "country do you live").rows] == ["Ghana"]
