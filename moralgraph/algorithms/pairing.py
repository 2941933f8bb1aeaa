"""Choose the next pair for a person to judge, and say exactly how likely that choice was.

An active design. One choice in five is drawn uniformly from everything that is left, so that every pair keeps being
asked. The others go to a context by how little its pairs were judged, and within it one in four to the pairs that were
judged least and three in four to the pairs that tell most about which card is the wisest (`informative_pairs`). The
direction is the one that was asked less. The stored probability lets an analysis weigh the judgements back.

Rule that must stay true: nobody is asked about the same two cards twice in one context, in whichever direction, and the
probabilities of all possible choices sum to 1.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from moralgraph.algorithms.informative_pairs import PairCounts, information_gains
from moralgraph.algorithms.tally import Facts, Floats

UNIFORM_SHARE = 0.2
COVERAGE_SHARE = 0.25  # of what is not drawn uniformly

Directed = tuple[str, str, str]
Ends = tuple[str, str]


class NoPairLeftError(LookupError):
    """The person has judged every candidate pair."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A candidate: in `context`, `second` may be wiser than `first`."""

    first: str
    second: str
    context: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What was answered when a pair was asked in one direction.

    Attributes
    ----------
    asked
        Judgements of all six answers, and draws that wait for one.
    wiser, about_equal, less_wise
        Answers that say something of the order; "wiser" is for the card shown second.
    """

    asked: int = 0
    wiser: int = 0
    about_equal: int = 0
    less_wise: int = 0


NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class PairChoice:
    """A pair to ask about, "is `second` wiser than `first`?", and the probability with which it is chosen."""

    first: str
    second: str
    context: str
    probability: float


def possible_choices(
    candidates: Iterable[Upgrade],
    *,
    counts: Mapping[Directed, Tally | int],
    judged: Collection[Directed],
    uniform_share: float = UNIFORM_SHARE,
) -> tuple[PairChoice, ...]:
    """Return every choice that is open to a person with its exact probability; none if nothing is left.

    Parameters
    ----------
    candidates
        Upgrades; both directions of a pair are one candidate.
    counts
        What was answered so far to (first, second, context), in that direction; absent means nothing. A number alone
        says how often it was asked, and nothing of the answers.
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
    b a 0.085
    a d 0.432
    d a 0.432
    """
    pairs = _open_pairs(candidates, judged)
    total = sum(map(len, pairs.values()))
    shares = _context_shares(pairs, counts)
    return tuple(
        choice
        for context in sorted(pairs)
        for choice in _choices_in(
            context, pairs[context], counts, share=shares[context], total=total, uniform_share=uniform_share
        )
    )


def choose_pair(
    candidates: Iterable[Upgrade],
    *,
    counts: Mapping[Directed, Tally | int],
    judged: Collection[Directed],
    rng: np.random.Generator,
    uniform_share: float = UNIFORM_SHARE,
) -> PairChoice:
    """Draw the next pair for a person: first its context, then the pair and its direction.

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
    pairs = _open_pairs(candidates, judged)
    if not pairs:
        raise NoPairLeftError("every candidate pair was judged by this person; add upgrades or end the step")
    total = sum(map(len, pairs.values()))
    shares = _context_shares(pairs, counts)
    names = sorted(pairs)
    chances = [uniform_share * len(pairs[name]) / total + (1 - uniform_share) * shares[name] for name in names]
    context = names[_drawn(np.array(chances), rng=rng)]
    choices = _choices_in(
        context, pairs[context], counts, share=shares[context], total=total, uniform_share=uniform_share
    )
    return choices[_drawn(np.array([choice.probability for choice in choices]), rng=rng)]


def pair_shares(gain: Floats, asked: Floats, *, is_open: Facts) -> Floats:
    """Return the share of each open pair of a context in what is not drawn uniformly; each row sums to 1.

    Parameters
    ----------
    gain
        What one more judgement of each pair would tell, from `information_gains`, shape (contexts, pairs).
    asked
        How often each was asked, in either direction.
    is_open
        Which pairs the person has not judged, at least one in each row.

    Examples
    --------
    >>> gain, is_open = np.array([[3.0, 1.0, 4.0]]), np.array([[True, True, False]])
    >>> pair_shares(gain, np.array([[2, 2, 2]]), is_open=is_open).tolist()
    [[0.6875, 0.3125, 0.0]]
    """
    open_gain = np.where(is_open, gain, 0.0)
    sums = open_gain.sum(axis=-1, keepdims=True)
    uniform = is_open / is_open.sum(axis=-1, keepdims=True)
    informative = np.where(sums > 0, open_gain / np.where(sums > 0, sums, 1.0), uniform)
    open_asked = np.where(is_open, asked, np.inf)
    least = (open_asked == open_asked.min(axis=-1, keepdims=True)) & is_open
    covering = least / least.sum(axis=-1, keepdims=True)
    found: Floats = COVERAGE_SHARE * covering + (1 - COVERAGE_SHARE) * informative
    return found


