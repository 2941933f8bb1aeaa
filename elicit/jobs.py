"""Run work in the background without ever losing it.

Rule: the row is the truth. A broker message only says that there may be work, so a lost, late or doubled message
changes nothing: a job is claimed by one conditional update, and whoever does not hold the claim writes nothing.
`heartbeat_at` is the last sign that somebody looks after the job: the nudge while it waits, the worker while it runs.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from kombu.exceptions import KombuError

from elicit.errors import Conflict, WellspringError
from elicit.heartbeats import Heartbeat
from elicit.models import Job, Study

log = logging.getLogger(__name__)

QUEUES = ("default", "llm", "gpu")
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 300
MOST_SWEPT_AT_ONCE = 500
LONGEST_MESSAGE = 300

State = Job.State


class UnknownJobKind(WellspringError):
    """A job was asked for that no app registers."""


class JobCancelled(WellspringError):
    """Somebody asked for the job to stop."""


class JobTakenOver(WellspringError):
    """The job is no longer this worker's: it was swept up and belongs to another attempt."""


class JobProgress:
    """What a handler holds while it works: its job, and the way to say how far it is."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @property
    def payload(self) -> dict[str, Any]:
        """The ids that the handler works on."""
        return self.job.payload

    def report(self, done: int, total: int, message: str = "") -> None:
        """Say how far the work is; this is also where it stops when it must.

        Raises
        ------
        JobCancelled
            When somebody asked for that.
        JobTakenOver
            When another attempt holds the job by now.
        """
        self.job.done_items, self.job.total_items = done, total
        self.job.message = message[:LONGEST_MESSAGE]
        held = _held(self.job).update(
            done_items=done, total_items=total, message=self.job.message, heartbeat_at=timezone.now()
        )
        if not held:
            raise JobTakenOver(f"Job {self.job.pk} was given to another worker; this one stops.")
        if _held(self.job).filter(cancel_requested=True).exists():
            raise JobCancelled(f"Job {self.job.pk} was asked to stop.")


Handler = Callable[[JobProgress], None]


@dataclass(frozen=True)
class JobKind:
    """A kind of job: who does it, on which queue, and what organizers call it."""

    kind: str
    handler: Handler
    queue: str
    label: str | Promise


_KINDS: dict[str, JobKind] = {}


def register_job(kind: str, handler: Handler, *, queue: str = "default", label: str | Promise = "") -> None:
    """Make a kind of job known. Registering the same one again changes nothing."""
    if queue not in QUEUES:
        raise ValueError(f"There is no queue {queue!r}; choose one of {', '.join(QUEUES)}.")
    _KINDS[kind] = JobKind(kind, handler, queue, label or kind)


def job_kinds() -> dict[str, JobKind]:
    """Return every registered kind by name."""
    return dict(_KINDS)


def enqueue(
    kind: str, *, key: str, study: Study | None = None, payload: dict[str, Any] | None = None, most_attempts: int = 3
) -> Job:
    """Save a job, in the caller's transaction if there is one, and nudge a worker on commit.

    The same key gives the same job.

    Raises
    ------
    UnknownJobKind
        When no app registers this kind.
    Conflict
        When the key already belongs to a job of another kind.
    """
    queue = _kind(kind).queue
    values = {
        "kind": kind,
        "study": study,
        "payload": payload or {},
        "queue": queue,
        "most_attempts": most_attempts,
        "heartbeat_at": timezone.now(),
    }
    job, is_new = Job.objects.get_or_create(key=key, defaults=values)
    if job.kind != kind:
        raise Conflict(
            f"The key {key!r} belongs to a job of kind {job.kind!r}; give this {kind!r} job a key of its own."
        )
    if is_new:
        _nudge_on_commit(job.pk, queue)
    return job


def run_job(job_id: int) -> bool:
    """Claim and run one job; return whether this call was the one that ran it."""
    now = timezone.now()
    claimed = (
        _due(now)
        .filter(pk=job_id)
        .update(
            state=State.RUNNING, attempts=F("attempts") + 1, started_at=now, heartbeat_at=now, run_after=None, error=""
        )
    )
    if not claimed:
        return False
    job = Job.objects.select_related("study").get(pk=job_id)
    with _Attempt(job), Heartbeat(lambda: _beat(job), every=settings.JOB_STALE_SECONDS / 4):
        if job.cancel_requested:
            raise JobCancelled(f"Job {job.pk} was cancelled before it began.")
        _kind(job.kind).handler(JobProgress(job))
    return True


def run_queued_jobs() -> int:
    """Run in this process every job that is due, and those that they queue; return how many ran."""
    ran = 0
    while (job_id := _due(timezone.now()).values_list("pk", flat=True).first()) is not None:
        ran += run_job(job_id)
    return ran


def cancel_job(job: Job) -> None:
    """Stop a job: at once while it waits, at its next report while it runs. A finished one stays as it is."""
    waiting = Job.objects.filter(pk=job.pk, state=State.QUEUED)
    if not waiting.update(state=State.CANCELLED, finished_at=timezone.now()):
        Job.objects.filter(pk=job.pk, state=State.RUNNING).update(cancel_requested=True)
    job.refresh_from_db()


def retry_job(job: Job) -> None:
    """Queue a failed or cancelled job again, with all its attempts."""
    ended = Job.objects.filter(pk=job.pk, state__in=[State.FAILED, State.CANCELLED])
    if ended.update(
        state=State.QUEUED, attempts=0, error="", cancel_requested=False, run_after=None, finished_at=None,
        heartbeat_at=timezone.now(),
    ):  # fmt: skip
        _nudge_on_commit(job.pk, job.queue)
    job.refresh_from_db()


def sweep(*, now: datetime) -> int:
    """Queue again what a killed worker left running and nudge for what waits unseen; return how many were nudged."""
    unseen = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - timedelta(seconds=settings.JOB_STALE_SECONDS))
    for job in Job.objects.filter(unseen, state=State.RUNNING)[:MOST_SWEPT_AT_ONCE]:
        _end_attempt(job, now=now, error="The worker stopped without a word.", pause_seconds=0)
    nudged = 0
    for job in _due(now).filter(unseen)[:MOST_SWEPT_AT_ONCE]:
        if _due(now).filter(unseen, pk=job.pk).update(heartbeat_at=now):
            _nudge_on_commit(job.pk, job.queue)
            nudged += 1
    return nudged


def _kind(kind: str) -> JobKind:
    if kind not in _KINDS:
        raise UnknownJobKind(f"No app registers the job kind {kind!r}; register it in the app's registrations.py.")
    return _KINDS[kind]


def _due(now: datetime) -> QuerySet[Job]:
    return Job.objects.filter(Q(run_after=None) | Q(run_after__lte=now), state=State.QUEUED)


def _held(job: Job) -> QuerySet[Job]:
    """Return the row while this attempt still holds it."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)


