"""Canonical values cards, which confirmed card each stands for, and what authors say about that."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from elicit.models import Participant, Study, ValuesCard
from elicit.models.origin import origin_check, origin_field
from elicit.querysets import EVERY_ROLE, READS_WORDS, rows_of


class CanonicalValuesCard(models.Model):
    """A node of the moral graph: the card that stands for one or more confirmed cards."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="canonical_cards")
    content_id = models.CharField(max_length=40, help_text=_("Hash of its words, or the id it was imported with."))
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    policies = models.JSONField(default=list)
    details = models.JSONField(default=dict, blank=True, help_text=_("Imported fields that are exported again."))
    language = models.CharField(max_length=12, default="en")
    origin = origin_field("seed")
    seed_key = models.CharField(max_length=80, blank=True)
    worded_by = models.ForeignKey(
        Participant, on_delete=models.SET_NULL, null=True, blank=True, related_name="worded_canonical_cards"
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged",
        help_text=_("The canonical card that says the same; what was judged of this one counts there."),
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("study", readers=EVERY_ROLE)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "content_id"], name="canonical_card_once_a_study"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")), name="card_not_merged_into_itself"
            ),
            origin_check("canonical_card_origin"),
        ]

    def __str__(self) -> str:
        return self.title


class CardMembership(models.Model):
    """Which canonical card stands for a confirmed card, and how that was decided."""

    class Decision(models.TextChoices):
        SAME_WORDS = "same_words", _("Same words")
        SIMILAR = "similar", _("Similar words")
        OWN = "own", _("Stands for itself")
        MODEL = "model", _("A model found them the same")
        UNSURE = "unsure", _("Stands for itself for now: no model could be asked")
        ORGANIZER = "organizer", _("An organizer decided")

    card = models.OneToOneField(ValuesCard, on_delete=models.CASCADE, related_name="membership")
    canonical = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="memberships")
    decision = models.CharField(max_length=12, choices=Decision.choices)
    similarity = models.FloatField(null=True, blank=True)
    is_provisional = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("canonical__study")

    def __str__(self) -> str:
        return f"{self.card} -> {self.canonical}"


class CardVerification(models.Model):
    """What an author answers to "is this canonical card yours?". Nothing is changed by it."""

    class Answer(models.TextChoices):
        SAME = "same", _("Yes, it says what mine says")
        DIFFERENT = "different", _("No, mine is another value")
        UNSURE = "unsure", _("I am not sure")

    card = models.ForeignKey(ValuesCard, on_delete=models.CASCADE, related_name="verifications")
    canonical = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="verifications")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    why = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField()

    objects = rows_of("canonical__study", readers=READS_WORDS)

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["card", "canonical"], name="card_verified_once")]

    def __str__(self) -> str:
        return f"{self.card}: {self.answer}"
