"""Made-up studies and graphs of any size; the same seed makes the same ones."""

from dataclasses import dataclass

import numpy as np

from moralgraph.algorithms.layout import Box, Link
from moralgraph.algorithms.records import Codes, Judgements

JUDGEMENTS_AN_UPGRADE = 10  # answers to one proposed upgrade in one context, on average
JUDGEMENTS_A_PERSON = 5
ANSWER_SHARES = (0.62, 0.12, 0.08, 0.06, 0.04, 0.08)  # near the public study: most say "wiser"
SWAYED = 0.35  # share of upgrades that people mostly deny
LABELS = ("Calm", "Keeping a promise that costs something", "Listening before answering", "Knowing what to leave out")


@dataclass(frozen=True, eq=False)
class Columns:
    """Judgements as bare arrays, as a database or a file would give them."""

    cards: list[str]
    contexts: list[str]
    participants: list[str]
    participant: Codes
    first: Codes
    second: Codes
    context: Codes
    answer: Codes

    def judgements(self) -> Judgements:
        """Check them."""
        return Judgements.from_codes(**vars(self))


def made_up_study(size: int, *, cards: int, contexts: int, seed: int) -> Columns:
    """Make `size` judgements of proposed upgrades, in a random order."""
    rng = np.random.default_rng(seed)
    upgrades = max(size // JUDGEMENTS_AN_UPGRADE, 1)
    first = rng.integers(0, cards, upgrades)
    second = (first + rng.integers(1, cards, upgrades)) % cards
    context = rng.integers(0, contexts, upgrades)
    denied = rng.random(upgrades) < SWAYED
    people = max(size // JUDGEMENTS_A_PERSON, 1)
    drawn = rng.integers(0, upgrades, size)
    answer = rng.choice(len(ANSWER_SHARES), size, p=ANSWER_SHARES)
    answer = np.where(denied[drawn] & (answer == 0) & (rng.random(size) < 2 / 3), 1, answer)
    return Columns(
        cards=[f"card-{number:05}" for number in range(cards)],
        contexts=[f"context-{number:02}" for number in range(contexts)],
        participants=[f"person-{number:06}" for number in range(people)],
        participant=rng.integers(0, people, size),
        first=first[drawn],
        second=second[drawn],
        context=context[drawn],
        answer=answer,
    )


def made_up_upgrades(upgrades: int, *, contexts: int, seed: int) -> Judgements:
    """Make judgements that keep exactly `upgrades` edges, as many in each context, mostly from lesser to greater."""
    rng = np.random.default_rng(seed)
    each = upgrades // contexts
    cards = each * 3 // 5
    pairs = [(a, b) for a in range(cards) for b in range(cards) if a < b or (a - b) % 17 == 3]
    chosen = np.array([pairs[row] for _ in range(contexts) for row in rng.choice(len(pairs), each, replace=False)])
    wiser = rng.integers(3, 30, len(chosen))
    rows = np.repeat(np.arange(len(chosen)), wiser)
    offset = np.repeat(np.arange(contexts), each) * cards
    return Judgements.from_codes(
        cards=[f"card-{number:05}" for number in range(cards * contexts)],
        contexts=[f"context-{number:02}" for number in range(contexts)],
        participants=[str(number) for number in range(rows.size)],
        participant=np.arange(rows.size),
        first=(chosen[:, 0] + offset)[rows],
        second=(chosen[:, 1] + offset)[rows],
        context=np.repeat(np.arange(contexts), each)[rows],
        answer=np.zeros(rows.size, dtype=np.int64),
    )


def made_up_picture(cards: int, links: int, *, seed: int) -> tuple[list[Box], list[Link]]:
    """Make boxes and links for the layout, with circles here and there."""
    rng = np.random.default_rng(seed)
    wisdom = rng.normal(size=cards)
    pairs: dict[tuple[int, int], float] = {}
    while len(pairs) < links:
        low, high = sorted(rng.choice(cards, 2, replace=False).tolist(), key=wisdom.__getitem__)
        pair = (low, high) if rng.random() < 0.93 else (high, low)
        pairs[pair] = float(rng.integers(2, 80))
    boxes = [Box.of(f"card-{number:04}", LABELS[number % len(LABELS)]) for number in range(cards)]
    return boxes, [Link(boxes[low].id, boxes[high].id, weight) for (low, high), weight in pairs.items()]
