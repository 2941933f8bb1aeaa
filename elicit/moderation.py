"""Ask a language model whether an organizer should read a card before others see it, or look at what was said.

Rule: a model may only hold a card, and only flag words in a conversation. It never releases a card, never changes one
and never stops anybody; and it is asked only where the server names models for the purpose "moderation" itself.
"""

from typing import Literal

from django.conf import settings
from django.db import transaction
from pydantic import BaseModel, ConfigDict

from elicit.jobs import JobProgress, enqueue
from elicit.llm.configuration import models_for
from elicit.llm.gateway import CallContext, complete, complete_with_source
from elicit.llm.prompts import Ours
from elicit.models import Exchange, Origin, Utterance, ValuesCard
from elicit.releases import hold

JOB = "moderate_card"
WORDS_JOB = "moderate_words"
PURPOSE = "moderation"
FLAGS = {"private": "model_private", "harm": "model_harm", "not_a_value": "model_not_a_value"}


class WordsVerdict(BaseModel):
    """What a model says about a prompt or an answer."""

    model_config = ConfigDict(extra="forbid")

    found: Literal["nothing", "private", "harm", "danger"]


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


def ask_about_exchange(exchange: Exchange) -> None:
    """Have a prompt and its answers read, once. Previews are read by nobody."""
    participant = exchange.conversation.participant
    if is_wanted() and participant.origin != Origin.PREVIEW:
        enqueue(
            WORDS_JOB,
            key=f"{WORDS_JOB}:{exchange.pk}",
            study=participant.study,
            payload={"exchange": exchange.pk},
        )


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


def flag_exchange(progress: JobProgress) -> None:
    """Read what one person wrote and what models answered, and note what was found beside the words. Nothing is held.

    What was read before is not read again, so that a job that runs twice asks only for the rest.
    """
    exchange = (
        Exchange.objects.select_related("conversation__participant__study")
        .filter(pk=progress.payload["exchange"])
        .first()
    )
    if exchange is None or not is_wanted():
        return
    shown = [answer for answer in exchange.utterances.order_by("position") if answer.text]
    rows: list[Exchange | Utterance] = [exchange, *shown]
    for done, row in enumerate(rows):
        progress.report(done, len(shown) + 1)
        if "moderation" not in row.checks:
            _flag(row, row.prompt if isinstance(row, Exchange) else row.text, exchange)


def _flag(row: Exchange | Utterance, text: str, exchange: Exchange) -> None:
    participant = exchange.conversation.participant
    by = "model" if isinstance(row, Utterance) else "participant"
    seed = f"{WORDS_JOB}:{exchange.pk}:{row.position if isinstance(row, Utterance) else by}"
    call = CallContext(participant.study, PURPOSE, participant_code=participant.code, seed=seed)
    told = complete_with_source(
        WORDS_JOB, {"text": text, "by": Ours(by)}, reply=WordsVerdict, call=call, model_names=models_for(PURPOSE)
    )
    found = {"found": told.value.found, "model": told.model_name, "prompt_hash": told.prompt_hash}
    _note(type(row), row.pk, found)


@transaction.atomic
def _note(kind: type[Exchange] | type[Utterance], pk: int, found: dict[str, str]) -> None:
    """Add what was found to the newest flags of a row; a row that is gone meanwhile stays gone."""
    row = kind.objects.select_for_update().filter(pk=pk).first()
    if row is not None:
        row.checks = {**row.checks, "moderation": found}
        row.save(update_fields=["checks"])
