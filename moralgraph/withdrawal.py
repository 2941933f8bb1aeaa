"""Take out of the graph what its author takes back: everything on withdrawal, a card or a use where one consent ends.

Rule: no word of theirs stays. A canonical card that used their words gets those of another author who is behind it, and
if there is none it is emptied and never shown or judged again; a graph and a target built from them are retired.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from elicit.languages import in_every_language, interface_language
from elicit.models import Participant, Study, ValuesCard
from elicit.retention import granted_something
from moralgraph.alignment_targets import redact_targets
from moralgraph.deduplication import join_canonical, name_of
from moralgraph.models import (
    Assignment,
    CanonicalValuesCard,
    CardEmbedding,
    CardMembership,
    Context,
    Judgement,
    JudgementRevision,
    Partition,
    SamenessConstraint,
    SamenessVerdict,
    Snapshot,
    Upgrade,
)
from moralgraph.snapshots import retire_snapshots
from moralgraph.upgrades import propose

WITHDRAWN_SITUATION, WITHDRAWN_VALUE = _("Withdrawn situation"), _("Withdrawn value")


@transaction.atomic
def forget_contributions(participant: Participant) -> None:
    """Erase the participant's judgements and memberships and retire what was built while they were there."""
    has_contributed = _has_contributed(participant)
    JudgementRevision.objects.filter(judgement__participant=participant).delete()
    Judgement.objects.filter(participant=participant).delete()
    CardMembership.objects.filter(card__participant=participant).delete()
    if has_contributed:
        _retire_results(participant, now=timezone.now())


@transaction.atomic
def forget_words(participant: Participant) -> None:
    """Re-word or empty every canonical card that stands in the participant's words, and what was said about these."""
    forget_comparisons(participant)
    for canonical in CanonicalValuesCard.objects.select_for_update().filter(worded_by=participant):
        _erase_told_about(canonical)
        for member in _others(canonical, participant=participant):
            if _takes_words_of(canonical, member):
                break
        else:
            _hand_over(canonical)
            _empty(canonical)


@transaction.atomic
def forget_assignments(participant: Participant) -> None:
    """Take the participant's cards out of every version of the partition, and the reasons that may quote them."""
    mine = Assignment.objects.filter(card__participant=participant)
    Partition.objects.filter(pk__in=mine.values("partition")).update(reason="")
    mine.delete()


def forget_comparisons(participant: Participant) -> None:
    """Erase what a model or an organizer said of the participant's words."""
    cards = list(ValuesCard.objects.filter(participant=participant))
    names = {name_of(card, origin=card.origin) for card in cards}
    names |= {name_of(card, origin=card.origin) for card in CanonicalValuesCard.objects.filter(worded_by=participant)}
    either = Q(first_hash__in=names) | Q(second_hash__in=names)
    SamenessVerdict.objects.of_study(participant.study).filter(either).delete()
    CardEmbedding.objects.of_study(participant.study).filter(words_hash__in=names).delete()
    SamenessConstraint.objects.of_study(participant.study).filter(either).delete()


@transaction.atomic
def forget_contexts(participant: Participant) -> None:
    """Erase the contexts found in the participant's interviews; where others judged, the place stays without a word."""
    found = Context.objects.filter(found_in=participant)
    found.filter(judgements=None).delete()
    found.update(text=in_every_language(WITHDRAWN_SITUATION), state=Context.State.RETIRED, found_in=None)


@transaction.atomic
def forget_proposals(participant: Participant) -> None:
    """Erase the upgrades that the participant proposed; where others judged, the pair stays without a story."""
    proposed = Upgrade.objects.filter(proposed_by=participant)
    proposed.filter(judgements=None).delete()
    proposed.update(story_forward="", story_reverse="", mapping=[], is_retired=True, proposed_by=None)


