"""Keep from other people what an organizer has not released.

Rule: a canonical card in the words of a card that is held or refused is drawn for nobody, shown to nobody and added up
for no purpose, for as long as it is withheld. The judgements about it stay.
"""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from elicit.models import Study, ValuesCard
from moralgraph.models import CanonicalValuesCard, CardMembership, Judgement

Release = ValuesCard.Release


def withheld_cards(study: Study) -> QuerySet[CanonicalValuesCard]:
    """Return the canonical cards that stand in words which were held or refused, merged ones too."""
    behind = CardMembership.objects.filter(card__release__in=[Release.HELD, Release.REFUSED])
    spoken = behind.filter(card__participant=F("canonical__worded_by"))
    merged = behind.filter(card__participant=OuterRef("worded_by"), canonical=OuterRef("merged_into"))
    found = CanonicalValuesCard.objects.of_study(study)
    return found.filter(Q(pk__in=spoken.values("canonical")) | Q(Exists(merged)))


def take_back(card: ValuesCard) -> None:
    """Undo the draws that nobody has answered yet, about the canonical card that stands for a withheld one."""
    withheld = withheld_cards(card.study).filter(memberships__card=card).values("pk")
    unanswered = Judgement.objects.filter(study=card.study, answer="", answered_at=None)
    (unanswered.filter(first__in=withheld) | unanswered.filter(second__in=withheld)).delete()
