"""The judgement page: two cards in one situation, and six answers.

Rule: the browser sends a token, never an id; a reload shows the same draw; nothing about others' answers is shown.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from elicit.models import Participant
from elicit.steps import Step
from elicit.views.entry import page, participant_view, resume_url
from moralgraph.judgements import (
    Draw,
    InvalidJudgement,
    UnknownDraw,
    answer_judgement,
    answer_order,
    answered,
    draw_judgement,
    finish_judgements,
    reopen_judgement,
    stories,
    wanted,
)
from moralgraph.judging_form import JudgementForm


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("judgements")
def judge(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Show the person's present draw, or store its answer."""
    if request.method == "POST":
        return _answer(request, participant, step, number=None)
    draw = draw_judgement(participant, now=timezone.now())
    if draw is None:
        finish_judgements(participant, now=timezone.now())
        return redirect(resume_url(participant))
    return _show(request, participant, step, draw)


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("judgements")
def change(request: HttpRequest, participant: Participant, step: Step, number: int) -> HttpResponse:
    """Show an earlier draw with the answer that was given, or store another one."""
    if request.method == "POST":
        return _answer(request, participant, step, number=number)
    draw = reopen_judgement(participant, number)
    return _show(request, participant, step, draw) if draw else redirect(step.url(participant))


def _answer(request: HttpRequest, participant: Participant, step: Step, *, number: int | None) -> HttpResponse:
    form = JudgementForm(answer_order(participant), request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            answer_judgement(
                participant, given["token"], given["answer"], reason=given["reason"], why=given["why"],
                now=timezone.now(),
            )  # fmt: skip
        except UnknownDraw as error:
            raise Http404 from error
        except InvalidJudgement as error:
            form.add_error(None, str(error))
        else:
            return redirect(resume_url(participant))
    draw = reopen_judgement(participant, number) if number else draw_judgement(participant, now=timezone.now())
    return _show(request, participant, step, draw, form=form) if draw else redirect(step.url(participant))


def _show(
    request: HttpRequest, participant: Participant, step: Step, draw: Draw, *, form: JudgementForm | None = None
) -> HttpResponse:
    judgement = draw.judgement
    status = 200 if form is None else 422
    initial = {"token": draw.token, "answer": judgement.answer, "reason": judgement.reason, "why": judgement.why}
    form = form or JudgementForm(answer_order(participant), initial=initial)
    total = wanted(participant)
    extra = {
        "judgement": judgement,
        "context": judgement.context.text.get(participant.language) or str(judgement.context),
        "stories": stories(judgement),
        "form": form,
        "token": draw.token,
        "total": total,
        "rounds": range(1, total + 1),
        "back": answered(participant).filter(number__lt=judgement.number).order_by("-number").first(),
    }
    return render(request, "moralgraph/judge.html", page(participant, step, **extra), status=status)
