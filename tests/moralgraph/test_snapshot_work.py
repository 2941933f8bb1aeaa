"""Snapshots that a worker builds: one at a time, and nobody waits for a large one."""

from typing import Any

import pytest
from django.test import Client

from elicit.errors import Conflict
from elicit.jobs import run_queued_jobs
from elicit.models import Job, Study
from elicit.participants import withdraw
from moralgraph import snapshot_work, snapshots
from moralgraph.models import Judgement, Snapshot
from moralgraph.snapshot_work import request_snapshot
from moralgraph.snapshot_work import snapshot_work as unfinished
from tests.make import NOW, make_judgements, make_member, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    found = make_study()
    make_judgements(found, wiser=4, of=5)
    return found


def test_asking_twice_makes_one_build(study: Study):
    first = request_snapshot(study, method="repaired", purpose="explore")
    assert request_snapshot(study, method="repaired", purpose="explore") == first
    assert run_queued_jobs() == 1
    assert Snapshot.objects.of_study(study).count() == 1 and unfinished(study) is None


def test_after_a_build_another_can_be_asked_for(study: Study):
    first = request_snapshot(study, method="repaired", purpose="explore")
    run_queued_jobs()
    assert request_snapshot(study, method="classic", purpose="explore") != first


def test_a_large_study_is_built_by_a_worker_and_the_page_says_so(study: Study, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshot_work, "BUILT_AT_ONCE", 3)
    client = Client()
    client.force_login(make_member(study=study), backend="django.contrib.auth.backends.ModelBackend")
    page = client.post(f"/organizer/{study.slug}/graph/build/", {"method": "repaired"}, follow=True)
    assert "A new graph is being built" in page.content.decode()
    assert Job.objects.get(study=study).kind == snapshot_work.JOB and not Snapshot.objects.exists()


def test_what_is_taken_back_while_it_is_built_goes_into_no_snapshot(study: Study, monkeypatch: pytest.MonkeyPatch):
    build, leaving = snapshots.build_content, [Judgement.objects.first().participant]

    def built_while_somebody_leaves(*given: Any, **chosen: Any) -> Any:
        content = build(*given, **chosen)
        if leaving:
            withdraw(leaving.pop(), now=NOW)
        return content

    monkeypatch.setattr(snapshots, "build_content", built_while_somebody_leaves)
    snapshot = snapshots.build_snapshot(study, method="repaired", now=NOW)
    assert snapshot.content["totals"]["participants"] == 4


def test_a_build_that_is_overtaken_again_and_again_says_so(study: Study, monkeypatch: pytest.MonkeyPatch):
    build = snapshots.build_content

    def built_while_an_answer_goes(*given: Any, **chosen: Any) -> Any:
        Judgement.objects.first().delete()
        return build(*given, **chosen)

    monkeypatch.setattr(snapshots, "build_content", built_while_an_answer_goes)
    with pytest.raises(Conflict, match="taken back while its graph was built"):
        snapshots.build_snapshot(study, method="repaired", now=NOW)
