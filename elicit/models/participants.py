"""A participant, the links that let them in, and how far they have come."""

import secrets

from django.conf import settings
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

    class Ending(models.TextChoices):
        COMPLETE = "complete", _("Finished")
        NO_CONSENT = "no_consent", _("Did not agree")
        SCREENED_OUT = "screened_out", _("Not in the group that is asked")
        QUALITY = "quality", _("Ended over quality")
        TECHNICAL = "technical", _("Ended over a technical fault")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="participants")
    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="participants")
    code = models.CharField(max_length=16, unique=True, default=random_code, editable=False)
    origin = origin_field()
    language = models.CharField(max_length=12, default="en")
    seed = models.PositiveBigIntegerField(help_text=_("Draws orders and arms for this person."))
    created_at = models.DateTimeField(auto_now_add=True)
    began_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True, help_text=_("The last answer that was saved."))
    finished_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(max_length=12, choices=Ending.choices, blank=True, help_text=_("How they left the study."))
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_because = models.CharField(max_length=300, blank=True)
    excluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
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


class StudyLink(models.Model):
    """A link that anybody may open: a study link, or the entry of a panel. Only the hash of its token is kept."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=80, blank=True)
    panel = models.CharField(
        max_length=40, blank=True, help_text=_("The panel whose people come by it; empty for all.")
    )
    most_participants = models.PositiveIntegerField(default=0, help_text=_("0 for as many as come."))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", readers={Role.ORGANIZER})

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"link into {self.study}"


class PanelIdentity(models.Model):
    """Under which number a panel knows a participant, encrypted. Only a lookup hash finds it again."""

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="panel_identity")
    link = models.ForeignKey(StudyLink, on_delete=models.CASCADE, related_name="identities")
    panel = models.CharField(max_length=40)
    lookup = models.CharField(max_length=64, help_text=_("HMAC of panel, study and the panel's participant id."))
    sealed = models.BinaryField(help_text=_("The panel's ids, encrypted with PANEL_KEY."))
    browser = models.CharField(max_length=64, help_text=_("Hash of the browser session of the first visit."))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lookup"], name="one_participant_a_panel_id")]

    def __str__(self) -> str:
        return f"{self.panel} identity of {self.participant}"
