"""A participant, the links that let them in, and how far they have come."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.origin import origin_check, origin_field
from elicit.models.studies import Study, StudyVersion
from elicit.querysets import Role, rows_of


def random_code() -> str:
    """Return 16 hex digits that mean nothing."""
    return secrets.token_hex(8)


class Participant(models.Model):
    """Somebody who takes part. Nothing here says who they are."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="participants")
    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="participants")
    code = models.CharField(max_length=16, unique=True, default=random_code, editable=False)
    origin = origin_field()
    language = models.CharField(max_length=12, default="en")
    seed = models.PositiveBigIntegerField(help_text=_("Draws orders and arms for this person."))
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", readers={Role.ORGANIZER, Role.ANALYST, Role.OBSERVER})

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [origin_check("participant_origin")]

    def __str__(self) -> str:
        return self.code


class EntryLink(models.Model):
    """A personal link. Only the hash of its 128-bit token is kept."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER})

    def __str__(self) -> str:
        return f"link of {self.participant}"


class StepProgress(models.Model):
    """One step of one participant; the link resumes at the first that is not done."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting")
        NOT_AVAILABLE = "not_available", _("Not available")
        DONE = "done", _("Done")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="steps")
    key = models.SlugField(max_length=60)
    state = models.CharField(max_length=14, choices=State.choices, default=State.OPEN)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER, Role.ANALYST, Role.OBSERVER})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "key"], name="step_once_a_participant"),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False) | ~Q(state="done"), name="done_step_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.key} {self.state}"
