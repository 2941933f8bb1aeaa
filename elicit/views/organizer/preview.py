"""Preview a study in this browser: go on with the preview that is under way, or start another."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from elicit.errors import StudyNotOpen
from elicit.models import Study
from elicit.previews import may_go_on, start_preview
from elicit.querysets import Role
from elicit.roles import member_view
from elicit.views.entry import participant_of, remember


@require_POST
@member_view(Role.ORGANIZER)
def preview(request: HttpRequest, study: Study) -> HttpResponse:
    """Open the study as a participant sees it; with `again`, from the beginning."""
    present = participant_of(request, study.slug)
    if "again" in request.POST or not may_go_on(present):
        try:
            remember(request, start_preview(study, now=timezone.now()))
        except StudyNotOpen as error:
            messages.error(request, str(error))
            return redirect("organizer:study", slug=study.slug)
    return redirect("participant:resume", slug=study.slug)
