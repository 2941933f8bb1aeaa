"""Which blocks may be trained on.

Rule: only training and validation blocks pass through here. Test blocks are admitted without it, because a test that
keeps only the blocks where words match would flatter every model that matches words.
"""

from dataclasses import dataclass

import numpy as np

from training.engine.lexical import TfIdf, lexical_scores, words
from training.engine.rows import CONTROL_TOKENS, Block, written

LONGEST_TO_SHORTEST = 1.5  # answers of one block, in words: beyond this, length tells them apart
MOST_SHARED_WORDS = 0.9  # Jaccard overlap of two answers' words: beyond this, they say the same


@dataclass(frozen=True)
class Refusal:
    """A block that is left out, and every reason why."""

    block: str
    split: str
    reasons: tuple[str, ...]


def check(block: Block, *, titles: dict[str, str], tfidf: TfIdf) -> tuple[str, ...]:
    """Return the reasons to refuse a block, none if it may be trained on.

    Parameters
    ----------
    titles
        Title of every card by its id; a title inside its own answer would name the value.
    tfidf
        Word weights of the training split.
    """
    return (
        *_control_tokens(block),
        *_too_alike(block),
        *_unequal_length(block),
        *_titles_in_answers(block, titles),
        *_does_not_follow(block, tfidf),
    )


def admit(blocks: list[Block], *, titles: dict[str, str], tfidf: TfIdf) -> tuple[list[Block], list[Refusal]]:
    """Sort blocks into those that may be trained on and those that are refused."""
    admitted, refused = [], []
    for block in blocks:
        reasons = check(block, titles=titles, tfidf=tfidf)
        if reasons:
            refused.append(Refusal(block.id, block.split, reasons))
        else:
            admitted.append(block)
    return admitted, refused


def _control_tokens(block: Block) -> list[str]:
    text = " ".join([block.prompt, *(part.text for part in written(block))])
    return [f"holds the control token {token}" for token in CONTROL_TOKENS if token in text]


def _too_alike(block: Block) -> list[str]:
    sets = [set(words(answer.text)) for answer in block.answers]
    pairs = [(one, two) for number, one in enumerate(sets) for two in sets[number + 1 :]]
    alike = [len(one & two) / len(one | two) > MOST_SHARED_WORDS for one, two in pairs]
    return ["two answers say the same"] if any(alike) else []


def _unequal_length(block: Block) -> list[str]:
    lengths = [len(words(answer.text)) for answer in block.answers]
    return ["answers differ in length"] if max(lengths) > LONGEST_TO_SHORTEST * min(lengths) else []


def _titles_in_answers(block: Block, titles: dict[str, str]) -> list[str]:
    named = [answer.card for answer in block.answers if _contains(answer.text, titles[answer.card])]
    return [f"the answer names the title of card {card}" for card in named]


def _contains(text: str, title: str) -> bool:
    return f" {' '.join(words(title))} " in f" {' '.join(words(text))} "


def _does_not_follow(block: Block, tfidf: TfIdf) -> list[str]:
    scores = lexical_scores([block], tfidf=tfidf)[0]
    best = scores.argmax(axis=0)
    strays = [answer.card for number, answer in enumerate(block.answers) if best[number] != number]
    ties = (np.sort(scores, axis=0)[-1] == np.sort(scores, axis=0)[-2]).any()
    reasons = [f"the answer for card {card} is nearer to another message" for card in strays]
    return reasons or (["an answer is equally near to two messages"] if ties else [])
