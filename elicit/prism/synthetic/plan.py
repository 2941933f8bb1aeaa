"""Who has how many conversations, of which type and length, with how many answers, by which models.

Rule: with the published number of people every count is the published one: conversations, types, turns, interactions,
answers, battles, the balanced subset. For other numbers the same tables are scaled.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicit.prism.balance import balanced_subset
from elicit.prism.published import published, scaled
from elicit.prism.schema import TYPES
from elicit.prism.synthetic.dealing import deal

Ints = NDArray[np.int64]
KINDS = len(TYPES)
TWICE, ONCE = 986, 260  # people of the balanced subset with 2 and with 1 of each type: the only split that gives 6,696
LONGEST_COMMON = 13  # a single conversation is longer


@dataclass(frozen=True)
class Plan:
    """Columns of the conversations, in order of participant; `models` is -1 where an opening has too few answers."""

    completed: Ints  # by participant
    person: Ints
    kind: Ints
    turns: Ints
    answers: Ints
    is_balanced: NDArray[np.bool_]
    models: Ints  # conversations x 4


def draw_plan(people: int, exposures: dict[int, int], rng: np.random.Generator) -> Plan:
    """Deal conversations out to `people`; `exposures` is how often each model answers an opening in PRISM."""
    facts = published()
    completed = np.array(deal(facts["conversations"]["per_participant"], people, rng), dtype=np.int64)
    person = np.repeat(np.arange(people), completed)
    kind = _kinds(completed, rng)
    is_balanced = balanced_subset(person, kind)
    turns = _turns(completed, person, rng)
    answers = np.array(deal(facts["responses"], len(person), rng), dtype=np.int64)
    _fit_balanced(person, turns, answers, is_balanced)
    return Plan(completed, person, kind, turns, answers, is_balanced, _models(answers, exposures, rng))


def _kinds(completed: Ints, rng: np.random.Generator) -> Ints:
    """Deal types so that the balanced subset has its published size: some people twice each type, some once."""
    people = np.flatnonzero(completed)
    each = _least_of_each(completed[people], rng)
    spare = completed[people] - KINDS * each
    published_spare = {kind: count - 2232 for kind, count in zip(range(KINDS), (3113, 2460, 2438), strict=True)}
    hand = np.array(deal(published_spare, int(spare.sum()), rng), dtype=np.int64)
    owner = np.repeat(np.arange(len(people)), spare)
    _part(hand, owner, spare, each, rng)
    kinds = [
        rng.permutation(np.concatenate([np.tile(np.arange(KINDS), number), own]))
        for number, own in zip(each, np.split(hand, np.cumsum(spare)[:-1]), strict=True)
    ]
    return np.concatenate(kinds).astype(np.int64) if kinds else np.zeros(0, dtype=np.int64)


def _least_of_each(completed: Ints, rng: np.random.Generator) -> Ints:
    """Return how many of each type a person has at least: 2, 1 or 0, who can."""
    total = len(completed)
    parts = scaled({2: TWICE, 1: ONCE, 0: 1396 - TWICE - ONCE}, total)
    each = np.zeros(total, dtype=np.int64)
    can_twice = rng.permutation(np.flatnonzero(completed >= 2 * KINDS))[: parts[2]]
    each[can_twice] = 2
    can_once = rng.permutation(np.flatnonzero((completed >= KINDS) & (each == 0)))
    each[can_once[: parts[1]]] = 1
    return each


def _part(hand: Ints, owner: Ints, spare: Ints, each: Ints, rng: np.random.Generator) -> None:
    """Swap spare types until nobody has one more of all three: that would raise their least number."""
    starts = np.concatenate(([0], np.cumsum(spare)[:-1]))

    def has_all(place: int) -> bool:
        own = hand[starts[place] : starts[place] + spare[place]]
        return len(set(own.tolist())) == KINDS

    for place in np.flatnonzero(spare >= KINDS).tolist():
        for _ in range(1000):
            if not has_all(place):
                break
            mine, other = starts[place] + rng.integers(spare[place]), rng.integers(len(hand))
            hand[mine], hand[other] = hand[other], hand[mine]
            if has_all(int(owner[other])) and owner[other] != place:
                hand[mine], hand[other] = hand[other], hand[mine]


def _turns(completed: Ints, person: Ints, rng: np.random.Generator) -> Ints:
    """Deal lengths: each person's longest conversation from the table, the others shorter, the sum as published."""
    facts = published()
    talkers = np.flatnonzero(completed)
    longest = np.zeros(len(completed), dtype=np.int64)
    longest[talkers] = np.array(deal(facts["conversations"]["longest"], len(talkers), rng), dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(completed)[:-1]))[talkers]
    is_longest = np.zeros(len(person), dtype=bool)
    is_longest[first + (rng.random(len(talkers)) * completed[talkers]).astype(np.int64)] = True
    most = np.minimum(longest[person], LONGEST_COMMON)
    totals = facts["totals"]
    wanted = round(totals["interactions"] * len(person) / totals["conversations"]) if len(person) else 0
    turns = np.where(is_longest, longest[person], 2)
    open_places = np.flatnonzero(~is_longest)
    turns[open_places] = _excess(most[open_places] - 2, wanted - int(turns.sum()), rng) + 2
    return turns


