"""Consent is data: one row for each item a person answered, in the words they saw."""

from django.db import models

from elicit.models.participants import Participant
from elicit.querysets import Role, rows_of


class ConsentGrant(models.Model):
    """The answer to one consent item; `text_hash` identifies the words that were shown."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="consent_grants")
    item = models.SlugField(max_length=60)
    text_hash = models.CharField(max_length=64)
    granted = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER, Role.ANALYST})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "item", "text_hash"], name="consent_item_answered_once")
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.item} {'yes' if self.granted else 'no'}"
