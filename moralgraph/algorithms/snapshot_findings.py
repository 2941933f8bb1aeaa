"""Write what the statistics found as a snapshot holds it: plain JSON values, in the form of docs/file_formats.md.

Rule that must stay true: nothing is decided here. What a statistic does not say is None or an empty list.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.special import expit

from moralgraph.algorithms.bradley_terry import BradleyTerry
from moralgraph.algorithms.cycles import contested_pairs, find_cycles
from moralgraph.algorithms.group_agreement import GroupAgreement, GroupShare, Meeting
from moralgraph.algorithms.minority import minority_values
from moralgraph.algorithms.records import Codes, Judgements, MoralGraph
from moralgraph.algorithms.sensitivity import SensitivityRow, sensitivity
from moralgraph.algorithms.story_pull import (
    Effect,
    asked_about_effect,
    drift,
    retest,
    side_effect,
    story_pull,
)
from moralgraph.algorithms.wisest_sets import WisestSet

METHOD = "rank_confidence_set"
SIDES = ("", "start", "end")  # where the first card stood; empty where it was not recorded

Record = Mapping[str, Any]


def wisest_record(found: WisestSet) -> dict[str, Any]:
    """Return a wisest set: its standing, its cards, what is missing, and between which ranks each card lies."""
    return {
        "standing": found.standing.value,
        "cards": list(found.cards),
        "level": found.level,
        "method": METHOD,
        "shortage": found.shortage.value,
        "judgements": found.judgements,
        "people": found.people,
        "positions": [
            {"card": each.card, "low": each.best_rank, "high": each.worst_rank, "is_comparable": each.is_comparable}
            for each in found.placed
        ],
    }


def latent_order_record(fit: BradleyTerry, *, level: float) -> dict[str, Any]:
    """Return the scores of the latent order, highest first, with their intervals."""
    low, high = fit.interval(level=level)
    order = sorted(range(len(fit.cards)), key=lambda row: (-fit.score[row], fit.cards[row]))
    return {
        "level": level,
        "asked_about": fit.asked_about,
        "asked_about_error": fit.asked_about_error,
        "scores": [
            {
                "card": fit.cards[row],
                "score": float(fit.score[row]),
                "low": float(low[row]),
                "high": float(high[row]),
                "comparisons": int(fit.comparisons[row]),
                "component": int(fit.group[row]),
            }
            for row in order
        ],
    }


def latent_ranks(fit: BradleyTerry, found: WisestSet) -> dict[str, dict[str, Any]]:
    """Return each card's rank by the latent order: its chance against the mean card, and where its rank may lie."""
    places = {each.card: each for each in found.placed}
    return {
        card: {
            "rank": float(expit(score)),
            "low": places[card].best_rank,
            "high": places[card].worst_rank,
        }
        for card, score in zip(fit.cards, fit.score, strict=True)
    }


def contradictions(graph: MoralGraph, *, context: str) -> dict[str, Any]:
    """Return the cycles of a context, and the pairs that were found wiser both ways."""
    found = find_cycles(graph, context=context)
    return {
        "cycles": [list(cycle) for cycle in found.cycles],
        "cycles_complete": found.is_complete,
        "contested": [_plain(asdict(pair), without=("context",)) for pair in contested_pairs(graph, context=context)],
    }


def minority_records(
    judgements: Judgements, graph: MoralGraph, groups: Iterable[Record], *, context: str, leave_out: Collection[str]
) -> list[dict[str, Any]]:
    """Return the values of a context that counting hides, and why each would be overlooked; not the one in front."""
    known = [agreement_of(edge) for grouping in groups for edge in grouping["edges"]]
    found = minority_values(judgements, graph, context=context, across_groups=known)
    return [_plain(asdict(value), without=("context",)) for value in found if value.card not in leave_out]


def sensitivity_records(judgements: Judgements, *, seed: int, level: float) -> list[dict[str, Any]]:
    """Return what would have come out with other choices."""
    return [_sensitivity(row) for row in sensitivity(judgements, seed=seed, level=level)]


def _sensitivity(row: SensitivityRow) -> dict[str, Any]:
    sets = {context: list(cards) for context, cards in row.sets.items()}
    return {**asdict(row), "sets": sets, "changed": list(row.changed)}


def answering_records(judgements: Judgements, side: Codes) -> dict[str, Any]:
    """Return what the story, the side and asking again did to answers; repeats are among the judgements."""
    stories = story_pull(judgements)
    recorded = side > 0
    at_start = side[recorded] == SIDES.index("start")
    at_side = side_effect(judgements.select(recorded), first_is_at_start=at_start) if recorded.any() else None
    effects = {
        "at_start": _effect(at_side),
        "asked_about": _effect(asked_about_effect(judgements)),
        "each_further_question": _effect(drift(judgements)),
    }
    again = retest(judgements)
    return {
        "story_pull": None if not stories.arms else _plain(asdict(stories)),
        "side_bias": effects if any(effects.values()) else None,
        "retest": None if again is None else asdict(again),
    }


def _effect(found: Effect | None) -> dict[str, Any] | None:
    return None if found is None else asdict(found)


def agreement_record(found: GroupAgreement) -> dict[str, Any]:
    """Return how groups stand to one another on an upgrade."""
    return {
        "first": found.first,
        "second": found.second,
        "context": found.context,
        "by_group": {share.group: _group_share(share) for share in found.by_group},
        "held_back": list(found.held_back),
        "meeting": found.meeting.value,
        "is_agreed": found.meeting is Meeting.AGREED,
    }


def _group_share(share: GroupShare) -> dict[str, Any]:
    told = {name: value for name, value in asdict(share).items() if name != "group"}
    return {**told, "compared": share.people, "wiser": round(share.share * share.people)}


def agreement_of(record: Record) -> GroupAgreement:
    """Read what `agreement_record` wrote.

    Examples
    --------
    >>> share = GroupShare("north", 12, 0.75, 0.46, 0.92, 0.7, 0.5, 0.9)
    >>> found = GroupAgreement("a", "b", "c", (share,), ("south",), Meeting.TOO_FEW)
    >>> agreement_of(agreement_record(found)) == found
    True
    """
    names = GroupShare.__dataclass_fields__
    return GroupAgreement(
        first=record["first"],
        second=record["second"],
        context=record["context"],
        by_group=tuple(
            GroupShare(group, **{name: value for name, value in share.items() if name in names})
            for group, share in record["by_group"].items()
        ),
        held_back=tuple(record["held_back"]),
        meeting=Meeting(record["meeting"]),
    )


def _plain(value: Any, *, without: Sequence[str] = ()) -> Any:
    """Turn tuples and numbers of numpy into what JSON gives back."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items() if key not in without}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        return value.item()
    return value
