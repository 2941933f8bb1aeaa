"""Forget a participant who withdrew: their judgements, their place in canonical cards, and what was built from them.

Rule: no word of theirs stays. A canonical card that used their words gets those of another author who is behind it, and
if there is none it is emptied and never shown or judged again; a graph and a target built from them are retired.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from elicit.models import Participant, ValuesCard
from moralgraph.alignment_targets import redact_targets
from moralgraph.deduplication import words_hash
from moralgraph.models import CanonicalValuesCard, CardMembership, Judgement, JudgementRevision, Upgrade
from moralgraph.snapshots import retire_snapshots


@transaction.atomic
def forget_contributions(participant: Participant) -> None:
    """Erase the participant's judgements and memberships and retire what was built while they were there."""
    gave = Judgement.objects.filter(participant=participant).exclude(answer="").exists()
    wrote = CanonicalValuesCard.objects.filter(worded_by=participant).exists()
    joined = CardMembership.objects.filter(card__participant=participant).exists()
    JudgementRevision.objects.filter(judgement__participant=participant).delete()
    Judgement.objects.filter(participant=participant).delete()
    CardMembership.objects.filter(card__participant=participant).delete()
    if gave or wrote or joined:
        _retire_results(participant, now=timezone.now())


@transaction.atomic
def forget_words(participant: Participant) -> None:
    """Re-word or empty every canonical card that stands in the participant's words."""
    for canonical in CanonicalValuesCard.objects.filter(worded_by=participant):
        for member in _others(canonical, participant=participant):
            if _takes_words_of(canonical, member):
                break
        else:
            _empty(canonical)


def _retire_results(participant: Participant, *, now: datetime) -> None:
    redact_targets(participant.study, now=now)
    retire_snapshots(participant.study, now=now)


def _others(canonical: CanonicalValuesCard, *, participant: Participant) -> list[ValuesCard]:
    found = ValuesCard.objects.filter(membership__canonical=canonical).exclude(participant=participant)
    return list(found.order_by("pk"))


def _takes_words_of(canonical: CanonicalValuesCard, card: ValuesCard) -> bool:
    """Give the canonical card another author's words; not if another canonical card has them already."""
    name = words_hash(card)
    if CanonicalValuesCard.objects.of_study(canonical.study).filter(content_id=name).exclude(pk=canonical.pk).exists():
        return False
    CanonicalValuesCard.objects.filter(pk=canonical.pk).update(
        content_id=name,
        title=card.title,
        description=card.description,
        policies=card.policies,
        details={},
        language=card.language,
        worded_by=card.participant,
    )
    return True


def _empty(canonical: CanonicalValuesCard) -> None:
    """Delete the card if nobody judged it; otherwise keep the judgements' place, without a word."""
    Upgrade.objects.filter(first=canonical).delete()
    Upgrade.objects.filter(second=canonical).delete()
    judged = Judgement.objects.filter(first=canonical) | Judgement.objects.filter(second=canonical)
    judged.filter(answer="").delete()
    if not judged.exists():
        canonical.delete()
        return
    CanonicalValuesCard.objects.filter(pk=canonical.pk).update(
        content_id=f"withdrawn-{canonical.pk}",
        title=_("Withdrawn value"),
        description="",
        policies=[],
        details={},
        worded_by=None,
    )
