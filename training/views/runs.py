"""One run: its state, its loss curve, its evaluation and its model card."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from elicit.models import Study
from elicit.roles import member_view
from training.evidence import evidence_tables
from training.models import Evaluation, Run
from training.runs import cancel_run, loss_points
from training.views.overview import MAY_TRAIN, shell

MOVING = frozenset({Run.State.QUEUED, Run.State.RUNNING})


def find(study: Study, number: int) -> Run:
    """Return one run of the study, or 404."""
    runs = Run.objects.of_study(study).select_related("dataset__alignment_target", "job")
    return get_object_or_404(runs, number=number)


def progress_context(found: Run) -> dict[str, Any]:
    """Return what changes while a run is going."""
    points = loss_points(found)
    evaluation = Evaluation.objects.filter(run=found).first()
    return {
        "run": found,
        "curves": curves(points),
        "latest": points[-1] if points else None,
        "moving": found.state in MOVING or (found.state == Run.State.DONE and evaluation is None),
    }


def curves(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each stage its training and validation losses, for the chart."""
    stages: dict[str, dict[str, Any]] = {}
    for point in points:
        stage = stages.setdefault(point["stage"], {"name": point["stage"], "train": [], "validation": []})
        stage["train"].append((point["step"], point.get("loss")))
        stage["validation"].append((point["step"], point.get("validation_loss")))
    return list(stages.values())


@require_safe
@member_view()
def run(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Show a run."""
    found = find(study, number)
    evaluation = Evaluation.objects.filter(run=found).first()
    context = {
        **progress_context(found),
        "evaluation": evaluation,
        "evidence": evidence_tables(evaluation.report) if evaluation else None,
    }
    return render(request, "training/run.html", {**shell(request, study), **context})


@require_safe
@member_view()
def run_progress(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Show the part of a run's page that changes."""
    context = {**shell(request, study), **progress_context(find(study, number)), "is_update": True}
    return render(request, "training/_run_progress.html", context)


@require_POST
@member_view(*MAY_TRAIN)
def cancel(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Ask a run to stop."""
    cancel_run(find(study, number), now=timezone.now())
    return redirect("training:run", slug=study.slug, number=number)


@require_safe
@member_view()
def model_card(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Download a run's model card."""
    evaluation = get_object_or_404(Evaluation.objects.of_study(study), run__number=number)
    headers = {"Content-Disposition": f'attachment; filename="model_card-{study.slug}-{number}.md"'}
    return HttpResponse(evaluation.model_card, content_type="text/markdown; charset=utf-8", headers=headers)
