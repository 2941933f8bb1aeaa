"""Rated conversations: several models answer, blind; the best one continues."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.origin import origin_check, origin_field
from elicit.models.participants import Participant
from elicit.querysets import READS_WORDS, Role, rows_of


class Conversation(models.Model):
    """One rated conversation of a participant."""

    class Kind(models.TextChoices):
        UNGUIDED = "unguided", _("Anything you like")
        VALUES = "values_guided", _("Something that matters to you")
        CONTROVERSY = "controversy_guided", _("Something people around you disagree about")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FINISHED = "finished", _("Finished")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="conversations")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    origin = origin_field()
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER, Role.ANALYST, Role.OBSERVER})

    class Meta:
        ordering = ["participant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "number"], name="conversation_number_once"),
            origin_check("conversation_origin"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.number} of {self.participant}"


class Exchange(models.Model):
    """One prompt and the answers to it. `seed` fixes which models answer and in which order they stand."""

    class State(models.TextChoices):
        ANSWERING = "answering", _("Answers are being written")
        RATING = "rating", _("Ready to rate")
        RATED = "rated", _("Rated")
        FAILED = "failed", _("No answer could be produced")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="exchanges")
    number = models.PositiveIntegerField()
    prompt = models.TextField(max_length=8000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ANSWERING)
    seed = models.PositiveBigIntegerField()
    idempotency_key = models.CharField(max_length=64)
    all_bad = models.BooleanField(default=False)
    all_bad_reason = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    rated_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("conversation__participant__study", readers=READS_WORDS)

    class Meta:
        ordering = ["conversation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="exchange_number_once"),
            models.UniqueConstraint(fields=["conversation", "idempotency_key"], name="exchange_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation} exchange {self.number}"


class Utterance(models.Model):
    """One model's answer. The person sees its letter, never its model's name, before rating."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="utterances")
    position = models.PositiveSmallIntegerField(help_text=_("Place on the page: 0 is A."))
    model_name = models.CharField(max_length=120)
    propensity = models.FloatField(help_text=_("Probability with which this model was drawn."))
    text = models.TextField(blank=True)
    failure = models.CharField(max_length=200, blank=True, help_text=_("Why there is no text, for organizers."))
    names_itself = models.BooleanField(default=False)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    is_chosen = models.BooleanField(default=False)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    tokens = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("exchange__conversation__participant__study", readers=READS_WORDS)

    class Meta:
        ordering = ["exchange", "position"]
        constraints = [
            models.UniqueConstraint(fields=["exchange", "position"], name="utterance_position_once"),
            models.UniqueConstraint(
                fields=["exchange"], condition=Q(is_chosen=True), name="one_chosen_utterance_an_exchange"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(1, 100)), name="utterance_score_1_to_100"
            ),
            models.CheckConstraint(
                condition=Q(propensity__gt=0) & Q(propensity__lte=1), name="utterance_propensity_in_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exchange} answer {self.letter}"

    @property
    def letter(self) -> str:
        """The letter under which the person sees it."""
        return chr(ord("A") + self.position)


class ConversationFeedback(models.Model):
    """Closing feedback on a whole conversation."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="feedback")
    performance = models.JSONField(default=dict, help_text=_("Attribute: 1 to 100, or null where not applicable."))
    choice = models.JSONField(default=dict, help_text=_("Attribute: 1 to 100, or null where not applicable."))
    open_text = models.TextField(max_length=4000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("conversation__participant__study", readers=READS_WORDS)

    def __str__(self) -> str:
        return f"feedback on {self.conversation}"
