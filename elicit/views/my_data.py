"""A participant's own answers: to read, to take home, and to have erased."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from elicit.forms import WithdrawForm
from elicit.models import Participant
from elicit.my_data import answers_in_words, own_data
from elicit.participants import withdraw
from elicit.views.entry import forget_browser, page, study_view


@require_safe
@study_view
def my_data(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Show a participant what is kept about them, and whom to ask."""
    return _show(request, participant, form=WithdrawForm())


@require_safe
@study_view
def download(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Hand a participant their own data as a file."""
    response = JsonResponse(own_data(participant), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="my-answers-{participant.study.slug}.json"'
    return response


@require_http_methods(["POST"])
@study_view
def withdraw_me(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Erase a participant's answers once they have confirmed it."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _show(request, participant, form=form, status=422)
    withdraw(participant, now=timezone.now())
    forget_browser(request, participant.study.slug)
    return redirect("participant:withdrawn")


@require_safe
def withdrawn(request: HttpRequest) -> HttpResponse:
    """Say that the answers are erased; the page belongs to nobody."""
    return render(request, "participant/withdrawn.html")


@require_http_methods(["GET", "HEAD", "POST"])
@study_view
def leave(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Say that everything is saved, and close the way in on this device if it is asked for."""
    if request.method == "POST":
        forget_browser(request, participant.study.slug)
        return redirect("participant:left")
    has_begun = participant.consent_grants.filter(granted=True).exists()
    return render(request, "participant/leave.html", page(participant, leave_url="", has_begun=has_begun))


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """Say that this browser no longer opens the study."""
    return render(request, "participant/left.html")


def _show(request: HttpRequest, participant: Participant, *, form: WithdrawForm, status: int = 200) -> HttpResponse:
    data = own_data(participant)
    survey = answers_in_words(data["survey"], participant.language)
    cards = participant.values_cards.all()
    context = page(participant, form=form, data=data, survey=survey, cards=cards, leave_url="")
    return render(request, "participant/my_data.html", context, status=status)
