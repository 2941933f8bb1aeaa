"""Compare values cards by their words, in any script, with no model: the built-in way to find near duplicates.

Words and runs of 3 to 5 letters within words are hashed into a fixed number of columns, weighted by how rare they are
in the collection (TF-IDF), and compared by the cosine. It finds shared words, not shared meaning.

Rule that must stay true: the same texts give the same numbers on every machine, in whichever order they come.
"""

import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from moralgraph.algorithms.tally import Floats

COLUMNS = 2**20
SHORTEST_RUN = 3
LONGEST_RUN = 5
WORD_WEIGHT = 2.0
BLOCK_OF_TEXTS = 512


@dataclass(frozen=True)
class Neighbour:
    """A text and how near it is: cosine, from 0 (nothing shared) to 1 (the same)."""

    id: str
    similarity: float


@dataclass(frozen=True, eq=False)
class LexicalIndex:
    """A collection of texts, ready to be asked which are near.

    Attributes
    ----------
    ids
        Sorted ids of the texts.
    rarity
        Weight of each column, shape (COLUMNS,).
    vectors
        Unit vectors of the texts, shape (texts, COLUMNS).
    """

    ids: tuple[str, ...]
    rarity: Floats
    vectors: sparse.csr_array

    @classmethod
    def build(cls, texts: Mapping[str, str]) -> Self:
        """Index texts by id.

        Examples
        --------
        >>> index = LexicalIndex.build({"a": "patient listening", "b": "listening with patience", "c": "bold plans"})
        >>> [neighbour.id for neighbour in index.nearest("listen patiently", count=2)]
        ['a', 'b']
        """
        ids = tuple(sorted(texts))
        counted = _counted([texts[key] for key in ids])
        seen_in = np.bincount(counted.indices, minlength=COLUMNS)
        rarity = np.log((1 + len(ids)) / (1 + seen_in)) + 1.0
        return cls(ids=ids, rarity=rarity, vectors=_unit(counted, rarity))

    def nearest(self, text: str, *, count: int) -> tuple[Neighbour, ...]:
        """Return the `count` nearest texts, nearest first, equal ones by id."""
        if not self.ids:
            return ()
        near = (self.vectors @ _unit(_counted([text]), self.rarity).T).toarray().reshape(-1)
        order = np.lexsort((np.arange(near.size), -near.round(12)))[:count]
        return tuple(Neighbour(self.ids[row], float(min(near[row], 1.0))) for row in order)

    def neighbours(self, key: str, *, count: int) -> tuple[Neighbour, ...]:
        """Return the texts of the collection that are nearest to one of them, itself left out.

        Raises
        ------
        KeyError
            If there is no text with this id.
        """
        if key not in self.ids:
            raise KeyError(f"no text has the id {key!r}; build the index with it first")
        row = self.ids.index(key)
        near = (self.vectors @ self.vectors[[row], :].T).toarray().reshape(-1)
        near[row] = -1.0
        order = np.lexsort((np.arange(near.size), -near.round(12)))[: min(count, near.size - 1)]
        return tuple(Neighbour(self.ids[other], float(min(near[other], 1.0))) for other in order)

    def similar_pairs(self, *, minimum: float) -> Iterator[tuple[str, str, float]]:
        """Yield each pair of texts that is at least this near, in order of id.

        Examples
        --------
        >>> index = LexicalIndex.build({"a": "steady courage", "b": "Steady  courage!", "c": "quiet rest"})
        >>> [(first, second) for first, second, _ in index.similar_pairs(minimum=0.9)]
        [('a', 'b')]
        """
        for start in range(0, len(self.ids), BLOCK_OF_TEXTS):
            near = (self.vectors[start : start + BLOCK_OF_TEXTS, :] @ self.vectors.T).toarray()
            rows, others = np.nonzero(near >= minimum)
            for row, other in zip(rows.tolist(), others.tolist(), strict=True):
                if other > start + row:
                    yield self.ids[start + row], self.ids[other], float(min(near[row, other], 1.0))


def similarity(first: str, second: str) -> float:
    """Return the cosine of two texts on their own, all words being equally rare.

    Examples
    --------
    >>> round(similarity("Kindness to strangers", "kindness to STRANGERS"), 6), similarity("kind", "bold")
    (1.0, 0.0)
    """
    vectors = _unit(_counted([first, second]), np.ones(COLUMNS))
    return float(min((vectors[[0], :] @ vectors[[1], :].T).toarray().item(), 1.0))


def words_of(text: str) -> list[str]:
    """Split a text into folded words: runs of letters, marks and numbers of any script.

    Examples
    --------
    >>> words_of("Ｆｕｌｌ-width, हिन्दी & Straße")
    ['full', 'width', 'हिन्दी', 'strasse']
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in folded).split()


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in words_of(text):
        yield f"word {word}", WORD_WEIGHT
        framed = f"<{word}>"
        for length in range(SHORTEST_RUN, LONGEST_RUN + 1):
            for start in range(len(framed) - length + 1):
                yield f"run {framed[start : start + length]}", 1.0


def _counted(texts: list[str]) -> sparse.csr_array:
    starts, columns, values = [0], [], []
    for text in texts:
        sums: dict[int, float] = {}
        for feature, weight in _features(text):
            column = zlib.crc32(feature.encode("utf-8", "surrogatepass")) % COLUMNS
            sums[column] = sums.get(column, 0.0) + weight
        for column in sorted(sums):
            columns.append(column)
            values.append(float(sums[column]))
        starts.append(len(columns))
    return sparse.csr_array(
        (np.array(values, dtype=np.float64), np.array(columns, dtype=np.int64), np.array(starts, dtype=np.int64)),
        shape=(len(texts), COLUMNS),
    )


def _unit(counted: sparse.csr_array, rarity: Floats) -> sparse.csr_array:
    weighted = counted.copy()
    weighted.data = (1.0 + np.log(counted.data)) * rarity[counted.indices]
    lengths = np.sqrt(weighted.multiply(weighted).sum(axis=1))
    weighted.data = weighted.data / np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(weighted.indptr))
    return weighted