def _open_pairs(candidates: Iterable[Upgrade], judged: Collection[Directed]) -> dict[str, set[Ends]]:
    """Return the unordered pairs of each context that the person has not judged."""
    pairs: defaultdict[str, set[Ends]] = defaultdict(set)
    for each in candidates:  # written out, since there may be tens of thousands
        first, second = each.first, each.second
        pairs[each.context].add((first, second) if first < second else (second, first))
    for first, second, context in judged:
        if context in pairs:
            pairs[context].discard(_unordered(first, second))
    return {context: found for context, found in pairs.items() if found}


def _context_shares(pairs: Mapping[str, set[Ends]], counts: Mapping[Directed, Tally | int]) -> dict[str, float]:
    """Return the share of each context: pairs that were judged half as often get four times the choices."""
    asked = dict.fromkeys(pairs, 0)
    for (_, _, context), count in counts.items():
        if context in asked:
            asked[context] += count if isinstance(count, int) else count.asked
    need = {context: len(ends) / (1 + asked[context] / len(ends)) ** 2 for context, ends in pairs.items()}
    sum_of_needs = sum(need[context] for context in sorted(need))
    return {context: each / sum_of_needs for context, each in need.items()}


def _choices_in(
    context: str,
    is_open: set[Ends],
    counts: Mapping[Directed, Tally | int],
    *,
    share: float,
    total: int,
    uniform_share: float,
) -> list[PairChoice]:
    """Return the choices in one context, whose pairs get `share` of what is not drawn uniformly from all `total`.

    Pairs that the person has judged, and those that are no longer asked, still tell where the cards stand.
    """
    counted = {_unordered(first, second) for first, second, where in counts if where == context}
    ends = sorted(is_open | counted)
    forward = [_tally(counts.get((first, second, context), NOTHING)) for first, second in ends]
    backward = [_tally(counts.get((second, first, context), NOTHING)) for first, second in ends]
    open_rows = np.array([[pair in is_open for pair in ends]])
    in_context = _pair_counts(ends, forward, backward)
    within = pair_shares(information_gains(in_context), in_context.asked, is_open=open_rows)[0]
    shares = within * share * (1 - uniform_share)
    uniform = uniform_share / (2 * total)
    found: list[PairChoice] = []
    for pair, there, back, chance in zip(ends, forward, backward, shares.tolist(), strict=True):
        if pair in is_open:
            forward_share = _forward_share(there.asked, back.asked)
            found.append(PairChoice(*pair, context, uniform + chance * forward_share))
            found.append(PairChoice(pair[1], pair[0], context, uniform + chance * (1 - forward_share)))
    return found


def _pair_counts(ends: list[Ends], forward: list[Tally], backward: list[Tally]) -> PairCounts:
    code = {card: number for number, card in enumerate(sorted({card for pair in ends for card in pair}))}
    there = np.array([(each.asked, each.wiser, each.about_equal, each.less_wise) for each in forward], dtype=np.float64)
    back = np.array([(each.asked, each.wiser, each.about_equal, each.less_wise) for each in backward], dtype=np.float64)
    equal = (there[:, 2] + back[:, 2]) / 2
    return PairCounts(
        first=np.array([[code[first] for first, _ in ends]], dtype=np.int64),
        second=np.array([[code[second] for _, second in ends]], dtype=np.int64),
        is_pair=np.ones((1, len(ends)), dtype=np.bool_),
        asked=(there[:, 0] + back[:, 0])[None],
        second_wins=(there[:, 1] + back[:, 3] + equal)[None],
        first_wins=(there[:, 3] + back[:, 1] + equal)[None],
        cards=len(code),
    )


def _tally(count: Tally | int) -> Tally:
    """Read a plain number as judgements of which half went each way."""
    return count if isinstance(count, Tally) else Tally(asked=count, about_equal=count)


def _drawn(probabilities: Floats, *, rng: np.random.Generator) -> int:
    edges = np.cumsum(probabilities)
    return int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))


def _forward_share(forward: int, backward: int) -> float:
    if forward == backward:
        return 0.5
    return 1.0 if forward < backward else 0.0


def _unordered(first: str, second: str) -> Ends:
    return (first, second) if first < second else (second, first)
