"""Word matching: how much a message and an answer share their words.

Rule: nothing is learned here but word frequencies of the training split. It is the baseline that every result stands
beside, and the check that a training answer follows its own message.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from training.engine.rows import Block, written

WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Split a text into lower-case words.

    >>> words("Keep in view: Time.")
    ['keep', 'in', 'view', 'time']
    """
    return WORD.findall(text.lower())


class TfIdf:
    """Cosine similarity of TF-IDF vectors, with document frequencies of the texts it was made from."""

    def __init__(self, texts: Iterable[str]) -> None:
        documents = [set(words(text)) for text in texts]
        self._seen_in = Counter(word for document in documents for word in document)
        self._documents = len(documents)

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two texts' vectors, 0 to 1."""
        one, two = self._vector(first), self._vector(second)
        return sum(weight * two.get(word, 0.0) for word, weight in one.items())

    def _vector(self, text: str) -> dict[str, float]:
        counts = Counter(words(text))
        weights = {word: count * self._rarity(word) for word, count in counts.items()}
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()} if length else {}

    def _rarity(self, word: str) -> float:
        return math.log((1 + self._documents) / (1 + self._seen_in[word])) + 1


def lexical_scores(blocks: list[Block], *, tfidf: TfIdf) -> NDArray[np.float64]:
    """Score every message against every answer of its block by word overlap; shape (blocks, k, k)."""
    return np.array(
        [
            [[tfidf.similarity(message.text, answer.text) for answer in block.answers] for message in block.messages]
            for block in blocks
        ]
    )


def texts_of(blocks: Iterable[Block]) -> list[str]:
    """List the messages and answers of blocks."""
    return [part.text for block in blocks for part in written(block)]
