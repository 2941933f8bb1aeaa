"""The public report of a study: for everybody, without an account.

Rule: what is not published looks like what does not exist. What was published and is taken back, or was built from
something that an author took back, says so and shows nothing else.
"""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from elicit.views.entry import reading_language
from moralgraph.models import Report
from moralgraph.report_files import FORMS, report_figure, report_file
from moralgraph.report_pages import ReportPage
from moralgraph.reports import labels_of, published_numbers, published_report


@require_safe
def newest(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the newest report that stands; where all are gone, say so of the last one."""
    report = published_report(slug)
    return _show(request, report if report is not None else _last(slug))


@require_safe
def numbered(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one report by its number, or that it is gone."""
    return _show(request, published_report(slug, number))


@require_safe
def file(request: HttpRequest, slug: str, number: int, form: str) -> HttpResponse:
    """Send the numbers or the graph of a report that stands."""
    report = _standing(slug, number)
    if form not in FORMS:
        raise Http404
    kind, ending = FORMS[form]
    response = HttpResponse(report_file(_page(request, report), form), content_type=kind)
    name = f"{slug}-report-{number}-{form}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def figure(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponse:
    """Send one figure of a report that stands."""
    drawn = report_figure(_page(request, _standing(slug, number)), name)
    if drawn is None:
        raise Http404
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="{slug}-report-{number}-{name}.svg"'
    return response


def _last(slug: str) -> Report | None:
    last = Report.objects.filter(study__slug=slug, published_at__isnull=False).order_by("-number").first()
    return published_report(slug, last.number) if last else None


def _standing(slug: str, number: int) -> Report:
    report = published_report(slug, number)
    if report is None or not report.is_standing:
        raise Http404
    return report


def _page(request: HttpRequest, report: Report) -> ReportPage:
    design = report.study.current_version.design
    return ReportPage(report, language=reading_language(request, design, usual=get_language() or ""))


def _show(request: HttpRequest, report: Report | None) -> HttpResponse:
    if report is None:
        raise Http404
    page = _page(request, report)
    design = report.study.current_version.design
    context: dict[str, Any] = {
        "report": report,
        "study": report.study,
        "study_title": design.title.for_language(page.language),
        "contact": design.contact,
        "versions": published_numbers(report.study),
        "address": request.build_absolute_uri(report.get_absolute_url()),
    }
    if not report.is_standing:
        return render(request, "moralgraph/report_gone.html", context, status=HTTPStatus.GONE)
    context |= {"part": page, "labels": labels_of(report), "is_public": True}
    return render(request, "moralgraph/report.html", context)
