"""Ask authors whether the canonical card that stands for theirs says what they said, and count what they answer.

Rule: an answer changes no card and no graph. It is the author's word about the merge, kept for organizers and for the
report; a simulated author's and a preview's do not count.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from elicit.errors import AlreadyWithdrawn, Conflict
from elicit.models import Origin, Participant, Study, ValuesCard
from moralgraph.models import CanonicalValuesCard, CardMembership, CardVerification

Answer = CardVerification.Answer
LONGEST_WHY = 2000


@dataclass(frozen=True)
class Verified:
    """How many authors found their value in the canonical card, among those who were asked and answered."""

    same: int
    different: int
    unsure: int

    @property
    def answered(self) -> int:
        """All who answered."""
        return self.same + self.different + self.unsure


@transaction.atomic
def verify_card(
    participant: Participant, card: ValuesCard, answer: str, *, why: str = "", now: datetime
) -> CardVerification:
    """Keep an author's answer to "is this canonical card yours?". The newest answer about the same words holds.

    It is asked after a study has closed as well, so that alone does not refuse it.

    Raises
    ------
    AlreadyWithdrawn
        When the participant has withdrawn.
    Conflict
        When the card is not theirs, stands behind no canonical card, or the answer is none of the three.
    """
    row = Participant.objects.select_for_update().get(pk=participant.pk)
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawn("You have withdrawn, so nothing more is recorded.")
    membership = CardMembership.objects.filter(card=card.pk, card__participant=row).first()
    if membership is None:
        raise Conflict("This card is not among your cards that others may see.")
    if answer not in Answer.values:
        raise Conflict("Please choose one of the three answers.")
    given = {"answer": answer, "why": why.replace("\r\n", "\n").strip()[:LONGEST_WHY]}
    known = CardVerification.objects.filter(card=card.pk, canonical=membership.canonical_id, **given).first()
    if known is not None:
        return known
    kept, _ = CardVerification.objects.update_or_create(
        card=membership.card, canonical=membership.canonical, defaults={**given, "answered_at": now}
    )
    return kept


def verifications_of(study: Study) -> QuerySet[CardVerification]:
    """Return the answers that count: of people who were not left out, about the card that stands for theirs now."""
    found = CardVerification.objects.of_study(study).filter(card__participant__excluded_at=None)
    found = found.exclude(card__participant__origin__in=[Origin.SIMULATED, Origin.PREVIEW])
    return found.filter(canonical__memberships__card=F("card")).order_by("-answered_at", "-pk")


def count_verified(study: Study) -> Verified:
    """Count the answers of a study, for its report."""
    counted = {answer.value: Count("pk", filter=Q(answer=answer), distinct=True) for answer in Answer}
    return Verified(**verifications_of(study).order_by().aggregate(**counted))


def disputed_cards(study: Study) -> QuerySet[CanonicalValuesCard]:
    """Return the canonical cards of which an author said that theirs is another value."""
    disputes = verifications_of(study).filter(answer=Answer.DIFFERENT)
    return CanonicalValuesCard.objects.of_study(study).filter(pk__in=disputes.order_by().values("canonical"))
