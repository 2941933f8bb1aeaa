"""Runs: verbs that train a model on a dataset, through the engine's own process."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from elicit.jobs import JobCancelled, JobProgress, cancel_job, enqueue
from elicit.models import Study
from training.errors import EngineFailed, NotReady
from training.models import Dataset, Run
from training.recipes import check_recipe, recipe_file
from training.supervision import clear_unfinished, read_status, run_engine

JOB_KIND = "training.train"
QUEUE = "gpu"
FINISHED = "finished"  # what the engine's status.json says at the end
MOST_ATTEMPTS = 2  # a killed worker deserves another try, a bad recipe does not get many


@transaction.atomic
def request_run(dataset: Dataset, *, recipe_name: str, seed: int) -> Run:
    """Record a run and the job that will train it."""
    if dataset.state != Dataset.State.READY:
        raise NotReady(f"Dataset {dataset.number} is not ready yet. Wait until it is built, then start the run.")
    study = Study.objects.select_for_update().get(pk=dataset.study_id)
    run = Run.objects.create(
        study=study,
        dataset=dataset,
        number=(study.runs.aggregate(last=Max("number"))["last"] or 0) + 1,
        recipe_name=recipe_name,
        recipe=check_recipe(recipe_name),
        seed=seed,
    )
    run.job = enqueue(JOB_KIND, key=f"run-{run.pk}", study=study, payload={"run": run.pk}, most_attempts=MOST_ATTEMPTS)
    run.save(update_fields=["job"])
    return run


def cancel_run(run: Run, *, now: datetime) -> None:
    """Ask a run to stop. One that has not begun is cancelled at once."""
    if run.job:
        cancel_job(run.job)
    if run.state == Run.State.QUEUED:
        end_run(run, state=Run.State.CANCELLED, now=now)


def train(progress: JobProgress) -> None:
    """Train a requested run in a process of its own, then ask for its evaluation."""
    run = Run.objects.select_related("study", "dataset__study").get(pk=progress.payload["run"])
    if run.state in {Run.State.DONE, Run.State.CANCELLED}:
        return
    begin_run(run, now=timezone.now())
    arguments = [
        "train",
        str(recipe_file(run.recipe_name)),
        "--data",
        str(run.dataset.folder),
        "--out",
        str(run.folder),
    ]
    try:
        if read_status(run.folder).get("state") != FINISHED:
            clear_unfinished(run.folder)
            run_engine([*arguments, "--seed", str(run.seed)], watch=run.folder, progress=progress)
    except EngineFailed as failure:
        end_run(run, state=Run.State.FAILED, now=timezone.now(), error=str(failure))
        raise
    except JobCancelled:
        end_run(run, state=Run.State.CANCELLED, now=timezone.now())
        raise
    finish_run(run)


def begin_run(run: Run, *, now: datetime) -> None:
    """Mark a run as running; a repeated attempt keeps the first start."""
    run.state = Run.State.RUNNING
    run.started_at = run.started_at or now
    run.finished_at = None
    run.error = ""
    run.save(update_fields=["state", "started_at", "finished_at", "error"])


@transaction.atomic
def finish_run(run: Run) -> None:
    """Take the finished run's facts into the row and ask for its evaluation."""
    from training.evaluations import request_evaluation

    status = read_status(run.folder)
    if status.get("state") == "cancelled":
        end_run(run, state=Run.State.CANCELLED, now=timezone.now())
        return
    run.refresh_from_db(from_queryset=Run.objects.select_for_update())
    run.summary = {**run.summary, **run_facts(run, status)}
    run.save(update_fields=["summary"])
    end_run(run, state=Run.State.DONE, now=timezone.now())
    request_evaluation(run)


def end_run(run: Run, *, state: str, now: datetime, error: str = "") -> None:
    """Close a run."""
    run.state, run.finished_at, run.error = state, now, error
    run.save(update_fields=["state", "finished_at", "error"])


def run_facts(run: Run, status: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says about a finished run."""
    points = loss_points(run)
    last = points[-1] if points else {}
    return {"steps": status.get("step", 0), "final_loss": last.get("loss")}


def loss_points(run: Run) -> list[dict[str, Any]]:
    """Return the run's logged points so far, oldest first; a line that is still being written is left out."""
    path = run.folder / "metrics.jsonl"
    if not path.exists():
        return []
    whole = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return [json.loads(line) for line in whole]
