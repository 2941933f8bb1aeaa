"""Every call to a language model, and the money leased for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.studies import Study
from elicit.querysets import Role, rows_of


class SpendLease(models.Model):
    """Money set aside before a call and settled after it, so that parallel calls cannot pass the cap."""

    class State(models.TextChoices):
        HELD = "held", _("Held")
        SETTLED = "settled", _("Settled")
        RELEASED = "released", _("Released")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="spend_leases")
    participant_code = models.CharField(max_length=16, blank=True)
    amount_usd = models.DecimalField(max_digits=12, decimal_places=6)
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects = rows_of("study", readers={Role.ORGANIZER})

    class Meta:
        indexes = [models.Index(fields=["study", "state", "created_at"], name="lease_by_state")]
        constraints = [models.CheckConstraint(condition=Q(amount_usd__gte=0), name="lease_not_negative")]

    def __str__(self) -> str:
        return f"{self.study} {self.amount_usd} {self.state}"


class LlmCall(models.Model):
    """One call: which prompt, which model, what it cost and how it ended. Never its words."""

    class Outcome(models.TextChoices):
        OK = "ok", _("Answered")
        REFUSED = "refused", _("Refused by the cap or the configuration")
        FAILED = "failed", _("Failed")
        INVALID = "invalid", _("Reply did not fit")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="llm_calls")
    participant_code = models.CharField(max_length=16, blank=True)
    purpose = models.CharField(max_length=60)
    prompt_name = models.CharField(max_length=60, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    model_name = models.CharField(max_length=120)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    latency_ms = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    failure = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("study", readers={Role.ORGANIZER, Role.ANALYST})

    class Meta:
        indexes = [models.Index(fields=["study", "at"], name="llm_call_by_time")]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.model_name}: {self.outcome}"