@transaction.atomic
def follow_consent(participant: Participant, purpose: str, is_granted: bool, now: datetime) -> None:
    """Do what a changed answer about the graph, publishing or training asks for."""
    if purpose == "explore":
        _join_again(participant) if is_granted else _leave_graph(participant, now=now)
    elif purpose in {"publish", "train"} and not is_granted and _has_contributed(participant):
        _retire_built_for(purpose, study=participant.study, now=now)


@transaction.atomic
def erase_expired_words(people: QuerySet[Participant], study: Study) -> None:
    """Take people's reasons off the judgements on the retention date, and the judgements that nobody may use."""
    mine = Judgement.objects.filter(participant__in=people)
    JudgementRevision.objects.filter(judgement__in=mine).delete()
    mine.update(why="", token_hash="")
    mine.exclude(participant__in=granted_something(people, study=study).values("pk")).delete()
    mine.filter(answer="").delete()


def _has_contributed(participant: Participant) -> bool:
    judged = Judgement.objects.filter(participant=participant).exclude(answer="").exists()
    worded = CanonicalValuesCard.objects.filter(worded_by=participant).exists()
    return judged or worded or CardMembership.objects.filter(card__participant=participant).exists()


def _leave_graph(participant: Participant, *, now: datetime) -> None:
    """Take the participant's cards out of what others are shown; the cards stay their author's."""
    has_contributed = _has_contributed(participant)
    forget_contexts(participant)
    forget_proposals(participant)
    CardMembership.objects.filter(card__participant=participant).delete()
    forget_words(participant)
    if has_contributed:
        _retire_results(participant, now=now)


def _join_again(participant: Participant) -> None:
    for card in ValuesCard.objects.filter(participant=participant).shareable():
        join_canonical(card)


def _retire_built_for(purpose: str, *, study: Study, now: datetime) -> None:
    built = Snapshot.objects.of_study(study).standing().filter(parameters__purpose=purpose)
    if purpose == "train":
        redact_targets(study, now=now)
    built.update(retired_at=now)


def _retire_results(participant: Participant, *, now: datetime) -> None:
    redact_targets(participant.study, now=now)
    retire_snapshots(participant.study, now=now)


def _others(canonical: CanonicalValuesCard, *, participant: Participant) -> list[ValuesCard]:
    found = ValuesCard.objects.shareable().filter(membership__canonical=canonical).exclude(participant=participant)
    return list(found.order_by("pk"))


def _takes_words_of(canonical: CanonicalValuesCard, card: ValuesCard) -> bool:
    """Give the canonical card another author's words; not if another canonical card has them already."""
    name = name_of(card, origin=card.origin)
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


def _erase_told_about(canonical: CanonicalValuesCard) -> None:
    """Erase what was written about a card's words in its upgrades: stories, and how its policies are met."""
    about = Upgrade.objects.filter(Q(first=canonical) | Q(second=canonical))
    about.update(story_forward="", story_reverse="", mapping=[])


def _hand_over(canonical: CanonicalValuesCard) -> None:
    """Let a card that was merged into this one, in the words of others, stand for all that this one stood for."""
    merged = CanonicalValuesCard.objects.filter(merged_into=canonical).exclude(policies=[])
    heir = merged.exclude(worded_by=canonical.worded_by_id).order_by("content_id").first()
    if heir is None:
        return
    CanonicalValuesCard.objects.filter(merged_into=canonical).exclude(pk=heir.pk).update(merged_into=heir)
    CanonicalValuesCard.objects.filter(pk=heir.pk).update(merged_into=None)
    CanonicalValuesCard.objects.filter(pk=canonical.pk).update(merged_into=heir)
    CardMembership.objects.filter(canonical=canonical).update(canonical=heir, is_provisional=True)
    for upgrade in Upgrade.objects.filter(Q(first=canonical) | Q(second=canonical), is_retired=False):
        first, second = (heir if each == canonical else each for each in (upgrade.first, upgrade.second))
        if first != second:
            propose(upgrade.context, first=first, second=second, origin=heir.origin)


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
        title=in_every_language(WITHDRAWN_VALUE)[interface_language(canonical.language)],
        description="",
        policies=[],
        details={},
        worded_by=None,
    )
