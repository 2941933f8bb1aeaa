"""The interview step: choose a situation, then talk.

Rule: with `Accept: application/json` a post is answered in JSON whatever happens, so that a script always learns
whether the words are saved; without it every button works as a plain form.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from elicit import asking, guided, interviews, turns
from elicit.errors import Conflict
from elicit.forms import AnswerForm, EditForm, QuestionForm, TurnForm
from elicit.models import Interview, Message, Participant, Turn
from elicit.steps import Step
from elicit.study_files import HelpDesign
from elicit.views.entry import page, participant_view, resume_url
from elicit.views.turns import described

LIVE = "participant/_interview_live.html"
WITH_WORDS = {"send": AnswerForm, "edit": EditForm}
WITH_KEY = frozenset({"send", "skip", "decline", "differently"})
View = Callable[..., HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    """Say whether a script asks."""
    return request.method == "POST" and "application/json" in request.headers.get("Accept", "")


def answering_scripts(view: View) -> View:
    """Turn what a page would have been led to, or told, into JSON for a script."""

    @wraps(view)
    def answered(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        response = view(request, slug=slug, **kwargs)
        if not wants_json(request) or isinstance(response, JsonResponse):
            return response
        if response.status_code in (301, 302, 303):
            is_saved = interviews.has_message(slug, request.POST.get("key", ""))
            return JsonResponse({"saved": is_saved, "html": "", "turn": None, "next": response["Location"]})
        trouble = _("This could not be saved: the study takes no answers now, or your link has ended.")
        status = response.status_code if response.status_code >= 400 else 409
        return JsonResponse({"saved": False, "trouble": trouble, "html": "", "turn": None, "next": None}, status=status)

    return answered


@require_http_methods(["GET", "HEAD", "POST"])
@answering_scripts
@participant_view("interview")
def interview(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Show the interview, or take one answer."""
    talk = interviews.interview_of(participant)
    if talk is None:
        return _choose(request, participant, step)
    if "question" in request.POST:  # a second click on the situation that was chosen
        return redirect(resume_url(participant))
    if request.method == "POST":
        return _answer(request, participant, step, talk)
    return _show(request, participant, step, talk)


