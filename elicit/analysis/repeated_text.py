"""Find texts that appear again, word for word or nearly.

Rule: short texts are never compared. "I don't know" is everybody's own.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]

NO_LETTERS = re.compile(r"[\W_]+")
FEWEST_WORDS = 8  # in a text, before being the same as another says anything
SHINGLE = 3  # words: two strangers who answer one question share words, and seldom three in a row
LIKENESS = 0.6  # of the shingles of two texts together: a sentence changed here and there
COMMON = 0.1  # shingles in more than this share of the texts repeat the question, and are left out ...
FEWEST_FOR_COMMON = 50  # ... where there are enough texts to tell


def normalised(text: str) -> str:
    """Return the words of a text, without case, accents of form, punctuation and spacing.

    Examples
    --------
    >>> normalised("  Be HONEST,\\u00a0and kind! ")
    'be honest and kind'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return NO_LETTERS.sub(" ", plain).strip()


def text_hash(text: str) -> str:
    """Return a fingerprint of the words of a text, by which equal texts are found without keeping them.

    Examples
    --------
    >>> text_hash("Be kind.") == text_hash("be  kind")
    True
    """
    return hashlib.sha256(normalised(text).encode()).hexdigest()


def same_texts(texts: Sequence[str]) -> Floats:
    """Return for each text how many more times it appears; 0 for texts of fewer than FEWEST_WORDS words.

    Examples
    --------
    >>> same_texts(["No.", "no", "We should treat people with care and respect always."]).tolist()
    [0.0, 0.0, 0.0]
    """
    hashes = [text_hash(text) if len(normalised(text).split()) >= FEWEST_WORDS else None for text in texts]
    times = Counter(found for found in hashes if found is not None)
    return np.array([0.0 if found is None else times[found] - 1.0 for found in hashes])


def near_copies(texts: Sequence[str], people: Sequence[int]) -> Floats:
    """Return for each text its largest likeness to a text by somebody else: shared shingles over all of theirs, 0 to 1.

    References
    ----------
    Broder, "On the resemblance and containment of documents" (1997): Jaccard likeness of shingles of words.

    Examples
    --------
    >>> one = "We should always treat other people with care, respect and a little patience"
    >>> near_copies([one, one + " too", "Cats sleep most of the day and nobody minds it"], [0, 1, 2]).round(2).tolist()
    [0.92, 0.92, 0.0]
    """
    owner = np.asarray(people, dtype=np.int64)
    table = _shingle_table(texts)
    sizes = np.asarray(table.sum(axis=1)).ravel()
    shared = (table @ table.T).tocoo()
    apart = owner[shared.row] != owner[shared.col]
    row, column, both = shared.row[apart], shared.col[apart], shared.data[apart].astype(np.float64)
    found = np.zeros(len(texts))
    np.maximum.at(found, row, both / (sizes[row] + sizes[column] - both))
    return found


def _shingle_table(texts: Sequence[str]) -> sparse.csr_array:
    """Return a table of texts by shingles, of 0 and 1, without short texts and without shingles of the question."""
    places: dict[tuple[str, ...], int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for number, text in enumerate(texts):
        words = normalised(text).split()
        if len(words) < FEWEST_WORDS:
            continue
        shingles = {tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
        rows += [number] * len(shingles)
        columns += [places.setdefault(shingle, len(places)) for shingle in sorted(shingles)]
    table = sparse.csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(texts), len(places)))
    if len(texts) < FEWEST_FOR_COMMON or not places:
        return table
    seldom = np.flatnonzero(np.asarray(table.sum(axis=0)).ravel() <= COMMON * len(texts))
    return table[:, seldom]
