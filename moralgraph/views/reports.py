"""An organizer's pages of the public report: draft, preview, publish, take back; how the process was felt; appeals."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from elicit.errors import WellspringError
from elicit.models import Study
from elicit.querysets import READS_WORDS, Role
from elicit.results.who_counts import chosen_origin
from elicit.roles import member_view
from elicit.views.organizer.shell import page_of, shell
from moralgraph.feedback import answers_in_words
from moralgraph.models import Appeal, Report, Snapshot
from moralgraph.report_forms import AppealAnswerForm, DraftForm, PublishForm, WithdrawReportForm
from moralgraph.report_pages import RESPONSE_WORDS, ReportPage, felt_now
from moralgraph.reports import (
    PURPOSE,
    answer_appeal,
    discard_draft,
    draft_newest_report,
    draft_report,
    labels_of,
    publish_report,
    reasons_against,
    withdraw_report,
)

MAY_SEE = (Role.ORGANIZER, Role.ANALYST, Role.OBSERVER)
TAB = "report"


@require_safe
@member_view(*MAY_SEE)
def reports(request: HttpRequest, study: Study) -> HttpResponse:
    """List the study's reports, say how the process was felt, and let an organizer draft the next one."""
    return _list(request, study, form=DraftForm(snapshots=_snapshots(study)))


@require_POST
@member_view(Role.ORGANIZER)
def draft(request: HttpRequest, study: Study) -> HttpResponse:
    """Draft a report from a graph that stands, or from one that is built now."""
    form = DraftForm(request.POST, snapshots=_snapshots(study))
    if not form.is_valid():
        return _list(request, study, form=form, status=422)
    number, introduction = form.cleaned_data["snapshot"], form.cleaned_data["introduction"]
    try:
        if number:
            snapshot = Snapshot.objects.visible_to(request.user).of_study(study).get(number=int(number))
            report = draft_report(snapshot, introduction=introduction, now=timezone.now())
        else:
            report = draft_newest_report(study, introduction=introduction, now=timezone.now())
    except WellspringError as error:
        form.add_error(None, str(error))
        return _list(request, study, form=form, status=409)
    return redirect("moralgraph:report_preview", study.slug, report.number)


@require_safe
@member_view(*MAY_SEE)
def preview(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Show a report as everybody would see it, with what stands against publishing it."""
    return _preview(request, study, _report(request, study, number), form=PublishForm())


@require_POST
@member_view(Role.ORGANIZER)
def publish(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Make a report public."""
    report, form = _report(request, study, number), PublishForm(request.POST)
    if not form.is_valid():
        return _preview(request, study, report, form=form, status=422)
    try:
        publish_report(report, by=request.user, now=timezone.now())
    except WellspringError as error:
        form.add_error(None, str(error))
        return _preview(request, study, report, form=form, status=409)
    messages.success(request, _("Report %(number)s is public.") % {"number": number})
    return redirect("moralgraph:reports", study.slug)


@require_POST
@member_view(Role.ORGANIZER)
def discard(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Delete a draft."""
    try:
        discard_draft(_report(request, study, number))
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("moralgraph:reports", study.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.ORGANIZER)
def take_back(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Ask why a public report is taken back, and take it back."""
    report = _report(request, study, number)
    form = WithdrawReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_report(report, reason=form.cleaned_data["reason"], now=timezone.now())
            return redirect("moralgraph:reports", study.slug)
        except WellspringError as error:
            form.add_error(None, str(error))
    context = shell(request, study, TAB, report=report, form=form)
    return render(request, "moralgraph/report_take_back.html", context, status=422 if form.errors else 200)


@require_safe
@member_view(*sorted(READS_WORDS))
def appeals(request: HttpRequest, study: Study) -> HttpResponse:
    """Show what participants asked, and what they said of their cards and places in words."""
    return _appeals(request, study)


@require_POST
@member_view(Role.ORGANIZER)
def reply(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Answer one appeal."""
    appeal = Appeal.objects.visible_to(request.user).filter(report__study=study, pk=number).first()
    if appeal is None:
        raise Http404
    form = AppealAnswerForm(request.POST, prefix=f"appeal-{appeal.pk}")
    if not form.is_valid():
        return _appeals(request, study, failed={appeal.pk: form}, status=422)
    try:
        answer_appeal(appeal, words=form.cleaned_data["answer"], by=request.user, now=timezone.now())
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("moralgraph:appeals", study.slug)


def _report(request: HttpRequest, study: Study, number: int) -> Report:
    found = Report.objects.visible_to(request.user).of_study(study).filter(number=number)
    report = found.select_related("study", "snapshot").first()
    if report is None:
        raise Http404
    return report


def _snapshots(study: Study) -> list[Snapshot]:
    found = Snapshot.objects.of_study(study).standing().filter(parameters__purpose=PURPOSE)
    return list(found.order_by("-number")[:10])


def _list(request: HttpRequest, study: Study, *, form: DraftForm, status: int = 200) -> HttpResponse:
    origin = chosen_origin(study, "")
    context = shell(
        request,
        study,
        TAB,
        form=form,
        reports=page_of(request, Report.objects.of_study(study).select_related("snapshot").order_by("-number")),
        felt=felt_now(study, origin=origin),
        response_words=RESPONSE_WORDS,
        origin=origin,
        waiting=Appeal.objects.of_study(study).filter(state=Appeal.State.OPEN).count(),
    )
    context["page"] = context["reports"]
    return render(request, "moralgraph/reports.html", context, status=status)


def _preview(
    request: HttpRequest, study: Study, report: Report, *, form: PublishForm, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = shell(
        request,
        study,
        TAB,
        report=report,
        part=ReportPage(report, language=get_language() or "en"),
        form=form,
        labels=labels_of(report),
        reasons=reasons_against(report),
        study_title=study.name,
    )
    return render(request, "moralgraph/report_preview.html", context, status=status)


def _appeals(
    request: HttpRequest, study: Study, *, failed: dict[int, AppealAnswerForm] | None = None, status: int = 200
) -> HttpResponse:
    found = Appeal.objects.visible_to(request.user).filter(report__study=study).select_related("participant", "card")
    page = page_of(request, found.order_by("-state", "-made_at"))
    known = failed or {}
    rows = [
        (one, known.get(one.pk) or AppealAnswerForm(prefix=f"appeal-{one.pk}", initial={"answer": one.answer}))
        for one in page
    ]
    context = shell(request, study, TAB, rows=rows, page=page, said=answers_in_words(study, request.user))
    return render(request, "moralgraph/appeals.html", context, status=status)
