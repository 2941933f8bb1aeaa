"""How cards are put together: versions of the partition, constraints, and what a model said of two cards."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from elicit.models import Study, ValuesCard
from elicit.querysets import READS_WORDS, rows_of
from moralgraph.models.cards import CanonicalValuesCard, CardMembership


class Partition(models.Model):
    """One version of "which canonical card stands for which card". The newest one is in force; none is ever changed."""

    class Kind(models.TextChoices):
        RECONCILED = "reconciled", _("Reconciled: all cards were compared anew")
        ORGANIZER = "organizer", _("An organizer merged or split")
        RESTORED = "restored", _("An earlier version was restored")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="partitions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    restored_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    parameters = models.JSONField(default=dict, help_text=_("Backend, threshold and model; never words."))
    inputs_hash = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64, help_text=_("The same groups have the same hash."))
    reason = models.CharField(max_length=600, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField()

    objects = rows_of("study")

    class Meta:
        ordering = ["study", "number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="partition_number_once")]

    def __str__(self) -> str:
        return f"{self.study} partition {self.number}"


class Assignment(models.Model):
    """In one version: the canonical card that a confirmed card, or a canonical card without author, was put under."""

    partition = models.ForeignKey(Partition, on_delete=models.CASCADE, related_name="assignments")
    card = models.ForeignKey(ValuesCard, on_delete=models.CASCADE, null=True, blank=True, related_name="assignments")
    merged = models.ForeignKey(
        CanonicalValuesCard, on_delete=models.CASCADE, null=True, blank=True, related_name="assigned_elsewhere",
        help_text=_("A canonical card that was put under another."),
    )  # fmt: skip
    canonical = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="assignments")
    decision = models.CharField(max_length=12, choices=CardMembership.Decision.choices)
    similarity = models.FloatField(null=True, blank=True)

    objects = rows_of("partition__study")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(card__isnull=False, merged__isnull=True) | Q(card__isnull=True, merged__isnull=False),
                name="assignment_of_one_thing",
            ),
            models.UniqueConstraint(fields=["partition", "card"], name="card_assigned_once_a_partition"),
            models.UniqueConstraint(fields=["partition", "merged"], name="canonical_assigned_once_a_partition"),
        ]

    def __str__(self) -> str:
        return f"{self.partition}: {self.canonical}"


class SamenessConstraint(models.Model):
    """An organizer's word that two canonical cards are one value, or that a card does not belong to a canonical one."""

    class Kind(models.TextChoices):
        MUST_LINK = "must_link", _("These are one value")
        CANNOT_LINK = "cannot_link", _("These are two values")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sameness_constraints")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    first_hash = models.CharField(max_length=40, help_text=_("The smaller hash of the two cards' words."))
    second_hash = models.CharField(max_length=40, help_text=_("The larger hash of the two cards' words."))
    reason = models.CharField(max_length=600)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", readers=READS_WORDS)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "first_hash", "second_hash"], condition=Q(undone_at__isnull=True),
                name="one_standing_constraint_a_pair",
            ),
            models.CheckConstraint(condition=Q(first_hash__lt=F("second_hash")), name="constraint_pair_is_ordered"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class CardEmbedding(models.Model):
    """The vector that an embedding model made of a card's words, under their hash; it goes with the words' author."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="card_embeddings")
    words_hash = models.CharField(max_length=40)
    model_name = models.CharField(max_length=120)
    vector = models.BinaryField(help_text=_("Little-endian 32-bit floats, of length 1."))

    objects = rows_of("study", readers=())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "words_hash", "model_name"], name="one_embedding_a_model")
        ]

    def __str__(self) -> str:
        return f"{self.model_name} {self.pk}"


class SamenessVerdict(models.Model):
    """What a model answered to the five tests about two cards, kept so that nobody is asked twice.

    "Could not ask" is an outcome of its own and is asked again; it never reads as "different".
    """

    class Outcome(models.TextChoices):
        SAME = "same", _("The same value")
        DIFFERENT = "different", _("Two values")
        COULD_NOT_ASK = "could_not_ask", _("No model could be asked")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sameness_verdicts")
    first_hash = models.CharField(max_length=40, help_text=_("The smaller hash of the two cards' words."))
    second_hash = models.CharField(max_length=40, help_text=_("The larger hash of the two cards' words."))
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    tests = models.JSONField(default=dict, help_text=_("Each of the five tests: met or not."))
    model_name = models.CharField(max_length=120, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()

    objects = rows_of("study", readers=READS_WORDS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "first_hash", "second_hash"], name="one_verdict_a_pair"),
            models.CheckConstraint(condition=Q(first_hash__lt=F("second_hash")), name="verdict_pair_is_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.pk}"
