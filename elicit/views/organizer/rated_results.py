"""What ratings come to: how the models rank, and how groups of people rate them."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from elicit.analysis.polarisation import FLAT
from elicit.models import Study
from elicit.results.anchors import reach_of_anchors
from elicit.results.groups import group_results_of, groupings_of
from elicit.results.models import model_results_of
from elicit.roles import member_view
from elicit.views.organizer.group_rows import bridges, divisions, findings, model_tables
from elicit.views.organizer.model_rows import difference, features_of_style, held_equal, society_rows, strengths
from elicit.views.organizer.results import MAY_SEE, asked_origin, result_page


@require_safe
@member_view(*MAY_SEE)
def model_results(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how the models rank by what people rated."""
    origin, language = asked_origin(request, study), get_language() or "en"
    found = model_results_of(study, origin)
    ranking = found.ranking
    extra = {
        "ranking": ranking,
        "strengths": strengths(ranking),
        "tie_percent": round(100 * ranking.outcomes.tie) if ranking.outcomes else None,
        "style": found.style,
        "style_percent": round(100 * found.style.explained) if found.style else None,
        "features": features_of_style(found.style),
        "held_equal": held_equal(found.style),
        "society": society_rows(found.society),
        "society_words": [_("For oneself"), _("Difference")],
        "own": found.own,
        "own_words": difference(found.own.difference) if found.own else "",
        "anchors": reach_of_anchors(study, origin, language=language),
    }
    return result_page(request, study, "model_results", origin=origin, **extra)


@require_safe
@member_view(*MAY_SEE)
def group_results(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how groups of people rate the models, by one question about themselves."""
    origin = asked_origin(request, study)
    groupings = groupings_of(study, language=get_language() or "en")
    by = next((one for one in groupings if one.item == request.GET.get("by")), next(iter(groupings), None))
    if by is None:
        return result_page(request, study, "group_results", origin=origin)
    found = group_results_of(study, origin, by.item)
    extra = {
        "by": by,
        "groupings": groupings,
        "found": found,
        "groups": [(by.label(group), found.people[group]) for group in by.in_order(list(found.people))],
        "few": [] if by.is_country else [by.label(one) for one in by.offered() if one not in found.people],
        "waiting": [by.label(group) for group in by.in_order(found.waiting)],
        "findings": findings(found, by),
        "tables": model_tables(found, by),
        "bridges": bridges(found, by),
        "divisions": divisions(found),
        "flat_spread": FLAT,
        "mean_words": [_("As measured (raw)"), _("Difference from the others"), _("What may be said")],
        "bridge_words": [_("Approval across groups"), _("What may be said")],
        "division_words": [_("Goes by group")],
    }
    return result_page(request, study, "group_results", origin=origin, **extra)
