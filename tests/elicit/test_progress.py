"""What the organizer's page counts."""

from datetime import timedelta

import pytest

from elicit.conversations import JOB
from elicit.models import Job, Participant, Study
from elicit.participants import withdraw
from elicit.progress import counts_of, endings_of, funnel_of, work_of
from tests.make import NOW, make_participant, make_study

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


def finished(study: Study, *, minutes: int, origin: str = "person", **fields: object) -> Participant:
    person = make_participant(study, origin=origin)
    times = {"began_at": NOW, "finished_at": NOW + timedelta(minutes=minutes), "ended": "complete"}
    Participant.objects.filter(pk=person.pk).update(**{**times, **fields})
    return person


def test_endings_are_told_in_words_and_only_those_that_happened():
    study = make_study()
    finished(study, minutes=10)
    finished(study, minutes=3, finished_at=None, ended="no_consent")
    assert endings_of(study) == [("Finished", 1), ("Did not agree", 1)]


def test_previews_and_those_who_withdrew_are_in_no_count():
    study = make_study()
    finished(study, minutes=10, origin="preview")
    withdraw(finished(study, minutes=10), now=NOW)
    assert set(counts_of(study, now=NOW).values()) == {0}
    assert funnel_of(study)[0]["count"] == 0


def test_whoever_was_seen_in_the_last_minutes_and_has_not_finished_is_active():
    study = make_study()
    for ago in (1, 6):
        Participant.objects.filter(pk=make_participant(study).pk).update(last_seen_at=NOW - timedelta(minutes=ago))
    finished(study, minutes=10, last_seen_at=NOW)
    assert counts_of(study, now=NOW)["active"] == 1
