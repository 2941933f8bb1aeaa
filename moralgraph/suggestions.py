""" "I know a wiser one": a value that a participant sets above one that they were shown.

Rule: nobody else sees it before an organizer has taken it up. It then is a card and an upgrade like any other, in its
author's name; whether it is wiser, others judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from elicit import guided, moderation
from elicit.consent import has_granted
from elicit.errors import Conflict, WellspringError
from elicit.jobs import JobProgress, enqueue
from elicit.llm.configuration import models_for
from elicit.llm.gateway import CallContext, complete
from elicit.models import Origin, Participant, Study, ValuesCard
from elicit.participants import take_for_writing
from elicit.releases import HOLDING
from elicit.values_cards import LONGEST_POLICY, LONGEST_TITLE
from moralgraph.consented import left_out_cards
from moralgraph.contexts import standing_contexts
from moralgraph.deduplication import content_id, deduplicate
from moralgraph.merging import standing_card
from moralgraph.models import CanonicalValuesCard, Judgement, Suggestion, Upgrade
from moralgraph.upgrades import propose
from moralgraph.withholding import withheld_cards

JOB = "read_suggestion"
FEWEST_POLICIES, MOST_POLICIES = 3, 7  # as the seed cards of a study have
LONGEST_WHY = 2000

State = Suggestion.State


class SuggestionRefused(WellspringError):
    """What was suggested cannot be kept as it is."""


@dataclass(frozen=True)
class SuggestedValue:
    """A value in its author's words, as the checks of cards read it."""

    title: str
    policies: Sequence[str]
    description: str = ""


def judged_by(participant: Participant, number: int) -> Judgement | None:
    """Return the judgement beside which the person may name a wiser value; None when they judged no such pair."""
    found = participant.judgements.exclude(answer="").exclude(first__policies=[]).exclude(second__policies=[])
    withheld = withheld_cards(participant.study).values("pk")
    found = found.exclude(first__in=withheld).exclude(second__in=withheld)
    return found.select_related("context", "first", "second").filter(number=number).first()


def own_values(participant: Participant) -> QuerySet[ValuesCard]:
    """Return the person's confirmed cards, in the order in which they were made."""
    return ValuesCard.objects.filter(participant=participant).confirmed().order_by("pk")


@transaction.atomic
def suggest(
    judgement: Judgement, *, above: CanonicalValuesCard, value: SuggestedValue | ValuesCard, why: str, now: datetime
) -> Suggestion:
    """Keep what a participant suggests above one of the two cards; it may be sent anew until an organizer decided.

    Raises
    ------
    SuggestionRefused
        When it names no value, or one of other length than a card has.
    """
    participant = take_for_writing(judgement.participant)
    if above.pk not in (judgement.first_id, judgement.second_id) or not judgement.answer:
        raise SuggestionRefused(_("Please judge the pair first, and then say which of the two it is wiser than."))
    given = _of_own_card(value, participant) if isinstance(value, ValuesCard) else _of_words(value, participant)
    kept = {**given, "why": why.strip()[:LONGEST_WHY]}
    known = Suggestion.objects.select_for_update().filter(judgement=judgement, above=above).first()
    if known is not None and known.state != State.WAITING:
        return known
    suggestion, _is_new = Suggestion.objects.update_or_create(
        judgement=judgement,
        above=above,
        defaults=kept,
        create_defaults={
            **kept, "study": participant.study, "participant": participant, "origin": participant.origin,
            "language": participant.language, "created_at": now,
        },
    )  # fmt: skip
    _have_it_read(suggestion)
    return suggestion


@transaction.atomic
def accept_suggestion(suggestion: Suggestion, *, by: Any, now: datetime) -> Suggestion:
    """Let people judge what was suggested, as a card in its author's name. Accepting it again changes nothing.

    Raises
    ------
    Conflict
        When its author does not share their values, or a card or the context is no longer there.
    """
    current = _locked(suggestion)
    if current.state == State.ACCEPTED and current.upgrade is not None:
        return current
    participant = current.participant
    if participant.excluded_at is not None or not has_granted(participant, "explore"):
        raise Conflict(_("Its author did not agree that others see their values."))
    context = standing_contexts(current.study).get(current.judgement.context_id)
    above = standing_card(current.above)
    if context is None or not _is_shown(above):
        raise Conflict(_("The card or the context that it belongs to is no longer used."))
    card = _card_for(current)
    if card == above:
        raise Conflict(_("It says what the card says above which it was set, so there is nothing to compare."))
    current.upgrade = propose(
        context, first=above, second=card, origin=current.origin, source=Upgrade.Source.PARTICIPANT,
        proposed_by=participant,
    )  # fmt: skip
    return _decided(current, State.ACCEPTED, by=by, now=now)


@transaction.atomic
def decline_suggestion(suggestion: Suggestion, *, by: Any, now: datetime) -> Suggestion:
    """Leave a suggestion aside; it stays its author's.

    Raises
    ------
    Conflict
        When it was accepted: then its upgrade is what can be retired.
    """
    current = _locked(suggestion)
    if current.state == State.ACCEPTED:
        raise Conflict(_("It was taken up. Retire its upgrade, so that nobody is asked about it any more."))
    return _decided(current, State.DECLINED, by=by, now=now)


