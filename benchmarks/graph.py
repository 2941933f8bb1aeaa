"""Time building, ranking, the bootstrap, the layout and reading, each beside what it must not be slower than.

Run it with `make bench-graph`. Everything is made up but the public study, which is used where MGE_DATA_DIR names its
folder; reading uses a database of its own on the server of TEST_DATABASE_URL. Bars are judged by CPU time, of all
threads together: on a machine with nothing else to do the wall time, which is printed beside it, is no longer. Each
ratio is of two things timed in turn in this one run. It exits with 1 where a bar is missed.
"""

import argparse
import gc
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import networkx as nx  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks.moral_graphs.made_up import Columns, made_up_picture, made_up_study, made_up_upgrades  # noqa: E402
from benchmarks.moral_graphs.plain_port import plain_published_ranks  # noqa: E402
from benchmarks.moral_graphs.reading import USUAL_SERVER, time_reading  # noqa: E402
from moralgraph.algorithms.building import classic_columns, repaired_columns  # noqa: E402
from moralgraph.algorithms.layout import Placed, layered_layout  # noqa: E402
from moralgraph.algorithms.ranking import rank_all_classic, rank_all_repaired, rank_classic  # noqa: E402
from moralgraph.algorithms.records import MGE_VERDICTS, Judgements  # noqa: E402
from moralgraph.algorithms.tally import count_cells  # noqa: E402
from moralgraph.algorithms.uncertainty import bootstrap_all_ranks  # noqa: E402

SEED = 20241130
MILLION, CARDS, CONTEXTS = 1_000_000, 10_000, 50
POWERS = (1_000, 10_000, 100_000, 1_000_000)
FIXED_ROWS = 10  # what so few judgements take is the fixed overhead
RESAMPLES = 300
REPEATS = 5
BARS = {
    "million_seconds": 3.0, "million_gigabytes": 1.5, "bootstrap_seconds": 0.5, "growth": 3.0, "networkx": 1.0,
    "plain": 200.0, "layout_60": 0.05, "layout_500": 0.5,
}  # fmt: skip


