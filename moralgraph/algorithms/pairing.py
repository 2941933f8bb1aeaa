"""Choose the next pair for a person to judge, and say exactly how likely that choice was.

Four choices in five go to the pairs that were judged least, asked in the direction that was asked less; one in five is
drawn uniformly from everything that is left. The stored probability lets an analysis weigh the judgements back.

Rule that must stay true: nobody is asked about the same two cards twice in one context, in whichever direction, and the
probabilities of all possible choices sum to 1.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

UNIFORM_SHARE = 0.2

Directed = tuple[str, str, str]


class NoPairLeftError(LookupError):
    """The person has judged every candidate pair."""


@dataclass(frozen=True)
class Upgrade:
    """A candidate: in `context`, `second` may be wiser than `first`."""

    first: str
    second: str
    context: str


@dataclass(frozen=True)
class PairChoice:
    """A pair to ask about, "is `second` wiser than `first`?", and the probability with which it is chosen."""

    first: str
    second: str
    context: str
    probability: float


def possible_choices(
    candidates: Iterable[Upgrade],
    *,
    counts: Mapping[Directed, int],
    judged: Collection[Directed],
    uniform_share: float = UNIFORM_SHARE,
) -> tuple[PairChoice, ...]:
    """Return every choice that is open to a person with its exact probability; none if nothing is left.

    Parameters
    ----------
    candidates
        Upgrades; both directions of a pair are one candidate.
    counts
        Judgements so far of (first, second, context), in that direction; absent means none.
    judged
        What this person has judged, as (first, second, context) in either direction.
    uniform_share
        Share of the choices that is drawn uniformly, between 0 and 1.

    Examples
    --------
    >>> open_to_all = [Upgrade("a", "b", "c"), Upgrade("a", "d", "c")]
    >>> for choice in possible_choices(open_to_all, counts={("a", "b", "c"): 3}, judged=[]):
    ...     print(choice.first, choice.second, round(choice.probability, 3))
    a b 0.05
    b a 0.05
    a d 0.45
    d a 0.45
    """
    done = {_unordered(*key) for key in judged}
    pairs = sorted({_unordered(each.first, each.second, each.context) for each in candidates} - done)
    if not pairs:
        return ()
    totals = [counts.get(pair, 0) + counts.get(_opposite(pair), 0) for pair in pairs]
    least = min(totals)
    coverage_each = (1 - uniform_share) / totals.count(least)
    found: list[PairChoice] = []
    for pair, total in zip(pairs, totals, strict=True):
        coverage = coverage_each if total == least else 0.0
        forward = _forward_share(counts.get(pair, 0), counts.get(_opposite(pair), 0))
        uniform = uniform_share / (2 * len(pairs))
        found.append(PairChoice(*pair, uniform + coverage * forward))
        found.append(PairChoice(*_opposite(pair), uniform + coverage * (1 - forward)))
    return tuple(found)


def choose_pair(
    candidates: Iterable[Upgrade],
    *,
    counts: Mapping[Directed, int],
    judged: Collection[Directed],
    rng: np.random.Generator,
    uniform_share: float = UNIFORM_SHARE,
) -> PairChoice:
    """Draw the next pair for a person.

    Raises
    ------
    NoPairLeftError
        If every candidate pair was judged by this person.

    Examples
    --------
    >>> choice = choose_pair([Upgrade("a", "b", "c")], counts={("a", "b", "c"): 1}, judged=[],
    ...                      rng=np.random.default_rng(0))
    >>> choice.first, choice.second, choice.probability
    ('b', 'a', 0.9)
    """
    choices = possible_choices(candidates, counts=counts, judged=judged, uniform_share=uniform_share)
    if not choices:
        raise NoPairLeftError("every candidate pair was judged by this person; add upgrades or end the step")
    return choices[_drawn([choice.probability for choice in choices], rng=rng)]


def _drawn(probabilities: Sequence[float], *, rng: np.random.Generator) -> int:
    edges = np.cumsum(probabilities)
    return int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))


def _forward_share(forward: int, backward: int) -> float:
    if forward == backward:
        return 0.5
    return 1.0 if forward < backward else 0.0


def _unordered(first: str, second: str, context: str) -> Directed:
    return (min(first, second), max(first, second), context)


def _opposite(pair: Directed) -> Directed:
    return (pair[1], pair[0], pair[2])
