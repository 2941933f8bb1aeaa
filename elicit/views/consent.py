"""The consent step."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from elicit.consent import record_consent
from elicit.forms import ConsentForm
from elicit.models import Participant
from elicit.steps import Step
from elicit.views.entry import page, participant_view, resume_url


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("consent")
def consent(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Ask for each agreement apart, and store the answers."""
    design = participant.version.design.consent
    form = ConsentForm(
        request.POST if request.method == "POST" else None, consent=design, language=participant.language
    )
    if request.method == "POST" and form.is_valid():
        record_consent(participant, form.cleaned_data, now=timezone.now())
        return redirect(resume_url(participant))
    details = design.details.for_language(participant.language)
    context = page(participant, step, form=form, details=details)
    return render(request, "participant/consent.html", context, status=422 if form.is_bound else 200)
