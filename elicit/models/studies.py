"""A study, its versioned design, its questions and its members."""

from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.querysets import Role, rows_of

if TYPE_CHECKING:
    from elicit.study_files import StudyDesign


class Study(models.Model):
    """One study: the tenant to which every other row belongs."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", _("Closed")

    class ConsentRecord(models.TextChoices):
        RECORDED = "recorded", _("Recorded with each answer")
        NOT_RECORDED = "not_recorded", _("Not recorded: method test only")

    slug = models.SlugField(max_length=60, unique=True)
    title = models.JSONField(help_text=_("Text by language code."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    consent_record = models.CharField(max_length=14, choices=ConsentRecord.choices, default=ConsentRecord.RECORDED)
    spend_cap_usd = models.DecimalField(max_digits=10, decimal_places=4, default=0)
    spend_cap_participant_usd = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    spend_cap_day_usd = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the retention date took everything personal.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("")

    class Meta:
        ordering = ["created_at", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "open", "paused", "closed"]), name="study_state"),
            models.CheckConstraint(condition=Q(spend_cap_usd__gte=0), name="study_spend_cap_not_negative"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        """The title in the first language that the study was written in."""
        return next(iter(self.title.values()))

    @property
    def is_method_test(self) -> bool:
        """Whether nothing built from it may be published or served."""
        return self.consent_record == self.ConsentRecord.NOT_RECORDED

    @property
    def has_simulated_participants(self) -> bool:
        """Whether programs take part, so that its pages must say so."""
        return self.participants.filter(origin="simulated", withdrawn_at=None).exists()

    @property
    def current_version(self) -> "StudyVersion":
        """The newest version of the design."""
        return self.versions.latest("number")


class StudyVersion(models.Model):
    """One version of a study's design, as it was loaded from its file."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text=_("The validated design."))
    design_hash = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(null=True, blank=True, help_text=_("When the first real participant began."))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("study")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="study_version_number_once")]

    def __str__(self) -> str:
        return f"{self.study} v{self.number}"

    @cached_property
    def design(self) -> "StudyDesign":
        """The design as a typed object."""
        from elicit.study_files import design_from_data

        return design_from_data(self.content)


class Question(models.Model):
    """A situation that participants are interviewed about."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    title = models.JSONField()
    text = models.JSONField()
    position = models.PositiveIntegerField(default=0)

    objects = rows_of("study")

    class Meta:
        ordering = ["position", "key"]
        constraints = [models.UniqueConstraint(fields=["study", "key"], name="question_key_once_a_study")]

    def __str__(self) -> str:
        return f"{self.study}/{self.key}"


class Membership(models.Model):
    """A user's role in one study."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    objects = rows_of("study", readers={Role.ORGANIZER})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="one_role_a_member"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.study}"
