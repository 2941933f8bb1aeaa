"""The graph page of a study and its downloads."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import WellspringError
from elicit.models import Origin, Study
from elicit.navigation import tabs
from elicit.querysets import READS_WORDS, Role
from elicit.roles import member_view, role_of
from moralgraph.explorer.filters import Filters
from moralgraph.explorer.page import Explorer
from moralgraph.explorer.reading import snapshot_for
from moralgraph.exporting import export, labels
from moralgraph.models import Judgement, Snapshot
from moralgraph.sections import sections
from moralgraph.snapshot_inputs import partition_in_force
from moralgraph.snapshot_work import is_built_at_once, request_snapshot, snapshot_work
from moralgraph.snapshots import build_snapshot

MAY_BUILD = (Role.ORGANIZER, Role.ANALYST)
MEDIA_TYPES = {
    "json": "application/json",
    "published": "application/json",
    "graphml": "application/xml",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
}


@require_safe
@member_view()
def graph(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the moral graph, or say why there is none yet."""
    filters = Filters.read(request.GET)
    snapshot = snapshot_for(study, filters)
    role = role_of(request.user, study)
    context: dict[str, Any] = {"study": study, "tabs": tabs(study, "graph", role=role), "methods": Snapshot.Method}
    context |= {"may_build": role in MAY_BUILD, "reads_words": role in READS_WORDS}
    context |= {"sections": sections(study, "graph", role=role), "building": snapshot_work(study)}
    if snapshot is None:
        answered = Judgement.objects.of_study(study).exclude(answer="").exclude(origin=Origin.PREVIEW)
        context["answered"] = answered.count()
        return render(request, "moralgraph/no_graph.html", context)
    explorer = Explorer(snapshot, filters)
    context |= {"explorer": explorer, "filters": filters, "snapshot": snapshot, "labels": labels(snapshot)}
    context["is_older_than_values"] = snapshot.content.get("partition") != partition_in_force(study)
    return render(request, "moralgraph/graph.html", context)


@gzip_page
@require_safe
@member_view()
def map_data(request: HttpRequest, study: Study) -> HttpResponse:
    """Send what the map of the present view is drawn from.

    It alone is compressed here. What BREACH needs is not there: no secret is in it (no token, no cookie), and nothing
    of the request comes back; a search only chooses which numbers stand in it.
    """
    filters = Filters.read(request.GET)
    snapshot = snapshot_for(study, filters)
    if snapshot is None:
        raise Http404
    found = json.dumps(Explorer(snapshot, filters).map_columns, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(found, content_type="application/json", headers={"Cache-Control": "private, no-cache"})


@require_safe
@member_view()
def download(request: HttpRequest, study: Study, form: str) -> HttpResponse:
    """Send the snapshot as a file; the SVG is the picture of the present view."""
    filters = Filters.read(request.GET)
    snapshot = snapshot_for(study, filters)
    if snapshot is None or form not in MEDIA_TYPES:
        raise Http404
    text: str
    if form == "svg":
        explorer = Explorer(snapshot, filters)
        if not explorer.selection.is_readable:
            raise Http404
        context = {"picture": explorer.picture, "study": study, "snapshot": snapshot, "labels": labels(snapshot)}
        text = render_to_string("moralgraph/picture.svg", context)
    else:
        text = export(snapshot, form=form)
    response = HttpResponse(text, content_type=MEDIA_TYPES[form])
    ending = "published.json" if form == "published" else form
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-graph-{snapshot.number}.{ending}"'
    return response


@require_POST
@member_view(*MAY_BUILD)
def build(request: HttpRequest, study: Study) -> HttpResponse:
    """Build the graph anew from the judgements of now."""
    method = request.POST.get("method", "")
    if method not in Snapshot.Method.values:
        method = Snapshot.Method.REPAIRED.value
    try:
        if is_built_at_once(study):
            snapshot = build_snapshot(study, method=method, now=timezone.now())
            messages.success(request, _("Snapshot %(number)s is built.") % {"number": snapshot.number})
        else:
            request_snapshot(study, method=method, purpose="explore")
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("moralgraph:graph", slug=study.slug)
