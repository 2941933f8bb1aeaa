"""Consent is data: one row for each item a person answered, in the words they saw."""

from django.db import models

from elicit.models.participants import Participant
from elicit.querysets import Role, rows_of


class ConsentGrant(models.Model):
    """One answer to one consent item. The newest answer holds; earlier ones stay as history.

    `text_hash` identifies the words that were shown, `version` the consent that they belong to.
    """

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="consent_grants")
    item = models.SlugField(max_length=60)
    text_hash = models.CharField(max_length=64)
    version = models.CharField(max_length=40, blank=True)
    granted = models.BooleanField()
    at = models.DateTimeField()

    objects = rows_of("participant__study", readers={Role.ORGANIZER, Role.ANALYST})

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["participant", "item", "at"], name="consent_newest")]

    def __str__(self) -> str:
        return f"{self.participant} {self.item} {'yes' if self.granted else 'no'}"
