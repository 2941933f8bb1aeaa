from decimal import Decimal

import pytest

from elicit.results.missing import comparisons_of
from elicit.results.pay import pay_of
from tests.elicit.results.answered import answer, people
from tests.make import make_study

pytestmark = pytest.mark.django_db
CENSUS = "survey: {instrument: prism}\ncensus: [{target: us_2022, participants: 100}]\n"


def test_who_is_missing_is_the_share_of_the_population_less_who_came():
    study = make_study(steps="consent, survey", more=CENSUS)
    who = people(study, 60)
    answer(who, "reside_country", "US")
    answer(who[:45], "gender", "Female")
    answer(who[45:], "gender", "Male")
    (found,) = comparisons_of(study, "person")
    sex = next(margin for margin in found.margins if margin.name == "sex")
    assert found.people == 60
    assert [(line.name, line.wanted, line.have, line.missing) for line in sex.lines] == [
        ("Female", 51, 45, 6),
        ("Male", 49, 15, 34),
    ]


def test_people_who_live_elsewhere_are_not_counted():
    study = make_study(steps="consent, survey", more=CENSUS)
    answer(people(study, 30), "reside_country", "GH")
    assert comparisons_of(study, "person")[0].people is None


def test_a_line_of_few_people_is_held_back():
    study = make_study(steps="consent, survey", more=CENSUS)
    who = people(study, 40)
    answer(who, "reside_country", "US")
    answer(who[:36], "gender", "Female")
    answer(who[36:], "gender", "Male")
    sex = next(margin for margin in comparisons_of(study, "person")[0].margins if margin.name == "sex")
    assert [line.have for line in sex.lines][1] is None


def test_pay_an_hour_follows_from_the_median():
    study = make_study(more="pay: {amount: 3, currency: GBP, least_per_hour: 40}\n")
    people(study, 11)  # 1 to 11 minutes
    pay = pay_of(study)
    assert (pay.minutes.median, pay.median_hourly, pay.raise_to) == (6, Decimal("30.00"), Decimal("4.00"))


def test_a_study_that_pays_nothing_has_no_pay():
    study = make_study()
    people(study, 11)
    assert pay_of(study) is None