def main() -> int:
    """Print every figure beside its bar, and return 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default=os.environ.get("TEST_DATABASE_URL", USUAL_SERVER))
    parser.add_argument("--size", type=int, default=MILLION, help="judgements in the large study")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} CPUs, load {load:.1f} at the start; bars are judged by CPU time")
    large = made_up_study(given.size, cards=CARDS, contexts=CONTEXTS, seed=SEED)
    missed = [
        *million(large),
        *growth(given.size),
        *bootstrap(),
        *beside_networkx(),
        *beside_the_plain_port(),
        *layout(60, 69, bar=BARS["layout_60"]),
        *layout(500, 575, bar=BARS["layout_500"]),
    ]
    time_reading(large, server=given.server, timed=lambda name, work: timed(name, work)[0])
    print("every bar is met" if not missed else f"missed: {'; '.join(missed)}")
    return 1 if missed else 0


def million(large: Columns) -> list[str]:
    """Build and rank the large study by both rules, whole and by context, and look at the memory."""
    print(f"\n{large.first.size:,} judgements, {len(large.cards):,} cards, {len(large.contexts)} contexts")
    steps: list[tuple[float, float]] = []

    def step(name: str, work: Callable[[], Any]) -> Any:
        answer, wall, cpu = timed(name, work)
        steps.append((wall, cpu))
        return answer

    judgements = step("  columns checked", large.judgements)
    cells = step("  answers counted", lambda: count_cells(judgements))
    classic = step("  classic built", lambda: classic_columns(cells))
    step("  classic ranked, whole and by context", lambda: rank_all_classic(classic))
    repaired = step("  repaired built", lambda: repaired_columns(cells))
    ranks = step("  repaired ranked, whole and by context", lambda: rank_all_repaired(repaired))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    wall, cpu = (sum(part) for part in zip(*steps, strict=True))
    kept = int(repaired.part_is_kept.sum())
    print(f"  {len(classic.edges):,} classic edges, {kept:,} repaired ones by context, {ranks.rank.size:,} ranks")
    print(f"build and rank: {wall:.2f} s wall, {cpu:.2f} s CPU (bar {BARS['million_seconds']} s)")
    print(f"peak memory, the made-up arrays too: {peak:.2f} GB (bar {BARS['million_gigabytes']} GB)")
    return [
        *_missed("build and rank", cpu, BARS["million_seconds"]),
        *_missed("memory", peak, BARS["million_gigabytes"]),
    ]


def build_and_rank(columns: Columns) -> None:
    """Do everything once."""
    cells = count_cells(columns.judgements())
    rank_all_classic(classic_columns(cells))
    rank_all_repaired(repaired_columns(cells))


def growth(size: int) -> list[str]:
    """Print the cost of a judgement at each power of ten, without the fixed overhead."""

    def study(rows: int) -> Columns:
        return made_up_study(rows, cards=max(rows // 100, 8), contexts=max(rows * CONTEXTS // MILLION, 1), seed=SEED)

    fixed = median_cpu(lambda columns=study(FIXED_ROWS): build_and_rank(columns))
    print(f"\ncost of a judgement, CPU time; fixed overhead {fixed * 1000:.1f} ms, taken off")
    each = {}
    for rows in (power for power in POWERS if power <= size):
        columns = study(rows)
        seconds = median_cpu(lambda columns=columns: build_and_rank(columns))
        each[rows] = (seconds - fixed) / rows * 1e9
        print(f"  {rows:>9,} judgements {seconds * 1000:9.1f} ms {each[rows]:9.0f} ns a judgement")
    ratio = max(each.values()) / max(min(each.values()), 1.0)
    print(f"dearest to cheapest: {ratio:.1f} times (bar {BARS['growth']:.0f})")
    return _missed("growth of the cost of a judgement", ratio, BARS["growth"])


def bootstrap() -> list[str]:
    """Draw the people of the public study again, or of a made-up one of its size."""
    folder = os.environ.get("MGE_DATA_DIR", "")
    if folder:
        name, judgements = "the public study", public_study(Path(folder))
    else:
        name = "a made-up study of the public one's size (MGE_DATA_DIR is not set)"
        judgements = made_up_study(1540, cards=115, contexts=11, seed=SEED).judgements()
    print(f"\n{name}: {len(judgements):,} judgements, {len(judgements.participants)} people")
    seconds = [
        timed(
            f"  {RESAMPLES} resamples, whole and {len(judgements.contexts)} contexts",
            lambda: bootstrap_all_ranks(judgements, rng=np.random.default_rng(SEED), resamples=RESAMPLES),
        )
        for _ in range(REPEATS)
    ]
    wall, cpu = (statistics.median(each) for each in list(zip(*seconds, strict=True))[1:])
    print(f"bootstrap: median {wall:.3f} s wall, {cpu:.3f} s CPU (bar {BARS['bootstrap_seconds']} s)")
    return _missed("bootstrap", cpu, BARS["bootstrap_seconds"])


def public_study(folder: Path) -> Judgements:
    """Read the public study in place."""
    rows = [json.loads(line) for line in (folder / "judgements.jsonl").read_text(encoding="utf-8").splitlines()]
    return Judgements.from_columns(
        participant=[row["participant"] for row in rows],
        first=[row["from_card"] for row in rows],
        second=[row["to_card"] for row in rows],
        context=[row["context"] for row in rows],
        answer=[MGE_VERDICTS[row["verdict"]] for row in rows],
    )


def beside_networkx() -> list[str]:
    """Rank 5,000 edges over 50 contexts, in turn with networkx, which is called once for each context."""
    columns = repaired_columns(count_cells(made_up_upgrades(5000, contexts=CONTEXTS, seed=SEED)))
    graph = columns.as_graph()
    walks = []
    for context in columns.contexts:
        part = graph.in_context(context)
        walk = nx.DiGraph()
        walk.add_weighted_edges_from((edge.first, edge.second, edge.likelihood) for edge in part.edges)
        walks.append(walk)
    ours, theirs = in_turn(lambda: rank_all_repaired(columns), lambda: [nx.pagerank(walk) for walk in walks])
    exact = rank_all_repaired(columns)
    furthest = max(
        abs(exact.of(context)[card] - rank)
        for context, walk in zip(columns.contexts, walks, strict=True)
        for card, rank in nx.pagerank(walk, tol=1e-14, max_iter=1000).items()
    )
    print(f"\n{len(graph.edges):,} edges over {CONTEXTS} contexts; the furthest from networkx's ranks: {furthest:.0e}")
    print(f"  ours, the whole graph too, to 1e-12    {ours * 1000:8.1f} ms CPU")
    print(f"  networkx once a context, to 1e-6       {theirs * 1000:8.1f} ms CPU")
    print(f"ours takes {ours / theirs:.2f} of networkx's time (bar {BARS['networkx']})")
    return _missed("beside networkx", ours / theirs, BARS["networkx"])


def beside_the_plain_port() -> list[str]:
    """Rank 1,000 edges by the published rule, beside a port that looks at every edge for every edge."""
    columns = classic_columns(count_cells(made_up_upgrades(1000, contexts=1, seed=SEED)), maximum_entropy=3.0)
    graph = columns.as_graph()
    plain, _, slow = timed(f"\n{len(graph.edges):,} edges by the plain port", lambda: plain_published_ranks(graph))
    fast = median_cpu(lambda: rank_classic(graph))
    found = rank_classic(graph)
    furthest = max(abs(found[card] - rank) for card, rank in plain.items())
    assert furthest < 1e-12, f"the port and ours differ by {furthest}"
    print(f"  ours {fast * 1000:.2f} ms CPU, and the same ranks to {furthest:.0e}")
    print(f"the plain port takes {slow / fast:,.0f} times as long (bar: hundreds; at least {BARS['plain']:.0f})")
    return [] if slow / fast >= BARS["plain"] else [f"beside the plain port: {slow / fast:.0f} times"]


def layout(cards: int, links: int, *, bar: float) -> list[str]:
    """Place cards in layers; look for overlaps and for a second picture that differs."""
    boxes, joined = made_up_picture(cards, links, seed=SEED)
    print()
    name = f"layout of {cards} cards, {links} links"
    seconds = [timed(name, lambda: layered_layout(boxes, joined)) for _ in range(REPEATS)]
    wall, cpu = (statistics.median(each) for each in list(zip(*seconds, strict=True))[1:])
    placed = seconds[0][0]
    is_same = layered_layout(boxes[::-1], joined[::-1]) == placed
    overlaps = sum(overlap(one, two) for one, two in combinations(placed.boxes, 2))
    print(f"layout: median {wall * 1000:.0f} ms wall, {cpu * 1000:.0f} ms CPU (bar {bar * 1000:.0f} ms)")
    print(f"  {overlaps} overlaps; from the input in another order the same picture: {is_same}")
    wrong = [] if is_same else ["the layout depends on the order of its input"]
    return [*_missed(f"layout of {cards}", cpu, bar), *_missed("overlaps", overlaps, 0), *wrong]


def overlap(one: Placed, two: Placed) -> bool:
    """Say whether two cards share a place."""
    beside = one.x >= two.x + two.width or two.x >= one.x + one.width
    return not (beside or one.y >= two.y + two.height or two.y >= one.y + one.height)


def timed(name: str, work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Do the work, print its wall and CPU seconds, and return its answer and both."""
    gc.collect()
    began, before = time.perf_counter(), time.process_time()
    answer = work()
    wall, cpu = time.perf_counter() - began, time.process_time() - before
    print(f"{name:<48} {wall:8.3f} s wall {cpu:8.3f} s CPU", flush=True)
    return answer, wall, cpu


def median_cpu(work: Callable[[], Any]) -> float:
    """Return the median CPU seconds of some runs."""
    return in_turn(work, lambda: None)[0]


def in_turn(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Return the median CPU seconds of each, run in turn so that both meet the same machine."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for work, seconds in zip((one, other), taken, strict=True):
            before = time.process_time()
            work()
            seconds.append(time.process_time() - before)
    return statistics.median(taken[0]), statistics.median(taken[1])


def _missed(name: str, found: float, bar: float) -> list[str]:
    return [] if found <= bar else [f"{name}: {found:.2f} instead of {bar}"]


if __name__ == "__main__":
    sys.exit(main())
