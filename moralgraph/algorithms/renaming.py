"""Read judgements as if merged cards and contexts had always been one.

Rule that must stay true: a judgement is renamed, never changed: its answer, its person and its place stay. Where the
two cards it compares became one card, it says nothing any more; it is dropped and counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from moralgraph.algorithms.records import Codes, JudgementError, Judgements


@dataclass(frozen=True, eq=False)
class Renamed:
    """Judgements under their standing names, and how many were dropped since they compared a card with itself."""

    judgements: Judgements
    dropped: int


def rename(judgements: Judgements, *, cards: Mapping[str, str], contexts: Mapping[str, str] | None = None) -> Renamed:
    """Give cards and contexts the names that they were merged into.

    A person who answered about two pairs that became one pair is counted twice there; the bootstrap over people, which
    draws a person whole, is not misled by that.

    Parameters
    ----------
    cards, contexts
        From a name to the name it was merged into. Chains are followed; names that are not there stay.

    Raises
    ------
    JudgementError
        If a chain of merges comes back to where it began.

    Examples
    --------
    >>> judgements = Judgements.from_columns(
    ...     participant=[1, 2, 3], first=["a", "a", "b"], second=["b", "c", "c"],
    ...     context=["c"] * 3, answer=["wiser"] * 3)
    >>> found = rename(judgements, cards={"b": "a"})
    >>> found.dropped, found.judgements.cards, found.judgements.first.tolist()
    (1, ('a', 'c'), [0, 0])
    """
    card_names, card_of = _standing(judgements.cards, cards)
    context_names, context_of = _standing(judgements.contexts, contexts or {})
    first, second = card_of[judgements.first], card_of[judgements.second]
    compares = first != second
    kept = judgements.select(compares)
    renamed = Judgements.from_codes(
        cards=card_names,
        contexts=context_names,
        participants=judgements.participants,
        participant=kept.participant,
        first=first[compares],
        second=second[compares],
        context=context_of[kept.context],
        answer=kept.answer,
        order=kept.order,
        story=kept.story,
        probability=kept.probability,
        repeat=kept.repeat,
    )
    return Renamed(judgements=renamed, dropped=len(judgements) - len(renamed))


def _standing(names: Sequence[str], merged: Mapping[str, str]) -> tuple[tuple[str, ...], Codes]:
    """Return the standing names, and for each name the code of the standing one."""
    ends = [_end_of(name, merged) for name in names]
    standing = tuple(sorted(set(ends)))
    code = {name: number for number, name in enumerate(standing)}
    return standing, np.array([code[name] for name in ends], dtype=np.int64)


def _end_of(name: str, merged: Mapping[str, str]) -> str:
    seen = [name]
    while (further := merged.get(seen[-1], seen[-1])) != seen[-1]:
        if further in seen:
            raise JudgementError(f"{name!r} is merged into itself by way of {', '.join(seen[1:])}; undo one merge")
        seen.append(further)
    return seen[-1]
