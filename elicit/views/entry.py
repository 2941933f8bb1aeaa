"""How a participant comes in, is led from step to step, and leaves.

Rule: what a participant may see hangs on their own browser's session alone. No page takes a participant's id, and a
personal link's token is swapped for the session before any page is shown.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from elicit.errors import AlreadyWithdrawn, InvalidLink, StepNotOpen, StudyNotOpen
from elicit.models import Participant, StepProgress
from elicit.participants import enter, is_taking_answers
from elicit.steps import Readiness, Step, next_step, open_step, steps_of

View = Callable[..., HttpResponse]
SESSION_KEY = "participants"
FINISHED = frozenset({StepProgress.State.DONE, StepProgress.State.NOT_AVAILABLE})


def participant_of(request: HttpRequest, slug: str) -> Participant | None:
    """Return the participant of this browser in this study, unless they have withdrawn."""
    key = request.session.get(SESSION_KEY, {}).get(slug)
    return (
        Participant.objects.select_related("study", "version")
        .filter(pk=key, study__slug=slug, withdrawn_at=None)
        .first()
    )


def remember(request: HttpRequest, participant: Participant) -> None:
    """Let this browser act for the participant, under a new session key."""
    request.session.cycle_key()
    known = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = {**known, participant.study.slug: participant.pk}


def forget_browser(request: HttpRequest, slug: str) -> None:
    """End this browser's access to one study."""
    known = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = {key: value for key, value in known.items() if key != slug}


def study_view(view: View) -> View:
    """Call the view with this browser's participant in place of `slug`; without one, answer kindly with 404."""

    @wraps(view)
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        participant = participant_of(request, slug)
        if participant is None:
            return no_such_link(request)
        response = view(request, participant, **kwargs)
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


def page(participant: Participant, step: Step | None = None, **extra: Any) -> dict[str, Any]:
    """Return what every participant page shows around its own content."""
    design = participant.version.design
    return {
        "participant": participant,
        "study": participant.study,
        "design": design,
        "study_title": design.title.for_language(participant.language),
        "steps": step_list(participant, step),
        "step": step,
        "leave_url": reverse("participant:leave", args=[participant.study.slug]),
        "help_url": reverse("participant:my_data", args=[participant.study.slug]),
        **extra,
    }


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
    return render(request, "participant/not_taking_answers.html", page(participant))


def not_ready(request: HttpRequest, participant: Participant, step: Step, readiness: Readiness) -> HttpResponse:
    """Say that a step has to wait, or falls away."""
    waits = readiness.state == StepProgress.State.WAITING
    template = "participant/waiting.html" if waits else "participant/not_available.html"
    return render(request, template, page(participant, step, sentence=readiness.sentence))


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
    """Welcome somebody who has not begun; lead everyone else to their next step."""
    if not is_taking_answers(participant) and next_step(participant) is not None:
        return not_taking_answers(request, participant)
    if participant.steps.exists():
        return redirect(resume_url(participant))
    welcome = participant.version.design.welcome.for_language(participant.language)
    return render(
        request,
        "participant/welcome.html",
        page(participant, welcome=welcome, begin_url=resume_url(participant), leave_url=""),
    )


@require_safe
@study_view
def done(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Thank somebody who has finished."""
    if next_step(participant) is not None:
        return redirect("participant:resume", participant.study.slug)
    completion = participant.version.design.completion
    words = completion.for_language(participant.language) if completion else ""
    return render(request, "participant/done.html", page(participant, completion=words, leave_url=""))
