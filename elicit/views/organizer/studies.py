"""The studies, one study's progress, and what failed in the background."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from elicit.checklist import checklist
from elicit.durations import measured_minutes
from elicit.errors import StudyNotOpen
from elicit.jobs import job_kinds, retry_job
from elicit.models import Origin, Study
from elicit.organizer_forms import NumberForm, StudyStateForm
from elicit.people import stuck_people
from elicit.progress import counts_of, endings_of, failed_jobs, failure_in_words, funnel_of, work_of
from elicit.querysets import Role
from elicit.releases import waiting_cards
from elicit.retention import asks_to_keep_words, without_grant
from elicit.roles import member_view, role_of
from elicit.spending import standing
from elicit.studies import close, open_study, pause
from elicit.views.organizer.shell import shell

MOST_FAILED_SHOWN = 10
MOVES = {Study.State.OPEN: open_study, Study.State.PAUSED: pause, Study.State.CLOSED: close}


@require_safe
@login_required
def studies(request: HttpRequest) -> HttpResponse:
    """List the studies in which the user holds a role."""
    mine, now = Study.objects.visible_to(request.user), timezone.now()
    roles = dict(Role.choices)
    rows = [
        {"study": each, "role": roles[role_of(request.user, each) or ""], **counts_of(each, now=now)} for each in mine
    ]
    return render(request, "organizer/studies.html", {"rows": rows})


@require_safe
@member_view()
def study(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how a study is doing."""
    points = checklist(study)
    context = shell(
        request,
        study,
        "progress",
        state_form=StudyStateForm(initial={"state": study.state}),
        points=points,
        to_do=sum(not point.is_done for point in points),
        asks_to_keep_words=asks_to_keep_words(study),
        without_grant=without_grant(study).exclude(origin=Origin.PREVIEW).count(),
        **_progress(study),
    )
    return render(request, "organizer/study.html", context)


@require_safe
@member_view()
def study_progress(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the part of a study's page that changes."""
    context = {"may_organize": role_of(request.user, study) == Role.ORGANIZER, "study": study, **_progress(study)}
    return render(request, "organizer/_study_progress.html", context)


@require_POST
@member_view(Role.ORGANIZER)
def change_state(request: HttpRequest, study: Study) -> HttpResponse:
    """Open, pause or close a study."""
    form = StudyStateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the states in the list."))
        return redirect("organizer:study", slug=study.slug)
    try:
        moved = MOVES[form.cleaned_data["state"]](study)
        messages.success(request, _("Saved. The study is now: %(state)s.") % {"state": moved.get_state_display()})
    except StudyNotOpen as error:
        messages.error(request, str(error))
    return redirect("organizer:study", slug=study.slug)


@require_POST
@member_view(Role.ORGANIZER)
def retry_work(request: HttpRequest, study: Study) -> HttpResponse:
    """Try failed background work again: one piece by its number, or all of it."""
    failed, form = failed_jobs(study), NumberForm(request.POST)
    if "all" not in request.POST:
        failed = failed.filter(pk=form.cleaned_data["number"]) if form.is_valid() else failed.none()
    jobs = list(failed)
    for job in jobs:
        retry_job(job)
    if jobs:
        messages.success(request, _("Trying again: %(count)s.") % {"count": len(jobs)})
    else:
        messages.info(request, _("Nothing was waiting to be tried again."))
    return redirect("organizer:study", slug=study.slug)


def _progress(study: Study) -> dict[str, Any]:
    now, failed, kinds = timezone.now(), failed_jobs(study), job_kinds()
    stuck, held = stuck_people(study, now=now), waiting_cards(study).count()
    stuck_count, failed_count = sum(place.count for place in stuck), failed.count()
    return {
        "now": now,
        "counts": counts_of(study, now=now),
        "minutes": measured_minutes(study),
        "funnel_rows": funnel_of(study),
        "endings": endings_of(study),
        "stuck": stuck,
        "stuck_count": stuck_count,
        "attention": stuck_count + held + failed_count,
        "money": standing(study, now=now),
        "held": held,
        "work": work_of(study),
        "failed_count": failed_count,
        "failed": [
            (job, kinds[job.kind].label if job.kind in kinds else job.kind, failure_in_words(job))
            for job in failed[:MOST_FAILED_SHOWN]
        ],
    }
