"""Say something in an interview, and let the guide choose what is asked next.

Rule: the guide alone decides which stage comes next and when it is over, whoever finds the words for it. A message's
number is never used twice, nor by a person's next interview, so that an answer always belongs to the question that
stood on the page.
"""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from elicit import guided
from elicit.models import Interview, Message
from elicit.study_files import QuestionDesign

if TYPE_CHECKING:
    from elicit.guided.said import Kind

LONGEST_PAUSE = timedelta(minutes=5)  # a longer one counts as five minutes, so that coming back tomorrow costs nothing
REASON_KEY = "fit:"  # opens the key of a message in which somebody says what their card lacks
Author = Message.Author


def said(messages: Sequence[Message]) -> list[guided.Said]:
    """Return messages as the guide reads them."""
    return [
        guided.Said(
            author="interviewer" if message.author == Author.INTERVIEWER else "participant",
            text=message.text,
            stage=message.stage,
            kind=cast("Kind", message.kind),
        )
        for message in messages
    ]


def situation(interview: Interview) -> QuestionDesign:
    """Return the situation as it stands in the participant's version of the study."""
    designed = interview.participant.version.design.questions
    return next(question for question in designed if question.key == interview.question.key)


def minutes_spent(messages: Sequence[Message], *, now: datetime) -> float:
    """Return how long the person has been at it, leaving out long pauses."""
    times = [*(message.created_at for message in messages), now]
    spent = sum((min(later - earlier, LONGEST_PAUSE) for earlier, later in itertools.pairwise(times)), timedelta())
    return spent / timedelta(minutes=1)


def next_turn(interview: Interview, messages: Sequence[Message], *, now: datetime) -> guided.GuidedTurn | None:
    """Return what the guide asks next; None when the interview is over, by its stages or its limits.

    One that was over and goes on, because its card lacks something, is over again after one answer.
    """
    participant = interview.participant
    reason = _reason_in(messages)
    if reason:
        seed = f"{seed_of(interview)}:{len(messages)}"
        return guided.ask_what_is_missing(reason, language=participant.language, seed=seed)
    design, help_design = participant.version.design.interview, participant.version.design.help
    history = said(messages)
    asked = sum(turn.author == "interviewer" for turn in history)
    if interview.finished_at or guided.is_over(history) or asked >= design.max_turns:
        return None
    is_late = minutes_spent(messages, now=now) >= design.max_minutes
    return guided.next_question(
        history,
        question=f"“{situation(interview).title.for_language(participant.language)}”",
        language=participant.language,
        seed=seed_of(interview),
        max_turns=min(design.max_turns, asked + 1) if is_late else design.max_turns,
        also=help_design.distress.words if help_design else (),
        led_by="model" if interview.mode == Interview.Mode.MODEL else "guided",
    )


def _reason_in(messages: Sequence[Message]) -> str:
    """Return what was said last, if that is what a card lacks."""
    own = [each for each in messages if each.author == Author.PARTICIPANT and each.kind != Message.Kind.DIFFERENTLY]
    return own[-1].text if own and own[-1].idempotency_key.startswith(REASON_KEY) else ""


def seed_of(interview: Interview) -> str:
    """Return what the interview's wording is drawn by."""
    return f"{interview.participant.seed}:{interview.question.key}"


def number_after(messages: Sequence[Message]) -> int:
    """Return the number of the message that comes next."""
    return messages[-1].number + 1 if messages else 1


def ask(interview: Interview, turn: guided.GuidedTurn, *, number: int, now: datetime) -> Message:
    """Store the guide's question."""
    return say(interview, Author.INTERVIEWER, turn.text, number=number, stage=turn.stage, now=now)


def say(
    interview: Interview,
    author: str,
    text: str,
    *,
    number: int,
    stage: str,
    now: datetime,
    key: str = "",
    **more: Any,
) -> Message:
    """Store one message. What the interviewer says has the key of its number."""
    participant = interview.participant
    message = Message.objects.create(
        interview=interview,
        number=number,
        author=author,
        text=text,
        stage=stage,
        language=participant.language,
        origin=participant.origin,
        idempotency_key=key or f"{author}:question-{number}",
        **{"seed": seed_of(interview)} | more if author == Author.INTERVIEWER else more,
    )
    Message.objects.filter(pk=message.pk).update(created_at=now)
    message.created_at = now
    return message
