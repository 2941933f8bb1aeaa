"""From a frozen target to evidence on the site: requests, jobs, the engine's own process, pages."""

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from elicit.jobs import JobCancelled, JobProgress, run_queued_jobs
from elicit.models import Job, Study
from elicit.participants import withdraw
from moralgraph.models import AlignmentTarget, Judgement
from tests.make import NOW, make_member
from training import supervision
from training.commands import do
from training.datasets import example_blocks, request_dataset
from training.errors import EngineFailed, NotReady, UnknownRecipe
from training.models import Dataset, Run
from training.runs import cancel_run, loss_points, request_run
from training.views import overview

pytestmark = pytest.mark.django_db


def built(target: AlignmentTarget, recipe: str) -> Dataset:
    dataset = request_dataset(target, recipe_name=recipe, seed=1)
    run_queued_jobs()
    dataset.refresh_from_db()
    return dataset


def trained(dataset: Dataset, recipe: str) -> Run:
    run = request_run(dataset, recipe_name=recipe, seed=1)
    run_queued_jobs()
    run.refresh_from_db()
    return run


def test_a_dataset_is_built_by_its_job(frozen_target: AlignmentTarget, small_recipe: str):
    dataset = built(frozen_target, small_recipe)
    assert dataset.state == Dataset.State.READY
    assert dataset.summary["blocks"]["unseen_prompts"] == 6
    assert len(example_blocks(dataset)[0]["pairs"]) == 3


def test_two_datasets_of_one_target_and_seed_are_the_same_data(frozen_target: AlignmentTarget, small_recipe: str):
    first, second = built(frozen_target, small_recipe), built(frozen_target, small_recipe)
    assert first.number != second.number
    assert first.content_hash == second.content_hash != ""


def test_an_unknown_recipe_is_refused_before_anything_is_written(frozen_target: AlignmentTarget, small_recipe: str):
    with pytest.raises(UnknownRecipe, match="Choose one of: small"):
        request_dataset(frozen_target, recipe_name="../../etc/passwd", seed=0)
    assert not Dataset.objects.exists()


def test_a_run_needs_a_dataset_that_is_ready(frozen_target: AlignmentTarget, small_recipe: str):
    waiting = request_dataset(frozen_target, recipe_name=small_recipe, seed=0)
    with pytest.raises(NotReady):
        request_run(waiting, recipe_name=small_recipe, seed=0)


def test_the_engines_last_words_are_kept_when_it_fails(frozen_target: AlignmentTarget, small_recipe: str):
    dataset = built(frozen_target, small_recipe)
    rows = dataset.folder / "blocks" / "train.jsonl"
    rows.write_text("{broken\n" + rows.read_text())
    run = trained(dataset, small_recipe)
    assert run.state == Run.State.FAILED
    assert "train.jsonl" in run.error


def test_a_run_that_has_not_begun_is_cancelled_at_once(frozen_target: AlignmentTarget, small_recipe: str):
    run = request_run(built(frozen_target, small_recipe), recipe_name=small_recipe, seed=0)
    cancel_run(run, now=NOW)
    assert run_queued_jobs() == 0
    assert Run.objects.get(pk=run.pk).state == Run.State.CANCELLED


def test_a_cancelled_job_ends_its_process(frozen_target: AlignmentTarget, monkeypatch: Any, tmp_path: Path):
    class Cancelling(JobProgress):
        def report(self, done: int, total: int, message: str = "") -> None:
            raise JobCancelled("stop")

    monkeypatch.setattr(supervision, "LOOK_EVERY_SECONDS", 0.01)
    started: list[Any] = []
    popen = supervision.subprocess.Popen

    def sleeping(arguments: list[str], **kwargs: Any) -> Any:
        started.append(popen([sys.executable, "-c", "import time; time.sleep(60)"], **kwargs))
        return started[0]

    monkeypatch.setattr(supervision.subprocess, "Popen", sleeping)
    with pytest.raises(JobCancelled):
        supervision.run_engine(["train"], watch=tmp_path / "run", progress=Cancelling(Job()))
    assert started[0].poll() is not None


def test_a_process_that_a_killed_worker_left_is_ended(tmp_path: Path):
    process = supervision.subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    noted = {"pid": process.pid, "started": supervision.started_at(process.pid)}
    (tmp_path / supervision.PID_FILE).write_text(json.dumps(noted))
    supervision.end_leftover(tmp_path)
    assert process.poll() is not None
    assert not (tmp_path / supervision.PID_FILE).exists()


