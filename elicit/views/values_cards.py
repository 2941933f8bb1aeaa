"""The values card step: the author changes every word, and confirms."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from elicit.errors import Conflict
from elicit.forms import CardForm
from elicit.models import Participant, ValuesCard
from elicit.steps import Step
from elicit.values_cards import CardRefused, Line, advice_on, card_of, confirm_card, edit_card
from elicit.views.entry import page, participant_view, resume_url


@require_http_methods(["GET", "HEAD", "POST"])
@participant_view("values_card")
def values_card(request: HttpRequest, participant: Participant, step: Step) -> HttpResponse:
    """Show the draft, take changes to it, and take the confirmation."""
    card = card_of(participant)
    if card is None:
        return render(request, "participant/not_available.html", page(participant, step), status=404)
    if request.method != "POST":
        return _show(request, participant, step, card, form=CardForm(card=card))
    form = CardForm(request.POST, card=card)
    action, _sep, place = request.POST.get("action", "save").partition("-")
    if action == "confirm" and form.is_valid() and not form.cleaned_data["fit"]:
        form.add_error("fit", _("Please choose one answer."))
    if not form.is_valid():
        return _show(request, participant, step, card, form=form, status=422)
    try:
        _keep(card, form, action=action, place=place)
    except (Conflict, CardRefused) as error:
        return _show_trouble(request, participant, step, form=form, error=error)
    return redirect(resume_url(participant))


def _keep(card: ValuesCard, form: CardForm, *, action: str, place: str) -> None:
    sent = form.cleaned_data
    edited = edit_card(
        card,
        title=sent["title"],
        description=sent["description"],
        lines=rearranged(form.lines(), action=action, place=place),
        revision=sent["revision"],
    )
    if action == "confirm":
        confirm_card(edited, fit=sent["fit"], now=timezone.now())


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
    if saved is None or isinstance(error, CardRefused):
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
    advice = advice_on(card)
    lines = [
        {
            "field": form[f"policy-{index}"],
            "place": index,
            "is_new": index >= len(card.policies),
            "is_last": index >= len(card.policies) - 1,
            "quote": card.evidence[index].get("quote", "") if index < len(card.evidence) else "",
            "advice": [found.text for found in advice if found.field == "policies" and found.line == index],
        }
        for index in range(form.line_count)
    ]
    by_field = {
        name: [found.text for found in advice if found.field == name and found.line is None]
        for name in ("title", "description", "policies")
    }
    context = page(participant, step, card=card, form=form, lines=lines, advice=by_field, **extra)
    return render(request, "participant/values_card.html", context, status=status)
