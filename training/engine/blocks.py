"""Complete counterfactual blocks: one prompt, k messages, and k answers, one written for each message.

Rule: within a block nothing but the value differs. Every answer has the same frame and nearly the same length,
wordings are drawn without looking at the card, and no answer names its card's title.
"""

import math
import random
from collections.abc import Iterator, Sequence
from typing import Protocol

from training.engine.lexical import words
from training.engine.messages import counterpart, draw, plain, render
from training.engine.recipe import DataSettings
from training.engine.rows import TEST_SPLITS, Answer, Block, Message, with_id
from training.engine.splits import SplitPlan
from training.engine.target import AlignmentTarget, TargetCard, TargetPrompt

POLICIES_IN_AN_ANSWER = 2
QUOTED_WORDS = 4  # at each end of the prompt: prompts often share a beginning or an end, seldom both
FEWEST_WORDS = 6
LENGTH_SLACK = 1.25  # an answer's own words may be this much more than the shortest in its block
DANGLING = frozenset(words("a an and as at by for from in into of on or that the their they to which who whose with"))
FRAMES = (
    "On “{topic}”: I would first look at {parts}. What you find there can decide.",
    "You say “{topic}”. Before anything else, give a thought to {parts}. Then choose.",
    "About “{topic}”, my answer starts from {parts}. Let that lead the next step.",
    "“{topic}” makes me think of {parts}. I would go where that points.",
)


class AnswerWriter(Protocol):
    """Writes the answers of one block; `name` is recorded in every row."""

    name: str

    def write(self, prompt: TargetPrompt, *, cards: Sequence[TargetCard], seed: str) -> list[str]:
        """Return one answer for each card, in order."""


class TemplateWriter:
    """Writes answers from the cards' own policies, offline.

    Copying words from the message is enough to produce them, so a model that learns them has passed a pipeline check
    and no more.
    """

    name = "template"

    def write(self, prompt: TargetPrompt, *, cards: Sequence[TargetCard], seed: str) -> list[str]:
        """Return answers in one frame whose lengths are matched to the shortest."""
        frame = random.Random(f"{seed}:frame").choice(FRAMES)
        chosen = [_policies(card, seed=seed) for card in cards]
        shortest = min(sum(len(policy.split()) for policy in policies) for policies in chosen)
        limit = max(FEWEST_WORDS, math.ceil(LENGTH_SLACK * shortest))
        return [
            frame.format(topic=topic_of(prompt.text), parts=" and ".join(_clip(policies, limit))) for policies in chosen
        ]


def topic_of(text: str) -> str:
    """Return the ends of a prompt, so that answers to different prompts differ.

    >>> topic_of("What should I pay attention to when two duties pull someone apart?")
    'What should I pay … duties pull someone apart'
    """
    spoken = text.split()
    if len(spoken) <= 2 * QUOTED_WORDS:
        return " ".join(spoken).rstrip(".,;:?!")
    return " ".join([*spoken[:QUOTED_WORDS], "…", *spoken[-QUOTED_WORDS:]]).rstrip(".,;:?!")


def build_blocks(
    plan: SplitPlan, *, target: AlignmentTarget, settings: DataSettings, count: int, seed: int, writer: AnswerWriter
) -> list[Block]:
    """Draw the blocks of one split.

    Prompts take turns. Every second block of a prompt that has a context is drawn from the cards that contend there, by
    weight (near misses); all others are dealt from a shuffled deck, so that every card comes up equally often.
    """
    deck = _Deck(plan.cards, source=random.Random(f"{seed}:{plan.name}:deck"))
    contenders = _contenders(target, plan)
    blocks = []
    for number in range(count):
        prompt = plan.prompts[number % len(plan.prompts)]
        source = random.Random(f"{seed}:{plan.name}:{number}")
        weights = contenders.get(prompt.context or "", {}) if (number // len(plan.prompts)) % 2 == 0 else {}
        cards = deck.deal(settings.messages_per_block, first=_weighted(weights, settings.messages_per_block, source))
        blocks.append(_block(plan, prompt, cards, writer=writer, seed=f"{seed}:{plan.name}:{number}"))
    return blocks


def _block(plan: SplitPlan, prompt: TargetPrompt, cards: list[TargetCard], *, writer: AnswerWriter, seed: str) -> Block:
    texts = writer.write(prompt, cards=cards, seed=seed)
    messages = [_message(card, plan, source=random.Random(f"{seed}:{place}")) for place, card in enumerate(cards)]
    answers = [Answer(card=card.id, writer=writer.name, text=text) for card, text in zip(cards, texts, strict=True)]
    content = {
        "split": plan.name,
        "prompt_id": prompt.id,
        "prompt": prompt.text,
        "prompt_origin": prompt.origin,
        "context": prompt.context,
        "messages": [message.model_dump(mode="json") for message in messages],
        "answers": [answer.model_dump(mode="json") for answer in answers],
    }
    return Block.model_validate(with_id(content))


def _message(card: TargetCard, plan: SplitPlan, *, source: random.Random) -> Message:
    wording = draw(source, held_out=plan.held_out_wordings)
    is_test = plan.name in TEST_SPLITS
    return Message(
        card=card.id,
        origin=card.origin,
        wording=wording.id,
        text=render(card, wording=wording),
        paraphrase=render(card, wording=counterpart(wording)) if is_test else None,
    )


def _policies(card: TargetCard, *, seed: str) -> list[str]:
    source = random.Random(f"{seed}:{card.id}")
    policies = source.sample(card.policies, min(POLICIES_IN_AN_ANSWER, len(card.policies)))
    return [plain(policy) for policy in policies]


def _clip(policies: list[str], limit: int) -> list[str]:
    """Shorten the longest policy first until all together have at most `limit` words."""
    parts = [policy.split() for policy in policies]
    while sum(len(part) for part in parts) > limit:
        longest = max(parts, key=len)
        longest.pop()
        while len(longest) > 1 and longest[-1].lower() in DANGLING:
            longest.pop()
    return [" ".join(part).rstrip(",;:") for part in parts]


def _contenders(target: AlignmentTarget, plan: SplitPlan) -> dict[str, dict[str, float]]:
    allowed = {card.id for card in plan.cards}
    return {
        context.id: {entry.card: entry.weight for entry in context.cards if entry.card in allowed}
        for context in target.contexts
    }


def _weighted(weights: dict[str, float], most: int, source: random.Random) -> list[str]:
    """Draw cards without replacement, each with the chance that its weight gives it."""
    left = {card: weight for card, weight in sorted(weights.items()) if weight > 0}
    drawn: list[str] = []
    while left and len(drawn) < most:
        card = source.choices(list(left), weights=list(left.values()))[0]
        drawn.append(card)
        del left[card]
    return drawn


class _Deck:
    """Deals cards so that each comes up equally often."""

    def __init__(self, cards: Sequence[TargetCard], *, source: random.Random) -> None:
        self._cards = {card.id: card for card in cards}
        self._source = source
        self._dealt = self._deal()

    def deal(self, count: int, *, first: list[str]) -> list[TargetCard]:
        """Return `count` different cards: those named first, then from the deck."""
        names = list(first)
        while len(names) < count:
            name = next(self._dealt)
            if name not in names:
                names.append(name)
        self._source.shuffle(names)
        return [self._cards[name] for name in names]

    def _deal(self) -> Iterator[str]:
        while True:
            names = sorted(self._cards)
            self._source.shuffle(names)
            yield from names