def test_a_reused_pid_is_left_alone(tmp_path: Path):
    process = supervision.subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / supervision.PID_FILE).write_text(json.dumps({"pid": process.pid, "started": 1.0}))
    supervision.end_leftover(tmp_path)
    assert process.poll() is None
    process.kill()
    process.wait()


def test_the_engine_gets_none_of_the_sites_secrets(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", "x" * 60)
    monkeypatch.setenv("SOME_API_KEY", "y")
    environment = supervision.engine_environment()
    assert not {"SECRET_KEY", "SOME_API_KEY", "DATABASE_URL"} & set(environment)


def test_a_line_that_is_still_being_written_is_left_out(frozen_target: AlignmentTarget, small_recipe: str):
    run = request_run(built(frozen_target, small_recipe), recipe_name=small_recipe, seed=0)
    run.folder.mkdir(parents=True)
    (run.folder / "metrics.jsonl").write_text('{"step": 1, "loss": 2.0}\n{"step": 2, "lo')
    assert loss_points(run) == [{"step": 1, "loss": 2.0}]


def test_withdrawal_erases_the_datasets_files(frozen_target: AlignmentTarget, small_recipe: str):
    dataset = built(frozen_target, small_recipe)
    withdraw(Judgement.objects.first().participant, now=NOW)
    dataset.refresh_from_db()
    assert dataset.state == Dataset.State.RETIRED
    assert not dataset.folder.exists()
    assert dataset.content_hash


def test_commands_say_what_is_missing(db: Any):
    with pytest.raises(CommandError, match="load_study|no study|study"):
        call_command("build_dataset", "nothing")


def test_a_command_leaves_a_job_to_the_worker_that_has_it(frozen_target: AlignmentTarget, small_recipe: str):
    dataset = request_dataset(frozen_target, recipe_name=small_recipe, seed=0)
    Job.objects.filter(pk=dataset.job.pk).update(state=Job.State.RUNNING)
    with pytest.raises(NotReady, match="A worker has taken this job"):
        do(dataset.job)


def test_a_request_that_cannot_be_done_is_told_on_the_page(
    frozen_target: AlignmentTarget, small_recipe: str, client: Client, monkeypatch: pytest.MonkeyPatch
):
    def retired(*args: Any, **kwargs: Any) -> None:
        raise NotReady("This alignment target has been retired.")

    monkeypatch.setattr(overview, "request_dataset", retired)
    study = frozen_target.study
    client.force_login(make_member(study=study), backend="django.contrib.auth.backends.ModelBackend")
    asked = {"target": frozen_target.pk, "recipe": small_recipe, "seed": 0}
    page = client.post(f"/organizer/{study.slug}/training/datasets/new/", asked, follow=True)
    assert page.status_code == 200
    assert "has been retired" in page.content.decode()


def test_the_demo_says_at_once_that_its_port_is_taken(db: Any):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CommandError, match="--port"):
            call_command("demo", port=taken.getsockname()[1])
    assert not Study.objects.exists()


@pytest.mark.slow
def test_a_run_is_trained_evaluated_and_shown(frozen_target: AlignmentTarget, small_recipe: str, client: Client):
    run = trained(built(frozen_target, small_recipe), small_recipe)
    assert run.state == Run.State.DONE, run.error
    assert run.evaluation.report["splits"]["unseen_prompts"]["results"]["model"]["reversal"]["value"] >= 0
    client.force_login(make_member(study=run.study), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/organizer/{run.study.slug}/training/runs/{run.number}/").content.decode()
    assert "pipeline check" in page.lower()
    assert "Prompts never seen in training" in page
    assert "Word matching" in page


@pytest.mark.slow
def test_the_engine_failing_in_a_command_is_an_error(frozen_target: AlignmentTarget, small_recipe: str):
    call_command("build_dataset", "training", recipe=small_recipe)
    dataset = Dataset.objects.get()
    (dataset.folder / "manifest.json").write_text("{}")
    with pytest.raises(CommandError, match="manifest"):
        call_command("train", "training", recipe=small_recipe)


def test_a_job_that_ends_badly_is_named(tmp_path: Path, db: Any):
    progress = JobProgress(Job.objects.create(kind="x", key="x", state=Job.State.RUNNING))
    with pytest.raises(EngineFailed, match="no-such-target"):
        supervision.run_engine(
            ["build", str(tmp_path / "no-such-target.json"), "--out", str(tmp_path / "data")],
            watch=tmp_path / "data",
            progress=progress,
        )
