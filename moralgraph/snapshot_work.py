"""Build a snapshot in the background where it would keep a page waiting.

Rule: one build of a study at a time waits or runs; asking again meanwhile gives the same job.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from elicit.jobs import JobProgress, enqueue
from elicit.models import Job, Origin, Study
from moralgraph.models import Judgement, Snapshot
from moralgraph.snapshots import build_snapshot

JOB = "moralgraph.build_snapshot"
BUILT_AT_ONCE = 3000  # judgements; these take two or three seconds, which a page may take
UNFINISHED = (Job.State.QUEUED, Job.State.RUNNING)


def is_built_at_once(study: Study) -> bool:
    """Say whether the study has so few judgements that a page can wait for its graph."""
    answered = Judgement.objects.of_study(study).exclude(answer="").exclude(origin=Origin.PREVIEW)
    return answered.count() <= BUILT_AT_ONCE


@transaction.atomic
def request_snapshot(study: Study, *, method: str, purpose: str) -> Job:
    """Ask for a snapshot to be built by a worker."""
    Study.objects.select_for_update().get(pk=study.pk)
    waiting = snapshot_work(study)
    if waiting is not None:
        return waiting
    asked = {"study": study.pk, "method": Snapshot.Method(method).value, "purpose": purpose}
    number = Job.objects.filter(study=study, kind=JOB).count() + 1
    return enqueue(JOB, key=f"snapshot-{study.pk}-{number}", study=study, payload=asked)


def snapshot_work(study: Study) -> Job | None:
    """Return the build that waits or runs, if there is one."""
    return Job.objects.filter(study=study, kind=JOB, state__in=UNFINISHED).order_by("pk").first()


def build_in_background(progress: JobProgress) -> None:
    """Build the snapshot that was asked for. Doing it again gives the same one."""
    asked = progress.payload
    progress.report(0, 2, _("Adding up the judgements"))
    snapshot = build_snapshot(
        Study.objects.get(pk=asked["study"]), method=asked["method"], purpose=asked["purpose"], now=timezone.now()
    )
    progress.report(2, 2, _("Snapshot %(number)s is built.") % {"number": snapshot.number})
