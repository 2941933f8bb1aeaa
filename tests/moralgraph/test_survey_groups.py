"""Agreement across survey groups in a snapshot: never under ten people, and never moved by a few."""

from typing import Any

import pytest

from elicit.models import SurveyAnswer
from moralgraph.algorithms.group_records import held_groups
from moralgraph.snapshots import build_snapshot
from tests.make import NOW, make_judgements, make_study

pytestmark = pytest.mark.django_db
SURVEY = "survey: {instrument: prism}\n"


def judged_by(study, *groups: tuple[str, int]) -> None:
    """Let people of some groups judge a pair; all find the second wiser."""
    people = [group for group, count in groups for _ in range(count)]
    for row, group in zip(make_judgements(study, wiser=len(people), of=len(people)), people, strict=True):
        SurveyAnswer.objects.create(
            participant=row.participant, instrument="prism", item="gender", value=group, answered_at=NOW
        )


def told(study) -> dict[str, Any]:
    groups = build_snapshot(study, method="repaired", now=NOW).content["groups"]
    return next(each for each in groups if each["grouping"] == "gender")


def test_groups_that_agree_are_told_and_a_small_one_is_held_back_with_another():
    study = make_study(steps="consent, interview, survey", more=SURVEY)
    judged_by(study, ("Female", 12), ("Male", 14))
    assert told(study)["groups"] == {"Female": 12, "Male": 14}
    assert told(study)["edges"][0]["is_agreed"]
    judged_by(study, ("Other", 3))
    assert "Other" not in told(study)["groups"]
    assert "Other" not in told(study)["edges"][0]["by_group"]


def test_a_group_keeps_its_numbers_until_ten_more_people_came():
    study = make_study(steps="consent, interview, survey", more=SURVEY)
    judged_by(study, ("Female", 12), ("Male", 14))
    told(study)
    judged_by(study, ("Female", 4))
    assert told(study)["groups"]["Female"] == told(study)["edges"][0]["by_group"]["Female"]["people"] == 12
    judged_by(study, ("Female", 6))
    assert told(study)["groups"]["Female"] == told(study)["edges"][0]["by_group"]["Female"]["people"] == 22


def test_other_answers_of_the_same_people_are_not_told():
    def grouping(share: float) -> list[dict[str, Any]]:
        by_group = {"n": {"people": 12, "share": share}}
        edges = [{"first": "a", "second": "b", "context": "c", "by_group": by_group}]
        return [{"grouping": "g", "groups": {"n": 12}, "edges": edges}]

    assert held_groups(grouping(0.5), grouping(0.75)) == grouping(0.5)
