"""What the answers add up to: canonical cards, contexts, upgrades, judgements, snapshots, alignment targets."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from elicit.models import Participant, Question, Study, ValuesCard
from elicit.models.origin import origin_check, origin_field
from elicit.querysets import EVERY_ROLE, READS_WORDS, Role, StudyRows, rows_of


class Context(models.Model):
    """A kind of situation: "When ...". A judgement always names one."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="contexts")
    key = models.CharField(max_length=80)
    text = models.JSONField(help_text=_("Text by language code."))
    questions = models.ManyToManyField(Question, related_name="contexts", blank=True)
    origin = origin_field("seed")
    position = models.PositiveIntegerField(default=0)

    objects = rows_of("study")

    class Meta:
        ordering = ["position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="context_key_once_a_study"),
            origin_check("context_origin"),
        ]

    def __str__(self) -> str:
        return next(iter(self.text.values()))


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
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("study", readers=EVERY_ROLE)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "content_id"], name="canonical_card_once_a_study"),
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


class Upgrade(models.Model):
    """A proposal to be judged: in this context, is the second card wiser than the first?"""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="upgrades")
    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="upgrades")
    first = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="upgrades_from")
    second = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="upgrades_to")
    story_forward = models.TextField(blank=True, help_text=_("Somebody who moved from the first to the second."))
    story_reverse = models.TextField(blank=True, help_text=_("Somebody who moved from the second to the first."))
    origin = origin_field("seed")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = rows_of("study")

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "context", "first", "second"], name="upgrade_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="upgrade_between_two_cards"),
            origin_check("upgrade_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.first} -> {self.second}"


class Judgement(models.Model):
    """One person's answer about one pair in one context. A drawn pair without an answer is still open."""

    class Answer(models.TextChoices):
        WISER = "wiser", _("Wiser")
        ABOUT_EQUAL = "about_equal", _("About equally wise")
        LESS_WISE = "less_wise", _("Less wise")
        BOTH_NEEDED = "both_needed", _("Both are needed")
        DIFFERENT_CONCERNS = "different_concerns", _("They are about different concerns")
        CANNOT_JUDGE = "cannot_judge", _("I can't judge")

    class StoryArm(models.TextChoices):
        NONE = "none", _("No story")
        FORWARD = "forward", _("From the first to the second")
        REVERSE = "reverse", _("From the second to the first")
        BOTH = "both", _("Both stories")
        UNKNOWN = "unknown", _("Not recorded")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="judgements")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="judgements")
    upgrade = models.ForeignKey(Upgrade, on_delete=models.SET_NULL, null=True, blank=True, related_name="judgements")
    context = models.ForeignKey(Context, on_delete=models.PROTECT, related_name="judgements")
    first = models.ForeignKey(CanonicalValuesCard, on_delete=models.PROTECT, related_name="judged_as_first")
    second = models.ForeignKey(CanonicalValuesCard, on_delete=models.PROTECT, related_name="judged_as_second")
    lower = models.BigIntegerField(help_text=_("The smaller key of the two cards."))
    upper = models.BigIntegerField(help_text=_("The larger key of the two cards."))
    repeat = models.PositiveSmallIntegerField(default=0)
    number = models.PositiveIntegerField(help_text=_("Order in which the person saw it, or of the source."))
    story_arm = models.CharField(max_length=8, choices=StoryArm.choices, default=StoryArm.NONE)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    selection_probability = models.FloatField(null=True, blank=True)
    answer = models.CharField(max_length=20, choices=Answer.choices, blank=True)
    reason = models.CharField(max_length=40, blank=True, help_text=_("Why the person cannot judge."))
    why = models.TextField(max_length=2000, blank=True)
    origin = origin_field()
    seen_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", readers=READS_WORDS)

    class Meta:
        ordering = ["study", "number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "lower", "upper", "context", "repeat"], name="pair_judged_once_a_context"
            ),
            models.CheckConstraint(condition=Q(lower__lt=F("upper")), name="judged_pair_is_ordered"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="judgement_between_two_cards"),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False), name="answered_judgement_has_a_time"
            ),
            models.CheckConstraint(
                condition=Q(selection_probability__isnull=True)
                | Q(selection_probability__gt=0, selection_probability__lte=1),
                name="selection_probability_in_unit",
            ),
            origin_check("judgement_origin"),
        ]

    def __str__(self) -> str:
        return f"judgement {self.pk}"


class JudgementRevision(models.Model):
    """An answer that was later changed."""

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="revisions")
    answer = models.CharField(max_length=20, choices=Judgement.Answer.choices)
    reason = models.CharField(max_length=40, blank=True)
    why = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField()

    objects = rows_of("judgement__study", readers=READS_WORDS)

    def __str__(self) -> str:
        return f"earlier answer of {self.judgement}"


class SnapshotRows(StudyRows["Snapshot"]):
    """Snapshots by standing."""

    def standing(self) -> "SnapshotRows":
        """Return snapshots that have not been retired."""
        return self.filter(retired_at__isnull=True)


class Snapshot(models.Model):
    """A built moral graph: counts, card ids, parameters and hashes; never words or participants."""

    class Method(models.TextChoices):
        CLASSIC = "classic", _("Classic (the published rule)")
        REPAIRED = "repaired", _("Repaired")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="snapshots")
    number = models.PositiveIntegerField()
    method = models.CharField(max_length=10, choices=Method.choices)
    parameters = models.JSONField(default=dict, help_text=_("Thresholds, purpose and the origins that went in."))
    inputs_hash = models.CharField(max_length=64)
    code_version = models.CharField(max_length=40)
    content = models.JSONField(help_text=_("Cards by id, edges with counts, ranks with intervals."))
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", base=SnapshotRows)

    class Meta:
        ordering = ["study", "number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="snapshot_number_once")]

    def __str__(self) -> str:
        return f"{self.study} snapshot {self.number}"


class AlignmentTarget(models.Model):
    """A frozen `alignment_target.json`."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="alignment_targets")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="alignment_targets")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", readers={Role.ORGANIZER, Role.ANALYST, Role.ENGINEER, Role.OBSERVER})

    class Meta:
        ordering = ["study", "version"]
        constraints = [models.UniqueConstraint(fields=["study", "version"], name="alignment_target_version_once")]

    def __str__(self) -> str:
        return f"{self.study} alignment target {self.version}"