@require_safe
@participant_view("interview")
def live(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Show the part of the page that changes, unless the page has it already."""
    talk = interviews.interview_of(participant)
    if talk is None:
        return redirect("participant:interview", participant.study.slug)
    context = live_context(participant, step, talk)
    tag = _tag(context["log"], context["turn"])
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = render(request, LIVE, context)
    response["ETag"] = tag
    return response


def _choose(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    may_go_on = interviews.may_talk_more(participant)
    if request.method == "POST" and request.POST.get("action") == "go_on":
        interviews.leave_it_at_that(participant, now=timezone.now())
        return redirect(resume_url(participant))
    left = {question.key: question for question in interviews.questions_left(participant)}
    designed = [question for question in participant.version.design.questions if question.key in left]
    form = QuestionForm(
        request.POST if request.method == "POST" else None, questions=designed, language=participant.language
    )
    if request.method == "POST" and form.is_valid():
        interviews.start_interview(participant, left[form.cleaned_data["question"]], now=timezone.now())
        return redirect("participant:interview", participant.study.slug)
    texts = {question.key: question.text.for_language(participant.language) for question in designed}
    choices = [(option, texts[str(option.data["value"])]) for option in form["question"]]
    context = page(participant, step, form=form, choices=choices, may_go_on=may_go_on)
    return render(request, "participant/choose_question.html", context, status=422 if form.is_bound else 200)


def _answer(request: HttpRequest, participant: Participant, step: Step, talk: Interview) -> HttpResponse:
    action = request.POST.get("action", "send")
    form = WITH_WORDS.get(action, TurnForm)(request.POST)
    if not form.is_valid() and (action in WITH_KEY or action in WITH_WORDS):
        return _refuse(request, participant, step, talk, form=form, status=422)
    try:
        _do(action, talk, form.cleaned_data)
    except (Conflict, interviews.InterviewRefused) as error:
        return _refuse(request, participant, step, talk, form=form, trouble=str(error), status=409)
    address = resume_url(participant)
    is_here = address == request.path
    if wants_json(request):
        return _saved(request, participant, step, talk, next_address=None if is_here else address)
    return redirect(f"{address}#question" if is_here else address)


def _do(action: str, talk: Interview, sent: dict[str, Any]) -> None:
    now = timezone.now()
    alone = {
        "enough": interviews.finish_interview,
        "continue": turns.go_on_without,
        "retry": turns.retry_turn,
        "stop": turns.stop_turn,
    }
    buttons = {
        "skip": interviews.skip_question,
        "decline": interviews.decline_question,
        "differently": interviews.ask_differently,
    }
    if action in alone:
        alone[action](talk, now=now)
    elif action == "edit":
        interviews.edit_message(talk, sent["message"], sent["text"], now=now)
    else:
        key, answering = str(sent["key"]), sent["answering"]
        if action in buttons:
            buttons[action](talk, now=now, idempotency_key=key, answering=answering)
        else:
            interviews.record_message(talk, sent["text"], now=now, idempotency_key=key, answering=answering)


def _show(request: HttpRequest, participant: Participant, step: Step, talk: Interview) -> HttpResponse:
    return render(request, "participant/interview.html", live_context(participant, step, talk))


def _saved(
    request: HttpRequest, participant: Participant, step: Step, talk: Interview, *, next_address: str | None
) -> HttpResponse:
    if next_address is not None:
        return JsonResponse({"saved": True, "html": "", "turn": None, "next": next_address})
    context = live_context(participant, step, talk)
    html = render_to_string(LIVE, context, request=request)
    return JsonResponse({"saved": True, "html": html, "turn": _brief(context["turn"]), "next": None})


def _refuse(
    request: HttpRequest,
    participant: Participant,
    step: Step,
    talk: Interview,
    *,
    form: TurnForm,
    status: int,
    trouble: str = "",
) -> HttpResponse:
    """Say why nothing was saved, and give the words back."""
    is_answer = isinstance(form, AnswerForm)
    shown = form if is_answer and not trouble else None
    unsaved = request.POST.get("text", "") if is_answer else ""
    if not trouble and not is_answer:
        trouble = " ".join(str(error) for errors in form.errors.values() for error in errors)
    context = live_context(participant, step, talk, form=shown, unsaved=unsaved, trouble=trouble)
    if not wants_json(request):
        return render(request, "participant/interview.html", context, status=status)
    why = trouble or " ".join(str(error) for errors in form.errors.values() for error in errors)
    html = render_to_string(LIVE, context, request=request)
    answer = {"saved": False, "trouble": why, "html": html, "turn": _brief(context["turn"]), "next": None}
    return JsonResponse(answer, status=status)


def _brief(turn: dict[str, Any] | None) -> dict[str, Any] | None:
    return turn and {name: turn[name] for name in ("id", "state", "stream_url")}


def live_context(
    participant: Participant,
    step: Step,
    talk: Interview,
    *,
    form: TurnForm | None = None,
    unsaved: str = "",
    **extra: Any,
) -> dict[str, Any]:
    """Return what the page and its live part show: the log, the turn that is being written, the composer."""
    log = list(talk.messages.all())
    turn = turn_of(talk)
    history = asking.said(log)
    answers = [message for message in log if message.author == Message.Author.PARTICIPANT]
    designed = asking.situation(talk)
    has_lines = any(said.stage == "attend" for said in history if said.author == "participant")
    return page(
        participant,
        step,
        form=form or AnswerForm(initial={"answering": log[-1].number, "text": unsaved}),
        log=log,
        turn=turn and described(turn, participant, stream_url(turn, participant)),
        live_url=reverse("participant:live", args=[participant.study.slug]),
        situation=designed.text.for_language(participant.language),
        situation_title=designed.title.for_language(participant.language),
        you=Message.Author.PARTICIPANT,
        editable=answers[-1].number if answers else None,
        distress=distress_of(participant, answers),
        was_handed_over=talk.handed_over not in ("", interviews.NO_MODEL),
        has_answered=bool(answers),
        stage=interviews.stages_behind(log),
        stages=len(guided.STAGES),
        draft=guided.draft_card(history, language=participant.language) if has_lines else None,
        **extra,
    )


def turn_of(talk: Interview) -> Turn | None:
    """Return the interview's live turn; one whose worker died is interrupted here, by whoever looks."""
    turn = turns.live_turn(talk)
    if turn is not None and turns.is_stale(turn, now=timezone.now()) and turns.interrupt_stale(now=timezone.now()):
        turn = turns.live_turn(talk)
    return turn


def stream_url(turn: Turn, participant: Participant) -> str:
    """Return where a turn can be followed."""
    return reverse("participant:stream", args=[participant.study.slug, turn.pk])


def distress_of(participant: Participant, answers: list[Message]) -> dict[str, Any] | None:
    """Return the study's help, if what was said last sounds like danger."""
    design: HelpDesign | None = participant.version.design.help
    if design is None or not answers:
        return None
    language = participant.language
    if not guided.hears_distress(answers[-1].text, language=language, also=design.distress.words):
        return None
    links = [
        {
            "name": link.name.for_language(language),
            "where": link.where,
            "phone": link.phone,
            "url": link.url,
        }
        for link in design.links
    ]
    return {"sentence": design.distress.sentence.for_language(language), "links": links}


def _tag(log: list[Message], turn: dict[str, Any] | None) -> str:
    """Return what changes whenever the live part does."""
    last = ".".join(f"{message.number}-{message.revision}" for message in log[-2:])
    live = f"{turn['id']}.{turn['after']}.{turn['state']}.{'-'.join(turn['ways'])}" if turn else ""
    return f'"{len(log)}.{last}.{live}"'
