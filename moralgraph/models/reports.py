"""Public reports, and what participants say about their place in one."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from elicit.models import Participant, Study, ValuesCard
from elicit.querysets import READS_WORDS, StudyRows, rows_of
from moralgraph.models.cards import CanonicalValuesCard
from moralgraph.models.snapshots import Snapshot


class ReportRows(StudyRows["Report"]):
    """Reports by whether anybody may read them."""

    def public(self) -> "ReportRows":
        """Return the reports that are published, have not been withdrawn, and whose snapshot stands."""
        return self.filter(published_at__isnull=False, withdrawn_at=None, snapshot__retired_at=None)


class Report(models.Model):
    """A study's public report: numbers and card ids of one snapshot; never words of participants or who they are."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="reports")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveIntegerField()
    introduction = models.TextField(max_length=4000, blank=True, help_text=_("The organizers' own words, in front."))
    content = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=600, blank=True)

    objects = rows_of("study", base=ReportRows)

    class Meta:
        ordering = ["study", "number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="report_number_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(published_at__isnull=False),
                name="withdrawn_report_was_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} report {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address at which everybody finds it, or why it is gone."""
        return reverse("reports:report", args=[self.study.slug, self.number])

    @property
    def is_standing(self) -> bool:
        """Say whether it is public now."""
        is_gone = self.withdrawn_at is not None or self.snapshot.retired_at is not None
        return self.published_at is not None and not is_gone


class PlaceVerification(models.Model):
    """What a participant answers to "is this place fair?" about the canonical card that stands for theirs."""

    class Answer(models.TextChoices):
        FAIR = "fair", _("Yes, it is a fair place")
        NOT_FAIR = "not_fair", _("No, it is not")
        UNSURE = "unsure", _("I am not sure")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="place_verifications")
    card = models.ForeignKey(ValuesCard, on_delete=models.CASCADE, related_name="place_verifications")
    canonical = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="place_verifications")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    why = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField()

    objects = rows_of("report__study", readers=READS_WORDS)

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "card"], name="place_verified_once_a_report")]

    def __str__(self) -> str:
        return f"{self.card}: {self.answer}"


class Appeal(models.Model):
    """What a participant asks the organizer to look at again, and what was answered."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="appeals")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="appeals")
    card = models.ForeignKey(ValuesCard, on_delete=models.CASCADE, null=True, blank=True, related_name="appeals")
    words = models.TextField(max_length=4000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("report__study", readers=READS_WORDS)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | Q(answered_at__isnull=False), name="answered_appeal_has_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"
