"""Tokens: the key by which one draw is answered once.

Rule: a token is made of the person, the pair in its order, the side, the story and how often the draw was answered
before; only its hash is stored. The one that answered a draw stays known and changes nothing more; another answer needs
the next one, which is issued with the page on which the answer can be changed.
"""

import hashlib

from django.utils.crypto import constant_time_compare, salted_hmac

from elicit.models import Participant
from moralgraph.models import Judgement

SALT = "moralgraph.judgements"


def token_of(judgement: Judgement) -> str:
    """Return the token by which a draw is answered next. It is made anew each time, and never stored."""
    return _token(judgement, next_number(judgement))


def next_number(judgement: Judgement) -> int:
    """Return the number of the token that is issued next: the first one's, until it has answered the draw."""
    return judgement.token_number + (judgement.answered_at is not None)


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def draw_of(participant: Participant, token: str) -> tuple[Judgement, int] | None:
    """Return the person's draw that a token belongs to and the token's number; None when it belongs to none."""
    for judgement in participant.judgements.order_by("-number"):
        for number in range(next_number(judgement), 0, -1):
            if constant_time_compare(_token(judgement, number), token):
                return judgement, number
    return None


def _token(judgement: Judgement, number: int) -> str:
    bound = (
        judgement.pk, judgement.participant_id, judgement.first_id, judgement.second_id, judgement.first_side,
        judgement.story_arm, number,
    )  # fmt: skip
    return salted_hmac(SALT, ":".join(map(str, bound)), algorithm="sha256").hexdigest()
