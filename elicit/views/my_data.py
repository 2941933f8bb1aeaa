"""A participant's own answers: to read, to take home, to change what they may be used for, and to have erased."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from elicit.afterwards import afterwards_of
from elicit.consent import ConsentMissing, change_answer
from elicit.endings import exit_of
from elicit.entry_forms import ChangeAnswerForm, WithdrawForm
from elicit.errors import AlreadyWithdrawn, StudyNotOpen, WellspringError
from elicit.models import Participant
from elicit.my_data import answers_in_words, changeable_answers, own_data
from elicit.participants import has_agreed, is_taking_answers, replace_links, withdraw
from elicit.retention import retention_date
from elicit.views.entry import farewell_page, forget_browser, page, signed_study, study_view
from elicit.views.joining import personal_link_page


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


@require_POST
@study_view
def change_consent(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Change one answer about what may be done with somebody's words."""
    form = ChangeAnswerForm(request.POST)
    try:
        if form.is_valid():
            sent = form.cleaned_data
            change_answer(participant, sent["item"], sent["granted"] == "yes", now=timezone.now())
            return redirect(f"{reverse('participant:my_data', args=[participant.study.slug])}#consent")
    except (ConsentMissing, StudyNotOpen, AlreadyWithdrawn) as error:
        return _show(request, participant, form=WithdrawForm(), trouble=error, status=409)
    return _show(request, participant, form=WithdrawForm(), status=422)


@require_POST
@study_view
def new_link(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Make a new personal link, show it this once, and end the ones before it."""
    return personal_link_page(request, participant, token=replace_links(participant, now=timezone.now()))


@require_POST
@study_view
def withdraw_me(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Erase a participant's answers once they have confirmed it."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _show(request, participant, form=form, status=422)
    withdraw(participant, now=timezone.now())
    forget_browser(request, participant.study.slug)
    return redirect(f"{reverse('participant:withdrawn')}?study={signed_study(participant.study)}")


@require_safe
def withdrawn(request: HttpRequest) -> HttpResponse:
    """Say that the answers are erased; the page belongs to nobody."""
    return render(request, "participant/withdrawn.html", farewell_page(request))


@require_http_methods(["GET", "HEAD", "POST"])
@study_view
def leave(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Say that everything is saved, and close the way in on this device if it is asked for."""
    if request.method == "POST":
        forget_browser(request, participant.study.slug)
        return redirect(f"{reverse('participant:left')}?study={signed_study(participant.study)}")
    return render(request, "participant/leave.html", page(participant, leave_url="", has_begun=has_agreed(participant)))


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """Say that this browser no longer opens the study."""
    return render(request, "participant/left.html", farewell_page(request))


def _show(
    request: HttpRequest,
    participant: Participant,
    *,
    form: WithdrawForm,
    trouble: WellspringError | None = None,
    status: int = 200,
) -> HttpResponse:
    data = own_data(participant)
    context = page(
        participant,
        form=form,
        trouble=trouble,
        data=data,
        survey=answers_in_words(data["survey"], participant.language),
        cards=participant.values_cards.all(),
        answers=changeable_answers(participant),
        may_grant=is_taking_answers(participant),
        until=retention_date(participant.study),
        exit=exit_of(participant),
        afterwards=afterwards_of(participant),
        leave_url="",
    )
    return render(request, "participant/my_data.html", context, status=status)
