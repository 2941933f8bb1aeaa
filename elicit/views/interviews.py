"""The interview step: choose a situation, then talk."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from elicit import guided, interviews
from elicit.errors import Conflict
from elicit.forms import AnswerForm, QuestionForm, TurnForm
from elicit.models import Interview, Message, Participant
from elicit.steps import Step
from elicit.values_cards import history_of
from elicit.views.entry import page, participant_view, resume_url


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("interview")
def interview(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Show the interview, or take one answer."""
    talk = interviews.interview_of(participant)
    if talk is None:
        return _choose(request, participant, step)
    if request.method == "POST":
        return _answer(request, participant, step, talk)
    return _show(request, participant, step, talk)


def _choose(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    designed = participant.version.design.questions
    form = QuestionForm(
        request.POST if request.method == "POST" else None, questions=designed, language=participant.language
    )
    if request.method == "POST" and form.is_valid():
        chosen = {question.key: question for question in interviews.questions_for(participant)}
        question = chosen[form.cleaned_data["question"]]
        interviews.start_interview(participant, question, now=timezone.now())
        return redirect("participant:interview", participant.study.slug)
    texts = {question.key: question.text.for_language(participant.language) for question in designed}
    choices = [(option, texts[str(option.data["value"])]) for option in form["question"]]
    context = page(participant, step, form=form, choices=choices)
    return render(request, "participant/choose_question.html", context, status=422 if form.is_bound else 200)


def _answer(request: HttpRequest, participant: Participant, step: Step, talk: Interview) -> HttpResponse:
    action = request.POST.get("action", "send")
    form = (AnswerForm if action == "send" else TurnForm)(request.POST)
    if not form.is_valid():
        return _show(request, participant, step, talk, form=form, status=422)
    try:
        _do(action, talk, form.cleaned_data)
    except (Conflict, interviews.InterviewRefused) as error:
        return _show(request, participant, step, talk, unsaved=request.POST.get("text", ""), trouble=error, status=409)
    address = resume_url(participant)
    is_here = address == request.path
    return redirect(f"{address}#question" if is_here else address)


def _do(action: str, talk: Interview, sent: dict[str, Any]) -> None:
    now, turn = timezone.now(), {"idempotency_key": str(sent["key"]), "answering": sent["answering"]}
    if action == "skip":
        interviews.skip_question(talk, now=now, **turn)
    elif action == "decline":
        interviews.decline_question(talk, now=now, **turn)
    elif action == "enough":
        interviews.finish_interview(talk, now=now)
    else:
        interviews.record_message(talk, sent["text"], now=now, **turn)


def _show(
    request: HttpRequest,
    participant: Participant,
    step: Step,
    talk: Interview,
    *,
    form: TurnForm | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    log = list(talk.messages.all())
    last = log[-1]
    fresh = {"answering": last.number, "text": extra.get("unsaved", "")}
    if form is None or not isinstance(form, AnswerForm):
        form = AnswerForm(initial=fresh)
    history = history_of(talk)
    said = [turn for turn in history if turn.author == "participant"]
    situation = interviews.situation(talk)
    has_lines = any(turn.stage == "attend" for turn in said)
    context = page(
        participant,
        step,
        form=form,
        log=log,
        situation=situation.text.for_language(participant.language),
        situation_title=situation.title.for_language(participant.language),
        you=Message.Author.PARTICIPANT,
        has_answered=bool(said),
        stage=guided.STAGES.index(last.stage) if last.stage in guided.STAGES else 0,
        stages=len(guided.STAGES),
        draft=guided.draft_card(history, language=participant.language) if has_lines else None,
        **extra,
    )
    return render(request, "participant/interview.html", context, status=status)
