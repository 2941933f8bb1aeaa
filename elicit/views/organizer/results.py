"""What surveys come to: a page each for answers, who is missing and pay; and what stands around every page of results.

Rule: a page shows one origin at a time and names it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from elicit.models import Origin, Study
from elicit.querysets import READS_WORDS, Role
from elicit.results.missing import comparisons_of
from elicit.results.pay import pay_of
from elicit.results.surveys import survey_results
from elicit.results.who_counts import chosen_origin, origins_of
from elicit.roles import member_view, role_of
from elicit.views.organizer.shell import shell

MAY_SEE = (Role.ORGANIZER, Role.ANALYST, Role.OBSERVER)
PAGES = {
    "results": _("Answers"),
    "model_results": _("Models"),
    "group_results": _("Groups"),
    "missing": _("Who is missing"),
    "pay": _("Time and pay"),
    "quality": _("Worth a look"),
}
ABOUT_ONE_PERSON = frozenset({"quality"})  # pages for those who may read what people wrote


@require_safe
@member_view(*MAY_SEE)
def results(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the answers to every survey question."""
    origin = asked_origin(request, study)
    blocks = survey_results(study, origin, language=get_language() or "en")
    return result_page(request, study, "results", origin=origin, blocks=blocks)


@require_safe
@member_view(*MAY_SEE)
def missing(request: HttpRequest, study: Study) -> HttpResponse:
    """Show who is missing from the population that the study wants to resemble."""
    origin = asked_origin(request, study)
    return result_page(request, study, "missing", origin=origin, comparisons=comparisons_of(study, origin))


@require_safe
@member_view(*MAY_SEE)
def pay(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how long people took and what an hour brings them."""
    return result_page(request, study, "pay", origin=Origin.PERSON.value, pay=pay_of(study), has_one_origin=True)


def asked_origin(request: HttpRequest, study: Study) -> str:
    """Return the origin whose people the page adds up."""
    return chosen_origin(study, request.GET.get("of", ""))


def result_page(request: HttpRequest, study: Study, name: str, *, origin: str, **extra: Any) -> HttpResponse:
    """Render a page of results with its neighbours and the origins that could be added up instead."""
    role = role_of(request.user, study)
    context = shell(
        request,
        study,
        "results",
        origin=origin,
        origins=[{"key": key, "label": Origin(key).label, "people": count} for key, count in origins_of(study).items()],
        pages=[
            {"label": label, "url": reverse(f"organizer:{key}", args=[study.slug]), "current": key == name}
            for key, label in PAGES.items()
            if role in READS_WORDS or key not in ABOUT_ONE_PERSON
        ],
        **extra,
    )
    return render(request, f"organizer/{name}.html", context)
