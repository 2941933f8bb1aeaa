"""Judgements: what a person says about a pair that was drawn for them.

Rule: an answer is taken only for a drawn pair, by a token that fits this person and this draw. The same token answers
once, however often it is sent; another answer needs the next token, and keeps the one before as history.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from elicit.errors import WellspringError
from elicit.models import Participant
from elicit.participants import take_for_writing
from elicit.steps import complete_step
from moralgraph.draw_tokens import draw_of, token_hash
from moralgraph.draws import answered, is_over
from moralgraph.models import Judgement, JudgementRevision

KIND = "judgements"
LONGEST_WHY = 2000
SCALE = (Judgement.Answer.WISER, Judgement.Answer.ABOUT_EQUAL, Judgement.Answer.LESS_WISE)
OTHER_ANSWERS = (
    Judgement.Answer.BOTH_NEEDED,
    Judgement.Answer.DIFFERENT_CONCERNS,
    Judgement.Answer.CANNOT_JUDGE,
)
REASONS = ("first_unclear", "second_unclear", "story_unclear", "same", "not_my_situation")


class UnknownDraw(WellspringError):
    """The token belongs to no draw of this person, or to one that is gone."""


class InvalidJudgement(WellspringError):
    """The answer cannot be stored as it is."""


def answer_order(participant: Participant) -> tuple[Judgement.Answer, ...]:
    """Return the six answers in this person's order: for every other seed the scale runs from less wise to wiser."""
    scale = SCALE if participant.seed % 2 == 0 else SCALE[::-1]
    return (*scale, *OTHER_ANSWERS)


@transaction.atomic
def answer_judgement(
    participant: Participant, token: str, answer: str, *, now: datetime, reason: str = "", why: str = ""
) -> Judgement:
    """Store the answer to a draw. A token that has answered changes nothing more; the next one changes the answer.

    Raises
    ------
    UnknownDraw
        When the token belongs to no draw of this person.
    InvalidJudgement
        When the answer is none of the six, or the words are too long.
    """
    row = take_for_writing(participant)
    found = draw_of(row, token)
    if found is None:
        raise UnknownDraw(_("The pair on that page is no longer there. Here is the present one."))
    judgement, number = found
    if judgement.answered_at is not None and number <= judgement.token_number:
        return judgement
    given = _checked(answer, reason, why)
    before = {"answer": judgement.answer, "reason": judgement.reason, "why": judgement.why}
    if judgement.answered_at is not None and before != given:
        JudgementRevision.objects.create(
            judgement=judgement, answered_at=judgement.answered_at, token_hash=judgement.token_hash, **before
        )
    if before != given:
        judgement.answer, judgement.reason, judgement.why = given["answer"], given["reason"], given["why"]
        judgement.answered_at = now
    judgement.token_number, judgement.token_hash = number, token_hash(token)
    judgement.save(update_fields=["answer", "reason", "why", "answered_at", "token_number", "token_hash"])
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
    if is_over(participant):
        complete_step(participant, KIND, now=now)
