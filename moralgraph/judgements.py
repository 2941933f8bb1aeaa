"""Judgements: which pair a person is asked about, and what they say about it.

Rule: the server draws the pair, the direction and the stories, stores the draw with its probability before it is shown,
and takes an answer only for a drawn pair, by a token that fits this person and this draw. One person is asked about two
cards once, and never about their own card.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from elicit.errors import WellspringError
from elicit.models import Origin, Participant
from elicit.participants import take_for_writing
from elicit.steps import Readiness, State, complete_step
from moralgraph.algorithms import pairing
from moralgraph.consented import left_out_cards
from moralgraph.models import CanonicalValuesCard, CardMembership, Context, Judgement, JudgementRevision, Upgrade
from moralgraph.withholding import withheld_cards

KIND = "judgements"
SALT = "moralgraph.judgements"
LONGEST_WHY = 2000
SCALE = (Judgement.Answer.WISER, Judgement.Answer.ABOUT_EQUAL, Judgement.Answer.LESS_WISE)
OTHER_ANSWERS = (
    Judgement.Answer.BOTH_NEEDED,
    Judgement.Answer.DIFFERENT_CONCERNS,
    Judgement.Answer.CANNOT_JUDGE,
)
REASONS = {
    "first_unclear": gettext_lazy("I don't understand the first card"),
    "second_unclear": gettext_lazy("I don't understand the second card"),
    "story_unclear": gettext_lazy("I don't understand the illustration"),
    "same": gettext_lazy("The two cards say the same"),
    "not_my_situation": gettext_lazy("I don't know this situation"),
}

Pair = frozenset[int]


class UnknownDraw(WellspringError):
    """The token belongs to no draw of this person."""


class InvalidJudgement(WellspringError):
    """The answer cannot be stored as it is."""


@dataclass(frozen=True)
class Draw:
    """A drawn pair with the token by which it is answered."""

    judgement: Judgement
    token: str


def readiness(participant: Participant) -> Readiness:
    """Say whether there is a pair for this person to judge, now or already."""
    if participant.judgements.exists() or _candidates(participant):
        return Readiness()
    sentence = _(
        "There is nothing to compare yet: others are still writing their cards. Please come back with this link."
    )
    return Readiness(State.WAITING, sentence)


def wanted(participant: Participant) -> int:
    """Return how many pairs this person is asked about; fewer than the study says when there are no more."""
    most = participant.version.design.judgements.count
    drawn = participant.judgements.count()
    return min(most, drawn + len({_pair(upgrade) for upgrade in _still_open(participant)}))


def answer_order(participant: Participant) -> tuple[Judgement.Answer, ...]:
    """Return the six answers in this person's order: for every other seed the scale runs from less wise to wiser."""
    scale = SCALE if participant.seed % 2 == 0 else SCALE[::-1]
    return (*scale, *OTHER_ANSWERS)


def answered(participant: Participant) -> QuerySet[Judgement]:
    """Return what the person has judged, in the order in which they saw it."""
    return participant.judgements.exclude(answer="").order_by("number")


@transaction.atomic
def draw_judgement(participant: Participant, *, now: datetime) -> Draw | None:
    """Return the person's open draw, or draw the next pair; None when they have judged enough or nothing is left."""
    row = take_for_writing(participant)
    judgement = row.judgements.filter(answer="").order_by("number").first()
    if judgement is None and row.judgements.count() < row.version.design.judgements.count:
        judgement = _drawn(row, now=now)
    return _with_token(judgement) if judgement else None


@transaction.atomic
def reopen_judgement(participant: Participant, number: int) -> Draw | None:
    """Return an earlier draw of this person, so that its answer can be changed; None when there is no such one."""
    row = take_for_writing(participant)
    shown = answered(row).exclude(first__policies=[]).exclude(second__policies=[])
    withheld = withheld_cards(row.study).values("pk")
    judgement = shown.filter(number=number).exclude(first__in=withheld).exclude(second__in=withheld).first()
    return _with_token(judgement) if judgement else None


