"""Survey answers, one row an item; a missing value always has a reason."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.origin import origin_check, origin_field
from elicit.models.participants import Participant
from elicit.querysets import READS_WORDS, rows_of


class SurveyAnswer(models.Model):
    """The present answer to one item of one instrument."""

    class NullReason(models.TextChoices):
        NOT_SHOWN = "not_shown", _("Not shown")
        SKIPPED = "skipped", _("Skipped")
        REFUSED = "refused", _("Prefer not to say")
        NOT_APPLICABLE = "not_applicable", _("Not applicable")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="survey_answers")
    instrument = models.SlugField(max_length=60)
    instrument_version = models.CharField(max_length=20)
    item = models.CharField(max_length=80)
    value = models.JSONField(null=True, blank=True)
    null_reason = models.CharField(max_length=14, choices=NullReason.choices, blank=True)
    option_order = models.JSONField(default=list, blank=True)
    origin = origin_field()
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(auto_now=True)

    objects = rows_of("participant__study", readers=READS_WORDS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "instrument", "item"], name="answer_once_an_item"),
            models.CheckConstraint(
                condition=Q(value__isnull=False, null_reason="") | (Q(value__isnull=True) & ~Q(null_reason="")),
                name="missing_answer_has_a_reason",
            ),
            origin_check("answer_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.item}"
