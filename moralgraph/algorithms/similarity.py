"""Compare values cards by their words, in any script, with no model: the built-in way to find near duplicates.

Words and runs of 3 to 5 letters within words are hashed into a fixed number of columns, weighted by how rare they are
in the collection (TF-IDF), and compared by the cosine. It finds shared words, not shared meaning.

Rule that must stay true: the same texts give the same numbers on every machine, in whichever order they come.
"""

import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from moralgraph.algorithms.tally import Facts, Floats

COLUMNS = 2**20
SHORTEST_RUN = 3
LONGEST_RUN = 5
WORD_WEIGHT = 2.0
BLOCK_OF_TEXTS = 512
ROUNDING = 1e-9  # of a sum of products; what lies that near the limit is computed again
FEWEST_SHARED = 64  # columns in more texts than this may count as common
SHARE_COMPARED_WITH_ALL = 0.01  # of texts that consist of common columns, and are compared with all others in full


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
        counts = counted([texts[key] for key in ids])
        rarity = rarity_of(np.bincount(counts.indices, minlength=COLUMNS), texts=len(ids))
        return cls(ids=ids, rarity=rarity, vectors=_unit(counts, rarity))

    def nearest(self, text: str, *, count: int) -> tuple[Neighbour, ...]:
        """Return the `count` nearest texts, nearest first, equal ones by id."""
        if not self.ids:
            return ()
        near = (self.vectors @ _unit(counted([text]), self.rarity).T).toarray().reshape(-1)
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

        Exact, without comparing every pair in full: what two texts can owe to the commonest columns is bounded by the
        lengths of those parts, so a pair that is near enough shares something rare as well (Bayardo, Ma and Srikant,
        2007, "Scaling up all pairs similarity search", section 3). Texts made of common words are compared with all.

        Parameters
        ----------
        minimum
            Least cosine, above 0.

        Examples
        --------
        >>> index = LexicalIndex.build({"a": "steady courage", "b": "Steady  courage!", "c": "quiet rest"})
        >>> [(first, second) for first, second, _ in index.similar_pairs(minimum=0.9)]
        [('a', 'b')]
        """
        for row, other in _candidate_pairs(self.vectors, minimum=minimum):
            near = (self.vectors[row, :].multiply(self.vectors[other, :])).sum(axis=1)
            for first, second, cosine in zip(row.tolist(), other.tolist(), near.tolist(), strict=True):
                if cosine >= minimum:
                    yield self.ids[first], self.ids[second], float(min(cosine, 1.0))


def similarity(first: str, second: str) -> float:
    """Return the cosine of two texts on their own, all words being equally rare.

    Examples
    --------
    >>> round(similarity("Kindness to strangers", "kindness to STRANGERS"), 6), similarity("kind", "bold")
    (1.0, 0.0)
    """
    vectors = _unit(counted([first, second]), np.ones(COLUMNS))
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


def _features(word: str) -> Iterator[tuple[str, float]]:
    yield f"word {word}", WORD_WEIGHT
    framed = f"<{word}>"
    for length in range(SHORTEST_RUN, LONGEST_RUN + 1):
        for start in range(len(framed) - length + 1):
            yield f"run {framed[start : start + length]}", 1.0


def _columns(word: str) -> tuple[npt.NDArray[np.int32], Floats]:
    """Return where a word's features are counted, and with which weight."""
    features = list(_features(word))
    hashed = [zlib.crc32(feature.encode("utf-8", "surrogatepass")) % COLUMNS for feature, _ in features]
    return np.array(hashed, dtype=np.int32), np.array([weight for _, weight in features], dtype=np.float64)


