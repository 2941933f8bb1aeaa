"""Find the texts that are near a new one, in a collection that changes by a few texts at a time.

Rule that must stay true: after any order of additions and removals the answer is that of a `LexicalIndex` built from
the texts that are there now, so that two processes with different pasts answer alike.
"""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import numpy.typing as npt
from scipy import sparse

from moralgraph.algorithms.similarity import COLUMNS, Neighbour, counted, rarity_of
from moralgraph.algorithms.tally import Facts, Floats

MOST_IN_TAIL = 256  # texts that are held apart before all are put together again


class LexicalLookup:
    """Holds counted features of texts by id; a text under a known id is taken to be the same.

    It holds hashed counts, not texts. What is no longer listed leaves with the next `keep`.
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._ids: list[str] = []
        self._blocks: list[sparse.csc_array] = []
        self._in_tail = 0
        self._seen_in: npt.NDArray[np.int64] = np.zeros(COLUMNS, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._rows)

    def keep(self, ids: Collection[str], read: Callable[[list[str]], Mapping[str, str]]) -> None:
        """Hold exactly these texts; `read` is asked for those that are not held yet.

        Examples
        --------
        >>> texts = {"a": "patient listening", "b": "listening with patience", "c": "bold plans"}
        >>> lookup = LexicalLookup()
        >>> lookup.keep(texts, lambda missing: {key: texts[key] for key in missing})
        >>> [near.id for near in lookup.nearest("listen patiently", count=2)]
        ['a', 'b']
        """
        wanted = set(ids)
        if len(gone := self._rows.keys() - wanted) > 0:
            self._drop(gone)
        missing = sorted(wanted - self._rows.keys())
        if missing:
            texts = read(missing)
            self._add({key: texts[key] for key in missing if key in texts})

    def nearest(self, text: str, *, count: int) -> tuple[Neighbour, ...]:
        """Return the `count` nearest texts, nearest first, equal ones by id."""
        if not self._rows:
            return ()
        active = np.flatnonzero(self._seen_in)
        squares = np.ones(COLUMNS)
        squares[active] = rarity_of(self._seen_in[active], texts=len(self)) ** 2
        asked = counted([text])
        own = 1.0 + np.log(asked.data)
        rare = rarity_of(self._seen_in[asked.indices], texts=len(self)) ** 2
        length = float(np.sqrt((own**2 * rare).sum()))
        near = self._each(lambda block: block[:, asked.indices] @ (own * rare))
        lengths = np.sqrt(self._each(lambda block: block.power(2) @ squares))
        is_something = (lengths > 0) & (length > 0)
        cosine = np.divide(near, lengths * length, out=np.zeros_like(near), where=is_something)
        return self._first(cosine, count=count)

    def _each(self, of: Callable[[sparse.csc_array], Floats]) -> Floats:
        return np.concatenate([of(block) for block in self._blocks])

    def _first(self, cosine: Floats, *, count: int) -> tuple[Neighbour, ...]:
        rounded = cosine.round(12)
        if count < rounded.size:
            least = np.partition(rounded, rounded.size - count)[rounded.size - count]
            places = np.flatnonzero(rounded >= least).tolist()
        else:
            places = list(range(rounded.size))
        places.sort(key=lambda place: (-rounded[place], self._ids[place]))
        return tuple(Neighbour(self._ids[place], float(min(cosine[place], 1.0))) for place in places[:count])

    def _add(self, texts: Mapping[str, str]) -> None:
        keys = sorted(texts)
        counts = counted([texts[key] for key in keys])
        self._seen_in += np.bincount(counts.indices, minlength=COLUMNS)
        counts.data = 1.0 + np.log(counts.data)
        self._blocks.append(counts.tocsc())
        for key in keys:
            self._rows[key] = len(self._ids)
            self._ids.append(key)
        self._in_tail += len(keys)
        if self._in_tail > MOST_IN_TAIL:
            self._put_together(np.ones(len(self._ids), dtype=bool))

    def _drop(self, gone: Collection[str]) -> None:
        stays = np.ones(len(self._ids), dtype=bool)
        stays[[self._rows[key] for key in gone]] = False
        self._put_together(stays)

    def _put_together(self, stays: Facts) -> None:
        """Make one block of the rows that stay."""
        whole = sparse.vstack([block.tocsr() for block in self._blocks], format="csr")[np.flatnonzero(stays), :]
        self._seen_in = np.bincount(whole.indices, minlength=COLUMNS).astype(np.int64)
        self._ids = [key for key, is_there in zip(self._ids, stays.tolist(), strict=True) if is_there]
        self._rows = {key: row for row, key in enumerate(self._ids)}
        self._blocks = [sparse.csc_array(whole)]
        self._in_tail = 0
