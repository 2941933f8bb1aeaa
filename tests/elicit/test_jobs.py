"""Jobs are rows: nothing is lost, nothing runs twice at once, and nobody's words leave a handler."""

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from elicit import jobs
from elicit.errors import Conflict, NothingToBuild
from elicit.heartbeats import Heartbeat
from elicit.jobs import (
    JobCancelled,
    JobProgress,
    JobTakenOver,
    UnknownJobKind,
    cancel_job,
    enqueue,
    register_job,
    retry_job,
    run_job,
    run_queued_jobs,
    sweep,
)
from elicit.models import Job

pytestmark = pytest.mark.django_db
State = Job.State


@pytest.fixture
def handled():
    """Register a kind that notes what it was given."""
    seen: list[dict] = []
    register_job("test.note", lambda progress: seen.append(progress.payload))
    yield seen
    jobs._KINDS.pop("test.note")


@pytest.fixture
def failing():
    """Register a kind whose handler raises what the list holds, one error an attempt, then succeeds."""
    errors: list[Exception] = []

    def handler(progress: JobProgress) -> None:
        if errors:
            raise errors.pop(0)

    register_job("test.fail", handler, queue="llm")
    yield errors
    jobs._KINDS.pop("test.fail")


def make_running(**fields) -> Job:
    values = {"kind": "test.note", "key": "left", "state": State.RUNNING, "attempts": 1}
    return Job.objects.create(**{**values, "heartbeat_at": timezone.now(), **fields})


def long_ago():
    return timezone.now() - timedelta(hours=1)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_asking_twice_with_one_key_makes_one_job(handled):
    assert enqueue("test.note", key="a", payload={"id": 1}) == enqueue("test.note", key="a", payload={"id": 2})
    assert Job.objects.get().payload == {"id": 1}


def test_a_key_belongs_to_one_kind(handled, failing):
    enqueue("test.note", key="a")
    with pytest.raises(Conflict, match="a key of its own"):
        enqueue("test.fail", key="a")


def test_an_unregistered_kind_is_refused_when_it_is_asked_for():
    with pytest.raises(UnknownJobKind, match="registrations.py"):
        enqueue("test.nobody", key="a")
    assert not Job.objects.exists()


def test_a_kind_on_an_unknown_queue_is_refused():
    with pytest.raises(ValueError, match="default, llm, gpu"):
        register_job("test.note", lambda progress: None, queue="fast")


def test_a_job_runs_once_however_often_it_is_announced(handled):
    job = enqueue("test.note", key="a", payload={"id": 7})
    assert [run_job(job.pk), run_job(job.pk), run_job(job.pk)] == [True, False, False]
    assert handled == [{"id": 7}]
    assert (fresh(job).state, fresh(job).attempts) == (State.DONE, 1)


def test_an_announced_job_that_does_not_exist_is_nothing(handled):
    assert run_job(999) is False


def test_a_job_takes_its_queue_from_its_kind(failing):
    assert enqueue("test.fail", key="a").queue == "llm"


def test_the_worker_is_nudged_on_commit_only(handled, django_capture_on_commit_callbacks, monkeypatch):
    told = []
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda name, args, **more: told.append((name, args, more["queue"]))
    )
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue("test.note", key="a")
        assert told == []
    assert told == [("elicit.tasks.run_job", [job.pk], "default")]


def test_a_rolled_back_answer_leaves_no_job(handled):
    with pytest.raises(NothingToBuild), transaction.atomic():
        enqueue("test.note", key="a")
        raise NothingToBuild("no")
    assert not Job.objects.exists()


def test_a_dead_broker_costs_nothing_but_time(handled, settings, django_capture_on_commit_callbacks, caplog):
    folder = Path(settings.BROKER_FOLDER) / "messages"
    shutil.rmtree(folder)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            job = enqueue("test.note", key="a")
        assert fresh(job).heartbeat_at is None
        assert "could not be announced" in caplog.text
    finally:
        folder.mkdir()
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep(now=timezone.now()) == 1
    assert run_queued_jobs() == 1


def test_a_failure_is_tried_again_after_a_pause_that_grows(failing):
    failing += [NothingToBuild("The study has no cards yet."), NothingToBuild("Still none.")]
    job = enqueue("test.fail", key="a", most_attempts=3)
    run_job(job.pk)
    first = fresh(job)
    assert (first.state, first.error) == (State.QUEUED, "NothingToBuild: The study has no cards yet.")
    assert run_job(job.pk) is False, "the pause is not over"
    Job.objects.update(run_after=long_ago())
    run_job(job.pk)
    second = fresh(job)
    assert second.run_after - timezone.now() > first.run_after - first.started_at - timedelta(seconds=1)
    Job.objects.update(run_after=long_ago())
    run_job(job.pk)
    assert (fresh(job).state, fresh(job).attempts, fresh(job).error) == (State.DONE, 3, "")


def test_the_last_attempt_ends_as_failed_and_keeps_the_error(failing):
    failing += [NothingToBuild("The study has no cards yet.")]
    job = enqueue("test.fail", key="a", most_attempts=1)
    run_job(job.pk)
    assert (fresh(job).state, fresh(job).error) == (State.FAILED, "NothingToBuild: The study has no cards yet.")
    assert fresh(job).finished_at


