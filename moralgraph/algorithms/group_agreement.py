"""Say where groups of people agree on an upgrade: each group judged it wiser by itself, not only all of them together.

A group's share is drawn towards the others' by how noisy it is (partial pooling), and is shown beside the raw one.
"Agreed" needs both: in each group a majority of its own answers, and a pooled interval above one half.

Rule that must stay true: a group with fewer than ten people in an upgrade gives no number, nor does a second one from
which it could be worked out; and agreement is read from what people answered, never from their having been asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import ndtri

from elicit.analysis.pooling import Pooled, pool
from elicit.analysis.privacy_floor import LEAST_PEOPLE, floored
from moralgraph.algorithms.records import REPAIRED_MARKS, Codes, Judgements, Mark
from moralgraph.algorithms.tally import (
    Cells,
    Facts,
    Floats,
    compared,
    count_answers,
    count_cells,
    marked,
    posterior_mean,
)
from moralgraph.algorithms.uncertainty import jeffreys_interval

LEVEL = 0.95
MAJORITY = 0.5
FEWEST_GROUPS = 2

GroupOf = Mapping[str, str | None]


class Meeting(StrEnum):
    """How groups stand to one another on an upgrade."""

    AGREED = "agreed"
    DIVIDED = "divided"
    UNCLEAR = "unclear"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class GroupShare:
    """What one group said of an upgrade.

    Attributes
    ----------
    people
        People of the group who compared the two cards; each counts once.
    share, low, high
        Share of them that said "wiser", with its Jeffreys interval.
    pooled, pooled_low, pooled_high
        The share drawn towards the groups' common one, with its interval.
    """

    group: str
    people: int
    share: float
    low: float
    high: float
    pooled: float
    pooled_low: float
    pooled_high: float


@dataclass(frozen=True)
class GroupAgreement:
    """An upgrade in a context, as groups see it. `by_group` holds the groups with a number; `held_back` the others."""

    first: str
    second: str
    context: str
    by_group: tuple[GroupShare, ...]
    held_back: tuple[str, ...]
    meeting: Meeting


def agreement_across_groups(
    judgements: Judgements, group_of: GroupOf, *, context: str | None = None, level: float = LEVEL
) -> tuple[GroupAgreement, ...]:
    """Return every judged upgrade, context by context, as the groups of one grouping see it.

    Parameters
    ----------
    group_of
        The group of each participant, by the names of the judgements; None, or no entry, for people without a group.
    context
        One context, or None for each of them.

    Notes
    -----
    The floor is applied to the people of each group who compared the cards, together with those without a group. It
    guards one view; who publishes several takes care that groups do not move by a few people
    between them (`elicit.results.floor`).

    References
    ----------
    Partial pooling: Morris, "Parametric empirical Bayes inference", JASA 78 (1983).

    Examples
    --------
    Both groups judged b wiser than a.

    >>> judgements = Judgements.from_columns(
    ...     participant=range(60), first=["a"] * 60, second=["b"] * 60, context=["c"] * 60,
    ...     answer=["wiser"] * 28 + ["less_wise"] * 2 + ["wiser"] * 25 + ["less_wise"] * 5)
    >>> group_of = {str(person): "north" if person < 30 else "south" for person in range(60)}
    >>> found, = agreement_across_groups(judgements, group_of)
    >>> found.meeting.value, [(one.group, round(one.share, 2), round(one.pooled, 2)) for one in found.by_group]
    ('agreed', [('north', 0.93, 0.9), ('south', 0.83, 0.87)])
    """
    used = judgements if context is None else judgements.in_context(context)
    used = used.select(used.repeat == 0)
    groups = tuple(sorted({group for group in group_of.values() if group is not None}))
    number = {group: at for at, group in enumerate(groups)}
    nobody = len(groups)
    of_person = [number.get(group_of.get(name) or "", nobody) for name in judgements.participants]
    cells = count_cells(used)
    group = np.array(of_person, dtype=np.int64)[used.participant]
    width = nobody + 1
    answers = count_answers(cells.cell * width + group, used.answer, groups=cells.first.size * width)
    people = compared(answers).reshape(-1, width)
    wiser = marked(answers, Mark.WISER, table=REPAIRED_MARKS).reshape(-1, width)
    order = np.lexsort((cells.second, cells.first, cells.context)).tolist()
    return tuple(_of_upgrade(used, cells, row, groups, people[row], wiser[row], level) for row in order)


def _of_upgrade(
    judgements: Judgements, cells: Cells, row: int, groups: Sequence[str], people: Codes, wiser: Codes, level: float
) -> GroupAgreement:
    shown = _may_be_shown(people[:-1], without_a_group=int(people[-1]))
    shares = _shares(
        [group for group, is_shown in zip(groups, shown.tolist(), strict=True) if is_shown],
        people[:-1][shown],
        wiser[:-1][shown],
        level,
    )
    return GroupAgreement(
        first=judgements.cards[cells.first[row]],
        second=judgements.cards[cells.second[row]],
        context=judgements.contexts[cells.context[row]],
        by_group=shares,
        held_back=tuple(
            group
            for group, is_shown, count in zip(groups, shown.tolist(), people[:-1].tolist(), strict=True)
            if not is_shown and count
        ),
        meeting=_meeting(shares),
    )


def _may_be_shown(people: Codes, *, without_a_group: int) -> Facts:
    """Mark the groups that give a number. People without a group count, since the upgrade's total is known."""
    if not people.size:
        return np.zeros(0, dtype=np.bool_)
    cells = np.append(people, without_a_group) if without_a_group else people
    return floored(cells, least=LEAST_PEOPLE).shown[: people.size]


def _shares(groups: Sequence[str], people: Codes, wiser: Codes, level: float) -> tuple[GroupShare, ...]:
    if not groups:
        return ()
    low, high = jeffreys_interval(wiser, people, level=level)
    pooled = _pooled(wiser, people)
    reach = ndtri((1 + level) / 2) * pooled.error
    return tuple(
        GroupShare(
            group=group,
            people=int(people[at]),
            share=float(wiser[at] / people[at]),
            low=float(low[at]),
            high=float(high[at]),
            pooled=float(np.clip(pooled.value[at], 0, 1)),
            pooled_low=float(np.clip(pooled.value[at] - reach[at], 0, 1)),
            pooled_high=float(np.clip(pooled.value[at] + reach[at], 0, 1)),
        )
        for at, group in enumerate(groups)
    )


def _pooled(wiser: Codes, people: Codes) -> Pooled:
    """Draw the posterior means of the shares towards each other; their errors are the posteriors' own."""
    share: Floats = posterior_mean(wiser, people)
    error = np.sqrt(share * (1 - share) / (people + 2))
    return pool(share, error)


def _meeting(shares: Sequence[GroupShare]) -> Meeting:
    if len(shares) < FEWEST_GROUPS:
        return Meeting.TOO_FEW
    if all(one.share > MAJORITY and one.pooled_low > MAJORITY for one in shares):
        return Meeting.AGREED
    if any(one.pooled_low > MAJORITY for one in shares) and any(one.pooled_high < MAJORITY for one in shares):
        return Meeting.DIVIDED
    return Meeting.UNCLEAR
