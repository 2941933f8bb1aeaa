"""One dataset: what is in it and a few of its blocks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from elicit.models import Study
from elicit.roles import member_view
from training.datasets import example_blocks
from training.models import Dataset
from training.views.overview import shell

SPLITS = {
    "train": _("Training"),
    "validation": _("Validation"),
    "unseen_prompts": _("Test: unseen prompts"),
    "unseen_values": _("Test: unseen values"),
    "unseen_paraphrases": _("Test: unseen wordings"),
}
ORIGINS = {
    "person": _("from people"),
    "simulated": _("from simulated participants"),
    "seed": _("from the study file"),
    "imported": _("imported"),
    "synthetic": _("made up, to have enough"),
}


@require_safe
@member_view()
def dataset(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Show a dataset."""
    found = get_object_or_404(Dataset.objects.of_study(study).select_related("alignment_target", "job"), number=number)
    context = {
        "dataset": found,
        "blocks": example_blocks(found),
        "splits": in_words(found.summary.get("blocks", {}), SPLITS),
        "cards": in_words(found.summary.get("cards", {}), ORIGINS),
    }
    return render(request, "training/dataset.html", {**shell(request, study), **context})


def in_words(counts: dict[str, int], words: dict[str, Any]) -> list[tuple[Any, int]]:
    """Return counts under the words that people read, in the order of the words; an unknown name stays as it is."""
    known = [(words[name], counts[name]) for name in words if name in counts]
    return known + [(name, count) for name, count in counts.items() if name not in words]