def test_a_foreign_error_is_kept_by_class_and_place_and_never_by_its_words(failing, caplog):
    failing += [ValueError("my grandmother's secret")]
    job = enqueue("test.fail", key="a", most_attempts=1)
    run_job(job.pk)
    assert fresh(job).error.startswith("ValueError in handler, line ")
    assert "grandmother" not in fresh(job).error + caplog.text


def test_a_failed_job_can_be_retried_by_hand(failing):
    failing += [NothingToBuild("no")]
    job = enqueue("test.fail", key="a", most_attempts=1)
    run_job(job.pk)
    retry_job(job)
    assert (job.state, job.attempts) == (State.QUEUED, 0)
    assert run_queued_jobs() == 1
    assert fresh(job).state == State.DONE


def test_progress_is_written_down(handled):
    job = make_running()
    JobProgress(job).report(3, 24, "Participant 3 of 24")
    assert (fresh(job).done_items, fresh(job).total_items, fresh(job).message) == (3, 24, "Participant 3 of 24")


def test_a_long_message_is_cut_to_what_the_column_holds():
    job = make_running()
    JobProgress(job).report(1, 1, "x" * 1000)
    assert len(fresh(job).message) == 300


def test_a_waiting_job_is_cancelled_at_once(handled):
    job = enqueue("test.note", key="a")
    cancel_job(job)
    assert job.state == State.CANCELLED
    assert run_queued_jobs() == 0


def test_a_running_job_is_cancelled_at_its_next_report():
    job = make_running()
    cancel_job(job)
    assert job.state == State.RUNNING
    with pytest.raises(JobCancelled):
        JobProgress(job).report(1, 2)


def test_a_job_that_stops_when_asked_ends_as_cancelled():
    def handler(progress: JobProgress) -> None:
        cancel_job(Job.objects.get(pk=progress.job.pk))
        progress.report(1, 2)

    register_job("test.stop", handler)
    job = enqueue("test.stop", key="a")
    run_job(job.pk)
    assert fresh(job).state == State.CANCELLED


def test_a_finished_job_stays_finished_when_cancelled(handled):
    job = enqueue("test.note", key="a")
    run_job(job.pk)
    cancel_job(job)
    assert (job.state, job.cancel_requested) == (State.DONE, False)


def test_the_sweep_queues_what_a_killed_worker_left(handled, django_capture_on_commit_callbacks):
    job = make_running(heartbeat_at=long_ago())
    assert sweep(now=timezone.now()) == 1
    assert fresh(job).state == State.QUEUED
    assert run_queued_jobs() == 1
    assert (fresh(job).state, fresh(job).attempts) == (State.DONE, 2)


def test_the_sweep_leaves_a_living_job_alone():
    job = make_running()
    assert sweep(now=timezone.now()) == 0
    assert fresh(job).state == State.RUNNING


def test_the_sweep_gives_up_on_a_job_that_kills_every_worker():
    job = make_running(heartbeat_at=long_ago(), attempts=3, most_attempts=3)
    sweep(now=timezone.now())
    assert (fresh(job).state, fresh(job).error) == (State.FAILED, "The worker stopped without a word.")


def test_the_sweep_ends_a_cancelled_job_whose_worker_died():
    job = make_running(heartbeat_at=long_ago(), cancel_requested=True)
    assert sweep(now=timezone.now()) == 0
    assert fresh(job).state == State.CANCELLED


def test_the_sweep_announces_a_waiting_job_once_until_it_is_stale_again(handled):
    Job.objects.create(kind="test.note", key="unseen")
    now = timezone.now()
    assert [sweep(now=now), sweep(now=now), sweep(now=now + timedelta(hours=1))] == [1, 0, 1]


def test_the_sweep_waits_until_a_pause_is_over():
    Job.objects.create(kind="test.note", key="later", run_after=timezone.now() + timedelta(minutes=1))
    assert sweep(now=timezone.now()) == 0
    assert sweep(now=timezone.now() + timedelta(minutes=2)) == 1


def test_a_worker_that_lost_its_job_can_no_longer_write(handled):
    job = make_running(heartbeat_at=long_ago())
    sweep(now=timezone.now())
    run_queued_jobs()
    with pytest.raises(JobTakenOver):
        JobProgress(job).report(1, 2)
    assert fresh(job).state == State.DONE


def test_jobs_queued_by_jobs_run_too(handled):
    register_job("test.chain", lambda progress: enqueue("test.note", key="b") and None)
    enqueue("test.chain", key="a")
    assert run_queued_jobs() == 2
    assert not Job.objects.exclude(state=State.DONE).exists()


def test_a_heartbeat_beats_until_it_is_told_to_stop():
    beats = threading.Semaphore(0)
    with Heartbeat(lambda: beats.release() is None, every=0.01):
        assert beats.acquire(timeout=60)
        assert beats.acquire(timeout=60)


def test_a_heartbeat_ends_when_the_job_is_no_longer_held():
    beat = Heartbeat(lambda: False, every=0.01)
    with beat:
        beat._thread.join(timeout=60)
        assert not beat._thread.is_alive()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_the_job():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    ran = []
    register_job("test.race", lambda progress: ran.append(progress.job.pk))
    job = enqueue("test.race", key="a")
    start = threading.Barrier(8)

    def worker() -> None:
        start.wait()
        run_job(job.pk)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == [job.pk]
