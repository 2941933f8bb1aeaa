"""What surveys and ratings add up to: a page each for answers, models, groups, who is missing, pay and quality.

Rule: a page shows one origin at a time and names it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from elicit.charts import Interval
from elicit.models import Origin, Study
from elicit.querysets import Role
from elicit.results.missing import comparisons_of
from elicit.results.models import RankedModel, ranking_of
from elicit.results.pay import pay_of
from elicit.results.surveys import survey_results
from elicit.results.who_counts import chosen_origin, origins_of
from elicit.roles import member_view
from elicit.views.organizer.shell import shell

MAY_SEE = (Role.ORGANIZER, Role.ANALYST, Role.OBSERVER)
PAGES = {
    "results": _("Answers"),
    "model_results": _("Models"),
    "missing": _("Who is missing"),
    "pay": _("Time and pay"),
}


@require_safe
@member_view(*MAY_SEE)
def results(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the answers to every survey question."""
    origin = chosen_origin(study, request.GET.get("of", ""))
    blocks = survey_results(study, origin, language=get_language() or "en")
    return _page(request, study, "results", origin=origin, blocks=blocks)


@require_safe
@member_view(*MAY_SEE)
def model_results(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how the models rank by what people rated."""
    origin = chosen_origin(study, request.GET.get("of", ""))
    ranking = ranking_of(study, origin)
    extra = {
        "ranking": ranking,
        "strengths": [_strength(model) for model in ranking.models],
        "tie_percent": round(100 * ranking.outcomes.tie) if ranking.outcomes else None,
    }
    return _page(request, study, "model_results", origin=origin, **extra)


@require_safe
@member_view(*MAY_SEE)
def missing(request: HttpRequest, study: Study) -> HttpResponse:
    """Show who is missing from the population that the study wants to resemble."""
    origin = chosen_origin(study, request.GET.get("of", ""))
    return _page(request, study, "missing", origin=origin, comparisons=comparisons_of(study, origin))


@require_safe
@member_view(*MAY_SEE)
def pay(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how long people took and what an hour brings them."""
    return _page(request, study, "pay", origin=Origin.PERSON.value, pay=pay_of(study))


def _strength(model: RankedModel) -> Interval:
    shown = f"{model.strength:+.2f} ({model.low:+.2f} – {model.high:+.2f})"
    ranks = str(model.rank_low) if model.rank_low == model.rank_high else f"{model.rank_low}–{model.rank_high}"
    return Interval(model.name, model.strength, model.low, model.high, shown=shown, note=ranks)


def _page(request: HttpRequest, study: Study, name: str, *, origin: str, **extra: Any) -> HttpResponse:
    context = shell(
        request,
        study,
        "results",
        origin=origin,
        origin_label=Origin(origin).label,
        origins=[{"key": key, "label": Origin(key).label, "people": count} for key, count in origins_of(study).items()],
        pages=[
            {"label": label, "url": reverse(f"organizer:{key}", args=[study.slug]), "current": key == name}
            for key, label in PAGES.items()
        ],
        **extra,
    )
    return render(request, f"organizer/{name}.html", context)