def _excess(room: Ints, wanted: int, rng: np.random.Generator) -> Ints:
    """Return numbers from 0 to `room` with a tail (geometric) that add up to `wanted`, as far as there is room."""
    wanted = max(0, min(wanted, int(room.sum())))
    uniform = rng.random(len(room))
    low, high = 1e-6, 1 - 1e-6
    for _ in range(60):
        middle = (low + high) / 2
        drawn = np.minimum(np.floor(np.log(uniform) / np.log(middle)), room)
        low, high = (middle, high) if drawn.sum() <= wanted else (low, middle)
    excess = np.minimum(np.floor(np.log(uniform) / np.log(low)), room).astype(np.int64)
    for place in rng.permutation(np.flatnonzero(excess < room))[: wanted - int(excess.sum())]:
        excess[place] += 1
    return excess


def _fit_balanced(person: Ints, turns: Ints, answers: Ints, is_balanced: NDArray[np.bool_]) -> None:
    """Swap lengths within a person, and answers between people, until the balanced subset has its share of answers."""
    facts = published()
    total = int((answers + 2 * (turns - 1)).sum())
    wanted = round(facts["conversations"]["balanced"]["utterances"] * total / facts["totals"]["utterances"])
    missing = wanted - int((answers + 2 * (turns - 1))[is_balanced].sum())
    inside, outside = np.flatnonzero(is_balanced), np.flatnonzero(~is_balanced)
    if missing % 2 and len(inside) and len(outside):
        missing -= _swap_one_answer(answers, inside, outside, 1 if missing > 0 else -1)
    others: dict[int, list[int]] = {}
    for place in outside:
        others.setdefault(int(person[place]), []).append(int(place))
    for place in inside:
        for other in others.get(int(person[place]), ()):
            gain = 2 * int(turns[other] - turns[place])
            if gain and missing and (gain > 0) == (missing > 0) and abs(gain) <= abs(missing):
                turns[place], turns[other] = turns[other], turns[place]
                missing -= gain


def _swap_one_answer(answers: Ints, inside: Ints, outside: Ints, gain: int) -> int:
    """Swap one opening of 3 answers with one of 4 across the border of the subset; return what the inside gained."""
    give, take = (3, 4) if gain > 0 else (4, 3)
    mine, theirs = inside[answers[inside] == give], outside[answers[outside] == take]
    if not len(mine) or not len(theirs):
        return 0
    answers[mine[0]], answers[theirs[0]] = take, give
    return gain


def _models(answers: Ints, exposures: dict[int, int], rng: np.random.Generator) -> Ints:
    """Deal models to openings: each as often as it should answer, none twice in one opening."""
    slots = np.repeat(np.arange(len(answers)), answers)
    hand = np.array(deal(exposures, len(slots), rng), dtype=np.int64)
    for _ in range(200):
        again = _repeated(slots, hand)
        if not len(again):
            break
        places = np.unique(np.concatenate([again, rng.integers(0, len(hand), 2 * len(again) + 8)]))
        hand[places] = hand[rng.permutation(places)]
    table = np.full((len(answers), 4), -1, dtype=np.int64)
    within = np.arange(len(slots)) - np.repeat(np.cumsum(answers) - answers, answers)
    table[slots, within] = hand
    return table


def _repeated(slots: Ints, hand: Ints) -> Ints:
    """Return the places of models that an opening already has."""
    order = np.lexsort((hand, slots))
    same = (slots[order][1:] == slots[order][:-1]) & (hand[order][1:] == hand[order][:-1])
    return order[1:][same]


def counts_of(plan: Plan) -> dict[str, Any]:
    """Return the sizes of a plan: conversations, interactions, openings, utterances, battles."""
    answers = plan.answers
    later = 2 * int((plan.turns - 1).sum())
    return {
        "conversations": len(answers),
        "interactions": int(plan.turns.sum()),
        "openings": int(answers.sum()),
        "utterances": int(answers.sum()) + later,
        "battles": int((answers * (answers - 1) // 2).sum()),
    }
