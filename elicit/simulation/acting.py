"""What somebody does with what the interview puts before them: answer, skip, ask back, change a word, have enough.

Rule: a person knows what stands on their page and what they did before, and nothing else. Pure and deterministic.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from elicit.simulation.behaviour import CardWords, answer_interview, edit_card
from elicit.simulation.personas import Persona

Action = Literal["send", "skip", "decline", "differently", "edit", "enough"]
FIT_SCALE = (2, 3, 3, 4, 4)
LOW_FIT, GOOD_FIT = 2, 4
ENOUGH_ANSWERS = 3  # after which somebody in a hurry asks for the card
FOLLOW_UPS = ("story_more", "attend_more")
ASKED_BACK = "Before I answer: what would you say yourself, and how would you know?"
ADDED = "I should add that nobody had asked for it."
REASON = "It leaves out the part that I care about most, the people who were there before."


@dataclass(frozen=True)
class Act:
    """One thing done in the interview."""

    action: Action
    text: str = ""


@dataclass(frozen=True)
class Asked:
    """What stands on the page: the words, their stage, the buttons, what the person did before, and the situation."""

    text: str
    stage: str = ""
    offers: frozenset[str] = frozenset({"send"})
    acts: tuple[Act, ...] = ()
    question: str = ""

    @property
    def answered(self) -> int:
        """How many answers they gave."""
        return sum(act.action == "send" for act in self.acts)


@dataclass(frozen=True)
class CardShown:
    """The card on the page, and how often its author was asked before how well it says it."""

    card: CardWords
    asked_before: int = 0
    question: str = ""


@dataclass(frozen=True)
class CardAnswer:
    """The card as its author leaves it, how well it says it (1 to 4), why not, and whether to talk about it more."""

    card: CardWords
    fit: int
    reason: str = ""
    goes_back: bool = False


class Mind(Protocol):
    """What finds the words of a simulated person: a script, or a language model."""

    def answer(self, asked: Asked) -> Act:
        """Do something about the question on the page."""

    def revise(self, shown: CardShown) -> CardAnswer:
        """Say what becomes of the card."""


class ScriptedMind:
    """Speaks by the persona's own words or voice."""

    def __init__(self, persona: Persona, *, rng: random.Random) -> None:
        self.persona = persona
        self.rng = rng

    def answer(self, asked: Asked) -> Act:
        """Do what this person does; something that the page does not offer becomes an answer."""
        odd = QUIRKS.get(self.persona.quirk, _no_quirk)(self.persona, asked)
        if odd is not None and odd.action in asked.offers:
            return odd
        is_shy = self.persona.reluctance != "none" and asked.stage == "story_more"
        if is_shy and "decline" in asked.offers:
            return Act("decline")
        question = asked.question or self.persona.question
        text = answer_interview(self.persona, question, asked.answered, asked.stage)
        return Act("send", text) if text else Act("skip")

    def revise(self, shown: CardShown) -> CardAnswer:
        """Edit the card as this person would."""
        card = edit_card(self.persona, shown.question or self.persona.question, shown.card)
        if self.persona.fit == "usual":
            fit = self.rng.choice(FIT_SCALE)
            return CardAnswer(card, fit, reason=REASON if fit <= LOW_FIT else "")
        if self.persona.fit == "back" and shown.asked_before:
            return CardAnswer(card, GOOD_FIT)
        return CardAnswer(card, LOW_FIT, reason=REASON, goes_back=self.persona.fit == "back")


def _no_quirk(persona: Persona, asked: Asked) -> Act | None:
    return None


def _skips(persona: Persona, asked: Asked) -> Act | None:
    if asked.stage == "attend" and not _has_done("send", asked):
        return None
    return Act("skip" if len(asked.acts) % 2 else "decline")


def _asks_back(persona: Persona, asked: Asked) -> Act | None:
    if not asked.acts:
        return Act("send", ASKED_BACK)
    return Act("differently") if asked.stage == "beneath" and not _has_done("differently", asked) else None


def _asks_differently(persona: Persona, asked: Asked) -> Act | None:
    asked_for = [act for act in asked.acts if act.action == "differently"]
    is_new = not asked.acts or asked.acts[-1].action != "differently"
    return Act("differently") if is_new and len(asked_for) < len(FOLLOW_UPS) else None


def _edits(persona: Persona, asked: Asked) -> Act | None:
    if not asked.acts or asked.acts[-1].action != "send" or _has_done("edit", asked):
        return None
    return Act("edit", f"{asked.acts[-1].text} {ADDED}")


def _has_enough(persona: Persona, asked: Asked) -> Act | None:
    return Act("enough") if asked.answered >= ENOUGH_ANSWERS else None


def _has_done(action: Action, asked: Asked) -> bool:
    return any(act.action == action for act in asked.acts)


QUIRKS: dict[str, Callable[[Persona, Asked], Act | None]] = {
    "skips": _skips,
    "asks_back": _asks_back,
    "differently": _asks_differently,
    "edits": _edits,
    "enough": _has_enough,
}
