"""The job that drafts a card with a model, over the draft that the guide has made already.

Rule: a quote counts only where it stands, letter by letter, in the person's own messages. A draft replaces only what
its author has not touched, and whatever happens to the model, there is a card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field

from elicit import asking, guided, turns, wording
from elicit.errors import AlreadyWithdrawn, LLMError, StudyNotOpen
from elicit.heartbeats import Heartbeat
from elicit.interviewing import language_name, transcript, trouble_of
from elicit.jobs import JobProgress
from elicit.llm import gateway
from elicit.llm.configuration import models_for
from elicit.llm.ledger import CallContext
from elicit.llm.prompts import Ours
from elicit.models import Message, Turn, ValuesCard
from elicit.turns import Asked, Attempt
from elicit.values_cards import (
    LONGEST_DESCRIPTION,
    LONGEST_POLICY,
    LONGEST_TITLE,
    MOST_POLICIES,
    Draft,
    replace_draft,
    span,
)

PROMPT = "values_card"
PURPOSE = "card"
BEATS_A_SILENCE = 4  # signs of life within TURN_STALE_SECONDS
ENOUGH_QUOTED = 3  # lines with quotes after which lines without any are left out
FEWEST_TITLE = 2  # letters


class DraftedPolicy(BaseModel):
    """One line of the card, and the person's own words behind it."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=3, max_length=600)]
    quotes: Annotated[list[str], Field(max_length=6)]


class DraftedCard(BaseModel):
    """A card as a model drafts it."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=FEWEST_TITLE, max_length=240)]
    description: Annotated[str, Field(max_length=1200)]
    policies: Annotated[list[DraftedPolicy], Field(min_length=1, max_length=MOST_POLICIES)]


@dataclass(frozen=True)
class _Line:
    text: str
    evidence: list[dict[str, Any]]


def write_card(progress: JobProgress) -> None:
    """Do the job: draft the card of one turn, unless it needs no work any more."""
    attempt = Attempt(progress.payload["turn"], progress.payload["attempt"])
    asked = turns.take_up(attempt, now=timezone.now())
    if asked is None:
        return
    try:
        with Heartbeat(
            lambda: turns.beat(attempt, now=timezone.now()), every=settings.TURN_STALE_SECONDS / BEATS_A_SILENCE
        ):
            told = _ask(asked)
        store(attempt, told, asked.messages, now=timezone.now())
    except (AlreadyWithdrawn, StudyNotOpen):
        return
    except LLMError as error:
        _leave(attempt, trouble=trouble_of(error))


def _leave(attempt: Attempt, *, trouble: str) -> None:
    """Let the guide's draft stand."""
    try:
        turns.hand_over(attempt, trouble=trouble, now=timezone.now())
    except (AlreadyWithdrawn, StudyNotOpen):
        return


def _ask(asked: Asked) -> "gateway.Told[DraftedCard]":
    interview = asked.interview
    participant = interview.participant
    card = ValuesCard.objects.filter(interview=interview).first()
    variables = {
        "language": Ours(language_name(participant.language)),
        "situation": asking.situation(interview).text.for_language(participant.language),
        "transcript": transcript(asked.messages),
        "reason": card.fit_reason if card else "",
    }
    call = CallContext(
        study=participant.study, purpose=PURPOSE, participant_code=participant.code, seed=asking.seed_of(interview)
    )
    return gateway.complete_with_source(
        PROMPT, variables, reply=DraftedCard, call=call, model_names=models_for(PURPOSE)
    )


@transaction.atomic
def store(
    attempt: Attempt, told: "gateway.Told[DraftedCard]", messages: Sequence[Message], *, now: datetime
) -> ValuesCard | None:
    """Put the model's draft in the place of the guide's, if its author has not touched that; end the turn."""
    lines = verified(told.value, messages)
    if not lines:
        turns.hand_over(attempt, trouble=Turn.Trouble.MALFORMED, now=now)
        return None
    found = turns.finish_turn(attempt, model_name=told.model_name, now=now)
    if found is None:
        return None
    interview = found[1]
    draft = Draft(
        title=wording.plain(told.value.title)[:LONGEST_TITLE],
        description=wording.plain(told.value.description)[:LONGEST_DESCRIPTION],
        policies=[line.text for line in lines],
        evidence=[line.evidence for line in lines],
        model_name=told.model_name,
        prompt_name=told.prompt_name,
        prompt_hash=told.prompt_hash,
        seed=asking.seed_of(interview),
    )
    return replace_draft(interview, draft)


def verified(drafted: DraftedCard, messages: Sequence[Message]) -> list[_Line]:
    """Return the lines with the quotes that stand in the person's messages; without any only where lines are few."""
    own = [message for message in messages if message.author == Message.Author.PARTICIPANT]
    texts = [message.text if message.kind == Message.Kind.SAID else "" for message in own]
    lines: dict[str, _Line] = {}
    for policy in drafted.policies:
        text = " ".join(wording.plain(policy.text).split())[:LONGEST_POLICY].strip()
        found = [guided.find_quote(quote, texts) for quote in policy.quotes]
        spans = [span(own[each.answer], each) for each in found if each is not None]
        if text:
            lines.setdefault(text.casefold(), _Line(text, spans))
    quoted = [line for line in lines.values() if line.evidence]
    return quoted if len(quoted) >= ENOUGH_QUOTED else list(lines.values())