def counted(texts: Sequence[str]) -> sparse.csr_array:
    """Count the features of texts, shape (texts, COLUMNS); a word is hashed once, however often it comes.

    Examples
    --------
    >>> counted(["care"]).sum() == WORD_WEIGHT + len("<ca car are re> <car care are> <care care>".split())
    np.True_
    """
    hashed: dict[str, tuple[npt.NDArray[np.int32], Floats]] = {}
    columns, values, lengths = [np.empty(0, np.int32)], [np.empty(0)], []
    for text in texts:
        words = words_of(text)
        for word in words:
            if word not in hashed:
                hashed[word] = _columns(word)
        columns += [hashed[word][0] for word in words]
        values += [hashed[word][1] for word in words]
        lengths.append(sum(hashed[word][0].size for word in words))
    starts = np.concatenate([[0], np.cumsum(np.array(lengths, dtype=np.int64))]).astype(np.int64)
    found = sparse.csr_array((np.concatenate(values), np.concatenate(columns), starts), shape=(len(texts), COLUMNS))
    found.sum_duplicates()
    return found


def _candidate_pairs(
    vectors: sparse.csr_array, *, minimum: float
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield blocks of pairs (row before other), which hold every pair of unit rows that is at least this near."""
    rare, is_common = _without_common_columns(vectors, bound=minimum / 2)
    across = rare.T.tocsr()
    for start in range(0, vectors.shape[0], BLOCK_OF_TEXTS):
        stop = min(start + BLOCK_OF_TEXTS, vectors.shape[0])
        shared = (rare[start:stop, :] @ across).tocoo()
        near = shared.data >= minimum / 2 - ROUNDING
        first, second = shared.row[near].astype(np.int64) + start, shared.col[near].astype(np.int64)
        plain = np.flatnonzero(is_common[start:stop]) + start
        if plain.size:
            full = (vectors[plain, :] @ vectors.T).tocoo()
            near = full.data >= minimum - ROUNDING
            first = np.concatenate([first, plain[full.row[near]]])
            second = np.concatenate([second, full.col[near].astype(np.int64)])
        low, high = np.minimum(first, second), np.maximum(first, second)
        wanted = (low < high) & ((first < second) | is_common[first])
        yield _unique_pairs(low[wanted], high[wanted], count=vectors.shape[0])


def _without_common_columns(vectors: sparse.csr_array, *, bound: float) -> tuple[sparse.csr_array, Facts]:
    """Return the rows without their commonest columns, and which rows owe those more than `bound` of their length."""
    seen_in = np.bincount(vectors.indices, minlength=vectors.shape[1])
    rows = np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))
    squares = vectors.data**2
    most = FEWEST_SHARED
    while True:
        is_dropped = seen_in[vectors.indices] > most
        owed = np.bincount(rows[is_dropped], squares[is_dropped], minlength=vectors.shape[0])
        if not is_dropped.any() or (owed > bound).mean() <= SHARE_COMPARED_WITH_ALL:
            break
        most *= 2
    kept = ~is_dropped
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows[kept], minlength=vectors.shape[0]))])
    used, columns = np.unique(vectors.indices[kept], return_inverse=True)
    rare = sparse.csr_array(
        (vectors.data[kept], columns.astype(np.int32), starts.astype(np.int32)),
        shape=(vectors.shape[0], max(used.size, 1)),
    )
    return rare, owed > bound


def _unique_pairs(
    low: npt.NDArray[np.int64], high: npt.NDArray[np.int64], *, count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    pairs = np.unique(low * count + high)
    return pairs // count, pairs % count


def rarity_of(seen_in: npt.NDArray[np.int64], *, texts: int) -> Floats:
    """Weigh columns by the number of texts in which each occurs: the rarer, the more.

    Examples
    --------
    >>> rarity_of(np.array([3, 0]), texts=3).round(3).tolist()
    [1.0, 2.386]
    """
    return np.log((1 + texts) / (1 + seen_in)) + 1.0


def _unit(counts: sparse.csr_array, rarity: Floats) -> sparse.csr_array:
    weighted = counts.copy()
    weighted.data = (1.0 + np.log(counts.data)) * rarity[counts.indices]
    lengths = np.sqrt(weighted.multiply(weighted).sum(axis=1))
    weighted.data = weighted.data / np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(weighted.indptr))
    return weighted
