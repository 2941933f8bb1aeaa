"""The participant's page after publication: where their card stands, and what they say to that."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import AlreadyWithdrawn, Conflict, StudyNotOpen
from elicit.models import Participant
from elicit.views.entry import page, study_view
from moralgraph.feedback import OwnCard, appeal, appeals_of, own_cards, standing_report, verify_own_card, verify_place
from moralgraph.feedback_forms import AppealForm, CardForm, PlaceForm


@require_safe
@study_view
def result(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Show where the person's cards stand, what they said about it, and what the organizers answered."""
    return _show(request, participant)


@require_POST
@study_view
def card(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Keep whether the canonical card is theirs."""
    return _about_card(request, participant, form=CardForm, prefix="card", verb=verify_own_card)


@require_POST
@study_view
def place(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Keep whether its place is fair."""
    return _about_card(request, participant, form=PlaceForm, prefix="place", verb=verify_place)


@require_POST
@study_view
def ask(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Keep what somebody asks the organizers to look at."""
    form = AppealForm(request.POST)
    if form.is_valid():
        try:
            appeal(participant, words=form.cleaned_data["words"], now=timezone.now())
            return redirect(f"{reverse('feedback:result', args=[participant.study.slug])}#asked")
        except Conflict as error:
            form.add_error(None, str(error))
        except (AlreadyWithdrawn, StudyNotOpen):
            return redirect("feedback:result", participant.study.slug)
    return _show(request, participant, asking=form, status=422)


def _about_card(
    request: HttpRequest, participant: Participant, *, form: type[Form], prefix: str, verb: Callable[..., Any]
) -> HttpResponse:
    """Hand an answer about one of the person's cards to its verb. The card is named by its place among their own."""
    place = request.POST.get("which", "")
    sent = form(request.POST, prefix=f"{prefix}-{place}")
    if sent.is_valid():
        given = sent.cleaned_data
        try:
            verb(participant, given["number"], answer=given["answer"], why=given["why"], now=timezone.now())
            return redirect(f"{reverse('feedback:result', args=[participant.study.slug])}#{prefix}-{given['number']}")
        except Conflict as error:
            sent.add_error(None, str(error))
        except (AlreadyWithdrawn, StudyNotOpen):
            return redirect("feedback:result", participant.study.slug)
    return _show(request, participant, failed={f"{prefix}-{place}": sent}, status=422)


def _show(
    request: HttpRequest,
    participant: Participant,
    *,
    asking: Form | None = None,
    failed: dict[str, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    report = standing_report(participant)
    cards = own_cards(participant, report) if report else []
    context = page(
        participant,
        report=report,
        rows=[_row(card, failed or {}) for card in cards],
        appeals=appeals_of(participant),
        form=asking or AppealForm(),
        leave_url="",
    )
    return render(request, "moralgraph/feedback.html", context, status=status)


def _row(card: OwnCard, failed: dict[str, Form]) -> dict[str, Any]:
    """Return a card with its two forms, filled with what was answered before."""
    verified, fair = card.verification, card.fairness
    forms = {
        "card": CardForm(prefix=f"card-{card.number}", initial=_given(card, verified)),
        "place": PlaceForm(prefix=f"place-{card.number}", initial=_given(card, fair)),
    }
    return {
        "own": card,
        **{f"{name}_form": failed.get(f"{name}-{card.number}", form) for name, form in forms.items()},
    }


def _given(card: OwnCard, known: Any) -> dict[str, Any]:
    return {"number": card.number, "answer": known.answer if known else None, "why": known.why if known else ""}
