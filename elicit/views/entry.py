"""How a participant comes in, is led from step to step, and leaves.

Rule: what a participant may see hangs on their own browser's session alone. No page takes a participant's id, a
personal link's token is swapped for the session before any page is shown, and opening a page begins nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST, require_safe

from elicit.afterwards import afterwards_of
from elicit.consent import must_ask_again
from elicit.durations import measured_minutes
from elicit.endings import exit_of
from elicit.entry_forms import BeginForm
from elicit.errors import AlreadyWithdrawn, InvalidLink, StepNotOpen, StudyNotOpen
from elicit.languages import interface_language
from elicit.models import Participant, StepProgress, Study
from elicit.participants import begin, enter, has_agreed, is_taking_answers, note_seen
from elicit.steps import Readiness, Step, next_step, open_step, steps_of
from elicit.study_files import StudyDesign

View = Callable[..., HttpResponse]
SESSION_KEY = "participants"
OTHER_SESSION_KEYS = ("browser", "panel_visits")
FINISHED = frozenset({StepProgress.State.DONE, StepProgress.State.NOT_AVAILABLE})
NO_CONSENT = Participant.Ending.NO_CONSENT


def participant_of(request: HttpRequest, slug: str) -> Participant | None:
    """Return the participant of this browser in this study, unless they have withdrawn or the study's time is over."""
    key = request.session.get(SESSION_KEY, {}).get(slug)
    return (
        Participant.objects.select_related("study", "version")
        .filter(pk=key, study__slug=slug, withdrawn_at=None, study__erased_at=None)
        .first()
    )


def remember(request: HttpRequest, participant: Participant) -> None:
    """Let this browser act for the participant, under a new session key."""
    request.session.cycle_key()
    known = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = {**known, participant.study.slug: participant.pk}


def forget_browser(request: HttpRequest, slug: str) -> None:
    """End this browser's access to one study, and let go of the numbers with which it came."""
    known = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = {key: value for key, value in known.items() if key != slug}
    for name in OTHER_SESSION_KEYS:
        request.session.pop(name, None)


def study_view(view: View) -> View:
    """Call the view with this browser's participant in place of `slug`, in the participant's language.

    Without one, answer kindly with 404. What was taken from a participant is noted as the last sign of them.
    """

    @wraps(view)
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        participant = participant_of(request, slug)
        if participant is None:
            return no_such_link(request)
        with translation.override(interface_language(participant.language)):
            response = view(request, participant, **kwargs)
        response.headers.setdefault("Content-Language", interface_language(participant.language))
        if request.method == "POST" and response.status_code < 400:
            note_seen(participant, now=timezone.now())
        add_never_cache_headers(response)
        return response

    return found


def participant_view(kind: str) -> Callable[[View], View]:
    """Call the view with participant and step once the participant's next step is of this kind and can be done.

    Otherwise lead to the next step, or say why there is nothing to do now.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, participant: Participant, **kwargs: Any) -> HttpResponse:
            if not is_taking_answers(participant):
                return not_taking_answers(request, participant)
            if is_outside(participant) or (_shows_a_page(request) and must_ask_again(participant)):
                return redirect("participant:resume", participant.study.slug)
            try:
                step, readiness = open_step(participant, kind)
                if readiness.state != StepProgress.State.OPEN:
                    return not_ready(request, participant, step, readiness)
                return view(request, participant, step, **kwargs)
            except StepNotOpen:
                return redirect(resume_url(participant))
            except (AlreadyWithdrawn, StudyNotOpen):
                return redirect("participant:resume", participant.study.slug)

        guarded = study_view(opened)
        guarded.participant_kind = kind  # type: ignore[attr-defined]
        return guarded

    return decorate


def is_outside(participant: Participant) -> bool:
    """Say whether somebody has not begun, or has said no."""
    has_begun = participant.began_at is not None or participant.steps.exists()
    return participant.ended == NO_CONSENT or not has_begun


def _shows_a_page(request: HttpRequest) -> bool:
    """Say whether a person will read the answer as a page; scripts and sent words are never turned away."""
    return request.method != "POST" and request.headers.get("Sec-Fetch-Dest", "document") == "document"


def page(participant: Participant, step: Step | None = None, **extra: Any) -> dict[str, Any]:
    """Return what every participant page shows around its own content."""
    design = participant.version.design
    return {
        "participant": participant,
        "steps": step_list(participant, step),
        "step": step,
        "leave_url": reverse("participant:leave", args=[participant.study.slug]),
        "help_url": reverse("participant:my_data", args=[participant.study.slug]),
        **study_page(participant.study, design, language=participant.language),
        **extra,
    }


def study_page(study: Study, design: StudyDesign, *, language: str) -> dict[str, Any]:
    """Return what every page of a study shows, also to somebody who has not come in."""
    return {
        "study": study,
        "design": design,
        "language": language,
        "study_title": design.title.for_language(language),
        "contact": design.contact,
        "help_links": help_links(design, language=language),
    }


def help_links(design: StudyDesign, *, language: str) -> list[dict[str, str]]:
    """Return where people can turn to when it is too much."""
    links = design.help.links if design.help else []
    return [
        {"name": link.name.for_language(language), "where": link.where, "phone": link.phone, "url": link.url}
        for link in links
    ]


def step_list(participant: Participant, current: Step | None) -> list[dict[str, Any]]:
    """Return the steps as the header shows them."""
    titles = {part.key: part.title for part in participant.version.design.steps}
    listed = []
    for step in steps_of(participant):
        title = titles[step.key]
        label = title.for_language(participant.language) if title else step.kind.label
        is_current = current is not None and step.key == current.key
        state = "current" if is_current else "done" if step.state in FINISHED else "todo"
        listed.append({"number": step.number, "label": label, "state": state})
    return listed


def resume_url(participant: Participant) -> str:
    """Return the address of the first unfinished step, or of the last page."""
    step = next_step(participant)
    return step.url(participant) if step else reverse("participant:done", args=[participant.study.slug])


def no_such_link(request: HttpRequest) -> HttpResponse:
    """Say that nothing can be shown here without a working link; the same words whatever the reason."""
    return render(request, "participant/invalid_link.html", status=404)


def not_taking_answers(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Say that the study is not open now and that nothing is lost."""
    context = page(participant, exit=exit_of(participant), afterwards=afterwards_of(participant))
    return render(request, "participant/not_taking_answers.html", context)


