"""Choose the next question of the guided interview from what was said so far.

Rule: the same history and seed give the same question; each stage is asked at most once; the
interview ends after `check`, by count and never by a word in a text.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from elicit.guided.script import STAGES, Words, words_for

SHORT_STORY = 12  # words; a story in fewer is asked after once
SHORT_ANSWER = 5  # words; too few to hear a rule, a goal or a feeling in
LONGEST_QUOTE = 12  # words of the person's own that are given back
ENOUGH_LINES = 5  # lines in one answer after which no more are asked for
SIGNALS = ("rule", "fear", "anger", "shame", "sadness", "goal", "example")


class InterviewIsOver(ValueError):
    """Say that the last question was already asked; draft the card instead."""

    def __init__(self) -> None:
        super().__init__("The last question of this interview was asked. Draft the card instead.")


@dataclass(frozen=True)
class Said:
    """One turn of the interview. `stage` is the stage of the interviewer's question; an answer may leave it empty."""

    author: Literal["interviewer", "participant"]
    text: str
    stage: str = ""


@dataclass(frozen=True)
class GuidedTurn:
    """What the interviewer says next. After the answer to the last turn the card is drafted."""

    text: str
    stage: str
    is_last: bool


def is_over(history: Sequence[Said]) -> bool:
    """Return whether the last question was asked and answered."""
    return any(stage == "check" for stage, _ in answers_by_stage(history))


def answers_by_stage(history: Sequence[Said]) -> list[tuple[str, str]]:
    """Pair every answer with the stage of the question before it."""
    stage, answers = "", []
    for said in history:
        if said.author == "interviewer":
            stage = said.stage
        else:
            answers.append((said.stage or stage, said.text))
    return answers


def next_question(
    history: Sequence[Said], *, question: str, language: str = "en", seed: int | str = 0, max_turns: int = 12
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

    Raises
    ------
    InterviewIsOver
        When `check` was asked already.

    Examples
    --------
    >>> turn = next_question([], question="Someone asks for help.")
    >>> turn.stage, turn.is_last
    ('story', False)
    """
    words = words_for(language)
    answers = answers_by_stage(history)
    asked = [said.stage for said in history if said.author == "interviewer"]
    if "check" in asked:
        raise InterviewIsOver
    stage = _next_stage(asked, answers, words)
    if stage != "story" and len(asked) >= max_turns - 1:
        stage = "check"
    signal = _signal(answers[-1][1], words) if answers else "plain"
    text = _phrase(words, stage=stage, signal=signal, answers=answers, seed=seed).replace("{question}", question)
    if not asked:
        text = f"{words.introduction.strip()}\n\n{text}"
    if answers and find_word(answers[-1][1], words.signals["danger"]):
        text = f"{words.care.strip()}\n\n{text}"
    return GuidedTurn(text=text, stage=stage, is_last=stage == "check")


def _next_stage(asked: list[str], answers: list[tuple[str, str]], words: Words) -> str:
    if not asked:
        return "story"
    after = STAGES[STAGES.index(asked[-1]) + 1] if asked[-1] in STAGES else "noticed"
    last = answers[-1][1] if answers else ""
    if after == "story_more" and len(last.split()) >= SHORT_STORY:
        return "noticed"
    if after == "attend_more" and len([line for line in last.splitlines() if line.strip()]) >= ENOUGH_LINES:
        return "check"
    return after


def _signal(answer: str, words: Words) -> str:
    """Name what the answer is made of: skipped, a slogan, a rule, a feeling, a goal, an example, or plain."""
    count = len(answer.split())
    if not answer.strip() or (count <= 2 * SHORT_ANSWER and find_word(answer, words.signals["skipped"])):
        return "skipped"
    if count <= 2 * SHORT_ANSWER and find_word(answer, words.signals["slogan"]):
        return "slogan"
    if count < SHORT_ANSWER:
        return "plain"
    return next((signal for signal in SIGNALS if find_word(answer, words.signals[signal])), "plain")


def find_word(text: str, listed: Sequence[str]) -> str:
    """Return the first listed word or phrase that stands in `text` as a whole word, or nothing."""
    plain = text.replace("’", "'").casefold()
    return next((word for word in listed if re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", plain)), "")


def _phrase(words: Words, *, stage: str, signal: str, answers: list[tuple[str, str]], seed: int | str) -> str:
    variants = words.questions[stage]
    chosen = variants.get(signal, variants["plain"])
    text = random.Random(f"{seed}:{stage}:{signal}").choice(chosen)
    if signal == "skipped" and signal in variants:
        return f"{random.Random(f'{seed}:{stage}').choice(words.acknowledgements['skipped'])} {text}"
    quoted = quote_from(answers[-1][1], listed=words.signals.get(signal, [])) if answers else ""
    if "{quote}" in text and not quoted:
        return random.Random(f"{seed}:{stage}").choice(variants["skipped"])
    return text.replace("{quote}", quoted.replace('"', "'"))


def quote_from(answer: str, *, listed: Sequence[str] = ()) -> str:
    """Return a phrase of the person's own, at most twelve words: the clause with a listed word, else the fullest one.

    Examples
    --------
    >>> quote_from("She sat down. I was afraid to ask, and she knew.", listed=["afraid"])
    'I was afraid to ask'
    """
    clauses = [clause.strip(" \t-*•\"“”'") for clause in re.split(r"[.!?;:,\n]+|\s[-–—]\s", answer)]
    clauses = [clause for clause in clauses if clause]
    if not clauses:
        return ""
    telling = [clause for clause in clauses if find_word(clause, listed)]
    best = telling[0] if telling else max(clauses, key=lambda clause: min(len(clause.split()), LONGEST_QUOTE))
    kept = best.split()
    return best if len(kept) <= LONGEST_QUOTE else " ".join(kept[:LONGEST_QUOTE]) + " ..."
