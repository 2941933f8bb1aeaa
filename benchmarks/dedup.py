"""Time putting 10,000 cards together without a model, and placing one more beside them.

Run it with `make bench-dedup`. The cards are made up: 40,000 lines of words of uneven frequency, a third of the cards
being another wording of an earlier one. CPU time is printed beside wall time, because the wall time means little on a
machine that others use too. It exits with 1 where CPU time passes a bar.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from moralgraph.algorithms.lookup import LexicalLookup  # noqa: E402
from moralgraph.algorithms.partition import agglomerate, ordered  # noqa: E402
from moralgraph.algorithms.similarity import LexicalIndex  # noqa: E402

CARDS, WORDS, LINES, WORDS_A_LINE = 10_000, 6_000, 4, 9  # nine words a line: the median of the public study
REWORDED, CHANGED_WORDS = 1 / 3, 6
LOWEST, SIMILAR_FROM = 0.3, 0.5
ALL_SECONDS, ONE_SECONDS = 60.0, 0.1
TIMES = 20
LETTERS = list("etaoinshrdlucmfwypvbgk")


def main() -> int:
    """Print seconds for each part, and return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=CARDS)
    count = parser.parse_args().cards
    texts = made_up(count, seed=5)
    print(f"{count:,} cards of {LINES} lines with {WORDS_A_LINE} words")
    index, building = timed("count and index the words", lambda: LexicalIndex.build(texts))
    pairs, finding = timed("find every near pair", lambda: near_pairs(index))
    found, joining = timed("partition", lambda: agglomerate(texts, pairs, lowest=LOWEST))
    groups = found.groups(minimum=SIMILAR_FROM)
    print(f"{len(pairs):,} near pairs; {len(groups):,} values, the largest of {max(map(len, groups))} cards")
    lookup = LexicalLookup()
    timed("hold all cards for the next one", lambda: lookup.keep(texts, lambda ids: {key: texts[key] for key in ids}))
    one = place_more(lookup, texts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{memory:,.0f} MB of memory at most")
    met = [
        bar("all cards", building + finding + joining, ALL_SECONDS),
        bar("one new card", one, ONE_SECONDS),
    ]
    return 0 if all(met) else 1


def made_up(count: int, *, seed: int) -> dict[str, str]:
    """Return texts by id: words drawn by a power law, and other wordings of some texts."""
    rng = np.random.default_rng(seed)
    words = np.array(["".join(rng.choice(LETTERS, size=length)) for length in rng.integers(2, 10, size=WORDS)])
    weights = 1 / np.arange(1, WORDS + 1) ** 0.9
    drawn = rng.choice(words, p=weights / weights.sum(), size=(count, LINES * WORDS_A_LINE))
    for row in range(1, count):
        if rng.random() < REWORDED:
            changed = rng.choice(LINES * WORDS_A_LINE, size=CHANGED_WORDS, replace=False)
            drawn[row, np.setdiff1d(np.arange(LINES * WORDS_A_LINE), changed)] = drawn[
                int(rng.integers(row)), np.setdiff1d(np.arange(LINES * WORDS_A_LINE), changed)
            ]
    return {f"card-{row:05}": " ".join(line) for row, line in enumerate(drawn)}


def near_pairs(index: LexicalIndex) -> dict[tuple[str, str], float]:
    """Return the pairs that a partition is made of."""
    return {ordered(first, second): near for first, second, near in index.similar_pairs(minimum=LOWEST)}


def place_more(lookup: LexicalLookup, texts: dict[str, str]) -> float:
    """Add cards one at a time and find the nearest of each; return the CPU seconds of the middle one."""
    took = []
    extra = list(made_up(TIMES, seed=6).values())
    for number, text in enumerate(extra):
        start = time.process_time()
        lookup.nearest(text, count=5)
        took.append(time.process_time() - start)
        texts[f"new-{number}"] = text
        lookup.keep(texts, lambda ids: {key: texts[key] for key in ids})
    print(f"{'place one new card, the middle of ' + str(TIMES):<44} {np.median(took):8.3f} s CPU")
    return float(np.median(took))


def timed(what: str, work: Callable[[], Any]) -> tuple[Any, float]:
    """Do the work, print its seconds, and return what it gave and its CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:<44} {cpu:8.2f} s CPU {wall:8.2f} s")
    return found, cpu


def bar(what: str, seconds: float, limit: float) -> bool:
    """Say whether a bar is met."""
    print(f"{what}: {seconds:.3f} s CPU, {'within' if seconds <= limit else 'OVER'} the bar of {limit:g} s")
    return seconds <= limit


if __name__ == "__main__":
    raise SystemExit(main())
