"""Everything of a study that a member may see, as one file."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from elicit.exports import tables_for, write_archive
from elicit.models import Study
from elicit.roles import member_view, role_of
from elicit.views.organizer.shell import shell


@require_safe
@member_view()
def data(request: HttpRequest, study: Study) -> HttpResponse:
    """Say what a member may download, and what is left out."""
    context = {"tables": tables_for(role_of(request.user, study))}
    return render(request, "organizer/data.html", shell(request, study, "data", **context))


@require_safe
@never_cache
@member_view()
def download(request: HttpRequest, study: Study) -> FileResponse:
    """Send the tables that this member may read, with a codebook, as a zip."""
    now = timezone.now()
    archive = write_archive(study, role=role_of(request.user, study), now=now)
    name = f"{study.slug}-{now:%Y-%m-%d}.zip"
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")
