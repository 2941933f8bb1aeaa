"""The judgement page: two cards in one situation, and six answers.

Rule: the browser sends a token, never an id; a reload shows the same draw; nothing about others' answers is shown.
"""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from elicit.models import Participant
from elicit.steps import Step
from elicit.views.entry import page, participant_view, resume_url
from moralgraph.draws import Draw, answered, draw_judgement, reopen_judgement, wanted
from moralgraph.judgements import (
    InvalidJudgement,
    UnknownDraw,
    answer_judgement,
    answer_order,
    finish_judgements,
)
from moralgraph.judging_form import JudgementForm
from moralgraph.models import Judgement
from moralgraph.stories import stories

GONE, UNFIT = 409, 422


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
    return _show(request, participant, step, draw, form=_form(participant, draw))


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("judgements")
def change(request: HttpRequest, participant: Participant, step: Step, number: int) -> HttpResponse:
    """Show an earlier draw with the answer that was given, or store another one."""
    if request.method == "POST":
        return _answer(request, participant, step, number=number)
    draw = reopen_judgement(participant, number)
    if draw is None:
        return redirect(step.url(participant))
    return _show(request, participant, step, draw, form=_form(participant, draw))


def _answer(request: HttpRequest, participant: Participant, step: Step, *, number: int | None) -> HttpResponse:
    """Store what was sent, whichever draw of this person its token belongs to; otherwise say what is wrong."""
    form = JudgementForm(answer_order(participant), Judgement.Side.START, request.POST)
    notice, problem = "", ""
    if form.is_valid():
        given = form.cleaned_data
        try:
            judgement = answer_judgement(
                participant, given["token"], given["answer"], reason=given["reason"], why=given["why"],
                now=timezone.now(),
            )  # fmt: skip
            return _after(request, participant, judgement)
        except UnknownDraw as error:
            notice = str(error)
        except InvalidJudgement as error:
            problem = str(error)
    draw = reopen_judgement(participant, number) if number else draw_judgement(participant, now=timezone.now())
    if draw is None:
        return redirect(step.url(participant))
    again = _form(participant, draw, sent=None if notice else request.POST)
    if problem:
        again.add_error(None, problem)
    return _show(request, participant, step, draw, form=again, notice=notice, status=GONE if notice else UNFIT)


def _form(participant: Participant, draw: Draw, *, sent: QueryDict | None = None) -> JudgementForm:
    """Return the form of a draw: with what was sent, or else with what was answered."""
    judgement = draw.judgement
    initial = {"token": draw.token, "answer": judgement.answer, "reason": judgement.reason, "why": judgement.why}
    return JudgementForm(answer_order(participant), judgement.first_side, sent, initial=initial)


def _after(request: HttpRequest, participant: Participant, judgement: Judgement) -> HttpResponse:
    if "suggest" in request.POST:
        return redirect("judging:suggest", participant.study.slug, judgement.number)
    return redirect(resume_url(participant))


def _show(
    request: HttpRequest,
    participant: Participant,
    step: Step,
    draw: Draw,
    *,
    form: JudgementForm,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    judgement = draw.judgement
    is_turned = judgement.first_side == Judgement.Side.END
    total = max(wanted(participant), judgement.number)
    extra = {
        "judgement": judgement,
        "context": judgement.context.text.get(participant.language) or str(judgement.context),
        "stories": stories(judgement),
        "a": judgement.second if is_turned else judgement.first,
        "b": judgement.first if is_turned else judgement.second,
        "is_turned": is_turned,
        "form": form,
        "notice": notice,
        "token": draw.token,
        "total": total,
        "rounds": range(1, total + 1),
        "back": answered(participant).filter(number__lt=judgement.number).order_by("-number").first(),
    }
    return render(request, "moralgraph/judge.html", page(participant, step, **extra), status=status)
