"""Hold a guided interview with somebody whose answers are written down."""

from collections import defaultdict
from pathlib import Path

import yaml

from elicit.guided import Said, is_over, next_question

SITUATION = "“A message in the night”"
TALKS: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("guided_talks.yaml").read_text(encoding="utf-8")
)
BUTTONS = {f"({kind})": kind for kind in ("skipped", "declined", "differently")}


def said(text: str) -> Said:
    """What a person does: words, or a button in brackets."""
    return Said("participant", text, kind=BUTTONS.get(text, "said"))


def hold(answers: dict[str, list[str]], *, seed: int = 1, max_turns: int = 12) -> list[Said]:
    """Return the whole interview; whoever has nothing left to say at a stage skips."""
    history: list[Said] = []
    told: dict[str, int] = defaultdict(int)
    while not is_over(history) and len(history) < 2 * max_turns:
        turn = next_question(history, question=SITUATION, seed=seed, max_turns=max_turns)
        listed = answers.get(turn.stage, [])
        text = listed[told[turn.stage]] if told[turn.stage] < len(listed) else "(skipped)"
        told[turn.stage] += 1
        history += [Said("interviewer", turn.text, turn.stage), said(text)]
    return history


def asked_in(history: list[Said]) -> list[Said]:
    """What the interviewer said."""
    return [turn for turn in history if turn.author == "interviewer"]


def told_in(history: list[Said]) -> list[str]:
    """What the person wrote."""
    return [turn.text for turn in history if turn.author == "participant"]


def stages_in(history: list[Said]) -> list[str]:
    """The stages in the order in which they were asked."""
    return [turn.stage for turn in asked_in(history)]
