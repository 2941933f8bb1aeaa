"""The pages of the survey and of the closing questions: one topic a screen.

Rule: Back keeps answers, a wrong answer keeps what was typed, and nothing but the study's own order of parts decides
what is shown.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from elicit.instruments import Item, Part
from elicit.models import Participant, SurveyAnswer
from elicit.my_data import answer_in_words
from elicit.steps import Step
from elicit.survey_forms import SurveyForm
from elicit.survey_pages import mark_of_row, minutes_for, page_facts, personal_hint, personal_in, raw_answers
from elicit.surveys import (
    InvalidAnswers,
    Survey,
    answers_of,
    first_open_part,
    is_complete,
    save_answers,
    save_draft,
    shown_items,
    shown_parts,
    survey_of,
)
from elicit.views.entry import page, participant_view, resume_url

FRAGMENT = "X-Fragment"  # the header with which the page's script asks for its questions alone
Rows = dict[str, SurveyAnswer]


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
        return _shown(request, participant, step, asked, part, answers)
    facts = page_facts(part, request.POST.getlist)
    raw = raw_answers(part, request.POST.getlist)
    try:
        saved = save_answers(participant, part, raw, survey=asked, page=facts, now=timezone.now())
    except InvalidAnswers as error:
        return _problems(request, participant, step, asked, part, error)
    if saved.is_done:
        return redirect(resume_url(participant))
    if saved.unseen:
        return redirect(f"{step.url(participant)}?part={part.key}&more=1")
    following = _part_after(asked, answers_of(participant, asked), part)
    return redirect(f"{step.url(participant)}?part={following.key}")


def _save_draft(request: HttpRequest, participant: Participant, step: Step) -> JsonResponse:
    """Save what is there, and say what the page does not know: new marks, problems, hints, and what is shown now."""
    asked = survey_of(participant, step.kind.kind)
    part = asked.part(str(request.POST.get("part", "")))
    if part is None:
        return JsonResponse({"problems": {"part": gettext("There is no such page.")}}, status=422)
    facts = page_facts(part, request.POST.getlist)
    raw = raw_answers(part, request.POST.getlist)
    problems = save_draft(participant, part, raw, survey=asked, page=facts)
    answers = answers_of(participant, asked)
    shown = shown_items(asked, part, _values(answers))
    saved = [item for item in shown if item.name not in problems]
    return JsonResponse(
        {
            "problems": problems,
            "known": {item.name: mark_of_row(answers.get(item.name)) for item in saved},
            "hints": {item.name: _hint(item, answers, participant.language) for item in saved},
            "shown": [item.name for item in shown],
        }
    )


def _hint(item: Item, answers: Rows, language: str) -> str:
    row = answers.get(item.name)
    if row is None or not row.checks.get("pii"):
        return ""
    return personal_hint(personal_in(item, row.value, language=language))


def _values(answers: Rows) -> dict[str, Any]:
    return {name: row.value for name, row in answers.items()}


def _part_for(asked: Survey, answers: Rows, key: str) -> Part:
    """Return the part called `key` if the person has come that far, else the first open one, else the last."""
    shown = shown_parts(asked, answers)
    first_open = first_open_part(asked, answers) or shown[-1]
    reached = shown[: shown.index(first_open) + 1]
    return next((part for part in reached if part.key == key), first_open)


def _part_after(asked: Survey, answers: Rows, part: Part) -> Part:
    shown = shown_parts(asked, answers)
    later = shown[shown.index(part) + 1 :] if part in shown else ()
    return later[0] if later else first_open_part(asked, answers) or shown[-1]


def _shown(
    request: HttpRequest, participant: Participant, step: Step, asked: Survey, part: Part, answers: Rows
) -> HttpResponse:
    """Show a page with the answers that are stored; its questions alone to the page's own script."""
    items = shown_items(asked, part, _values(answers))
    form = SurveyForm(items, language=participant.language, seed=participant.seed, answers=answers)
    if request.headers.get(FRAGMENT):
        return render(request, "participant/_survey_questions.html", {"form": form})
    context = _context(participant, step, asked, part, answers) | {"form": form, "more": "more" in request.GET}
    return render(request, "participant/survey.html", context)


def _problems(
    request: HttpRequest, participant: Participant, step: Step, asked: Survey, part: Part, error: InvalidAnswers
) -> HttpResponse:
    """Show a page again with what was typed, and say what needs another look."""
    answers = answers_of(participant, asked)
    facts = page_facts(part, request.POST.getlist)
    raw = raw_answers(part, request.POST.getlist)
    values = _values(answers) | {name: given for name, given in raw.items() if given}
    items = shown_items(asked, part, values)
    known = {name: mark for name, mark in (facts.known or {}).items() if name not in error.conflicts}
    form = SurveyForm(
        items, language=participant.language, seed=participant.seed, answers=answers, data=request.POST, known=known
    )
    said = {name: _conflict(asked, name, answers, participant) for name in error.conflicts}
    form.add_problems(error.problems | said)
    context = _context(participant, step, asked, part, answers) | {"form": form}
    return render(request, "participant/survey.html", context, status=422)


def _conflict(asked: Survey, name: str, answers: Rows, participant: Participant) -> str:
    """Say what is stored in place of what this page holds, and how to keep one or the other."""
    item = next(item for part in asked.parts for item in part.items if item.name == name)
    row = answers.get(name)
    stored = answer_in_words(item, row.value, row.null_reason, participant.language) if row else gettext("Not answered")
    return gettext(
        "In another window this was answered in the meantime: “%(stored)s”. Save again to keep what stands here, "
        "or change it."
    ) % {"stored": stored}


def _context(participant: Participant, step: Step, asked: Survey, part: Part, answers: Rows) -> dict[str, Any]:
    """Return what stands around the questions."""
    shown = shown_parts(asked, answers)
    place = shown.index(part)
    values = _values(answers)
    left = [item for each in shown[place:] for item in shown_items(asked, each, values)]
    extra = {
        "part": part,
        "title": part.title.for_language(participant.language),
        "intro": part.intro.for_language(participant.language) if part.intro else "",
        "parts": shown,
        "place": place + 1,
        "is_last": place + 1 == len(shown),
        "back": shown[place - 1].key if place else "",
        "minutes": minutes_for(item for item in left if not is_complete(item, answers.get(item.name))),
        "draft_url": reverse(f"steps:{step.kind.kind}_draft", args=[participant.study.slug]),
    }
    return page(participant, step, **extra)
