"""Links that anybody may open: a study's own, and a panel's.

Rule: a GET keeps nothing about a person. A panel's numbers leave the address at once, sealed into the browser's
session, and everybody who is turned away reads why and what they can do; a panel's participant also gets a code.
"""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from elicit import panels
from elicit.endings import exit_by
from elicit.entry_forms import JoinForm
from elicit.errors import AlreadyWithdrawn, InvalidLink, StudyNotOpen, WellspringError
from elicit.languages import interface_language
from elicit.models import Participant, StudyLink
from elicit.panels import PanelNotReady, PanelRefused, Visit
from elicit.participants import create_link
from elicit.study_links import (
    ComeElsewhere,
    LinkFull,
    TooManyAtOnce,
    join_by_study_link,
    require_room,
    resume_by_panel,
    study_link_of,
)
from elicit.views.entry import (
    no_such_link,
    participant_of,
    reading_language,
    remember,
    study_page,
    welcome_page,
)

Ending = Participant.Ending
REFUSALS: dict[type[WellspringError], tuple[str, int, str]] = {  # what the page says, the status, the panel's ending
    LinkFull: ("full", 403, Ending.SCREENED_OUT),
    TooManyAtOnce: ("busy", 429, ""),
    StudyNotOpen: ("not_open", 403, Ending.TECHNICAL),
    PanelNotReady: ("not_ready", 503, Ending.TECHNICAL),
    PanelRefused: ("malformed", 400, ""),
    ComeElsewhere: ("elsewhere", 409, ""),
}
REFUSED: tuple[type[WellspringError], ...] = tuple(REFUSALS)


@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Welcome whoever opens a study's link, and let them begin."""
    try:
        link = study_link_of(token, is_panel=False, now=timezone.now())
    except InvalidLink:
        return no_such_link(request)
    known = participant_of(request, link.study.slug)
    if known is not None:
        return redirect("participant:resume", link.study.slug)
    return _answer(request, link, here=reverse("participant:study_link", args=[token]))


@require_http_methods(["GET", "HEAD", "POST"])
def panel_entry(request: HttpRequest, token: str) -> HttpResponse:
    """Take a panel's numbers out of the address; then welcome, or bring back, whoever they belong to."""
    try:
        link = study_link_of(token, is_panel=True, now=timezone.now())
    except InvalidLink:
        return no_such_link(request)
    here = reverse("participant:panel", args=[token])
    if not request.GET and not _has_visit(request, link) and participant_of(request, link.study.slug):
        return redirect("participant:resume", link.study.slug)
    try:
        if request.method != "POST" and set(request.GET) - panels.OUR_PARAMETERS:
            return _put_away(request, link, here=here)
        visit = _visit_of(request, link)
        known = resume_by_panel(link, visit, browser=_browser_of(request), now=timezone.now())
    except REFUSED as error:
        return _refuse(request, link, error)
    if known is not None and known.ended != Ending.NO_CONSENT:
        _let_go(request, link)
        remember(request, known)
        return redirect("participant:resume", link.study.slug)
    return _answer(request, link, here=here, visit=visit)


def _put_away(request: HttpRequest, link: StudyLink, *, here: str) -> HttpResponse:
    """Seal the numbers into the session and go to the same address without them."""
    visit = panels.read_visit(link.panel, dict(request.GET.lists()), now=timezone.now())
    visits = request.session.get("panel_visits", {})
    request.session["panel_visits"] = {**visits, str(link.pk): panels.seal(visit)}
    _browser_of(request)
    response = redirect(here)
    response["Referrer-Policy"] = "no-referrer"
    add_never_cache_headers(response)
    return response


def _has_visit(request: HttpRequest, link: StudyLink) -> bool:
    return str(link.pk) in request.session.get("panel_visits", {})


def _visit_of(request: HttpRequest, link: StudyLink) -> Visit:
    if not _has_visit(request, link):
        panels.require_key()
        raise PanelRefused("This address works only when the panel's own page opens it.")
    return panels.unseal(request.session["panel_visits"][str(link.pk)], no_older_than=panels.VISIT_SECONDS)


def _let_go(request: HttpRequest, link: StudyLink) -> None:
    """Take the sealed numbers out of the session once somebody has come in."""
    visits = request.session.pop("panel_visits", {})
    kept = {key: sealed for key, sealed in visits.items() if key != str(link.pk)}
    if kept:
        request.session["panel_visits"] = kept


def _browser_of(request: HttpRequest) -> str:
    """Return the secret by which this browser's session is known again."""
    return str(request.session.setdefault("browser", secrets.token_urlsafe(16)))


def _answer(request: HttpRequest, link: StudyLink, *, here: str, visit: Visit | None = None) -> HttpResponse:
    """Show the welcome page, or begin."""
    try:
        if request.method == "POST":
            return _begin(request, link, visit=visit)
        require_room(link, now=timezone.now())
    except (InvalidLink, AlreadyWithdrawn):
        return no_such_link(request)
    except REFUSED as error:
        return _refuse(request, link, error)
    design = link.study.current_version.design
    language = reading_language(request, design)
    form = JoinForm(languages=design.languages, initial={"language": language})
    context = welcome_page(link.study, design, language=language, begin_url=here, form=form)
    return _show(request, "participant/welcome.html", context, language=language)


def _begin(request: HttpRequest, link: StudyLink, *, visit: Visit | None) -> HttpResponse:
    """Add the participant and show their personal link, this once."""
    design = link.study.current_version.design
    form = JoinForm(request.POST, languages=design.languages)
    if not form.is_valid():
        return redirect(request.path)
    sent, now = form.cleaned_data, timezone.now()
    key, browser = str(sent["key"]), _browser_of(request)
    try:
        participant = join_by_study_link(
            link, key=key, browser=browser, language=sent["language"], now=now, visit=visit
        )
    except ComeElsewhere:
        if visit is not None:
            raise
        return redirect(request.path)  # an old form, sent again: the page gives a new one
    _let_go(request, link)
    remember(request, participant)
    return personal_link_page(request, participant, token=create_link(participant, now=timezone.now()))


def personal_link_page(request: HttpRequest, participant: Participant, *, token: str) -> HttpResponse:
    """Show a personal link, which cannot be shown again."""
    address = request.build_absolute_uri(reverse("participant:join", args=[token]))
    language, slug = participant.language, participant.study.slug
    context = study_page(participant.study, participant.version.design, language=language)
    context |= {
        "participant": participant,
        "address": address,
        "resume_url": reverse("participant:resume", args=[slug]),
        "help_url": reverse("participant:my_data", args=[slug]),
    }
    return _show(request, "participant/personal_link.html", context, language=language)


def _refuse(request: HttpRequest, link: StudyLink, error: WellspringError) -> HttpResponse:
    """Say why somebody cannot begin here, and what they can do."""
    kind = next(kind for kind in type(error).__mro__ if kind in REFUSALS)
    reason, status, ending = REFUSALS[kind]
    design = link.study.current_version.design
    language = reading_language(request, design)
    way_back = exit_by(link.panel, ending, design=design) if link.panel and ending else None
    context = study_page(link.study, design, language=language) | {"reason": reason, "exit": way_back}
    response = _show(request, "participant/cannot_join.html", context, language=language)
    response.status_code = status
    if status == 429:
        response["Retry-After"] = "60"
    return response


def _show(request: HttpRequest, template: str, context: dict[str, Any], *, language: str) -> HttpResponse:
    with translation.override(interface_language(language)):
        response = render(request, template, context)
    response.headers.setdefault("Content-Language", interface_language(language))
    add_never_cache_headers(response)
    return response
