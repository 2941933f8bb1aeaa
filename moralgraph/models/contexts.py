"""Contexts: the situations in which values are compared, where they come from, and whether people are asked in them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from elicit.models import Participant, Question, Study
from elicit.models.origin import origin_check, origin_field
from elicit.querysets import StudyRows, rows_of


class ContextRows(StudyRows["Context"]):
    """Contexts by whether people are asked in them."""

    def active(self) -> "ContextRows":
        """Return the contexts in which pairs are drawn."""
        return self.filter(state=Context.State.ACTIVE)


class Context(models.Model):
    """A kind of situation: "When ...". A judgement always names one."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed: nobody is asked yet")
        ACTIVE = "active", _("In use")
        RETIRED = "retired", _("No longer used")

    class Source(models.TextChoices):
        STUDY_FILE = "study_file", _("The study file")
        QUESTION = "question", _("A question of the study")
        TRANSCRIPT = "transcript", _("An interview")
        ORGANIZER = "organizer", _("An organizer")
        IMPORTED = "imported", _("Another study's files")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="contexts")
    key = models.CharField(max_length=80)
    text = models.JSONField(help_text=_("Text by language code."))
    questions = models.ManyToManyField(Question, related_name="contexts", blank=True)
    origin = origin_field("seed")
    position = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.STUDY_FILE)
    found_in = models.ForeignKey(
        Participant, on_delete=models.SET_NULL, null=True, blank=True, related_name="contexts_found",
        help_text=_("Whose interview it was found in."),
    )  # fmt: skip
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged",
        help_text=_("The context that says the same; answers given here count there."),
    )  # fmt: skip

    objects = rows_of("study", base=ContextRows)

    class Meta:
        ordering = ["position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="context_key_once_a_study"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")), name="context_not_merged_into_itself"
            ),
            origin_check("context_origin"),
        ]

    def __str__(self) -> str:
        return next(iter(self.text.values()))
