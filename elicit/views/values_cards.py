"""The values card step: the author changes every word, says how well it fits, and confirms.

Rule: a low answer leads to one question about what is missing, never to a wall; the author may keep the card as it is.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from elicit import interviews, turns
from elicit.errors import Conflict
from elicit.forms import CardForm
from elicit.models import Interview, Participant, Turn, ValuesCard
from elicit.participants import is_taking_answers
from elicit.steps import Step, next_step
from elicit.transcripts import marked_transcript
from elicit.values_cards import CardRefused, Line, advice_on, card_of, confirm_card, edit_card
from elicit.views.entry import page, participant_of, participant_view, resume_url, study_view
from elicit.views.interviews import stream_url, turn_of
from elicit.views.turns import described

LOW_FIT = 2  # of 4; up to here the author is asked what is missing
OWN_STEPS = frozenset({"interview", "values_card"})
WAYS = {"continue": turns.go_on_without, "retry": turns.retry_turn}
View = Callable[..., HttpResponse]


def between_cards(view: View) -> View:
    """Show the page after a card in place of the view, while there is one and nothing else has been begun."""

    @wraps(view)
    def shown(request: HttpRequest, slug: str) -> HttpResponse:
        participant = participant_of(request, slug)
        if participant is not None and _is_between(participant):
            return card_kept(request, slug=slug)
        return view(request, slug=slug)

    return shown


def _is_between(participant: Participant) -> bool:
    step = next_step(participant)
    is_past = step is None or step.kind.kind not in OWN_STEPS
    return is_past and is_taking_answers(participant) and interviews.may_talk_more(participant)


@study_view
def card_kept(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Offer to talk about another situation after a card, or to go on."""
    if request.method != "POST":
        context = page(participant, card=card_of(participant), left=len(interviews.questions_left(participant)))
        return render(request, "participant/card_kept.html", context)
    if request.POST.get("action") == "another":
        interviews.talk_about_another(participant, now=timezone.now())
    return redirect(resume_url(participant))


@require_http_methods(["GET", "HEAD", "POST"])
@between_cards
@participant_view("values_card")
def values_card(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Show the draft, take changes to it, and take the confirmation."""
    card = card_of(participant)
    if card is None:
        return render(request, "participant/not_available.html", page(participant, step), status=404)
    turn = turn_of(card.interview) if card.interview else None
    action, _sep, place = request.POST.get("action", "save").partition("-")
    if request.method == "POST" and action in WAYS and card.interview:
        WAYS[action](card.interview, now=timezone.now())
        return redirect(request.path)
    if request.method != "POST":
        if turn is not None:
            return _wait(request, participant, step, turn)
        return _show(request, participant, step, card, form=CardForm(card=card))
    return _take(request, participant, step, card, action=action, place=place)


@require_safe
@participant_view("values_card")
def card_ready(request: HttpRequest, participant: Participant, step: Step) -> JsonResponse:
    """Say whether the page that waits for a draft has something new to show."""
    talk = Interview.objects.filter(participant=participant).last()
    turn = turn_of(talk) if talk else None
    return JsonResponse({"ready": turn is None or turn.state not in turns.ALIVE})


def _wait(request: HttpRequest, participant: Participant, step: Step, turn: Turn) -> HttpResponse:
    ready_url = reverse("participant:card_ready", args=[participant.study.slug])
    shown = described(turn, participant, stream_url(turn, participant))
    context = page(participant, step, turn=shown, ready_url=ready_url)
    return render(request, "participant/card_waiting.html", context)


def _take(
    request: HttpRequest, participant: Participant, step: Step, card: ValuesCard, *, action: str, place: str
) -> HttpResponse:
    form = CardForm(request.POST, card=card)
    if form.is_valid():
        _require_answers(form, action=action)
    if not form.is_valid():
        return _show(request, participant, step, card, form=form, status=422)
    if action == "confirm" and _asks_reason(form):
        return _show(request, participant, step, card, form=form, status=422, asks_reason=True)
    try:
        kept = _keep(card, form, action=action, place=place)
    except (Conflict, CardRefused, interviews.InterviewRefused) as error:
        return _show_trouble(request, participant, step, form=form, error=error)
    is_confirmed = kept.state == ValuesCard.State.CONFIRMED
    is_offered = is_confirmed and interviews.may_talk_more(participant)
    return redirect(request.path if is_offered else resume_url(participant))


def _require_answers(form: CardForm, *, action: str) -> None:
    """Note on the form what the button cannot do without."""
    if action == "confirm" and not form.cleaned_data["fit"]:
        form.add_error("fit", _("Please choose one answer."))
    if action == "back" and not form.cleaned_data["fit_reason"].strip():
        form.add_error("fit_reason", _("Please say what is missing, so that the interviewer can ask about it."))


def _asks_reason(form: CardForm) -> bool:
    sent = form.cleaned_data
    return sent["fit"] <= LOW_FIT and not sent["fit_reason"].strip() and not sent["anyway"]


def _keep(card: ValuesCard, form: CardForm, *, action: str, place: str) -> ValuesCard:
    sent, now = form.cleaned_data, timezone.now()
    edited = edit_card(
        card,
        title=sent["title"],
        description=sent["description"],
        lines=rearranged(form.lines(), action=action, place=place),
        revision=sent["revision"],
    )
    if action == "confirm":
        return confirm_card(edited, fit=sent["fit"], fit_reason=sent["fit_reason"], now=now)
    if action == "back":
        interviews.reopen_interview(edited, reason=sent["fit_reason"], fit=sent["fit"], now=now)
    return edited


def rearranged(lines: list[Line], *, action: str, place: str) -> list[Line]:
    """Return the lines after a button at one of them was pressed: up, down or remove."""
    if not place.isdecimal() or int(place) >= len(lines):
        return lines
    index, moved = int(place), list(lines)
    line = moved.pop(index)
    if action == "remove":
        return moved
    target = {"up": max(index - 1, 0), "down": index + 1}.get(action, index)
    moved.insert(target, line)
    return moved


def _show_trouble(
    request: HttpRequest, participant: Participant, step: Step, *, form: CardForm, error: Exception
) -> HttpResponse:
    saved = card_of(participant)
    if saved is None or not isinstance(error, Conflict):
        form.add_error(None, str(error))
        return _show(request, participant, step, form.card, form=form, status=422)
    mine = {"title": form.cleaned_data["title"], "description": form.cleaned_data["description"]}
    mine["policies"] = [line.text for line in form.lines() if line.text.strip()]
    return _show(
        request, participant, step, saved, form=CardForm(card=saved), trouble=str(error), mine=mine, status=409
    )


def _show(
    request: HttpRequest,
    participant: Participant,
    step: Step,
    card: ValuesCard,
    *,
    form: CardForm,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    advice = [found for found in advice_on(card) if found.code != "no_quote"]  # the page says that by itself
    lines = [
        {
            "field": form[f"policy-{index}"],
            "place": index,
            "is_new": index >= len(card.policies),
            "is_last": index >= len(card.policies) - 1,
            "quotes": card.evidence[index] if index < len(card.evidence) else [],
            "advice": [found.text for found in advice if found.field == "policies" and found.line == index],
        }
        for index in range(form.line_count)
    ]
    by_field = {
        name: [found.text for found in advice if found.field == name and found.line is None]
        for name in ("title", "description", "policies")
    }
    context = page(
        participant,
        step,
        card=card,
        form=form,
        lines=lines,
        advice=by_field,
        transcript=marked_transcript(card),
        **extra,
    )
    return render(request, "participant/values_card.html", context, status=status)
