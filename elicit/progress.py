"""How far a study's participants have come: reads for the organizer's page. Counts alone, nobody's words."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from elicit.jobs import job_kinds
from elicit.models import Job, LlmCall, Participant, StepProgress, Study
from elicit.steps import step_kinds


@dataclass(frozen=True)
class Standing:
    """One participant's place in the study."""

    code: str
    origin: str
    step: str
    done: int
    total: int
    is_finished: bool


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
    people = Participant.objects.of_study(study).filter(withdrawn_at=None)
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


def counts_of(study: Study) -> dict[str, int]:
    """Return the counts at the top of a study's page."""
    return (
        Participant.objects.of_study(study)
        .filter(withdrawn_at=None)
        .aggregate(
            invited=Count("pk"),
            finished=Count("pk", filter=Q(finished_at__isnull=False)),
            simulated=Count("pk", filter=Q(origin="simulated")),
            imported=Count("pk", filter=Q(origin="imported")),
        )
    )


def standings(study: Study, *, first: int, count: int) -> list[Standing]:
    """Return a page of participants with the step that each is at, in the order in which they were added."""
    design = study.current_version.design.steps
    labels = step_kinds()
    people = Participant.objects.of_study(study).filter(withdrawn_at=None).prefetch_related("steps")
    rows = []
    for participant in people[first : first + count]:
        closed = {step.key for step in participant.steps.all() if step.state in {"done", "not_available"}}
        present = next((step for step in design if step.key not in closed), None)
        rows.append(
            Standing(
                code=participant.code,
                origin=participant.origin,
                step=_place(participant, str(labels[present.kind].label)) if present else _("Finished"),
                done=len(closed),
                total=len(design),
                is_finished=participant.finished_at is not None,
            )
        )
    return rows


def _place(participant: Participant, label: str) -> str:
    return label if participant.steps.all() else _("Not begun")


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


def spend_of(study: Study) -> Decimal:
    """Return what the study's calls to language models have cost so far, in US dollars."""
    return LlmCall.objects.of_study(study).aggregate(total=Sum("cost_usd"))["total"] or Decimal(0)
