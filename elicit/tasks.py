"""The three Celery tasks. Rule: a task takes an id, calls one verb and holds no state of its own."""

from celery import shared_task
from django.utils import timezone

from elicit import jobs, retention, turns


@shared_task(name="elicit.tasks.run_job")
def run_job(job_id: int) -> None:
    """Run one job, unless another worker has it already."""
    jobs.run_job(job_id)


@shared_task(name="elicit.tasks.sweep_jobs")
def sweep_jobs() -> None:
    """Queue again what a killed worker left, and interrupt its turns."""
    now = timezone.now()
    turns.interrupt_stale(now=now)
    jobs.sweep(now=now)


@shared_task(name="elicit.tasks.erase_expired")
def erase_expired() -> None:
    """Erase what a study's retention date ends."""
    retention.erase_expired(timezone.now())