def waiting_suggestions(study: Study) -> QuerySet[Suggestion]:
    """Return what waits for an organizer, the oldest first. Previews wait for nobody."""
    found = Suggestion.objects.of_study(study).filter(state=State.WAITING).exclude(origin=Origin.PREVIEW)
    return found.select_related("judgement__context", "above", "own_card", "participant")


def read_suggestion(progress: JobProgress) -> None:
    """Have a model read the words of one suggestion, and note beside them what it found."""
    suggestion = Suggestion.objects.select_related("study", "participant").filter(pk=progress.payload["suggestion"])
    row = suggestion.first()
    if row is None or row.state != State.WAITING or row.own_card_id is not None or not moderation.is_wanted():
        return
    call = CallContext(row.study, moderation.PURPOSE, participant_code=row.participant.code, seed=f"{JOB}:{row.pk}")
    words = {"language": row.language, "title": row.title, "description": row.why, "policies": list(row.policies)}
    verdict = complete(
        moderation.JOB, words, reply=moderation.Verdict, call=call, model_names=models_for(moderation.PURPOSE)
    )
    if verdict.found in moderation.FLAGS:
        _note(row.pk, moderation.FLAGS[verdict.found])


def own_suggestions(participant: Participant) -> list[dict[str, Any]]:
    """Return what a person suggested in plain words, for them to take home."""
    return [
        {
            "context": str(row.judgement.context),
            "wiser_than": row.above.title,
            "title": row.own_card.title if row.own_card else row.title,
            "policies": row.own_card.policies if row.own_card else row.policies,
            "why": row.why,
            "state": row.get_state_display(),
            "created_at": row.created_at,
        }
        for row in participant.suggestions.select_related("judgement__context", "above", "own_card")
    ]


def _of_own_card(card: ValuesCard, participant: Participant) -> dict[str, Any]:
    if not own_values(participant).filter(pk=card.pk).exists():
        raise SuggestionRefused(_("Please choose one of your own cards, or write what is wiser."))
    return {"own_card": card, "title": "", "policies": [], "flags": list(card.flags)}


def _of_words(value: SuggestedValue, participant: Participant) -> dict[str, Any]:
    title = " ".join(value.title.split())
    policies = [" ".join(policy.split()) for policy in value.policies if policy.strip()]
    if not title or len(title) > LONGEST_TITLE:
        raise SuggestionRefused(_("Please give it a name of a few words."))
    if not FEWEST_POLICIES <= len(policies) <= MOST_POLICIES:
        message = _("Please write %(fewest)s to %(most)s lines about what one attends to; there are %(count)s.")
        counts = {"fewest": FEWEST_POLICIES, "most": MOST_POLICIES, "count": len(policies)}
        raise SuggestionRefused(message % counts)
    if any(len(policy) > LONGEST_POLICY for policy in policies):
        raise SuggestionRefused(_("One of the lines is longer than %(most)s characters.") % {"most": LONGEST_POLICY})
    found = guided.check_card(SuggestedValue(title, policies), language=participant.language)
    flags = sorted({warning.code for warning in found} & HOLDING)
    return {"own_card": None, "title": title, "policies": policies, "flags": flags}


def _have_it_read(suggestion: Suggestion) -> None:
    if moderation.is_wanted() and suggestion.own_card is None and suggestion.origin != Origin.PREVIEW:
        key = f"{JOB}:{suggestion.pk}:{content_id(suggestion.title, suggestion.why, suggestion.policies)}"
        enqueue(JOB, key=key, study=suggestion.study, payload={"suggestion": suggestion.pk})


@transaction.atomic
def _note(pk: int, flag: str) -> None:
    row = Suggestion.objects.select_for_update().filter(pk=pk).first()
    if row is not None:
        row.flags = sorted({*row.flags, flag})
        row.save(update_fields=["flags"])


def _locked(suggestion: Suggestion) -> Suggestion:
    """Lock a suggestion behind its author, whose consent then holds still while it is decided."""
    Participant.objects.select_for_update().filter(pk=suggestion.participant_id).first()
    found = Suggestion.objects.select_for_update().filter(pk=suggestion.pk).first()
    if found is None:
        raise Conflict(_("There is no such suggestion any longer."))
    return found


def _decided(suggestion: Suggestion, state: str, *, by: Any, now: datetime) -> Suggestion:
    suggestion.state, suggestion.decided_by, suggestion.decided_at = state, by, now
    suggestion.save(update_fields=["state", "decided_by", "decided_at", "upgrade"])
    return suggestion


def _is_shown(card: CanonicalValuesCard) -> bool:
    hidden = withheld_cards(card.study) | left_out_cards(card.study)
    return bool(card.policies) and not hidden.filter(pk=card.pk).exists()


def _card_for(suggestion: Suggestion) -> CanonicalValuesCard:
    """Return the canonical card that stands for what was suggested."""
    if suggestion.own_card is not None:
        if not ValuesCard.objects.shareable().filter(pk=suggestion.own_card.pk).exists():
            raise Conflict(_("Its author's card is held back. Release it first, on the page of cards."))
        return standing_card(deduplicate(suggestion.own_card).canonical)
    card, _is_new = CanonicalValuesCard.objects.get_or_create(
        study=suggestion.study,
        content_id=content_id(suggestion.title, "", suggestion.policies),
        defaults={
            "title": suggestion.title, "policies": suggestion.policies, "language": suggestion.language,
            "origin": suggestion.origin, "worded_by": suggestion.participant,
        },
    )  # fmt: skip
    return standing_card(card)
