"""What the organizer's page counts."""

import pytest

from elicit.conversations import JOB
from elicit.models import Job
from elicit.progress import standings, work_of
from tests.make import make_consenting_participant, make_participant, make_study

pytestmark = pytest.mark.django_db


def test_background_work_is_one_row_a_kind_in_words():
    study = make_study()
    for number, state in enumerate(["done", "done", "failed"]):
        Job.objects.create(study=study, kind=JOB, key=f"job-{number}", state=state)
    [row] = work_of(study)
    assert row.label == "Answers in a conversation"
    assert (row.counts["done"], row.counts["failed"], row.total) == (2, 1, 3)


def test_another_studys_work_is_not_counted():
    Job.objects.create(study=make_study(), kind=JOB, key="elsewhere")
    assert work_of(make_study()) == []


def test_somebody_who_has_not_opened_a_step_has_not_begun():
    study = make_study()
    make_participant(study)
    make_consenting_participant(study)
    assert [row.step for row in standings(study, first=0, count=5)] == ["Not begun", "Conversation"]
