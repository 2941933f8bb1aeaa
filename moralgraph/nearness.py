"""How near cards are to one another: one interface, three backends.

Rule: a backend only proposes. Where a model is named for the purpose "sameness", it decides about the near pairs;
otherwise the backend's own threshold does. The built-in backend compares words and needs nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from django.conf import settings

from elicit.llm.embedding import embed, embedding_model
from elicit.llm.ledger import CallContext
from elicit.models import Study
from moralgraph.algorithms.partition import Pair
from moralgraph.algorithms.similarity import LexicalIndex
from moralgraph.deduplication import SIMILAR_FROM
from moralgraph.models import CardEmbedding

PURPOSE = "sameness"
VECTORS_AT_ONCE = 1024
ROWS_AT_ONCE = 500

Pairs = dict[Pair, float]


class Nearness(Protocol):
    """Says how near texts are.

    `name` says which backend that is; from `similar_from` on two texts count as one value where no model is asked, from
    `asked_from` on a model is asked, and below `lowest` a pair counts as 0.
    """

    @property
    def name(self) -> str:
        """Name the backend."""

    @property
    def similar_from(self) -> float:
        """Say from where on two texts count as one value."""

    @property
    def asked_from(self) -> float:
        """Say from where on a model is asked."""

    @property
    def lowest(self) -> float:
        """Say below which a pair counts as 0."""

    def pairs(self, study: Study, texts: Mapping[str, str]) -> Pairs:
        """Return the similarity of every pair that is at least `lowest` near, the smaller key first."""


@dataclass(frozen=True)
class Lexical:
    """Compares the words themselves."""

    name: str = "lexical"
    similar_from: float = SIMILAR_FROM
    asked_from: float = 0.35
    lowest: float = 0.3  # half of the pairs of authors' cards that were told apart lie below a tenth

    def pairs(self, study: Study, texts: Mapping[str, str]) -> Pairs:
        """Return the similarity of every pair that is near enough."""
        found = LexicalIndex.build(texts).similar_pairs(minimum=self.lowest)
        return {(first, second): similarity for first, second, similarity in found}


@dataclass(frozen=True)
class Embedded:
    """Compares vectors of the words. Each wording is embedded once a model; vectors of words that are gone go too."""

    name: str
    similar_from: float
    asked_from: float = 0.75
    lowest: float = 0.75  # embeddings of any two cards about one question are near 0.5 already

    def pairs(self, study: Study, texts: Mapping[str, str]) -> Pairs:
        """Return the similarity of every pair that is near enough."""
        self._embed_missing(study, texts)
        rows = self._rows(study).order_by("words_hash").values_list("words_hash", "vector")
        kept = [(key, vector) for key, vector in rows.iterator() if key in texts]
        keys = [key for key, _vector in kept]
        vectors = np.array([np.frombuffer(bytes(vector), dtype="<f4") for _key, vector in kept])
        found: Pairs = {}
        for start in range(0, len(keys), VECTORS_AT_ONCE):
            near = vectors[start : start + VECTORS_AT_ONCE] @ vectors[start:].T
            for first, second in zip(*np.nonzero(near >= self.lowest), strict=True):
                if second > first:
                    found[keys[start + first], keys[start + second]] = float(min(near[first, second], 1.0))
        return found

    def _embed_missing(self, study: Study, texts: Mapping[str, str]) -> None:
        known = set(self._rows(study).values_list("words_hash", flat=True))
        missing = sorted(texts.keys() - known)
        call = CallContext(study, PURPOSE, seed=self.name)
        done = 0
        for batch in embed([texts[key] for key in missing], call=call):
            keys = missing[done : done + len(batch)]
            done += len(batch)
            CardEmbedding.objects.bulk_create(
                [
                    CardEmbedding(study=study, words_hash=key, model_name=self.name, vector=row.astype("<f4").tobytes())
                    for key, row in zip(keys, batch, strict=True)
                ],
                ignore_conflicts=True,
            )

    def _rows(self, study: Study) -> Any:
        return CardEmbedding.objects.of_study(study).filter(model_name=self.name)


def forget_stray_vectors(study: Study, *, keys: Collection[str]) -> None:
    """Erase the vectors of words that are not among these: their authors took them back."""
    stray = set(CardEmbedding.objects.of_study(study).values_list("words_hash", flat=True)) - set(keys)
    gone = sorted(stray)
    for start in range(0, len(gone), ROWS_AT_ONCE):
        some = gone[start : start + ROWS_AT_ONCE]
        CardEmbedding.objects.of_study(study).filter(words_hash__in=some).delete()


def nearness_in_use() -> Nearness:
    """Return the backend that the server's settings name."""
    name = embedding_model()
    return Embedded(name, settings.EMBEDDING_SIMILAR_FROM) if name else Lexical()
