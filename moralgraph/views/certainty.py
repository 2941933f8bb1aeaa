"""How sure the moral graph is, and what differs between two snapshots or two groups."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from elicit.models import Study
from elicit.navigation import tabs
from elicit.roles import member_view, role_of
from moralgraph.explorer.comparison import Asked, Comparison
from moralgraph.explorer.filters import Filters
from moralgraph.explorer.reading import snapshot_for
from moralgraph.explorer.sureness import sureness_of
from moralgraph.exporting import labels
from moralgraph.sections import sections


@require_safe
@member_view()
def sure(request: HttpRequest, study: Study) -> HttpResponse:
    """Say how sure the graph is, context by context."""
    snapshot = snapshot_for(study, Filters.read(request.GET))
    context = _shell(request, study, "sure") | {"snapshot": snapshot}
    if snapshot is not None:
        context["found"] = sureness_of(snapshot, graph_url=reverse("moralgraph:graph", args=[study.slug]))
        context["labels"] = labels(snapshot)
    return render(request, "moralgraph/sure.html", context)


@require_safe
@member_view()
def compare(request: HttpRequest, study: Study) -> HttpResponse:
    """List what differs between two snapshots or two groups."""
    asked = Asked.read(request.GET)
    comparison = Comparison(study, asked)
    context = _shell(request, study, "compare") | {"comparison": comparison}
    before, after = comparison.offered
    context["snapshot_fields"] = [("before", _("Before"), before), ("after", _("After"), after)]
    context["group_fields"] = [("one", _("One group"), asked.one), ("other", _("Another"), asked.other)]
    context["labels"] = labels(comparison.newest) if comparison.newest else []
    return render(request, "moralgraph/compare.html", context)


def _shell(request: HttpRequest, study: Study, current: str) -> dict[str, object]:
    role = role_of(request.user, study)
    return {
        "study": study,
        "tabs": tabs(study, "graph", role=role),
        "sections": sections(study, current, role=role),
    }
