"""Ask a language model whether an organizer should read a card before others see it.

Rule: a model may only hold a card. It never releases one, never changes one and never stops its author; and it is asked
only where the server names models for the purpose "moderation" itself.
"""

from typing import Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from elicit.jobs import JobProgress, enqueue
from elicit.llm.configuration import models_for
from elicit.llm.gateway import CallContext, complete
from elicit.models import Origin, ValuesCard
from elicit.releases import hold

JOB = "moderate_card"
PURPOSE = "moderation"
FLAGS = {"private": "model_private", "harm": "model_harm", "not_a_value": "model_not_a_value"}


class Verdict(BaseModel):
    """What a model says about a card."""

    model_config = ConfigDict(extra="forbid")

    found: Literal["nothing", "private", "harm", "not_a_value"]


def is_wanted() -> bool:
    """Say whether models are named for this purpose; those of the interview do not stand in for them."""
    return bool(settings.LLM_PURPOSES.get(PURPOSE))


def ask_for_moderation(card: ValuesCard) -> None:
    """Have a card that was just confirmed read, once. Previews are read by nobody."""
    is_unread = card.release == ValuesCard.Release.FREE and card.origin != Origin.PREVIEW
    if is_wanted() and is_unread and card.participant is not None:
        enqueue(JOB, key=f"{JOB}:{card.pk}", study=card.study, payload={"card": card.pk})


def moderate(progress: JobProgress) -> None:
    """Read one card and hold it if the model finds something. A card that is gone or decided about is left alone."""
    card = ValuesCard.objects.select_related("study", "participant").filter(pk=progress.payload["card"]).first()
    if card is None or card.participant is None or card.release != ValuesCard.Release.FREE or not is_wanted():
        return
    call = CallContext(card.study, PURPOSE, participant_code=card.participant.code, seed=f"{JOB}:{card.pk}")
    words = {
        "language": card.language,
        "title": card.title,
        "description": card.description,
        "policies": list(card.policies),
    }
    verdict = complete(JOB, words, reply=Verdict, call=call, model_names=models_for(PURPOSE))
    if verdict.found in FLAGS:
        hold(card, flag=FLAGS[verdict.found])
