"""The pages of the survey and of the closing questions: one topic a screen.

Rule: Back keeps answers, a wrong answer keeps what was typed, and nothing but the study's own order of parts decides
what is shown.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from elicit.instruments import Part
from elicit.models import Participant, SurveyAnswer
from elicit.steps import Step
from elicit.survey_forms import SurveyForm
from elicit.surveys import (
    InvalidAnswers,
    Survey,
    answers_of,
    first_open_part,
    raw_answers,
    save_answers,
    save_draft,
    shown_items,
    shown_parts,
    survey_of,
)
from elicit.views.entry import page, participant_view, resume_url


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("survey")
def survey(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Ask the survey's questions."""
    return _survey_page(request, participant, step)


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("closing")
def closing(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Ask the closing questions."""
    return _survey_page(request, participant, step)


@require_POST
@participant_view("survey")
def survey_draft(request: HttpRequest, participant: Participant, step: Step) -> JsonResponse:
    """Save what is on the survey's page so far."""
    return _save_draft(request, participant, step)


@require_POST
@participant_view("closing")
def closing_draft(request: HttpRequest, participant: Participant, step: Step) -> JsonResponse:
    """Save what is on the closing page so far."""
    return _save_draft(request, participant, step)


def _survey_page(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    asked = survey_of(participant, step.kind.kind)
    answers = answers_of(participant, asked)
    part = _part_for(asked, answers, str(request.POST.get("part") or request.GET.get("part") or ""))
    if request.method != "POST":
        return _render(request, participant, step, asked, part)
    raw = raw_answers(part, request.POST.getlist)
    try:
        is_done = save_answers(participant, part, raw, survey=asked, now=timezone.now())
    except InvalidAnswers as error:
        return _render(request, participant, step, asked, part, problems=error.problems)
    if is_done:
        return redirect(resume_url(participant))
    following = _part_after(asked, answers_of(participant, asked), part)
    return redirect(f"{step.url(participant)}?part={following.key}")


def _save_draft(request: HttpRequest, participant: Participant, step: Step) -> JsonResponse:
    asked = survey_of(participant, step.kind.kind)
    part = asked.part(str(request.POST.get("part", "")))
    if part is None:
        return JsonResponse({"problems": {"part": "There is no such page."}}, status=422)
    problems = save_draft(participant, part, raw_answers(part, request.POST.getlist), survey=asked)
    return JsonResponse({"problems": problems}, status=422 if problems else 200)


def _part_for(asked: Survey, answers: dict[str, SurveyAnswer], key: str) -> Part:
    """Return the part called `key` if the person has come that far, else the first open one, else the last."""
    shown = shown_parts(asked, answers)
    first_open = first_open_part(asked, answers) or shown[-1]
    reached = shown[: shown.index(first_open) + 1]
    return next((part for part in reached if part.key == key), first_open)


def _part_after(asked: Survey, answers: dict[str, SurveyAnswer], part: Part) -> Part:
    shown = shown_parts(asked, answers)
    later = shown[shown.index(part) + 1 :] if part in shown else ()
    return later[0] if later else first_open_part(asked, answers) or shown[-1]


def _render(
    request: HttpRequest, participant: Participant, step: Step, asked: Survey, part: Part,
    *, problems: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    answers = answers_of(participant, asked)
    values: dict[str, Any] = {name: row.value for name, row in answers.items()}
    if problems is not None:
        values |= {name: raw for name, raw in raw_answers(part, request.POST.getlist).items() if raw}
    form = SurveyForm(
        shown_items(asked, part, values),
        language=participant.language,
        seed=participant.seed,
        answers=answers,
        data=request.POST if problems is not None else None,
    )
    form.add_problems(problems or {})
    shown = shown_parts(asked, answers)
    place = shown.index(part)
    extra = {
        "part": part,
        "title": part.title.for_language(participant.language),
        "intro": part.intro.for_language(participant.language) if part.intro else "",
        "form": form,
        "parts": shown,
        "place": place + 1,
        "is_last": place + 1 == len(shown),
        "back": shown[place - 1].key if place else "",
        "draft_url": reverse(f"steps:{step.kind.kind}_draft", args=[participant.study.slug]),
    }
    return render(request, "participant/survey.html", page(participant, step, **extra), status=422 if problems else 200)
