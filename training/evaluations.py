"""Evaluations: verbs that measure whether a trained model follows the message."""

import json

from elicit.jobs import JobProgress, enqueue
from elicit.models import Job
from training.errors import NotReady
from training.models import Dataset, Evaluation, Run
from training.supervision import run_engine

JOB_KIND = "training.evaluate"
QUEUE = "gpu"


def request_evaluation(run: Run) -> Job:
    """Record the job that will evaluate a finished run."""
    return enqueue(JOB_KIND, key=f"evaluation-{run.pk}", study=run.study, payload={"run": run.pk})


def evaluate(progress: JobProgress) -> None:
    """Measure a run in a process of its own and keep the report and the model card.

    Raises
    ------
    NotReady
        When the run's data were erased because somebody withdrew.
    """
    run = Run.objects.select_related("study", "dataset__study").get(pk=progress.payload["run"])
    if run.dataset.state == Dataset.State.RETIRED:
        raise NotReady("The data of this run were erased when somebody withdrew. Build a new dataset and train again.")
    data = ["--data", str(run.dataset.folder)]
    run_engine(["evaluate", str(run.folder), *data], watch=run.folder, progress=progress)
    run_engine(["card", str(run.folder)], watch=run.folder, progress=progress)
    keep_evaluation(run)


def keep_evaluation(run: Run) -> Evaluation:
    """Take the report and the model card that the engine wrote into the database."""
    report = json.loads((run.folder / "evaluation.json").read_text())
    card = (run.folder / "model_card.md").read_text()
    evaluation, _ = Evaluation.objects.update_or_create(run=run, defaults={"report": report, "model_card": card})
    return evaluation
