"""Alignment targets, datasets and runs of one study, and the forms that ask for more."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import WellspringError
from elicit.models import Study
from elicit.navigation import tabs
from elicit.querysets import Role
from elicit.roles import member_view, role_of
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.models import AlignmentTarget
from training.datasets import request_dataset
from training.forms import DatasetForm, RunForm
from training.models import Dataset, Run
from training.runs import request_run

MAY_TRAIN = (Role.ORGANIZER, Role.ENGINEER)


def shell(request: HttpRequest, study: Study) -> dict[str, Any]:
    """Return what every training page needs."""
    role = role_of(request.user, study)
    return {
        "study": study,
        "tabs": tabs(study, "training", role=role),
        "may_train": role in MAY_TRAIN,
        "may_freeze": role == Role.ORGANIZER,
    }


@require_safe
@member_view()
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show everything that was built from the study's moral graph."""
    context = {
        "targets": AlignmentTarget.objects.of_study(study).select_related("snapshot").order_by("-version"),
        "datasets": Dataset.objects.of_study(study).select_related("alignment_target", "job").order_by("-number"),
        "runs": Run.objects.of_study(study).select_related("dataset", "job", "evaluation").order_by("-number"),
        "dataset_form": DatasetForm(study),
        "run_form": RunForm(study),
    }
    return render(request, "training/overview.html", {**shell(request, study), **context})


@require_POST
@member_view(Role.ORGANIZER)
def freeze(request: HttpRequest, study: Study) -> HttpResponse:
    """Build the graph from what was granted for training and freeze it into an alignment target."""
    try:
        target = freeze_newest_target(study, now=timezone.now())
        messages.success(request, _("Alignment target %(number)s stands.") % {"number": target.version})
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("training:overview", slug=study.slug)


@require_POST
@member_view(*MAY_TRAIN)
def build_dataset(request: HttpRequest, study: Study) -> HttpResponse:
    """Ask for a dataset."""
    form = DatasetForm(study, request.POST)
    problem = _("Choose an alignment target, a recipe and a seed.")
    return _ask(request, study, form, problem=problem, page="training:dataset", verb=_request_dataset)


@require_POST
@member_view(*MAY_TRAIN)
def start_run(request: HttpRequest, study: Study) -> HttpResponse:
    """Ask for a run."""
    form = RunForm(study, request.POST)
    problem = _("Choose a dataset that is ready, a recipe and a seed.")
    return _ask(request, study, form, problem=problem, page="training:run", verb=_request_run)


def _request_dataset(asked: dict[str, Any]) -> Dataset:
    return request_dataset(asked["target"], recipe_name=asked["recipe"], seed=asked["seed"])


def _request_run(asked: dict[str, Any]) -> Run:
    return request_run(asked["dataset"], recipe_name=asked["recipe"], seed=asked["seed"])


def _ask(
    request: HttpRequest,
    study: Study,
    form: forms.Form,
    *,
    problem: str,
    page: str,
    verb: Callable[[dict[str, Any]], Dataset | Run],
) -> HttpResponse:
    """Do what a form asks for and show it, or say why not."""
    try:
        if form.is_valid():
            return redirect(page, slug=study.slug, number=verb(form.cleaned_data).number)
        messages.error(request, problem)
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("training:overview", slug=study.slug)


@require_safe
@member_view()
def target_file(request: HttpRequest, study: Study, version: int) -> HttpResponse:
    """Download one frozen `alignment_target.json`."""
    target = get_object_or_404(AlignmentTarget.objects.of_study(study), version=version, retired_at__isnull=True)
    name = f"alignment_target-{study.slug}-{target.version}.json"
    return JsonResponse(
        target.content,
        json_dumps_params={"indent": 1, "ensure_ascii": False},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
