import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.elicit.results.answered import answer, people, rate
from tests.make import make_member, make_study

pytestmark = pytest.mark.django_db
SURVEY = "survey: {instrument: prism}\ncensus: [{target: us_2022, participants: 100}]\n"
PAGES = ("", "models/", "groups/", "missing/", "pay/", "quality/")
FIRST_VIEW = {"models/": 29}  # three results that move by themselves, each with a row that is locked and kept
SECOND_VIEW = {"models/": 17}


@pytest.fixture
def study():
    return make_study(slug="rated", steps="consent, survey", more=SURVEY)


def add(study, count):
    who = people(study, count)
    for number, one in enumerate(who):
        answer([one], "age", "18-24 years old" if number % 2 else "65+ years old")
        rate([one], {"kite": 60 + number % 7, "heron": 63 - number % 5})


def visit(study, page, *, role="organizer"):
    client = Client()
    client.force_login(make_member(study=study, role=role))
    with CaptureQueriesContext(connection) as queries:
        answered = client.get(f"/organizer/{study.slug}/results/{page}")
    assert answered.status_code == 200
    asked = [query for query in queries if "SAVEPOINT" not in query["sql"]]
    return answered.content.decode(), len(asked)


@pytest.mark.parametrize("page", PAGES)
def test_more_people_cost_no_more_queries(study, page):
    add(study, 70)
    _few, first = visit(study, page)
    add(study, 40)
    _more, second = visit(study, page)
    assert second <= first <= FIRST_VIEW.get(page, 22)
    assert visit(study, page)[1] <= SECOND_VIEW.get(page, 15)


def test_a_group_of_fewer_than_ten_is_named_as_such(study):
    add(study, 70)
    page, _queries = visit(study, "groups/")
    assert "Fewer than ten people: 25 to 34, 35 to 44, 45 to 54, 55 to 64." in page
    assert "false discovery rate of 5 %" in page


def test_an_unknown_question_shows_the_first_one(study):
    add(study, 70)
    assert '<option value="age" selected>' in visit(study, "groups/?by=self_description")[0]


def test_an_observer_is_not_led_to_single_people(study):
    add(study, 12)
    assert "Worth a look" in visit(study, "", role="analyst")[0]
    assert "Worth a look" not in visit(study, "", role="observer")[0]
