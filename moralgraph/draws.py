"""Draws: which pair a person is asked about next, in which direction, on which side and with which stories.

Rule: the server draws, and stores the draw with its probabilities before it is shown. A reload shows the same draw. One
that can no longer be shown as it was drawn goes, and another is drawn.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from elicit.models import Participant
from elicit.participants import take_for_writing
from elicit.steps import Readiness, State
from moralgraph.algorithms import pairing
from moralgraph.candidates import (
    Candidate,
    answers_so_far,
    may_be_seen,
    merged_cards,
    near_candidates,
    open_candidates,
)
from moralgraph.contexts import standing_contexts
from moralgraph.draw_tokens import token_of
from moralgraph.merging import standing_key
from moralgraph.models import Judgement, Upgrade
from moralgraph.stories import draw_arm, has_its_stories
from moralgraph.withholding import withheld_cards

Side, Design = Judgement.Side, Judgement.Design


@dataclass(frozen=True)
class Draw:
    """A drawn pair with the token by which it is answered."""

    judgement: Judgement
    token: str


def readiness(participant: Participant) -> Readiness:
    """Say whether there is a pair for this person to judge, now or already."""
    if participant.judgements.exists() or open_candidates(participant).rows:
        return Readiness()
    sentence = _(
        "There is nothing to compare yet: others are still writing their cards. Please come back with this link."
    )
    return Readiness(State.WAITING, sentence)


def wanted(participant: Participant) -> int:
    """Return how many pages of pairs this person gets, repeats included; fewer than the study says when pairs lack."""
    design = participant.version.design.judgements
    drawn = participant.judgements.filter(repeat=0).count()
    repeated = participant.judgements.exclude(repeat=0).count()
    pairs = min(design.count, drawn + _pairs_left(participant, enough=design.count - drawn))
    if drawn < pairs:
        return pairs + min(design.repeats, pairs - 1)
    left = design.repeats - repeated
    return drawn + repeated + (min(left, len(_repeatable(participant))) if left > 0 else 0)


def _pairs_left(participant: Participant, *, enough: int) -> int:
    """Return how many pairs are open to a person, or at least `enough`; the own question is counted first."""
    if enough <= 0:
        return 0
    near = len({row.pair for row in near_candidates(participant).rows})
    return near if near >= enough else len({row.pair for row in open_candidates(participant).rows})


def answered(participant: Participant) -> QuerySet[Judgement]:
    """Return what the person has judged, in the order in which they saw it."""
    return participant.judgements.exclude(answer="").order_by("number")


@transaction.atomic
def draw_judgement(participant: Participant, *, now: datetime) -> Draw | None:
    """Return the person's open draw, or draw the next pair; None when they have judged enough or nothing is left."""
    row = take_for_writing(participant)
    judgement = _open_draw(row) or _drawn(row, now=now) or _drawn_again(row, now=now)
    return Draw(judgement, token_of(judgement)) if judgement else None


@transaction.atomic
def reopen_judgement(participant: Participant, number: int) -> Draw | None:
    """Return an earlier draw of this person, with a token for another answer; None when there is no such draw."""
    row = take_for_writing(participant)
    withheld = withheld_cards(row.study).values("pk")
    shown = answered(row).exclude(first__policies=[]).exclude(second__policies=[])
    judgement = shown.filter(number=number).exclude(first__in=withheld).exclude(second__in=withheld).first()
    return Draw(judgement, token_of(judgement)) if judgement else None


def is_over(participant: Participant) -> bool:
    """Say whether a person has answered everything that there is for them, and something at all."""
    rows = participant.judgements
    return rows.exists() and not rows.filter(answer="").exists() and rows.count() >= wanted(participant)


def _open_draw(participant: Participant) -> Judgement | None:
    """Return the draw that waits for an answer, if it can still be shown as it was drawn."""
    judgement = participant.judgements.filter(answer="").order_by("number").first()
    if judgement is None or _still_stands(judgement, participant):
        return judgement
    judgement.delete()
    return None


def _still_stands(judgement: Judgement, participant: Participant) -> bool:
    merged = merged_cards(participant)
    cards = (judgement.first_id, judgement.second_id)
    return (
        judgement.upgrade is not None
        and not judgement.upgrade.is_retired
        and judgement.context_id in standing_contexts(participant.study)
        and standing_key(cards[0], merged) != standing_key(cards[1], merged)
        and may_be_seen(cards, participant)
        and has_its_stories(judgement)
    )


