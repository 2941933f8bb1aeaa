"""Keep values visible that counting hides: those that few judged, that a limit dropped, or that one group prefers.

A graph shows what many compared. A value that few hold may be as wise as any, so each context also lists the cards for
which one of these is true, in words that a reader can check:

=====================  ==============================================================================================
reason                 what is true
=====================  ==============================================================================================
few_but_sure           fewer than `FEW_PEOPLE` compared it upwards, and the interval of their share lies above a half
dropped_by_a_limit     a majority of those who compared it judged it wiser, but no upgrade to it was kept
preferred_in_a_group   in one group the pooled interval lies above a half, but of everybody no majority agrees
never_asked_about      nobody was asked whether it is wiser than another card, so it cannot come out highest
=====================  ==============================================================================================

Rule that must stay true: being on the list is no rank. It says what the other pages do not show.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from moralgraph.algorithms.group_agreement import MAJORITY, GroupAgreement
from moralgraph.algorithms.records import REPAIRED_MARKS, Judgements, Mark, MoralGraph
from moralgraph.algorithms.tally import Cells, compared, count_cells, marked
from moralgraph.algorithms.uncertainty import jeffreys_interval

FEW_PEOPLE = 20  # as few as make a context "not enough evidence": see `wisest_sets`


class Hidden(StrEnum):
    """Why a value would be overlooked."""

    FEW_BUT_SURE = "few_but_sure"
    DROPPED_BY_A_LIMIT = "dropped_by_a_limit"
    PREFERRED_IN_A_GROUP = "preferred_in_a_group"
    NEVER_ASKED_ABOUT = "never_asked_about"


@dataclass(frozen=True)
class MinorityValue:
    """A card that stays visible, and the evidence: the upgrade from `beside` to it, where there is one.

    `people` compared the two, in `group` where one is named; `share` of them judged the card wiser. For a card that
    nobody was asked about, `people` is how many saw it as the first of two, and there is no share.
    """

    context: str
    card: str
    reason: Hidden
    beside: str | None
    people: int
    share: float | None
    low: float | None
    high: float | None
    group: str | None = None


def minority_values(
    judgements: Judgements, graph: MoralGraph, *, context: str, across_groups: Iterable[GroupAgreement] = ()
) -> tuple[MinorityValue, ...]:
    """Return the cards of a context that counting hides, by reason in the order of the table, then by id.

    Parameters
    ----------
    graph
        The graph whose limits may have dropped upgrades.
    across_groups
        Agreement across groups, floored already; of any groupings and contexts.

    Examples
    --------
    Four of five judged c wiser than b, and nobody was asked about a.

    >>> from moralgraph.algorithms.building import build_repaired
    >>> judgements = Judgements.from_columns(
    ...     participant=range(25), first=["a"] * 20 + ["b"] * 5, second=["b"] * 20 + ["c"] * 5, context=["w"] * 25,
    ...     answer=["wiser"] * 24 + ["less_wise"])
    >>> found = minority_values(judgements, build_repaired(judgements, minimum_wiser=5), context="w")
    >>> [(value.card, value.reason.value) for value in found]
    [('c', 'dropped_by_a_limit'), ('a', 'never_asked_about')]
    """
    used = judgements.in_context(context)
    used = used.select(used.repeat == 0)
    cells = count_cells(used)
    upward = [*_few_but_sure(used, cells, context), *_dropped(used, cells, graph, context)]
    preferred = _preferred(used, cells, [one for one in across_groups if one.context == context])
    found: dict[tuple[Hidden, str], MinorityValue] = {}
    for value in (*upward, *preferred, *_never_asked_about(used, context)):
        found.setdefault((value.reason, value.card), value)
    order = list(Hidden)
    return tuple(sorted(found.values(), key=lambda value: (order.index(value.reason), value.card)))


def _upward(used: Judgements, cells: Cells, context: str, reason: Hidden) -> list[MinorityValue]:
    """Return every judged upgrade as evidence for its second card, the surest first."""
    wiser, people = marked(cells.answers, Mark.WISER, table=REPAIRED_MARKS), compared(cells.answers)
    low, high = jeffreys_interval(wiser, people)
    rows = sorted(np.flatnonzero(people).tolist(), key=lambda row: (-low[row], used.cards[cells.first[row]]))
    return [
        MinorityValue(
            context=context,
            card=used.cards[cells.second[row]],
            reason=reason,
            beside=used.cards[cells.first[row]],
            people=int(people[row]),
            share=float(wiser[row] / people[row]),
            low=float(low[row]),
            high=float(high[row]),
        )
        for row in rows
    ]


def _few_but_sure(used: Judgements, cells: Cells, context: str) -> list[MinorityValue]:
    upward = _upward(used, cells, context, Hidden.FEW_BUT_SURE)
    of_card: dict[str, int] = {}
    for value in upward:
        of_card[value.card] = of_card.get(value.card, 0) + value.people
    return [value for value in upward if of_card[value.card] < FEW_PEOPLE and (value.low or 0) > MAJORITY]


def _dropped(used: Judgements, cells: Cells, graph: MoralGraph, context: str) -> list[MinorityValue]:
    kept = {edge.second for edge in graph.in_context(context).edges}
    upward = _upward(used, cells, context, Hidden.DROPPED_BY_A_LIMIT)
    return [value for value in upward if value.card not in kept and (value.share or 0) > MAJORITY]


def _preferred(used: Judgements, cells: Cells, across_groups: Iterable[GroupAgreement]) -> list[MinorityValue]:
    wiser, people = marked(cells.answers, Mark.WISER, table=REPAIRED_MARKS), compared(cells.answers)
    ends = [(used.cards[first], used.cards[second]) for first, second in zip(cells.first, cells.second, strict=True)]
    has_majority = {end: bool(wiser[row] > MAJORITY * people[row]) for row, end in enumerate(ends)}
    return [
        MinorityValue(
            context=one.context,
            card=one.second,
            reason=Hidden.PREFERRED_IN_A_GROUP,
            beside=one.first,
            people=share.people,
            share=share.share,
            low=share.low,
            high=share.high,
            group=share.group,
        )
        for one in across_groups
        for share in one.by_group
        if share.pooled_low > MAJORITY and not has_majority.get((one.first, one.second), True)
    ]


def _never_asked_about(used: Judgements, context: str) -> list[MinorityValue]:
    asked_about = set(used.second.tolist())
    seen = np.bincount(used.first, minlength=len(used.cards))
    return [
        MinorityValue(context, used.cards[code], Hidden.NEVER_ASKED_ABOUT, None, int(seen[code]), None, None, None)
        for code in np.flatnonzero(seen).tolist()
        if code not in asked_about
    ]