@transaction.atomic
def answer_judgement(
    participant: Participant, token: str, answer: str, *, now: datetime, reason: str = "", why: str = ""
) -> Judgement:
    """Store the answer to a draw. The same answer again changes nothing; another one keeps the earlier as a revision.

    Raises
    ------
    UnknownDraw
        When the token belongs to no draw of this person.
    InvalidJudgement
        When the answer is none of the six, or the words are too long.
    """
    row = take_for_writing(participant)
    judgement = (
        Judgement.objects.select_for_update(of=("self",)).filter(participant=row, token_hash=_hash(token)).first()
        if token
        else None
    )
    if judgement is None:
        raise UnknownDraw("This page is no longer the one that was drawn for you. Please go back to the present one.")
    given = _checked(answer, reason, why)
    before = {"answer": judgement.answer, "reason": judgement.reason, "why": judgement.why}
    if before == given:
        return judgement
    if judgement.answered_at is not None:
        JudgementRevision.objects.create(judgement=judgement, answered_at=judgement.answered_at, **before)
    judgement.answer, judgement.reason, judgement.why = given["answer"], given["reason"], given["why"]
    judgement.answered_at = now
    judgement.save(update_fields=["answer", "reason", "why", "answered_at"])
    _finish_when_done(row, now=now)
    return judgement


@transaction.atomic
def finish_judgements(participant: Participant, *, now: datetime) -> None:
    """End the step for somebody who has judged all there is for them."""
    _finish_when_done(take_for_writing(participant), now=now)


def own_judgements(participant: Participant) -> list[dict[str, Any]]:
    """Return a person's judgements in plain words, for them to take home."""
    return [
        {
            "context": str(judgement.context),
            "first": judgement.first.title,
            "second": judgement.second.title,
            "answer": judgement.get_answer_display(),
            "reason": judgement.reason,
            "why": judgement.why,
            "answered_at": judgement.answered_at,
            "earlier": list(judgement.revisions.order_by("pk").values("answer", "reason", "why", "answered_at")),
        }
        for judgement in answered(participant).select_related("context", "first", "second")
    ]


def stories(judgement: Judgement) -> list[str]:
    """Return the stories that this draw shows, in the order of the arm's name."""
    if judgement.upgrade is None:
        return []
    forward, reverse = _stories_as_shown(judgement.upgrade, first=judgement.first_id)
    told = {
        Judgement.StoryArm.FORWARD: [forward],
        Judgement.StoryArm.REVERSE: [reverse],
        Judgement.StoryArm.BOTH: [forward, reverse],
    }
    return told.get(Judgement.StoryArm(judgement.story_arm), [])


def _stories_as_shown(upgrade: Upgrade, *, first: int) -> tuple[str, str]:
    """Return the story from the card shown first to the other, and the one back."""
    if upgrade.first_id == first:
        return upgrade.story_forward, upgrade.story_reverse
    return upgrade.story_reverse, upgrade.story_forward


def _still_open(participant: Participant) -> list[Upgrade]:
    """Return the upgrades between two cards that this person was not asked about, did not write and may see."""
    judged: set[Pair] = {
        frozenset(pair) for pair in Judgement.objects.filter(participant=participant).values_list("first", "second")
    }
    own = set(CardMembership.objects.filter(card__participant=participant).values_list("canonical", flat=True))
    seen = {participant.origin, Origin.SEED, Origin.IMPORTED}  # people never judge a preview's or a program's card
    unseen = [cards.values("pk") for cards in (withheld_cards(participant.study), left_out_cards(participant.study))]
    upgrades = (
        Upgrade.objects.of_study(participant.study)
        .filter(first__origin__in=seen, second__origin__in=seen)
        .exclude(first__policies=[])
        .exclude(second__policies=[])
        .exclude(Q(first__in=unseen[0]) | Q(first__in=unseen[1]))
        .exclude(Q(second__in=unseen[0]) | Q(second__in=unseen[1]))
        .select_related("context", "first", "second")
    )
    return [each for each in upgrades if _pair(each) not in judged and not _pair(each) & own]


