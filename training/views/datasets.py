"""One dataset: what is in it and a few of its blocks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from elicit.models import Study
from elicit.roles import member_view
from training.datasets import example_blocks
from training.models import Dataset
from training.views.overview import shell


@require_safe
@member_view()
def dataset(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Show a dataset."""
    found = get_object_or_404(Dataset.objects.of_study(study).select_related("alignment_target", "job"), number=number)
    context = {"dataset": found, "blocks": example_blocks(found)}
    return render(request, "training/dataset.html", {**shell(request, study), **context})
