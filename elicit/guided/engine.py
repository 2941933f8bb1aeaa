"""Choose the next question of the guided interview from what was said so far.

Rule: the same history and seed give the same question, and no question is worded twice in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from elicit.guided.choosing import InterviewIsOver, Talk
from elicit.guided.phrasing import Phrasing
from elicit.guided.said import Said, answers_by_stage, is_over
from elicit.guided.script import aims, words_for
from elicit.guided.wording import find_word, quote_from

__all__ = [
    "GuidedTurn",
    "InterviewIsOver",
    "Said",
    "answers_by_stage",
    "ask_what_is_missing",
    "find_word",
    "is_over",
    "next_question",
    "quote_from",
]


@dataclass(frozen=True)
class GuidedTurn:
    """What the interviewer says next, and in English what it is for. After the last turn the card is drafted."""

    text: str
    stage: str
    is_last: bool
    aim: str = ""


def next_question(
    history: Sequence[Said],
    *,
    question: str,
    language: str = "en",
    seed: int | str = 0,
    max_turns: int = 12,
    also: Sequence[str] = (),
    led_by: Literal["guided", "model"] = "guided",
) -> GuidedTurn:
    """Return what to ask next.

    Parameters
    ----------
    history
        Every turn so far, in order.
    question
        The situation, as the participant reads it.
    max_turns
        How many questions may be asked; the last of them is always `check`.
    also
        Words of the study's own that sound like danger.
    led_by
        Who words the questions after the first one, so that the introduction says what is true.

    Raises
    ------
    InterviewIsOver
        When `check` was asked already, or the limit of turns is reached.

    Examples
    --------
    >>> turn = next_question([], question="Someone asks for help.")
    >>> turn.stage, turn.is_last
    ('story', False)
    """
    talk = Talk(tuple(history), words_for(language), max_turns=max_turns, also=tuple(also))
    stage, variant = talk.next_step()
    phrasing = Phrasing(talk.words, tuple(talk.asked_texts), seed=seed, question=question)
    parts = [getattr(talk.words.introductions, led_by).strip()] if not talk.asked else []
    parts += talk.care()
    parts.append(phrasing.ask(stage, variant, readings=talk.readings, opening=talk.opening(stage, variant)))
    return GuidedTurn("\n\n".join(parts), stage, is_last=stage == "check", aim=aim_of(stage, variant))


def ask_what_is_missing(reason: str, *, language: str = "en", seed: int | str = 0) -> GuidedTurn:
    """Ask once more when the author says that a card does not fit well, giving their reason back.

    Examples
    --------
    >>> ask_what_is_missing("It leaves out the jokes.").stage
    'attend_more'
    """
    words = words_for(language)
    text = Phrasing(words, (), seed=seed).ask_about_fit(reason)
    return GuidedTurn(text, "attend_more", is_last=False, aim=aims()["fit"])


def aim_of(stage: str, variant: str) -> str:
    """Return in one English sentence what a question is for."""
    return aims().get(f"{stage}.{variant}", aims()[stage])
