"""Rated conversations: several models answer, blind; the best one continues."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
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

    class Arm(models.TextChoices):
        STANDARD = "standard", _("Models as they are")
        OWN_SYSTEM = "own_system", _("The person's own instructions beside none")

    class Ending(models.TextChoices):
        PARTICIPANT = "participant", _("Ended by the participant")
        TURNS = "turns", _("The last turn was rated")
        MINUTES = "minutes", _("The time was over")
        BUDGET = "budget", _("The budget was used up")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="conversations")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    anchor = models.CharField(
        max_length=60, blank=True, help_text=_("Key of the shared prompt that opened it; empty for an own one.")
    )
    arm = models.CharField(max_length=10, choices=Arm.choices, default=Arm.STANDARD)
    arm_propensity = models.FloatField(default=1.0, help_text=_("Probability with which this arm was drawn."))
    ended_by = models.CharField(max_length=11, choices=Ending.choices, blank=True)
    imported = models.JSONField(
        default=dict, blank=True, help_text=_("What an imported release says of it that no other column holds.")
    )
    origin = origin_field()
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("participant__study", readers={Role.ORGANIZER, Role.ANALYST, Role.OBSERVER})

    class Meta:
        ordering = ["participant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "number"], name="conversation_number_once"),
            models.CheckConstraint(
                condition=Q(arm_propensity__gt=0) & Q(arm_propensity__lte=1), name="conversation_arm_in_unit"
            ),
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
    was_tied = models.BooleanField(default=False, help_text=_("Several shared the highest score; one was chosen."))
    draw_policy = models.CharField(max_length=10, blank=True, help_text=_("How its models were drawn."))
    checks = models.JSONField(
        default=dict, blank=True, help_text=_("What was found in the prompt: pii, language, moderation.")
    )
    created_at = models.DateTimeField(default=timezone.now)
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

    class System(models.TextChoices):
        DEFAULT = "default", _("No instructions of the person")
        OWN = "own", _("The person's own instructions")

    position = models.PositiveSmallIntegerField(help_text=_("Place on the page: 0 is A."))
    arrival = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Order in which the answers that were shown came back, from 0.")
    )
    model_name = models.CharField(max_length=120)
    propensity = models.FloatField(help_text=_("Probability with which this model was drawn."))
    is_back_fill = models.BooleanField(default=False, help_text=_("Drawn in the place of a model that failed."))
    system = models.CharField(max_length=7, choices=System.choices, default=System.DEFAULT)
    text = models.TextField(blank=True)
    failure = models.CharField(max_length=200, blank=True, help_text=_("Why there is no text, for organizers."))
    names_itself = models.BooleanField(default=False)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    society_score = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("How good it would be for everybody, as this person sees it.")
    )
    handling = models.JSONField(
        default=dict, blank=True, help_text=_("How it was rated, as the browser tells: touched, seconds, changes.")
    )
    is_chosen = models.BooleanField(default=False)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    tokens = models.PositiveIntegerField(null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True, help_text=_("Settings of the call: temperature and so on."))
    prompt_name = models.CharField(max_length=80, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    seed = models.CharField(max_length=60, blank=True, help_text=_("Seed of the call."))
    checks = models.JSONField(
        default=dict, blank=True, help_text=_("What was found in the answer: pii, language, moderation.")
    )
    created_at = models.DateTimeField(default=timezone.now)

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
                condition=Q(society_score__isnull=True) | Q(society_score__range=(1, 100)),
                name="utterance_society_score_1_to_100",
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
    attribute_order = models.JSONField(default=list, blank=True, help_text=_("Order in which the sliders stood."))
    handling = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("How each slider was set, as the browser tells: touched, seconds, changes."),
    )
    checks = models.JSONField(
        default=dict, blank=True, help_text=_("What was found in the open text: pii, language, moderation.")
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = rows_of("conversation__participant__study", readers=READS_WORDS)

    def __str__(self) -> str:
        return f"feedback on {self.conversation}"
