"""How far a study's participants have come: reads for the organizer's page. Counts alone, nobody's words."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from elicit.jobs import job_kinds
from elicit.models import Job, Origin, Participant, StepProgress, Study
from elicit.people import WORKING_FOR
from elicit.steps import step_kinds


@dataclass(frozen=True)
class Work:
    """All jobs of one kind: how many are in each state, and the newest of them."""

    label: str
    counts: dict[str, int]
    newest: Job

    @property
    def total(self) -> int:
        """How many were asked for."""
        return sum(self.counts.values())


def funnel_of(study: Study) -> list[dict[str, object]]:
    """Return how many participants finished each step of the present design, in order, from the first to the last."""
    people = _counted(study)
    done = dict(
        StepProgress.objects.of_study(study)
        .filter(participant__in=people, state=StepProgress.State.DONE)
        .values_list("key")
        .annotate(count=Count("pk"))
    )
    labels = step_kinds()
    rows: list[dict[str, object]] = [{"label": _("Invited"), "count": people.count()}]
    for step in study.current_version.design.steps:
        rows.append({"label": str(labels[step.kind].label), "count": done.get(step.key, 0)})
    return rows


def counts_of(study: Study, *, now: datetime) -> dict[str, int]:
    """Return the counts at the top of a study's page. Who has withdrawn, and previews, are in none."""
    return _counted(study).aggregate(
        invited=Count("pk"),
        finished=Count("pk", filter=Q(finished_at__isnull=False)),
        active=Count("pk", filter=Q(finished_at=None, last_seen_at__gte=now - WORKING_FOR)),
        excluded=Count("pk", filter=Q(excluded_at__isnull=False)),
        simulated=Count("pk", filter=Q(origin=Origin.SIMULATED)),
        imported=Count("pk", filter=Q(origin=Origin.IMPORTED)),
    )


def endings_of(study: Study) -> list[tuple[str, int]]:
    """Return how people left the study, in words, each with how many; those who are under way are not among them."""
    ended = dict(_counted(study).exclude(ended="").order_by().values_list("ended").annotate(count=Count("pk")))
    return [(str(label), ended[value]) for value, label in Participant.Ending.choices if ended.get(value)]


def failed_jobs(study: Study) -> QuerySet[Job]:
    """Return the background work that failed and can be tried again, the newest first."""
    return Job.objects.of_study(study).filter(state=Job.State.FAILED).order_by("-finished_at", "-pk")


def failure_in_words(job: Job) -> str:
    """Say why a job failed: what one of our own errors says, without its name, and where any other one arose."""
    name, _colon, words = job.error.partition(": ")
    if words and name.isidentifier():
        return words
    return _("The program made a mistake (%(error)s).") % {"error": job.error} if job.error else ""


def work_of(study: Study) -> list[Work]:
    """Return a study's background work, one row for each kind of job, the newest first."""
    states = {state: Count("pk", filter=Q(state=state)) for state in Job.State.values}
    rows = Job.objects.of_study(study).order_by().values("kind").annotate(**states, newest=Max("pk"))
    newest = {job.pk: job for job in Job.objects.filter(pk__in=[row["newest"] for row in rows])}
    kinds = job_kinds()
    return [
        Work(
            label=str(kinds[row["kind"]].label) if row["kind"] in kinds else row["kind"],
            counts={state: row[state] for state in Job.State.values},
            newest=newest[row["newest"]],
        )
        for row in sorted(rows, key=lambda row: row["newest"], reverse=True)
    ]


def _counted(study: Study) -> QuerySet[Participant]:
    return Participant.objects.of_study(study).filter(withdrawn_at=None).exclude(origin=Origin.PREVIEW)