def _beat(job: Job) -> bool:
    return bool(_held(job).update(heartbeat_at=timezone.now()))


def _nudge_on_commit(job_id: int, queue: str) -> None:
    transaction.on_commit(lambda: _nudge(job_id, queue), robust=True)


def _nudge(job_id: int, queue: str) -> None:
    """Tell a worker that there is work. If nobody can be told, the next sweep will."""
    try:
        current_app.send_task("elicit.tasks.run_job", args=[job_id], queue=queue, retry=False, ignore_result=True)
    except (KombuError, OSError) as error:
        log.warning("Job %s could not be announced (%s); the sweep will find it.", job_id, type(error).__name__)
        Job.objects.filter(pk=job_id, state=State.QUEUED).update(heartbeat_at=None)


class _Attempt:
    """One attempt at a job. However it ends, that is written down."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        now = timezone.now()
        if error is None:
            _held(self.job).update(state=State.DONE, finished_at=now, heartbeat_at=now)
        elif isinstance(error, JobCancelled):
            _held(self.job).update(state=State.CANCELLED, finished_at=now)
        elif isinstance(error, JobTakenOver):
            log.warning("%s", error)
        elif isinstance(error, Exception):
            log.error(
                "Job %s (%s), attempt %s: %s\n%s",
                self.job.pk,
                self.job.kind,
                self.job.attempts,
                type(error).__name__,
                "".join(traceback.format_tb(trace)),
            )
            _end_attempt(self.job, now=now, error=_reason(error), pause_seconds=_pause(self.job.attempts))
        return error is None or isinstance(error, Exception)


def _end_attempt(job: Job, *, now: datetime, error: str, pause_seconds: float) -> None:
    """Queue the job again after a pause, or let it end when it was cancelled or its attempts are used up."""
    cancelled = {"state": State.CANCELLED, "finished_at": now}
    failed = {"state": State.FAILED, "finished_at": now, "error": error}
    again = {
        "state": State.QUEUED,
        "error": error,
        "heartbeat_at": None,
        "run_after": now + timedelta(seconds=pause_seconds),
    }
    if not _held(job).filter(cancel_requested=True).update(**cancelled):
        _held(job).update(**(failed if job.attempts >= job.most_attempts else again))


def _pause(attempts: int) -> float:
    return min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)


def _reason(error: Exception) -> str:
    """Say why an attempt failed. Only our own errors are quoted: another's message may hold somebody's words."""
    if isinstance(error, WellspringError):
        return f"{type(error).__name__}: {error}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name}, line {place.lineno} of {place.filename.rsplit('/', 1)[-1]}"
