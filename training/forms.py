"""What an organizer or engineer may ask of training: explicit fields, nothing else is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from elicit.models import Study
from moralgraph.models import AlignmentTarget
from training.models import Dataset
from training.recipes import recipe_names

LARGEST_SEED = 2**31 - 1


def recipe_choices() -> list[tuple[str, str]]:
    """Return the recipes that come with the engine."""
    return [(name, name) for name in recipe_names()]


def offer(field: Any, rows: QuerySet[Any], *, words: Callable[[Any], str]) -> None:
    """Let a field choose among rows, named by `words`, with the first one chosen."""
    field.queryset, field.initial, field.empty_label = rows, rows.first(), None
    field.label_from_instance = words


class DatasetForm(forms.Form):
    """Ask for a dataset."""

    target: forms.ModelChoiceField[AlignmentTarget] = forms.ModelChoiceField(
        label=_("Alignment target"), queryset=AlignmentTarget.objects.none()
    )
    recipe = forms.ChoiceField(label=_("Recipe"), choices=recipe_choices)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=LARGEST_SEED, initial=0)

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = AlignmentTarget.objects.of_study(study).filter(retired_at__isnull=True).order_by("-version")
        offer(self.fields["target"], targets, words=lambda target: _("Target %d") % target.version)


class RunForm(forms.Form):
    """Ask for a run."""

    dataset: forms.ModelChoiceField[Dataset] = forms.ModelChoiceField(
        label=_("Dataset"), queryset=Dataset.objects.none()
    )
    recipe = forms.ChoiceField(label=_("Recipe"), choices=recipe_choices)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=LARGEST_SEED, initial=0)

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = Dataset.objects.of_study(study).filter(state=Dataset.State.READY).order_by("-number")
        offer(self.fields["dataset"], ready, words=lambda dataset: _("Dataset %d") % dataset.number)
