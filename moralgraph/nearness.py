"""How near cards are to one another: one interface, three backends.

Rule: a backend only proposes. Where a model is named for the purpose "sameness", it decides about the near pairs;
otherwise the backend's own threshold does. The built-in backend compares words and needs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from elicit.models import Study
from moralgraph.algorithms.partition import Pair
from moralgraph.algorithms.similarity import LexicalIndex
from moralgraph.deduplication import SIMILAR_FROM

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


def nearness_in_use() -> Nearness:
    """Return the backend that the server's settings name."""
    return Lexical()