def _drawn(participant: Participant, *, now: datetime) -> Judgement | None:
    """Draw a pair that the person was not asked about; None when they were asked about as many as the study wants."""
    if participant.judgements.filter(repeat=0).count() >= participant.version.design.judgements.count:
        return None
    found = near_candidates(participant)
    if not found.rows:
        return None
    number = _next_number(participant)
    rng = np.random.default_rng([participant.seed, number])
    counts = answers_so_far(participant, found)
    choice = pairing.choose_pair(found.named(), counts=counts, judged=(), rng=rng)
    candidate, is_turned = found.of(choice)
    judgement = _asked(participant, candidate, is_turned=is_turned, number=number, rng=rng, now=now)
    judgement.selection_probability = min(1.0, choice.probability)
    judgement.design = design_of(choice, pairs=len(found.rows), rng=rng)
    judgement.save()
    return judgement


def _asked(
    participant: Participant,
    candidate: Candidate,
    *,
    is_turned: bool,
    number: int,
    rng: np.random.Generator,
    now: datetime,
) -> Judgement:
    """Return the row of a pair in its direction, with a side and a story drawn; it is not saved."""
    upgrade = Upgrade.objects.get(pk=candidate.upgrade)
    first, second = (candidate.first, candidate.second)[:: -1 if is_turned else 1]
    wanted_arms = participant.version.design.judgements.stories
    arm, arm_probability = draw_arm(upgrade, is_turned=is_turned, wanted=wanted_arms, rng=rng)
    return Judgement(
        study=participant.study,
        participant=participant,
        upgrade=upgrade,
        context_id=candidate.context,
        first_id=first,
        second_id=second,
        lower=min(first, second),
        upper=max(first, second),
        number=number,
        story_arm=arm,
        story_arm_probability=arm_probability,
        first_side=(Side.START, Side.END)[int(rng.integers(2))],
        origin=participant.origin,
        seen_at=now,
    )


def design_of(choice: pairing.PairChoice, *, pairs: int, rng: np.random.Generator) -> str:
    """Say which of the two draws gave a choice: each direction of each pair has the same part of the uniform one.

    Examples
    --------
    >>> certain = pairing.PairChoice("a", "b", "tired", probability=pairing.UNIFORM_SHARE / 2)
    >>> str(design_of(certain, pairs=1, rng=np.random.default_rng(0)))
    'uniform'
    """
    uniform_part = pairing.UNIFORM_SHARE / (2 * pairs)
    return Design.UNIFORM if rng.random() * choice.probability < uniform_part else Design.ACTIVE


def _drawn_again(participant: Participant, *, now: datetime) -> Judgement | None:
    """Draw one of the person's own pairs once more, sides changed and all else the same, where the study wants that."""
    repeated = participant.judgements.exclude(repeat=0).count()
    left = _repeatable(participant)
    if repeated >= participant.version.design.judgements.repeats or not left:
        return None
    number = _next_number(participant)
    rng = np.random.default_rng([participant.seed, number])
    earlier = left[int(rng.integers(len(left)))]
    return Judgement.objects.create(
        study=participant.study,
        participant=participant,
        upgrade=earlier.upgrade,
        context=earlier.context,
        first=earlier.first,
        second=earlier.second,
        lower=earlier.lower,
        upper=earlier.upper,
        repeat=1,
        number=number,
        story_arm=earlier.story_arm,
        story_arm_probability=1.0,
        first_side=Side.START if earlier.first_side == Side.END else Side.END,
        design=Design.REPEAT,
        selection_probability=1 / len(left),
        origin=participant.origin,
        seen_at=now,
    )


def _repeatable(participant: Participant) -> list[Judgement]:
    """Return the person's pairs that can come again: not yet repeated, not the last one, and still as they were."""
    rows = list(participant.judgements.select_related("upgrade", "context", "first", "second").order_by("number"))
    done = {(row.lower, row.upper, row.context_id) for row in rows if row.repeat}
    return [
        row
        for row in rows[:-1]
        if (row.lower, row.upper, row.context_id) not in done and _still_stands(row, participant)
    ]


def _next_number(participant: Participant) -> int:
    last = participant.judgements.order_by("-number").first()
    return last.number + 1 if last else 1