def _candidates(participant: Participant) -> list[Upgrade]:
    """Return what to draw from: the contexts of the person's own question first, then all others."""
    still_open = _still_open(participant)
    near = set(Context.objects.filter(questions__interviews__participant=participant).values_list("pk", flat=True))
    return [each for each in still_open if each.context_id in near] or still_open


def _pair(upgrade: Upgrade) -> Pair:
    return frozenset((upgrade.first_id, upgrade.second_id))


def _drawn(participant: Participant, *, now: datetime) -> Judgement | None:
    candidates = _candidates(participant)
    number = participant.judgements.count() + 1
    rng = np.random.default_rng([participant.seed, number])
    try:
        choice = pairing.choose_pair(
            [pairing.Upgrade(each.first.content_id, each.second.content_id, each.context.key) for each in candidates],
            counts=_counts(participant),
            judged=(),
            rng=rng,
        )
    except pairing.NoPairLeftError:
        return None
    upgrade = next(each for each in candidates if _is_about(each, choice))
    first, second = upgrade.first, upgrade.second
    if first.content_id != choice.first:
        first, second = second, first
    return Judgement.objects.create(
        study=participant.study,
        participant=participant,
        upgrade=upgrade,
        context=upgrade.context,
        first=first,
        second=second,
        lower=min(first.pk, second.pk),
        upper=max(first.pk, second.pk),
        number=number,
        story_arm=_story_arm(upgrade, first=first, rng=rng),
        selection_probability=min(1.0, choice.probability),
        origin=participant.origin,
        seen_at=now,
    )


def _is_about(upgrade: Upgrade, choice: pairing.PairChoice) -> bool:
    cards = {upgrade.first.content_id, upgrade.second.content_id}
    return upgrade.context.key == choice.context and cards == {choice.first, choice.second}


def _counts(participant: Participant) -> dict[pairing.Directed, int]:
    """Count the judgements so far in each direction, among participants of the same origin."""
    rows = (
        Judgement.objects.of_study(participant.study)
        .filter(origin=participant.origin)
        .order_by()
        .values_list("first__content_id", "second__content_id", "context__key")
        .annotate(times=Count("pk"))
    )
    return {(first, second, context): times for first, second, context, times in rows}


def _story_arm(upgrade: Upgrade, *, first: CanonicalValuesCard, rng: np.random.Generator) -> str:
    """Draw uniformly among the arms for which there is a text; names follow the cards as they are shown."""
    forward, reverse = _stories_as_shown(upgrade, first=first.pk)
    arms = [Judgement.StoryArm.NONE]
    arms += [Judgement.StoryArm.FORWARD] if forward else []
    arms += [Judgement.StoryArm.REVERSE] if reverse else []
    arms += [Judgement.StoryArm.BOTH] if forward and reverse else []
    return arms[int(rng.integers(len(arms)))].value


def _with_token(judgement: Judgement) -> Draw:
    """Make the draw's token again: it is never stored, and a reload must not make another draw."""
    draw = (judgement.pk, judgement.participant_id, judgement.first_id, judgement.second_id, judgement.story_arm)
    token = salted_hmac(SALT, ":".join(map(str, draw)), algorithm="sha256").hexdigest()
    if judgement.token_hash != _hash(token):
        judgement.token_hash = _hash(token)
        judgement.save(update_fields=["token_hash"])
    return Draw(judgement, token)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _checked(answer: str, reason: str, why: str) -> dict[str, str]:
    if answer not in Judgement.Answer.values:
        raise InvalidJudgement(_("Please choose one of the six answers."))
    words = why.replace("\r\n", "\n").strip()
    if len(words) > LONGEST_WHY:
        message = _("Please shorten this to %(most)s characters; it has %(length)s.")
        raise InvalidJudgement(message % {"most": LONGEST_WHY, "length": len(words)})
    keeps_reason = answer == Judgement.Answer.CANNOT_JUDGE and reason in REASONS
    return {"answer": answer, "reason": reason if keeps_reason else "", "why": words}


def _finish_when_done(participant: Participant, *, now: datetime) -> None:
    is_open = participant.judgements.filter(answer="").exists()
    given = answered(participant).count()
    if given and not is_open and given >= wanted(participant):
        complete_step(participant, KIND, now=now)