def not_ready(request: HttpRequest, participant: Participant, step: Step, readiness: Readiness) -> HttpResponse:
    """Say that a step has to wait, or falls away."""
    waits = readiness.state == StepProgress.State.WAITING
    template = "participant/waiting.html" if waits else "participant/not_available.html"
    return render(request, template, page(participant, step, sentence=readiness.sentence))


def welcome_page(study: Study, design: StudyDesign, *, language: str, **extra: Any) -> dict[str, Any]:
    """Return what somebody reads who has not begun."""
    return {
        **study_page(study, design, language=language),
        "welcome": design.welcome.for_language(language),
        "measured": measured_minutes(study),
        "form": BeginForm(languages=design.languages, initial={"language": language}),
        "machine_translated": language in design.machine_translated,
        **extra,
    }


def reading_language(request: HttpRequest, design: StudyDesign, *, usual: str = "") -> str:
    """Return the study's language in which a visitor reads: chosen, known of them, the browser's, or the first."""
    offered = design.languages
    known = usual if usual != offered[0] else ""  # the first is given to everybody whose language nobody knows
    wished = (request.GET.get("language", ""), known, getattr(request, "LANGUAGE_CODE", ""))
    return next((code for code in wished if code in offered), offered[0])


def signed_study(study: Study) -> str:
    """Return a study's name in a form that only this site can have written, for pages that belong to nobody."""
    return signing.dumps(study.slug, salt="farewell")


def farewell_page(request: HttpRequest) -> dict[str, Any]:
    """Return the contact of the study that somebody has just left, if the address says which."""
    try:
        slug = signing.loads(request.GET.get("study", ""), salt="farewell")
    except signing.BadSignature:
        return {}
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        return {}
    design = study.current_version.design
    return study_page(study, design, language=reading_language(request, design))


@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Swap a personal link's token for the browser's session."""
    try:
        participant = enter(token, now=timezone.now())
    except InvalidLink:
        response = no_such_link(request)
    else:
        remember(request, participant)
        response = redirect("participant:resume", participant.study.slug)
    response["Referrer-Policy"] = "no-referrer"
    add_never_cache_headers(response)
    return response


@require_safe
@study_view
def resume(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Welcome somebody new, ask again where the consent has changed, and lead all others to their next step."""
    if not is_taking_answers(participant):
        return not_taking_answers(request, participant) if next_step(participant) else redirect(resume_url(participant))
    if participant.ended == NO_CONSENT:
        context = page(participant, leave_url="", exit=exit_of(participant), has_agreed=has_agreed(participant))
        return render(request, "participant/declined.html", context)
    if is_outside(participant):
        return _welcome(request, participant)
    if must_ask_again(participant):
        return redirect("participant:consent_again", participant.study.slug)
    return redirect(resume_url(participant))


def _welcome(request: HttpRequest, participant: Participant) -> HttpResponse:
    study = participant.study
    design = study.current_version.design
    language = reading_language(request, design, usual=participant.language)
    begin_url = reverse("participant:begin", args=[study.slug])
    with translation.override(interface_language(language)):
        context = page(participant, leave_url="") | welcome_page(study, design, language=language, begin_url=begin_url)
        return render(request, "participant/welcome.html", context)


@require_POST
@study_view
def begin_study(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Begin, or begin again after having said no."""
    slug = participant.study.slug
    form = BeginForm(request.POST, languages=participant.study.current_version.design.languages)
    language = form.cleaned_data["language"] if form.is_valid() else participant.language
    try:
        begin(participant, language=language, now=timezone.now())
    except (AlreadyWithdrawn, StudyNotOpen):
        return redirect("participant:resume", slug)
    return redirect("participant:consent_again" if has_agreed(participant) else "participant:consent", slug)


@require_safe
@study_view
def done(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Thank somebody who has finished, and give them their code."""
    if next_step(participant) is not None:
        return redirect("participant:resume", participant.study.slug)
    completion = participant.version.design.completion
    words = completion.for_language(participant.language) if completion else ""
    context = page(
        participant, completion=words, leave_url="", exit=exit_of(participant), afterwards=afterwards_of(participant)
    )
    return render(request, "participant/done.html", context)


@require_safe
@study_view
def leave_to_panel(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Lead somebody back to their panel with the code of their ending, which the server alone decides."""
    found = exit_of(participant)
    response = redirect(found.url) if found and found.url else redirect("participant:resume", participant.study.slug)
    response["Referrer-Policy"] = "no-referrer"
    return response
