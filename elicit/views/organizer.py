"""An organizer's pages: the studies, one study's progress, its personal links."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import StudyNotOpen
from elicit.models import Participant, Study
from elicit.navigation import tabs
from elicit.organizer_forms import InvitationForm, StudyStateForm
from elicit.participants import invite
from elicit.progress import counts_of, funnel_of, spend_of, standings, work_of
from elicit.querysets import Role
from elicit.retention import asks_to_keep_words, without_grant
from elicit.roles import member_view, role_of
from elicit.studies import close, open_study, pause

PARTICIPANTS_A_PAGE = 25
MOVES = {Study.State.OPEN: open_study, Study.State.PAUSED: pause, Study.State.CLOSED: close}


@require_safe
@login_required
def studies(request: HttpRequest) -> HttpResponse:
    """List the studies in which the user holds a role."""
    mine = Study.objects.visible_to(request.user)
    roles = dict(Role.choices)
    rows = [{"study": each, "role": roles[role_of(request.user, each) or ""], **counts_of(each)} for each in mine]
    return render(request, "organizer/studies.html", {"rows": rows})


@require_safe
@member_view()
def study(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how a study is doing."""
    context = {
        "study": study,
        "tabs": tabs(study, "progress"),
        "counts": counts_of(study),
        "funnel_rows": funnel_of(study),
        "spend": spend_of(study),
        "work": work_of(study),
        "may_organize": role_of(request.user, study) == Role.ORGANIZER,
        "state_form": StudyStateForm(initial={"state": study.state}),
        "asks_to_keep_words": asks_to_keep_words(study),
        "without_grant": without_grant(study).count(),
    }
    return render(request, "organizer/study.html", context)


@require_safe
@member_view()
def study_progress(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the part of a study's page that changes."""
    context = {
        "study": study,
        "counts": counts_of(study),
        "funnel_rows": funnel_of(study),
        "spend": spend_of(study),
        "work": work_of(study),
    }
    return render(request, "organizer/_study_progress.html", context)


@require_safe
@member_view(Role.ORGANIZER, Role.ANALYST, Role.OBSERVER)
def participants(request: HttpRequest, study: Study) -> HttpResponse:
    """List the participants and the step that each is at."""
    people = Participant.objects.of_study(study).filter(withdrawn_at=None)
    page = Paginator(people, PARTICIPANTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": study,
        "tabs": tabs(study, "participants"),
        "page": page,
        "rows": standings(study, first=page.start_index() - 1 if page.object_list else 0, count=PARTICIPANTS_A_PAGE),
        "may_organize": role_of(request.user, study) == Role.ORGANIZER,
        "form": InvitationForm(),
    }
    return render(request, "organizer/participants.html", context)


@require_POST
@member_view(Role.ORGANIZER)
def new_links(request: HttpRequest, study: Study) -> HttpResponse:
    """Make personal links and show them this once."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Ask for 1 to 100 links."))
        return redirect("organizer:participants", slug=study.slug)
    tokens = invite(study, count=form.cleaned_data["count"], now=timezone.now())
    links = [request.build_absolute_uri(reverse("participant:join", args=[token])) for token in tokens]
    context = {"study": study, "tabs": tabs(study, "participants"), "links": links}
    response = render(request, "organizer/new_links.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@member_view(Role.ORGANIZER)
def change_state(request: HttpRequest, study: Study) -> HttpResponse:
    """Open, pause or close a study."""
    form = StudyStateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the states in the list."))
        return redirect("organizer:study", slug=study.slug)
    try:
        moved = MOVES[form.cleaned_data["state"]](study)
        messages.success(request, _("Saved. The study is now: %(state)s.") % {"state": moved.get_state_display()})
    except StudyNotOpen as error:
        messages.error(request, str(error))
    return redirect("organizer:study", slug=study.slug)
