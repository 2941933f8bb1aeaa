"""The consent step, the same questions again where their wording has changed, and the way to say no."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from elicit.consent import (
    asked_design,
    changes_between,
    decline,
    must_ask_again,
    newest_answers,
    record_consent,
    renew_consent,
)
from elicit.entry_forms import ConsentForm
from elicit.errors import AlreadyWithdrawn, StudyNotOpen
from elicit.models import Participant
from elicit.steps import Step
from elicit.study_files import StudyDesign
from elicit.views.entry import not_taking_answers, page, participant_view, resume_url, study_view


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("consent")
def consent(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Ask for each agreement apart, and store the answers."""
    design = participant.version.design
    form = _form(request, design, language=participant.language)
    if request.method == "POST" and form.is_valid():
        record_consent(participant, form.cleaned_data, now=timezone.now())
        return redirect(resume_url(participant))
    return _show(request, participant, design=design, form=form, step=step)


@require_http_methods(["GET", "HEAD", "POST"])
@study_view
def consent_again(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Ask somebody who agreed to an earlier wording whether they agree to the newest, and show what differs."""
    if not must_ask_again(participant) and participant.ended != Participant.Ending.NO_CONSENT:
        return redirect("participant:resume", participant.study.slug)
    design, earlier = participant.study.current_version.design, asked_design(participant)
    changes = changes_between(earlier, design, language=participant.language)
    form = _form(request, design, language=participant.language)
    try:
        if request.method == "POST" and form.is_valid():
            renew_consent(participant, form.cleaned_data, now=timezone.now())
            return redirect("participant:resume", participant.study.slug)
    except (AlreadyWithdrawn, StudyNotOpen):
        return not_taking_answers(request, participant)
    given = {key: grant.granted for key, grant in newest_answers(participant).items()}
    return _show(request, participant, design=design, form=form, changes=changes, given=given)


@require_POST
@study_view
def decline_consent(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Take a no for an answer."""
    try:
        decline(participant, now=timezone.now())
    except (AlreadyWithdrawn, StudyNotOpen):
        return redirect("participant:resume", participant.study.slug)
    has_finished = participant.finished_at is not None
    return redirect("participant:done" if has_finished else "participant:resume", participant.study.slug)


def _form(request: HttpRequest, design: StudyDesign, *, language: str) -> ConsentForm:
    sent = request.POST if request.method == "POST" else None
    return ConsentForm(sent, consent=design.consent, language=language)


def _show(
    request: HttpRequest,
    participant: Participant,
    *,
    design: StudyDesign,
    form: ConsentForm,
    step: Step | None = None,
    **extra: Any,
) -> HttpResponse:
    language = participant.language
    providers = [
        {"name": each.name, "country": each.country, "does": each.does.for_language(language)}
        for each in design.consent.providers
    ]
    asked = {
        "asked": design.consent,
        "details": design.consent.details.for_language(language),
        "providers": providers,
        "until": design.retention.until if design.retention else None,
        **extra,
    }
    context = page(participant, step, form=form, **asked)
    return render(request, "participant/consent.html", context, status=422 if form.is_bound else 200)
