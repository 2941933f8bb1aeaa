"""The site's record of datasets, runs and evaluations. The files themselves lie in the training folder."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models import Job, Study
from elicit.querysets import rows_of
from moralgraph.models import AlignmentTarget


class Dataset(models.Model):
    """A folder of counterfactual blocks made from one alignment target."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        RETIRED = "retired", _("Retired")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="datasets")
    alignment_target = models.ForeignKey(AlignmentTarget, on_delete=models.PROTECT, related_name="datasets")
    number = models.PositiveIntegerField()
    seed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    content_hash = models.CharField(max_length=64, blank=True)
    summary = models.JSONField(default=dict)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("study")

    class Meta:
        ordering = ["study", "number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="dataset_number_once")]

    def __str__(self) -> str:
        return f"{self.study} dataset {self.number}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.TRAINING_DIR) / self.study.slug / f"dataset-{self.number}"


class Run(models.Model):
    """One training run: a recipe, a dataset, a seed and what came of it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="runs")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    recipe_name = models.CharField(max_length=60)
    recipe = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    summary = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study")

    class Meta:
        ordering = ["study", "number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="run_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "failed", "cancelled"]) | Q(finished_at__isnull=False),
                name="ended_run_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} run {self.number}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.TRAINING_DIR) / self.study.slug / f"run-{self.number}"


class Evaluation(models.Model):
    """What was measured of a run."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="evaluation")
    report = models.JSONField()
    model_card = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("run__study")

    def __str__(self) -> str:
        return f"evaluation of {self.run}"
