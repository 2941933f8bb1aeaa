"""The demo study from end to end: people, graph, target, dataset, model, evidence.

Rule: every step is the one that real studies take, and each can be repeated: what is there already is left as it is.
Everybody in it is simulated, and every page says so.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from elicit.errors import WellspringError
from elicit.jobs import run_queued_jobs
from elicit.models import Job, Origin, Participant, Study
from elicit.participants import add_participant, create_link
from elicit.querysets import Role
from elicit.roles import add_member
from elicit.simulating import simulate
from elicit.simulation import load_personas
from elicit.studies import load_study, open_study
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.models import AlignmentTarget, Report, Snapshot
from moralgraph.reports import draft_newest_report
from moralgraph.snapshots import build_snapshot
from training.datasets import request_dataset
from training.models import Dataset, Evaluation, Run
from training.runs import request_run

STUDY_FILE = Path(settings.BASE_DIR) / "studies" / "demo.yaml"
RECIPE = "tiny_cpu"
SEED = 0
LOOK_EVERY_SECONDS = 0.5
USERNAME = "organizer"
PEOPLE = 24  # of the personas, those without a quirk; the tiny recipe was chosen on their cards
VISITOR_SEED = 10_000  # no simulated person has it
INTRODUCTION = (
    "This is what a public report looks like. Nobody who answered here is a person, so this one stays a draft: "
    "a report of programs can be read by the team and is never published."
)
Row = TypeVar("Row", Dataset, Run)


class DemoFailed(WellspringError):
    """A step of the demo did not come to its end."""


def demo_study(*, now: datetime) -> Study:
    """Return the demo study, loaded and open."""
    study = load_study(STUDY_FILE, now=now)
    return study if study.state == Study.State.OPEN else open_study(study)


def organizer_password(study: Study, *, note: Path) -> str:
    """Return the demo organizer's password: random, made once, noted in a private file."""
    if note.exists():
        return note.read_text().strip()
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        user, _ = get_user_model().objects.get_or_create(username=USERNAME)
        user.set_password(password)
        user.save()
        add_member(study, user=user, role=Role.ORGANIZER)
    note.touch(mode=0o600)
    note.write_text(password)
    return password


def walk_everybody(study: Study, *, now: datetime) -> None:
    """Let the simulated people walk."""
    personas = list(load_personas())[:PEOPLE]
    with tqdm(total=PEOPLE, desc=f"{PEOPLE} simulated people walk the study", unit="") as bar:
        simulate(study, personas, seed=SEED, now=now, after_each=bar.update)


def visitor_link(study: Study, *, now: datetime) -> str:
    """Return a fresh personal link for whoever runs the demo; their answers are a preview and count nowhere."""
    visitor = study.participants.filter(origin=Origin.PREVIEW, finished_at=None, withdrawn_at=None).first()
    visitor = visitor or add_participant(study, origin=Origin.PREVIEW, language="en", seed=VISITOR_SEED, now=now)
    return create_link(visitor, now=now)


def graph_and_target(study: Study, *, now: datetime) -> AlignmentTarget:
    """Build the graph by both rules and freeze the target."""
    for method in (Snapshot.Method.CLASSIC, Snapshot.Method.REPAIRED):
        build_snapshot(study, method=method, purpose="explore", now=now)
    return freeze_newest_target(study, now=now)


def report_of(study: Study, *, now: datetime) -> Report:
    """Return the study's draft of a report, made on the first call."""
    known = Report.objects.of_study(study).order_by("-number").first()
    return known or draft_newest_report(study, introduction=INTRODUCTION, now=now)


def dataset_of(target: AlignmentTarget) -> Dataset:
    """Return the target's dataset, built on the first call."""
    known = target.datasets.filter(state=Dataset.State.READY).first()
    if known is not None:
        return known
    dataset = request_dataset(target, recipe_name=RECIPE, seed=SEED)
    with job_bar("dataset of counterfactual blocks"):
        run_queued_jobs()
    return finished(dataset, is_good=lambda row: row.state == Dataset.State.READY)


def run_of(dataset: Dataset) -> Run:
    """Return the dataset's evaluated run, trained and measured on the first call."""
    known = dataset.runs.filter(evaluation__isnull=False).first()
    if known is not None:
        return known
    run = request_run(dataset, recipe_name=RECIPE, seed=SEED)
    with job_bar("tiny model: training, then evaluation"):
        run_queued_jobs()
    return finished(run, is_good=lambda row: Evaluation.objects.filter(run=row).exists())


def finished(row: Row, *, is_good: Callable[[Row], bool]) -> Row:
    """Return the row as it is now.

    Raises
    ------
    DemoFailed
        When its job did not end well.
    """
    row.refresh_from_db()
    if not is_good(row):
        errors = " ".join(Job.objects.of_study(row.study).exclude(error="").values_list("error", flat=True))
        raise DemoFailed(f"{row} did not come to its end. {errors}")
    return row


@contextmanager
def job_bar(words: str) -> Iterator[None]:
    """Show the progress of background work while the block runs."""
    over = Event()
    watcher = Thread(target=watch_jobs, args=(words, over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def watch_jobs(words: str, over: Event) -> None:
    """Draw the running job's progress until told that it is over."""
    with tqdm(desc=words, unit="") as bar:
        while not over.wait(LOOK_EVERY_SECONDS):
            job = Job.objects.filter(state=Job.State.RUNNING).order_by("-started_at").first()
            if job is not None:
                bar.total, bar.n = job.total_items or None, job.done_items
                bar.set_postfix_str(job.message, refresh=True)
    connection.close()


def is_complete(study: Study) -> bool:
    """Say whether everything that the demo makes is there."""
    walked = Participant.objects.of_study(study).filter(origin=Origin.SIMULATED, finished_at__isnull=False).count()
    has_report = Report.objects.of_study(study).exists()
    return walked >= PEOPLE and has_report and Evaluation.objects.of_study(study).exists()


def run_demo(study: Study) -> None:
    """Do every step that is still missing."""
    if is_complete(study):
        return
    walk_everybody(study, now=timezone.now())
    target = graph_and_target(study, now=timezone.now())
    report_of(study, now=timezone.now())
    run_of(dataset_of(target))
