"""A values card: what its author attends to, confirmed by its author."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from elicit.models.interviews import Interview
from elicit.models.origin import origin_check, origin_field
from elicit.models.participants import Participant
from elicit.models.studies import Question, Study
from elicit.querysets import EVERY_ROLE, StudyRows, rows_of


class CardRows(StudyRows["ValuesCard"]):
    """Values cards by what may be done with them."""

    def confirmed(self) -> "CardRows":
        """Return the cards that their author has confirmed."""
        return self.filter(state=ValuesCard.State.CONFIRMED)

    def shareable(self) -> "CardRows":
        """Return the confirmed cards that other participants may be shown."""
        return self.confirmed().filter(release__in=[ValuesCard.Release.FREE, ValuesCard.Release.RELEASED])


class ValuesCard(models.Model):
    """Draft or confirmed words of one author (or of a seed). A confirmed card never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CONFIRMED = "confirmed", _("Confirmed")

    class Release(models.TextChoices):
        FREE = "free", _("Nothing was found in it")
        HELD = "held", _("Held until an organizer has read it")
        RELEASED = "released", _("Released")
        REFUSED = "refused", _("Not shown to others")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="values_cards")
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="values_cards", null=True, blank=True
    )
    interview = models.OneToOneField(
        Interview, on_delete=models.CASCADE, related_name="values_card", null=True, blank=True
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="values_cards", null=True, blank=True)
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=600, blank=True)
    policies = models.JSONField(default=list, help_text=_("Attentional policies, one string each."))
    evidence = models.JSONField(
        default=list,
        help_text=_("For each policy a list of quotes: message number, start, end (characters) and the words."),
    )
    language = models.CharField(max_length=12, default="en")
    origin = origin_field()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    is_edited = models.BooleanField(
        default=False, help_text=_("Its author changed a word; no draft replaces it any more.")
    )
    model_name = models.CharField(max_length=120, blank=True, help_text=_("Empty where the script drafted it."))
    prompt_name = models.CharField(max_length=60, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    seed = models.CharField(max_length=80, blank=True)
    fit = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("1 to 4: does this say it?"))
    fit_reason = models.TextField(
        max_length=2000, blank=True, help_text=_("What the card did not say, in a low answer.")
    )
    release = models.CharField(max_length=10, choices=Release.choices, default=Release.FREE)
    flags = models.JSONField(default=list, help_text=_("Codes of what was found in its text; never the words."))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    released_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = rows_of("study", readers=EVERY_ROLE, base=CardRows)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False), name="confirmed_card_has_a_time"
            ),
            models.CheckConstraint(condition=Q(fit__isnull=True) | Q(fit__range=(1, 4)), name="card_fit_1_to_4"),
            models.CheckConstraint(
                condition=Q(origin__in=["seed", "imported"]) | Q(participant__isnull=False), name="card_has_an_author"
            ),
            origin_check("card_origin"),
        ]

    def __str__(self) -> str:
        return f"card {self.pk}"
