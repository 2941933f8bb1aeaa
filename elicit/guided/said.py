"""The turns of an interview, and the answers in them.

Rule: an answer keeps its place among everything that the person wrote, so that a quote can be found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["said", "skipped", "declined", "differently"]


@dataclass(frozen=True)
class Said:
    """One turn of the interview. `stage` is the stage of the interviewer's question; an answer may leave it empty.

    `kind` tells what a person did: wrote an answer, skipped, declined, or asked to be asked differently.
    """

    author: Literal["interviewer", "participant"]
    text: str
    stage: str = ""
    kind: Kind = "said"


@dataclass(frozen=True)
class Answer:
    """What a person wrote at a stage; `place` counts everything that they wrote, from 0."""

    place: int
    stage: str
    text: str
    kind: Kind = "said"

    @property
    def has_words(self) -> bool:
        """Whether these are words of an answer, not a pressed button."""
        return self.kind == "said"


def answers_of(history: Sequence[Said]) -> list[Answer]:
    """Pair everything that the person wrote with the stage of the question before it.

    Examples
    --------
    >>> answers_of([Said("interviewer", "?", "story"), Said("participant", "Once.")])[0].stage
    'story'
    """
    stage = ""
    answers: list[Answer] = []
    for said in history:
        if said.author == "interviewer":
            stage = said.stage
        else:
            answers.append(Answer(len(answers), said.stage or stage, said.text, said.kind))
    return answers


def answers_by_stage(history: Sequence[Said]) -> list[tuple[str, str]]:
    """Pair each answer with its stage, leaving out turns that only asked for another question.

    Examples
    --------
    >>> answers_by_stage([Said("interviewer", "?", "story"), Said("participant", "Once.")])
    [('story', 'Once.')]
    """
    return [(answer.stage, answer.text) for answer in answers_of(history) if answer.kind != "differently"]


def is_over(history: Sequence[Said]) -> bool:
    """Return whether the last question was asked and answered, or left out.

    Examples
    --------
    >>> is_over([Said("interviewer", "?", "check"), Said("participant", "?", kind="differently")])
    False
    """
    return any(stage == "check" for stage, _ in answers_by_stage(history))
