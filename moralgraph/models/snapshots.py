"""Built moral graphs and the alignment targets that are frozen from them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from elicit.models import Study
from elicit.querysets import Role, StudyRows, rows_of


class SnapshotRows(StudyRows["Snapshot"]):
    """Snapshots by standing."""

    def standing(self) -> "SnapshotRows":
        """Return snapshots that have not been retired."""
        return self.filter(retired_at__isnull=True)


class Snapshot(models.Model):
    """A built moral graph: counts, card ids, parameters and hashes; never words or participants."""

    class Method(models.TextChoices):
        CLASSIC = "classic", _("Classic (the published rule)")
        REPAIRED = "repaired", _("Repaired")
        BRADLEY_TERRY = "bradley_terry", _("Bradley-Terry (a latent order)")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="snapshots")
    number = models.PositiveIntegerField()
    method = models.CharField(max_length=14, choices=Method.choices)
    parameters = models.JSONField(default=dict, help_text=_("Thresholds, purpose and the origins that went in."))
    inputs_hash = models.CharField(max_length=64)
    code_version = models.CharField(max_length=40)
    content = models.JSONField(help_text=_("Cards by id, edges with counts, ranks with intervals."))
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", base=SnapshotRows)

    class Meta:
        ordering = ["study", "number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="snapshot_number_once")]

    def __str__(self) -> str:
        return f"{self.study} snapshot {self.number}"


class AlignmentTarget(models.Model):
    """A frozen `alignment_target.json`."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="alignment_targets")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="alignment_targets")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", readers={Role.ORGANIZER, Role.ANALYST, Role.ENGINEER, Role.OBSERVER})

    class Meta:
        ordering = ["study", "version"]
        constraints = [models.UniqueConstraint(fields=["study", "version"], name="alignment_target_version_once")]

    def __str__(self) -> str:
        return f"{self.study} alignment target {self.version}"
