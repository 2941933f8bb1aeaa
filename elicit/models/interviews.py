"""An interview and its messages."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.origin import origin_check, origin_field
from elicit.models.participants import Participant
from elicit.models.studies import Question
from elicit.querysets import READS_WORDS, Role, rows_of


class Interview(models.Model):
    """One talk about one question. It ends by the server's rules, never by a word in a text."""

    class Mode(models.TextChoices):
        GUIDED = "guided", _("Guided")
        MODEL = "model", _("Language model")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FINISHED = "finished", _("Finished")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="interviews")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="interviews")
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.GUIDED)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    origin = origin_field()
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER, Role.ANALYST, Role.OBSERVER})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "question"], name="one_interview_a_question"),
            origin_check("interview_origin"),
        ]

    def __str__(self) -> str:
        return f"interview of {self.participant}"


class Message(models.Model):
    """One turn's words. A repeated post with the same key answers as the first."""

    class Author(models.TextChoices):
        INTERVIEWER = "interviewer", _("Interviewer")
        PARTICIPANT = "participant", _("You")

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=12, choices=Author.choices)
    text = models.TextField(max_length=8000)
    stage = models.SlugField(max_length=30, blank=True)
    language = models.CharField(max_length=12, default="en")
    origin = origin_field()
    idempotency_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("interview__participant__study", readers=READS_WORDS)

    class Meta:
        ordering = ["interview", "number"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "number"], name="message_number_once"),
            models.UniqueConstraint(fields=["interview", "idempotency_key"], name="message_key_once"),
            models.CheckConstraint(condition=~Q(text=""), name="message_not_empty"),
            origin_check("message_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.interview} #{self.number}"
