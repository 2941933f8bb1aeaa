"""Time the ranking of models on as many battles as PRISM has, with intervals from people drawn again.

Run it with `make bench-analysis`. The ratings are made up in the shape of PRISM (1,396 people, 21 models, 8,011
openings, 42,306 battles), so nothing is downloaded. CPU time is printed beside wall time, because the wall time means
little on a machine that others use too. It exits with 1 where rank centrality takes longer than the bar.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from elicit.analysis.battles import Battles, battles_of, win_matrix  # noqa: E402
from elicit.analysis.bootstrap import ROUNDS, bootstrap  # noqa: E402
from elicit.analysis.bradley_terry import fit_bradley_terry, strengths_or_nan  # noqa: E402
from elicit.analysis.elo import elo  # noqa: E402
from elicit.analysis.rank_centrality import rank_centrality, rank_centrality_by_steps  # noqa: E402
from elicit.analysis.ratings import Ratings  # noqa: E402

PEOPLE, MODELS, BATTLES = 1396, 21, 42_306
SETS = {4: 6221, 3: 1605, 2: 165}  # sets by answers: 42,306 battles; 20 more sets of one answer make none
BAR_SECONDS = 2.0


def main() -> int:
    """Print seconds for each ranking, and return 1 if rank centrality misses the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    ratings = made_up(seed=20240416)
    met = timed("battles of the openings", lambda: battles_of(ratings))[0]
    assert len(met) == BATTLES
    print(f"  {len(met):,} battles, {len(np.unique(met.participant)):,} people, {len(met.models)} models")
    walls = [bootstrapped(met, mode, rounds) for mode in ("correct", "published")]
    timed("rank centrality, 1,000 steps, once", lambda: rank_centrality_by_steps(win_matrix(met)))
    timed("Bradley-Terry, clustered errors, once", lambda: fit_bradley_terry(met))
    timed(
        f"Bradley-Terry x {rounds:,}",
        lambda: bootstrap(met, strengths_or_nan, seed=1, rounds=rounds, ties="half"),
    )
    timed("Elo, 50 orders", lambda: elo(met, seed=1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GB; bar for rank centrality {BAR_SECONDS:.0f} s; slowest {max(walls):.2f} s")
    return 0 if max(walls) <= BAR_SECONDS else 1


def bootstrapped(met: Battles, mode: str, rounds: int) -> float:
    """Print and return the seconds for one mode of rank centrality with its intervals."""
    found, wall = timed(
        f"rank centrality, {mode}, x {rounds:,}",
        lambda: bootstrap(met, lambda wins: rank_centrality(wins, mode=mode), seed=1, rounds=rounds),
    )
    low, high = found.interval()
    print(f"  mean width of the 95% interval {np.mean(high - low):.4f} around scores of {1 / MODELS:.4f} on average")
    return wall


def made_up(*, seed: int) -> Ratings:
    """Return ratings of made-up people: models differ, people differ in how they use the scale."""
    rng = np.random.default_rng(seed)
    sizes = np.repeat(list(SETS), list(SETS.values()))
    person = rng.integers(0, PEOPLE, len(sizes))
    person[:PEOPLE] = np.arange(PEOPLE)
    models = np.concatenate([rng.permutation(MODELS)[:size] for size in sizes])
    people = np.repeat(person, sizes)
    ability, level, width = np.linspace(12, -12, MODELS), rng.normal(60, 10, PEOPLE), rng.gamma(8, 3, PEOPLE)
    score = level[people] + ability[models] + width[people] * rng.normal(0, 1, len(people))
    return Ratings.from_columns(
        participant=people,
        interaction=np.repeat(np.arange(len(sizes)), sizes),
        model=[f"model-{number:02d}" for number in models],
        score=np.clip(np.round(score), 1, 100),
    )


def timed(name: str, work: Callable[[], Any]) -> tuple[Any, float]:
    """Do the work, print its wall and CPU seconds, and return its answer and the wall seconds."""
    began, before = time.perf_counter(), os.times()
    answer = work()
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.user + after.system - before.user - before.system
    print(f"{name:<42} {wall:7.2f} s wall {cpu:7.2f} s CPU")
    return answer, wall


if __name__ == "__main__":
    sys.exit(main())
