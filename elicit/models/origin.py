"""Where a person or an artefact comes from. Results for people leave all but `person` out, or say so."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    """The source of a participant, message, card, context, upgrade, judgement or answer."""

    PERSON = "person", _("Person")
    SIMULATED = "simulated", _("Simulated")
    SEED = "seed", _("Seed")
    IMPORTED = "imported", _("Imported")
    PREVIEW = "preview", _("Preview")


def origin_field(default: str = Origin.PERSON) -> "models.CharField[str, str]":
    """Return the column that every artefact carries."""
    return models.CharField(max_length=10, choices=Origin.choices, default=default)


def origin_check(name: str) -> models.CheckConstraint:
    """Return the constraint that keeps unknown origins out of the database."""
    return models.CheckConstraint(condition=models.Q(origin__in=Origin.values), name=name)
