"""The design: its versions, what changed between them, and the file that a preregistration keeps."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from elicit.models import Study, StudyVersion
from elicit.roles import member_view
from elicit.steps import step_kinds
from elicit.versions import canonical_json, count_people, diff, is_draft
from elicit.views.organizer.shell import shell


@require_safe
@member_view()
def design(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the versions of a study's design and what the present one says."""
    versions = list(study.versions.order_by("-number"))
    context = {
        "versions": [{"version": each, "people": count_people(each)} for each in versions],
        "is_draft": is_draft(versions[0]),
        "plan": versions[0].design,
        "step_labels": [step_kinds()[step.kind].label for step in versions[0].design.steps],
    }
    return render(request, "organizer/design.html", shell(request, study, "design", **context))


@require_safe
@member_view()
def changes(request: HttpRequest, study: Study, version: int) -> HttpResponse:
    """Show what changed from the version before, or from the one that the address names."""
    newer = get_object_or_404(StudyVersion, study=study, number=version)
    asked = request.GET.get("from", "")
    number = int(asked) if asked.isdecimal() else version - 1
    older = StudyVersion.objects.filter(study=study, number=number).first()
    context = {
        "newer": newer,
        "older": older,
        "changes": diff(older.content, newer.content) if older else [],
        "others": study.versions.exclude(pk=newer.pk).order_by("number"),
    }
    return render(request, "organizer/changes.html", shell(request, study, "design", **context))


@require_safe
@member_view()
def design_file(request: HttpRequest, study: Study, version: int, form: str) -> HttpResponse:
    """Send one version: as the bytes whose SHA-256 is its hash, or as a summary for people."""
    chosen = get_object_or_404(StudyVersion, study=study, number=version)
    if form == "json":
        body, media, name = canonical_json(chosen), "application/json", "preregistration.json"
    elif form == "txt":
        context = {"study": study, "version": chosen, "plan": chosen.design}
        body = render_to_string("organizer/preregistration.txt", context).encode()
        media, name = "text/plain; charset=utf-8", "preregistration.txt"
    else:
        raise Http404
    response = HttpResponse(body, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-v{chosen.number}-{name}"'
    return response
