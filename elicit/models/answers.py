"""Survey answers, one row an item; a missing value always has a reason."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.origin import origin_check, origin_field
from elicit.models.participants import Participant
from elicit.querysets import READS_WORDS, Role, rows_of


class SurveyAnswer(models.Model):
    """The present answer to one item of one instrument."""

    class NullReason(models.TextChoices):
        NOT_SHOWN = "not_shown", _("Not shown")
        SKIPPED = "skipped", _("Skipped")
        REFUSED = "refused", _("Prefer not to say")
        DONT_KNOW = "dont_know", _("Don't know")
        NOT_APPLICABLE = "not_applicable", _("Not applicable")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="survey_answers")
    instrument = models.SlugField(max_length=60)
    instrument_version = models.CharField(max_length=20)
    item = models.CharField(max_length=80)
    value = models.JSONField(null=True, blank=True)
    null_reason = models.CharField(max_length=14, choices=NullReason.choices, blank=True)
    option_order = models.JSONField(default=list, blank=True)
    place = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Place on its page, from 1."))
    handling = models.JSONField(
        default=dict,
        blank=True,
        help_text=_(
            "How it was answered, as the browser tells: seconds, touched, changes, pasted; by row for sliders."
        ),
    )
    checks = models.JSONField(
        default=dict, blank=True, help_text=_("What was found in free text: pii, language, moderation.")
    )
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


class ReleaseRecord(models.Model):
    """What a release in PRISM's form says of a participant that no answer of theirs holds.

    Coded categories, recruitment, times and subsets: imported with the person, or coded here by the study's team.
    """

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="release_record")
    fields = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER, Role.ANALYST})

    def __str__(self) -> str:
        return f"release record of {self.participant}"
