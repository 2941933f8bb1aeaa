"""Links: personal ones, open ones and those of panels. A link's secret part is shown once and never kept."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from elicit.csv_files import csv_lines
from elicit.errors import WellspringError
from elicit.models import EntryLink, Study, StudyLink
from elicit.organizer_forms import MOST_LINKS_AT_ONCE, InvitationForm, LinkForm, StudyLinkForm
from elicit.participants import invite, revoke_link, token_hash
from elicit.querysets import Role
from elicit.roles import member_view
from elicit.study_links import create_study_link
from elicit.views.organizer.shell import page_of, shell


@require_safe
@member_view(Role.ORGANIZER)
def links(request: HttpRequest, study: Study) -> HttpResponse:
    """List the links of a study and what has come of them."""
    return _page(request, study, InvitationForm(), StudyLinkForm())


@require_POST
@never_cache
@member_view(Role.ORGANIZER)
def new_links(request: HttpRequest, study: Study) -> HttpResponse:
    """Make personal links and show them this once."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, study, form, StudyLinkForm(), status=422)
    now = timezone.now()
    tokens = invite(study, count=form.cleaned_data["count"], now=now, expires_at=_end(form, now=now))
    context = shell(request, study, "links", rows=_personal(request, study, tokens), tokens=tokens)
    return render(request, "organizer/new_links.html", context)


@require_POST
@never_cache
@member_view(Role.ORGANIZER)
def links_file(request: HttpRequest, study: Study) -> HttpResponse | StreamingHttpResponse:
    """Send the links of the page before as CSV; what is not a link of this study is left out."""
    rows = _personal(request, study, request.POST.getlist("token")[:MOST_LINKS_AT_ONCE])
    response = StreamingHttpResponse(csv_lines(("participant", "link"), rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-links.csv"'
    return response


@require_POST
@never_cache
@member_view(Role.ORGANIZER)
def new_study_link(request: HttpRequest, study: Study) -> HttpResponse:
    """Make a link that anybody may open, or one for a panel, and show it this once."""
    form, now = StudyLinkForm(request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, study, InvitationForm(), form, status=422)
    given = form.cleaned_data
    try:
        token = create_study_link(
            study, label=given["label"], panel=given["panel"], most_participants=given["most_participants"] or 0,
            expires_at=_end(form, now=now), now=now,
        )  # fmt: skip
    except WellspringError as error:
        messages.error(request, str(error))
        return redirect("organizer:links", slug=study.slug)
    name = "participant:panel" if given["panel"] else "participant:study_link"
    link = request.build_absolute_uri(reverse(name, args=[token]))
    context = shell(request, study, "links", rows=[(given["label"], link)], panel=given["panel"], is_open=True)
    return render(request, "organizer/new_links.html", context)


@require_POST
@member_view(Role.ORGANIZER)
def revoke(request: HttpRequest, study: Study) -> HttpResponse:
    """Make a link useless; whoever came by it keeps their place."""
    form = LinkForm(request.POST)
    model: Any = StudyLink if form.is_valid() and form.cleaned_data["kind"] == "study" else EntryLink
    link = model.objects.of_study(study).filter(pk=form.cleaned_data.get("number")).first()
    if link is None:
        messages.error(request, _("There is no such link any longer."))
    else:
        revoke_link(link, now=timezone.now())
        messages.success(request, _("The link no longer works."))
    return redirect("organizer:links", slug=study.slug)


def _page(
    request: HttpRequest, study: Study, invitation: InvitationForm, study_link: StudyLinkForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    personal = EntryLink.objects.of_study(study).select_related("participant").order_by("-created_at", "-pk")
    page = page_of(request, personal.exclude(participant__withdrawn_at__isnull=False))
    context = {
        "page": page,
        "personal": [(link, _state(link, now=now)) for link in page.object_list],
        "study_links": [
            {"link": link, "state": _state(link, now=now), "people": link.identities.count()}
            for link in StudyLink.objects.of_study(study)
        ],
        "invitation_form": invitation,
        "study_link_form": study_link,
    }
    return render(request, "organizer/links.html", shell(request, study, "links", **context), status=status)


def _state(link: EntryLink | StudyLink, *, now: datetime) -> tuple[str, str]:
    """Return the look and the words of a link's state."""
    if link.revoked_at is not None:
        return "chip-warn", _("Revoked")
    if link.expires_at is not None and link.expires_at <= now:
        return "", _("Expired")
    if isinstance(link, StudyLink) and link.most_participants and link.identities.count() >= link.most_participants:
        return "", _("Full")
    return "chip-ok", _("Works")


def _end(form: InvitationForm | StudyLinkForm, *, now: datetime) -> datetime | None:
    days = form.cleaned_data["days"]
    return now + timedelta(days=days) if days else None


def _personal(request: HttpRequest, study: Study, tokens: list[str]) -> list[tuple[str, str]]:
    """Return the code of each participant with their link, in the order of the tokens."""
    known = EntryLink.objects.of_study(study).filter(token_hash__in=[token_hash(token) for token in tokens])
    codes = dict(known.values_list("token_hash", "participant__code"))
    return [
        (codes[token_hash(token)], request.build_absolute_uri(reverse("participant:join", args=[token])))
        for token in tokens
        if token_hash(token) in codes
    ]
