"""An interview, its messages, and the turns in which a model writes the next one.

Rule: a turn is work that outlives every connection. Its words so far are its chunks; once they stand in a message, the
chunks go.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.jobs import Job
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
    mode = models.CharField(
        max_length=8,
        choices=Mode.choices,
        default=Mode.GUIDED,
        help_text=_("Who asks; a model can hand over to the guide."),
    )
    handed_over = models.CharField(max_length=30, blank=True, help_text=_("Why the guide took over from a model."))
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

    class Kind(models.TextChoices):
        SAID = "said", _("Words")
        SKIPPED = "skipped", _("Skipped the question")
        DECLINED = "declined", _("Would rather not say")
        DIFFERENTLY = "differently", _("Asked to be asked differently")

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=12, choices=Author.choices)
    text = models.TextField(max_length=8000)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SAID)
    stage = models.SlugField(max_length=30, blank=True)
    model_name = models.CharField(max_length=120, blank=True, help_text=_("Empty where a script or a person wrote it."))
    prompt_name = models.CharField(max_length=60, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    seed = models.CharField(max_length=80, blank=True)
    was_cut = models.BooleanField(default=False, help_text=_("Stopped before its end; what had come was kept."))
    revision = models.PositiveIntegerField(default=1)
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


class MessageRevision(models.Model):
    """What a message said before its author changed it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=8000)
    replaced_at = models.DateTimeField()

    objects = rows_of("message__interview__participant__study", readers=READS_WORDS)

    class Meta:
        ordering = ["message", "number"]
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="message_revision_once")]

    def __str__(self) -> str:
        return f"{self.message} revision {self.number}"


class Turn(models.Model):
    """A model writes the interviewer's next message, or drafts the card. At most one is alive in an interview."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        CARD = "card", _("Card")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WRITING = "writing", _("Writing")
        DONE = "done", _("Done")
        INTERRUPTED = "interrupted", _("Interrupted")
        SET_ASIDE = "set_aside", _("Gone on without it")

    class Trouble(models.TextChoices):
        NONE = "", _("None")
        TIMED_OUT = "timed_out", _("No answer in time")
        RATE_LIMITED = "rate_limited", _("The provider asked to wait")
        PROVIDER = "provider", _("The provider could not be reached or failed")
        EMPTY = "empty", _("The answer was empty")
        MALFORMED = "malformed", _("The answer did not fit")
        REFUSED = "refused", _("The model refused")
        BROKEN_OFF = "broken_off", _("The answer broke off")
        BUDGET = "budget", _("The budget is used up")
        WORKER = "worker", _("The worker stopped")

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="turns")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.QUESTION)
    number = models.PositiveIntegerField(help_text=_("The number of the message that it becomes."))
    stage = models.SlugField(max_length=30, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    trouble = models.CharField(max_length=14, choices=Trouble.choices, default=Trouble.NONE, blank=True)
    attempt = models.PositiveIntegerField(
        default=1, help_text=_("Counts the tries; chunks of an earlier try are gone.")
    )
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, related_name="+", null=True, blank=True)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="turn", null=True, blank=True)
    model_name = models.CharField(max_length=120, blank=True)
    fell_back_from = models.JSONField(default=list, help_text=_("Models that were asked before and did not answer."))
    stop_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    first_token_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("interview__participant__study", readers={Role.ORGANIZER, Role.ANALYST})

    class Meta:
        ordering = ["interview", "pk"]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="turn_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["interview"], condition=Q(state__in=["waiting", "writing", "interrupted"]), name="one_live_turn"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interview} {self.kind} {self.number}: {self.state}"


class TurnChunk(models.Model):
    """A piece of the turn log: text that the model wrote, a few times a second."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="chunks")
    attempt = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    text = models.TextField()

    objects = rows_of("turn__interview__participant__study", readers=READS_WORDS)

    class Meta:
        ordering = ["turn", "attempt", "number"]
        constraints = [models.UniqueConstraint(fields=["turn", "attempt", "number"], name="turn_chunk_once")]

    def __str__(self) -> str:
        return f"{self.turn} chunk {self.number}"
