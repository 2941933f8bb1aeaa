"""Synthetic values and prompts by the thousand: words of our own in new orders, many cut and joined to new words.

A small model that sees a few dozen values learns them by heart. Where no word comes back in the same company, only
copying from the message helps.

Rule: the words come from our own stock alone, never from a person and never from a value or prompt that is held out.
What is made here is marked `origin: synthetic`, is learned from and never tested on, and makes no sense.
"""

import random
from collections.abc import Sequence

from training.engine.messages import plain
from training.engine.splits import normal
from training.engine.synthetic import synthetic_cards, synthetic_prompts
from training.engine.target import TargetCard, TargetPrompt

POLICIES = 3
POLICY_WORDS = (4, 7)  # fewest and most
PROMPT_WORDS = (6, 9)
JOINED = 0.9  # chance that a word gets another word's ending


def recombined_cards(count: int, *, held_out: Sequence[TargetCard], seed: int) -> list[TargetCard]:
    """Return that many values; the same seed gives the same values.

    Parameters
    ----------
    held_out
        Values that must stay unseen. A stock value that is one of them, or shares a policy with one, gives no word, and
        no policy that is made holds one of theirs.
    """
    hidden = {card.id for card in held_out}
    secrets = {normal(plain(policy)) for card in held_out for policy in card.policies}
    stock = [card for card in synthetic_cards() if card.id not in hidden and not secrets & _phrases(card)]
    words = [word for card in stock for policy in card.policies for word in plain(policy).split()]
    source = random.Random(f"{seed}:recombined values")
    return [
        TargetCard(
            id=f"recombined-{number:05}",
            title=f"Recombined Value {number}",
            description=source.choice(stock).description,
            policies=[_policy(words, secrets=secrets, source=source) for _ in range(POLICIES)],
            origin="synthetic",
        )
        for number in range(1, count + 1)
    ]


def recombined_prompts(count: int, *, held_out: Sequence[TargetPrompt], seed: int) -> list[TargetPrompt]:
    """Return that many prompts, with no word from a stock prompt that reads like one of `held_out`."""
    hidden = {normal(prompt.text) for prompt in held_out}
    stock = [prompt.text for prompt in synthetic_prompts() if normal(prompt.text) not in hidden]
    words = [word for text in stock for word in text.rstrip(".?").split()]
    source = random.Random(f"{seed}:recombined prompts")
    return [
        TargetPrompt(
            id=f"recombined-{number:05}",
            text=f"{_phrase(words, PROMPT_WORDS, source).capitalize()}?",
            origin="synthetic",
        )
        for number in range(1, count + 1)
    ]


def _phrases(card: TargetCard) -> set[str]:
    return {normal(plain(policy)) for policy in card.policies}


def _policy(words: list[str], *, secrets: set[str], source: random.Random) -> str:
    while True:
        phrase = _phrase(words, POLICY_WORDS, source)
        if not any(f" {secret} " in f" {normal(phrase)} " for secret in secrets):
            return phrase


def _phrase(words: list[str], length: tuple[int, int], source: random.Random) -> str:
    chosen = [source.choice(words) for _ in range(source.randint(*length))]
    return " ".join(_joined(word, source.choice(words), source) for word in chosen)


def _joined(word: str, other: str, source: random.Random) -> str:
    """Join the beginning of a word to the ending of another, most of the time.

    >>> _joined("silences", "letters", random.Random(3))
    'siltters'
    """
    if source.random() >= JOINED:
        return word
    return word[: source.randint(1, len(word))] + other[source.randint(0, len(other) - 1) :]
