"""The pages of the rated conversations.

Rule: a page shows what the newest exchange allows and nothing else, and no page before the rating names a model.
"""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from elicit.conversations import (
    InvalidPrompt,
    anchored_prompt,
    ask,
    ask_again,
    begin,
    chosen_utterance,
    close_conversation,
    is_stuck,
    last_exchange,
    may_end,
    may_go_on,
    open_conversation,
    rate,
    shown_utterances,
    take_anchor,
    why_it_ended,
)
from elicit.errors import Conflict
from elicit.models import Conversation, Exchange, Participant
from elicit.openings import attribute_order, design_of, types_left
from elicit.rating import Feedback, InvalidRating, Rating, TiedRating
from elicit.step_forms import AnchoredForm, FeedbackForm, OpeningForm, PromptForm, RatingForm
from elicit.steps import Step
from elicit.views.entry import page, participant_view, resume_url

KEY_BYTES = 12
State = Exchange.State


@require_safe
@participant_view("conversations")
def conversations(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Show what the present conversation asks for."""
    conversation = open_conversation(participant)
    exchange = last_exchange(conversation) if conversation else None
    if conversation is None or exchange is None:
        return _opening(request, participant, step)
    now = timezone.now()
    if is_stuck(exchange):
        ended_by = why_it_ended(conversation, now=now)
        can_end = may_end(conversation, now=now)
        return _render(request, participant, step, "failed", exchange=exchange, ended_by=ended_by, can_end=can_end)
    if exchange.state == State.ANSWERING:
        return _waiting(request, participant, step, exchange)
    if exchange.state == State.RATING:
        return _rating(request, participant, step, exchange)
    if may_go_on(conversation, now=now):
        return _prompt(request, participant, step, conversation, PromptForm(initial={"key": _new_key()}))
    return _feedback(request, participant, step, conversation, FeedbackForm(attribute_order(conversation)))


@require_safe
@participant_view("conversations")
def answers_ready(request: HttpRequest, participant: Participant, step: Step) -> JsonResponse:
    """Say whether the waiting page has something new to show."""
    conversation = open_conversation(participant)
    exchange = last_exchange(conversation) if conversation else None
    is_waiting = exchange is not None and exchange.state == State.ANSWERING and not is_stuck(exchange)
    return JsonResponse({"ready": not is_waiting})


@require_POST
@participant_view("conversations")
def begin_conversation(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Start a conversation with its first prompt."""
    conversation = open_conversation(participant)
    if conversation is not None and last_exchange(conversation) is not None:
        return redirect(step.url(participant))
    form = _opening_form(participant, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            begin(participant, given["kind"], given["prompt"], idempotency_key=given["key"], now=timezone.now())
        except InvalidPrompt as error:
            form.add_error("prompt", str(error))
        except Conflict:
            return redirect(step.url(participant))
    if form.errors:
        return _opening(request, participant, step, form=form)
    return redirect(step.url(participant))


@require_POST
@participant_view("conversations")
def ask_next(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Send the next prompt of the open conversation."""
    conversation = open_conversation(participant)
    form = PromptForm(request.POST)
    if conversation is not None and form.is_valid():
        given = form.cleaned_data
        try:
            ask(conversation, given["prompt"], idempotency_key=given["key"], now=timezone.now())
        except InvalidPrompt as error:
            form.add_error("prompt", str(error))
        except Conflict:
            return redirect(step.url(participant))
    if conversation is not None and form.errors:
        return _prompt(request, participant, step, conversation, form)
    return redirect(step.url(participant))


@require_POST
@participant_view("conversations")
def try_again(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Have the last prompt answered again."""
    conversation = open_conversation(participant)
    exchange = last_exchange(conversation) if conversation else None
    if exchange is not None:
        ask_again(exchange, now=timezone.now())
    return redirect(step.url(participant))


@require_POST
@participant_view("conversations")
def rate_answers(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Store the rating of the answers on the page. A page that is out of date leads to the present one."""
    conversation = open_conversation(participant)
    exchange = last_exchange(conversation) if conversation else None
    if exchange is None or exchange.state != State.RATING or request.POST.get("turn") != _turn(exchange):
        return redirect(step.url(participant))
    with_society = design_of(participant).society_rating
    form = RatingForm(shown_utterances(exchange), request.POST, with_society=with_society)
    if not form.is_valid():
        return _rating(request, participant, step, exchange, form=form)
    given = form.cleaned_data
    rating = Rating(
        form.scores(),
        chosen=given["chosen"],
        all_bad=given["all_bad"],
        reason=given["reason"],
        society=form.society(),
        handling=form.handled(),
    )
    try:
        rate(exchange, rating, now=timezone.now())
    except TiedRating as error:
        form.show_ties(error.letters)
        form.fields["chosen"].required = True
        form.add_error("chosen", str(error))
        return _rating(request, participant, step, exchange, form=form, is_tied=True)
    except InvalidRating as error:
        scores = [f"score_{letter}" for letter in error.letters]
        for field in [*scores, *(f"society_{letter}" for letter in error.society)] or ["reason"]:
            form.add_error(field, str(error))
        return _rating(request, participant, step, exchange, form=form)
    return redirect(step.url(participant))


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("conversations")
def end_conversation(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Ask how the conversation went, and end it."""
    conversation = open_conversation(participant)
    if conversation is None or not may_end(conversation, now=timezone.now()):
        return redirect(step.url(participant))
    number = str(conversation.number)
    if request.POST.get("conversation", number) != number:  # an old page
        return redirect(step.url(participant))
    form = FeedbackForm(attribute_order(conversation), request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _feedback(request, participant, step, conversation, form)
    feedback = Feedback(
        form.given("performance"), form.given("choice"), form.cleaned_data["open_text"], handling=form.handled()
    )
    try:
        close_conversation(conversation, feedback, now=timezone.now())
    except Conflict:  # it went on in another window
        return redirect(step.url(participant))
    return redirect(resume_url(participant))


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def _turn(exchange: Exchange) -> str:
    """Name an exchange within one person's conversations, without its id."""
    return f"{exchange.conversation.number}.{exchange.number}"


def _opening_form(participant: Participant, data: QueryDict | None = None) -> AnchoredForm | OpeningForm:
    """Return the form of the next opening: the shared prompt that the server gives, or the person's own."""
    given = take_anchor(participant, now=timezone.now())
    if given is not None:
        shown = {"key": _new_key(), "kind": given.kind, "prompt": anchored_prompt(given)}
        return AnchoredForm(data, initial=shown)
    return OpeningForm(types_left(participant), participant.language, data, initial={"key": _new_key()})


def _opening(
    request: HttpRequest, participant: Participant, step: Step, *, form: AnchoredForm | OpeningForm | None = None
) -> HttpResponse:
    form = form or _opening_form(participant)
    hints = form.hints if isinstance(form, OpeningForm) else {}
    given = "" if isinstance(form, OpeningForm) else form.initial["prompt"]
    status = 422 if form.errors else 200
    return _render(request, participant, step, "opening", form=form, hints=hints, given_prompt=given, status=status)


def _prompt(
    request: HttpRequest, participant: Participant, step: Step, conversation: Conversation, form: PromptForm
) -> HttpResponse:
    can_end = may_end(conversation, now=timezone.now())
    status = 422 if form.errors else 200
    return _render(request, participant, step, "prompt", form=form, can_end=can_end, status=status)


def _waiting(request: HttpRequest, participant: Participant, step: Step, exchange: Exchange) -> HttpResponse:
    ready_url = reverse("steps:answers_ready", args=[participant.study.slug])
    return _render(request, participant, step, "waiting", exchange=exchange, ready_url=ready_url)


def _rating(
    request: HttpRequest, participant: Participant, step: Step, exchange: Exchange,
    *, form: RatingForm | None = None, is_tied: bool = False,
) -> HttpResponse:  # fmt: skip
    shown = shown_utterances(exchange)
    status = 200 if form is None else 422
    with_society = design_of(participant).society_rating
    form = form or RatingForm(shown, initial={"turn": _turn(exchange)}, with_society=with_society)
    answers = [
        {
            "letter": utterance.letter,
            "text": utterance.text,
            "field": form[f"score_{utterance.letter}"],
            "society": form[f"society_{utterance.letter}"] if with_society else None,
        }
        for utterance in shown
    ]
    extra = {
        "exchange": exchange,
        "form": form,
        "answers": answers,
        "is_tied": is_tied,
        "with_society": with_society,
        "keep": _turn(exchange),
    }
    return _render(request, participant, step, "rating", **extra, status=status)


def _feedback(
    request: HttpRequest, participant: Participant, step: Step, conversation: Conversation, form: FeedbackForm
) -> HttpResponse:
    extra = {
        "form": form,
        "ended_by": why_it_ended(conversation, now=timezone.now()),
        "has_chosen": any(line["answer"] for line in _log(conversation)),
    }
    return _render(request, participant, step, "feedback", **extra, status=422 if form.errors else 200)


def _render(
    request: HttpRequest, participant: Participant, step: Step, name: str, *, status: int = 200, **extra: Any
) -> HttpResponse:
    conversation = open_conversation(participant)
    design = design_of(participant)
    number = conversation.number if conversation else participant.conversations.count() + 1
    context = page(participant, step, number=number, count=design.count, turns=design.turns,
                   log=_log(conversation), **extra)  # fmt: skip
    return render(request, f"participant/conversation_{name}.html", context, status=status)


def _log(conversation: Conversation | None) -> list[dict[str, str]]:
    """Return what was said so far: each rated prompt with the answer that went on."""
    if conversation is None:
        return []
    rated = conversation.exchanges.filter(state=State.RATED).order_by("number")
    lines = []
    for exchange in rated:
        chosen = chosen_utterance(exchange)
        lines.append({"prompt": exchange.prompt, "answer": chosen.text if chosen else ""})
    return lines
