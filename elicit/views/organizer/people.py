"""Participants: who is where, one of them alone, and leaving somebody out of results."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import WellspringError
from elicit.exclusions import exclude, include
from elicit.models import ConsentGrant, Interview, Message, Origin, Participant, Study, Turn, ValuesCard
from elicit.organizer_forms import ExclusionForm, PeopleFilter
from elicit.participants import replace_links
from elicit.people import STATES, count_states, lines_of, people_of, stuck_people
from elicit.querysets import READS_WORDS, Role
from elicit.roles import member_view, role_of
from elicit.steps import steps_of
from elicit.views.organizer.shell import page_of, shell

MAY_LIST = (Role.ORGANIZER, Role.ANALYST, Role.OBSERVER)


@require_safe
@member_view(*MAY_LIST)
def participants(request: HttpRequest, study: Study) -> HttpResponse:
    """List the participants with the state and the step of each."""
    now, form = timezone.now(), PeopleFilter(request.GET)
    people = people_of(study, now=now)
    page = page_of(request, people.filter(**form.chosen()).select_related("version").prefetch_related("steps"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "now": now,
        "filter_form": form,
        "is_filtered": bool(form.chosen()),
        "query": query.urlencode(),
        "page": page,
        "lines": lines_of(page.object_list),
        "counts": count_states(people),
        "stuck": stuck_people(study, now=now),
        "states": STATES,
    }
    return render(request, "organizer/participants.html", shell(request, study, "participants", **context))


@require_safe
@member_view(*MAY_LIST)
def participant(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """Show how one participant is doing, without a word of theirs."""
    now = timezone.now()
    person = get_object_or_404(people_of(study, now=now).select_related("version", "excluded_by"), code=code)
    role = role_of(request.user, study)
    context = {
        "now": now,
        "person": person,
        "line": lines_of([person])[0],
        "steps": _steps_with_times(person),
        "interviews": _interviews(person),
        "troubled": Turn.objects.filter(interview__participant=person).exclude(trouble="").order_by("pk"),
        "consent": ConsentGrant.objects.visible_to(request.user).filter(participant=person).order_by("at", "pk"),
        "cards": ValuesCard.objects.filter(participant=person).order_by("pk"),
        "reads_consent": role in (Role.ORGANIZER, Role.ANALYST),
        "reads_words": role in READS_WORDS,
        "exclusion_form": ExclusionForm(),
    }
    return render(request, "organizer/participant.html", shell(request, study, "participants", **context))


@require_safe
@never_cache
@member_view(*READS_WORDS)
def transcript(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """Show what one participant said in interviews, and their cards."""
    person = _person(study, code)
    said = Message.objects.visible_to(request.user).filter(interview__participant=person)
    context = {
        "person": person,
        "messages_said": said.select_related("interview__question").order_by("interview", "number"),
        "cards": ValuesCard.objects.visible_to(request.user).filter(participant=person).order_by("pk"),
    }
    return render(request, "organizer/transcript.html", shell(request, study, "participants", **context))


@require_POST
@member_view(Role.ORGANIZER)
def exclude_participant(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """Leave a participant out of results, with a reason."""
    person, form = _person(study, code), ExclusionForm(request.POST)
    because = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        exclude(person, because=because, by=request.user, now=timezone.now())
        messages.success(request, _("Left out. Build the moral graph again to see results without them."))
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("organizer:participant", slug=study.slug, code=code)


@require_POST
@member_view(Role.ORGANIZER)
def include_participant(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """Take a participant into results again."""
    try:
        include(_person(study, code))
        messages.success(request, _("Counted again. Build the moral graph again to see results with them."))
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("organizer:participant", slug=study.slug, code=code)


@require_POST
@never_cache
@member_view(Role.ORGANIZER)
def renew_link(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """Make a new personal link in place of those that a participant had, and show it this once."""
    try:
        token = replace_links(_person(study, code), now=timezone.now())
    except WellspringError as error:
        messages.error(request, str(error))
        return redirect("organizer:participant", slug=study.slug, code=code)
    link = request.build_absolute_uri(reverse("participant:join", args=[token]))
    context = shell(request, study, "participants", rows=[(code, link)], tokens=[token], is_replacement=True)
    return render(request, "organizer/new_links.html", context)


def _person(study: Study, code: str) -> Participant:
    return get_object_or_404(Participant.objects.of_study(study).exclude(origin=Origin.PREVIEW), code=code)


def _interviews(person: Participant) -> list[tuple[Interview, str]]:
    """Return the interviews, each with why the guide took over from a model, if it did."""
    reasons = {**dict(Turn.Trouble.choices), "no_model": _("No model is set up")}
    found = Interview.objects.filter(participant=person).select_related("question").order_by("pk")
    return [(each, str(reasons.get(each.handed_over, each.handed_over)) if each.handed_over else "") for each in found]


def _steps_with_times(person: Participant) -> list[dict[str, Any]]:
    progress = {step.key: step for step in person.steps.all()}
    return [{"step": step, "progress": progress.get(step.key)} for step in steps_of(person)]
