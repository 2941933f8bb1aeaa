"""What the commands share: find a study's newest target, dataset or run, and do a job in this process."""

from elicit.jobs import run_job
from elicit.models import Job, Study
from moralgraph.models import AlignmentTarget
from training.errors import EngineFailed, NotReady
from training.models import Dataset, Run


def newest_target(study: Study) -> AlignmentTarget:
    """Return the study's newest standing alignment target."""
    target = AlignmentTarget.objects.of_study(study).filter(retired_at=None).order_by("-version").first()
    if target is None:
        raise NotReady(f"{study.slug} has no alignment target. Run: manage.py freeze_alignment_target {study.slug}")
    return target


def dataset_numbered(study: Study, number: int | None) -> Dataset:
    """Return one dataset, or the newest that is ready."""
    ready = Dataset.objects.of_study(study).filter(state=Dataset.State.READY)
    found = ready.filter(number=number).first() if number else ready.order_by("-number").first()
    if found is None:
        raise NotReady(f"{study.slug} has no such dataset that is ready. Run: manage.py build_dataset {study.slug}")
    return found


def run_numbered(study: Study, number: int | None) -> Run:
    """Return one finished run, or the newest."""
    done = Run.objects.of_study(study).filter(state=Run.State.DONE)
    found = done.filter(number=number).first() if number else done.order_by("-number").first()
    if found is None:
        raise NotReady(f"{study.slug} has no such run that has finished. Run: manage.py train {study.slug}")
    return found


def do(job: Job | None) -> None:
    """Do a job in this process; one that is done stays done.

    Raises
    ------
    EngineFailed
        When it failed; the message is the job's.
    NotReady
        When a worker has taken it.
    """
    if job is None:
        raise EngineFailed("The job of this row is gone. Ask for it again.")
    is_ours = run_job(job.pk)
    job.refresh_from_db()
    if not is_ours and job.state == Job.State.RUNNING:
        raise NotReady("A worker has taken this job. Its page shows how far it is; nothing needs to be done here.")
    if job.state != Job.State.DONE:
        raise EngineFailed(f"It did not come to its end. {job.error}")
