"""System messages that ask a model to follow a value.

Rule: form must not give the value away. The same card is rendered in several styles and wordings, drawn independently
of the card; the last wording of each style is held out for testing and never trained on.
"""

import random
import re
from dataclasses import dataclass

from training.engine.target import TargetCard

MOST_POLICIES = 5  # a message with more is longer than what a small model reads
KEPT_CAPITALS = frozenset({"I", "AI"})


@dataclass(frozen=True)
class Wording:
    """One way to say a value. `{inline}`, `{bullets}` and `{purpose}` stand for the card's words."""

    id: str
    style: str
    text: str
    held_out: bool


def _wordings(style: str, *texts: str) -> list[Wording]:
    last = len(texts)
    return [Wording(f"{style}-{n}", style, text, held_out=n == last) for n, text in enumerate(texts, start=1)]


WORDINGS: tuple[Wording, ...] = (
    *_wordings(
        "role",
        "You are a companion who keeps an eye on {inline}. {purpose}",
        "You are an adviser with a feeling for {inline}. {purpose}",
        "Your part is that of a good neighbour, alert to {inline}. {purpose}",
    ),
    *_wordings(
        "rules",
        "Rules for this conversation.\n{bullets}",
        "When you answer, give weight to the following.\n{bullets}",
        "Let these points lead your reply.\n{bullets}",
    ),
    *_wordings(
        "first_person",
        "What I care about: {inline}. Please answer me with that in mind.",
        "I would like to be answered by someone who notices {inline}.",
        "It matters to me that you think of {inline}.",
    ),
    *_wordings("terse", "Attend to: {inline}.", "Focus: {inline}.", "Keep in view: {inline}."),
    *_wordings(
        "structured",
        "[purpose] {purpose}\n[attention]\n{bullets}",
        "[task] answer the user\n[look for]\n{bullets}",
        "[guide]\n{bullets}\n[end of guide]",
    ),
)
SEEN = tuple(wording for wording in WORDINGS if not wording.held_out)
HELD_OUT = tuple(wording for wording in WORDINGS if wording.held_out)


def wordings(held_out: bool, /) -> tuple[Wording, ...]:
    """Return the wordings that training may see, or those kept for testing."""
    return HELD_OUT if held_out else SEEN


def counterpart(wording: Wording) -> Wording:
    """Return the held-out wording of a style, or its first seen one for a held-out wording."""
    return next(other for other in WORDINGS if other.style == wording.style and other.held_out != wording.held_out)


def render(card: TargetCard, *, wording: Wording) -> str:
    """Write the system message for a card; the card's title never stands in it.

    >>> card = TargetCard(id="1", title="Care", description="", policies=["TIME given"], origin="seed")
    >>> render(card, wording=next(w for w in WORDINGS if w.id == "terse-1"))
    'Attend to: time given.'
    """
    policies = [plain(policy) for policy in card.policies[:MOST_POLICIES]]
    purpose = card.description.strip() or "Let that lead your answer."
    bullets = "\n".join(f"- {policy}" for policy in policies)
    return wording.text.format(inline="; ".join(policies), bullets=bullets, purpose=purpose).strip()


def plain(policy: str) -> str:
    """Write a policy without its capitals and its final stop.

    >>> plain("MOMENTS when I am heard.")
    'moments when I am heard'
    """
    words = re.sub(r"\s+", " ", policy).strip().rstrip(".;,").split(" ")
    lowered = [word.lower() if word.isupper() and word not in KEPT_CAPITALS else word for word in words]
    first = lowered[0]
    if first not in KEPT_CAPITALS and first[1:].islower():
        lowered[0] = first[0].lower() + first[1:]
    return " ".join(lowered)


def draw(random_source: random.Random, *, held_out: bool) -> Wording:
    """Draw a wording without looking at the card."""
    return random_source.choice(wordings(held_out))
