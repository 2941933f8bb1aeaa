"""Place a card that has just come, once a model has compared it with its nearest.

Rule: what is decided here is provisional, like every placement before all cards are reconciled. Where no model can be
asked the card stands for itself, and that is not taken for an answer.
"""

from django.db import transaction
from django.utils import timezone

from elicit.errors import LLMError
from elicit.jobs import JobProgress
from elicit.models import Study, ValuesCard
from moralgraph.deduplication import PLACING, name_of, text_of
from moralgraph.models import CanonicalValuesCard, CardMembership
from moralgraph.near_cards import candidates_for, nearest
from moralgraph.nearness import Lexical
from moralgraph.reconciliation.grouping import MOST_NEIGHBOURS_ASKED
from moralgraph.reconciliation.nodes import cards_to_put_together
from moralgraph.reconciliation.versions import carry_upgrades
from moralgraph.sameness import Compared, Outcome, ask, is_wanted

Decision = CardMembership.Decision
JOB = PLACING


class NobodyAsked(LLMError):
    """No model could be asked about a card; the job is tried again."""


def place(progress: JobProgress) -> None:
    """Ask a model about one card and its nearest, the nearest first, until one is found the same.

    Raises
    ------
    NobodyAsked
        When no model could be asked.
    """
    card = ValuesCard.objects.filter(pk=progress.payload["card"]).select_related("study").first()
    membership = CardMembership.objects.filter(card=progress.payload["card"]).select_related("canonical").first()
    if card is None or membership is None or membership.decision != Decision.UNSURE or not is_wanted():
        return
    found = nearest(
        text_of(card), study=card.study, language=card.language, origin=card.origin, leave_out=membership.canonical_id
    )[:MOST_NEIGHBOURS_ASKED]
    joinable = candidates_for(card.study, language=card.language, origin=card.origin)
    outcomes = set()
    for key, similarity in found:
        other = joinable.filter(pk=key).first()
        if other is None or similarity < Lexical().asked_from:
            continue
        outcome = ask(card.study, _confirmed(card), _canonical(other), now=timezone.now())
        outcomes.add(outcome)
        if outcome == Outcome.SAME:
            _join(card, other, similarity=similarity)
            return
    if Outcome.COULD_NOT_ASK in outcomes:
        raise NobodyAsked("No model could be asked whether this card is a value that is there already.")
    CardMembership.objects.filter(pk=membership.pk, decision=Decision.UNSURE).update(decision=Decision.OWN)


@transaction.atomic
def _join(card: ValuesCard, other: CanonicalValuesCard, *, similarity: float) -> None:
    """Put the card under another canonical card, unless one of the two is gone or was placed meanwhile."""
    study = Study.objects.select_for_update().get(pk=card.study_id)
    membership = CardMembership.objects.filter(card=card, decision=Decision.UNSURE).first()
    is_standing = CanonicalValuesCard.objects.filter(pk=other.pk, merged_into=None).exclude(policies=[]).exists()
    if membership is None or not is_standing or not cards_to_put_together(study).filter(pk=card.pk).exists():
        return
    own = membership.canonical_id
    CardMembership.objects.filter(pk=membership.pk).update(
        canonical=other, decision=Decision.MODEL, similarity=similarity, is_provisional=True
    )
    if not CardMembership.objects.filter(canonical=own).exists():
        CanonicalValuesCard.objects.filter(pk=own, worded_by=card.participant).update(merged_into=other)
        CanonicalValuesCard.objects.filter(merged_into=own).update(merged_into=other)
        carry_upgrades(study)


def _confirmed(card: ValuesCard) -> Compared:
    return Compared(name_of(card, origin=card.origin), card.title, tuple(card.policies), cards=(card.pk,))


def _canonical(card: CanonicalValuesCard) -> Compared:
    """Return the words of a canonical card, with the cards that say them: they are theirs to take back."""
    key = name_of(card, origin=card.origin)
    spoken = [each.pk for each in ValuesCard.objects.filter(participant=card.worded_by) if card.worded_by_id]
    return Compared(key, card.title, tuple(card.policies), cards=tuple(spoken), canonicals=(card.pk,))
