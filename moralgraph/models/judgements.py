"""Upgrades that are proposed, judgements about them, and what participants propose themselves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from elicit.models import Participant, Study, ValuesCard
from elicit.models.origin import origin_check, origin_field
from elicit.querysets import READS_WORDS, rows_of
from moralgraph.models.cards import CanonicalValuesCard
from moralgraph.models.contexts import Context


class Upgrade(models.Model):
    """A proposal to be judged: in this context, is the second card wiser than the first?"""

    class Source(models.TextChoices):
        STUDY_FILE = "study_file", _("The study file")
        NEARNESS = "nearness", _("Nearness of the words")
        MODEL = "model", _("A model")
        PARTICIPANT = "participant", _("A participant")
        ORGANIZER = "organizer", _("An organizer")
        IMPORTED = "imported", _("Another study's files")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="upgrades")
    context = models.ForeignKey(Context, on_delete=models.CASCADE, related_name="upgrades")
    first = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="upgrades_from")
    second = models.ForeignKey(CanonicalValuesCard, on_delete=models.CASCADE, related_name="upgrades_to")
    story_forward = models.TextField(blank=True, help_text=_("Somebody who moved from the first to the second."))
    story_reverse = models.TextField(blank=True, help_text=_("Somebody who moved from the second to the first."))
    origin = origin_field("seed")
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.STUDY_FILE)
    proposed_by = models.ForeignKey(
        Participant, on_delete=models.SET_NULL, null=True, blank=True, related_name="upgrades_proposed"
    )
    is_retired = models.BooleanField(default=False, help_text=_("No longer drawn; what was judged stays."))
    mapping = models.JSONField(
        default=list, blank=True,
        help_text=_("How each policy of the first is met in the second: policy, strategy, policies of the second."),
    )  # fmt: skip
    likelihood = models.CharField(
        max_length=1, blank=True, help_text=_("A model's grade, from A to F, that many people would call it wiser.")
    )
    model_name = models.CharField(max_length=120, blank=True, help_text=_("Empty where no model proposed it."))
    prompt_hash = models.CharField(max_length=64, blank=True)
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

    class Side(models.TextChoices):
        START = "start", _("Where reading starts")
        END = "end", _("Where reading ends")

    class Design(models.TextChoices):
        ACTIVE = "active", _("By what is least known")
        UNIFORM = "uniform", _("Uniformly")
        REPEAT = "repeat", _("A repeat, to see how steady answers are")

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
    story_arm_probability = models.FloatField(null=True, blank=True)
    first_side = models.CharField(max_length=5, choices=Side.choices, blank=True)
    design = models.CharField(max_length=8, choices=Design.choices, blank=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    token_number = models.PositiveIntegerField(default=1, help_text=_("A change of the answer issues the next one."))
    selection_probability = models.FloatField(
        null=True, blank=True, help_text=_("Of this pair, in this direction, among all that were open to the person.")
    )
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
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    answered_at = models.DateTimeField()

    objects = rows_of("judgement__study", readers=READS_WORDS)

    def __str__(self) -> str:
        return f"earlier answer of {self.judgement}"


class Suggestion(models.Model):
    """ "I know a wiser one": a value that a participant sets above one that they were shown."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for an organizer")
        ACCEPTED = "accepted", _("Taken up")
        DECLINED = "declined", _("Not taken up")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="suggestions")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="suggestions")
    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="suggestions")
    above = models.ForeignKey(CanonicalValuesCard, on_delete=models.PROTECT, related_name="suggestions_above")
    own_card = models.ForeignKey(ValuesCard, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=120, blank=True)
    policies = models.JSONField(default=list, blank=True)
    flags = models.JSONField(default=list, blank=True, help_text=_("What was found in its words, by code."))
    why = models.TextField(max_length=2000, blank=True)
    language = models.CharField(max_length=12, default="en")
    origin = origin_field()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    upgrade = models.ForeignKey(Upgrade, on_delete=models.SET_NULL, null=True, blank=True, related_name="suggestions")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = rows_of("study", readers=READS_WORDS)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["judgement", "above"], name="one_suggestion_a_shown_card"),
            models.CheckConstraint(condition=Q(own_card__isnull=False) | ~Q(title=""), name="suggestion_names_a_value"),
            origin_check("suggestion_origin"),
        ]

    def __str__(self) -> str:
        return f"suggestion {self.pk}"
