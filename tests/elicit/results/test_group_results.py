from datetime import timedelta

import pytest

from elicit.analysis.groups import Verdict
from elicit.models import Participant, ShownNumbers
from elicit.results.groups import group_results_of, groupings_of
from tests.elicit.results.answered import answer, people, rate
from tests.make import NOW, make_study

pytestmark = pytest.mark.django_db
YOUNG, OLD, MIDDLE = "18-24 years old", "65+ years old", "35-44 years old"


@pytest.fixture
def study():
    return make_study(steps="consent, survey", more="survey: {instrument: prism}\n")


def rate_a_little_differently(who, scores, *, at):
    for number, one in enumerate(who):
        rate([one], {model: score + (7 * number + 3 * len(model)) % 11 for model, score in scores.items()}, at=at)


def aged(study, age, count, scores):
    who = people(study, count)
    answer(who, "age", age)
    rate_a_little_differently(who, scores, at=NOW + timedelta(minutes=Participant.objects.count()))
    return who


KITE_FIRST = {"kite": 90, "heron": 20, "wren": 50}
HERON_FIRST = {"kite": 20, "heron": 90, "wren": 50}


def by_age(study):
    return group_results_of(study, "person", "age")


def test_groups_that_rate_differently_are_found_with_the_number_of_comparisons(study):
    aged(study, YOUNG, 40, KITE_FIRST)
    aged(study, OLD, 40, HERON_FIRST)
    found = by_age(study)
    said = {(row.model, row.first): row.verdict for row in found.differences.findings}
    assert said["kite", YOUNG] is said["heron", OLD] is Verdict.HIGHER
    assert said["kite", OLD] is said["heron", YOUNG] is Verdict.LOWER
    assert found.differences.comparisons == 6


def test_a_group_of_nine_has_no_number_and_no_name(study):
    aged(study, YOUNG, 40, KITE_FIRST)
    aged(study, OLD, 40, KITE_FIRST)
    aged(study, MIDDLE, 9, HERON_FIRST)
    found = by_age(study)
    assert dict(found.people) == {YOUNG: 40, OLD: 40}
    assert MIDDLE not in str(found)


def test_fewer_than_thirty_ratings_are_too_few_to_say(study):
    aged(study, YOUNG, 29, KITE_FIRST)
    aged(study, OLD, 40, HERON_FIRST)
    found = by_age(study)
    assert {row.verdict for row in found.differences.differences} == {Verdict.TOO_FEW_TO_SAY}
    assert found.differences.comparisons == 0


def test_who_does_not_say_is_in_no_group(study):
    aged(study, YOUNG, 40, KITE_FIRST)
    aged(study, "Prefer not to say", 40, HERON_FIRST)
    assert dict(by_age(study).people) == {YOUNG: 40}


def test_a_group_stays_as_it_was_until_ten_more_of_it_have_rated(study):
    aged(study, YOUNG, 40, KITE_FIRST)
    aged(study, OLD, 40, HERON_FIRST)
    before = by_age(study)
    aged(study, YOUNG, 9, HERON_FIRST)
    assert by_age(study) == before
    aged(study, OLD, 10, HERON_FIRST)
    after = by_age(study)
    assert dict(after.people) == {YOUNG: 40, OLD: 50}
    assert mean_of(after, "kite", YOUNG) == mean_of(before, "kite", YOUNG)
    aged(study, YOUNG, 1, HERON_FIRST)
    assert dict(by_age(study).people) == {YOUNG: 50, OLD: 50}


def mean_of(found, model, group):
    return next(row.mean for row in found.means if (row.model, row.group) == (model, group))


def test_a_group_waits_while_one_of_its_models_has_moved_by_a_few_people(study):
    aged(study, YOUNG, 40, KITE_FIRST)
    aged(study, OLD, 40, HERON_FIRST)
    before = by_age(study)
    aged(study, YOUNG, 6, {"kite": 90, "heron": 20})
    aged(study, YOUNG, 10, {"heron": 90, "wren": 20})
    assert by_age(study) == before  # kite has six people more


def test_a_group_that_a_few_people_left_waits_when_another_moves_on(study):
    young = aged(study, YOUNG, 40, KITE_FIRST)
    aged(study, OLD, 40, HERON_FIRST)
    aged(study, MIDDLE, 40, HERON_FIRST)
    before = by_age(study)
    young[0].withdrawn_at = young[0].began_at
    young[0].save()
    assert by_age(study) == before
    aged(study, OLD, 10, HERON_FIRST)
    found = by_age(study)
    assert (found.waiting, set(found.people)) == ((YOUNG,), {OLD, MIDDLE})


def test_what_is_kept_is_numbers_of_ten_people_or_more(study):
    aged(study, YOUNG, 40, KITE_FIRST)
    aged(study, OLD, 5, HERON_FIRST)
    by_age(study)
    kept = ShownNumbers.objects.get(study=study, page="groups-age").numbers
    assert list(kept["cuts"]) == [YOUNG]
    assert min(kept["cuts"][YOUNG][1].values()) == 40


def test_people_are_grouped_by_what_the_survey_asks(study):
    aged_first = [one.item for one in groupings_of(study, language="en")]
    assert aged_first[:2] == ["age", "gender"]
    country = next(one for one in groupings_of(study, language="ar") if one.is_country)
    assert country.label("GH") == "غانا"
    assert groupings_of(make_study(), language="en") == []


def test_without_ratings_there_is_nothing(study):
    found = by_age(study)
    assert (dict(found.people), found.means, found.differences.comparisons) == ({}, (), 0)
