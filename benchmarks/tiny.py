"""Train the tiny recipe with several seeds and print what it learned beside the lexical baseline.

A pipeline check: copying words is enough to pass it. Run it with `make bench-tiny`; the target is made of the
synthetic values alone, so nothing is downloaded and no study is needed. CPU time is printed beside wall time,
because the wall time means little on a machine that others use too.

The settings of the recipe were chosen on other seeds (100 and above). Seeds 0, 1 and 2 are for reporting: do not tune
on them.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from training.engine.files import read_json  # noqa: E402
from training.engine.report import TITLES, percent  # noqa: E402
from training.engine.synthetic import synthetic_target  # noqa: E402
from training.engine.target import save_target  # noqa: E402

SEEDS = (0, 1, 2)
LEAST_VALUES = 12  # about as many cards as the demo study brings; the recipe fills up
LEAST_PROMPTS = 12
BAR = 0.95


def main() -> int:
    """Run every seed and return 1 if one misses the bar on unseen prompts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="tiny_cpu")
    parser.add_argument("--target", type=Path, help="an alignment target in place of the synthetic one")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-tiny-") as folder:
        target = chosen.target or Path(folder) / "alignment_target.json"
        if chosen.target is None:
            save_target(synthetic_target(values=LEAST_VALUES, prompts=LEAST_PROMPTS), target)
        reached = [run(seed, recipe=chosen.recipe, target=target, folder=Path(folder)) for seed in chosen.seeds]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GB; bar on unseen prompts {100 * BAR:.0f} %; worst seed {100 * min(reached):.1f} %")
    return 0 if min(reached) >= BAR else 1


def run(seed: int, *, recipe: str, target: Path, folder: Path) -> float:
    """Build, train and evaluate one seed, print its table, and return its reversal accuracy on unseen prompts."""
    data, out = folder / f"data-{seed}", folder / f"run-{seed}"
    spent = {
        "build": engine("build", target, "--recipe", recipe, "--seed", seed, "--out", data),
        "train": engine("train", recipe, "--seed", seed, "--data", data, "--out", out),
        "evaluate": engine("evaluate", out, "--data", data),
    }
    evaluation = read_json(out / "evaluation.json")
    print(f"{evaluation['kind']}, recipe {recipe}, seed {seed}: reversal accuracy R")
    for name in TITLES:
        split = evaluation["splits"][name]
        model, lexical = (split["results"][who]["reversal"] for who in ("model", "lexical baseline"))
        print(f"  {name:<20} model {percent(model):<26} lexical {percent(lexical):<26} {split['verdict']}")
        controls = split["controls"]
        shuffled, foreign = controls["shuffled_messages"], controls["foreign_messages"]
        low, high = shuffled["null"]
        print(
            f"  {'':<20} shuffled R {100 * shuffled['reversal']:.1f}, R' {100 * shuffled['anti_reversal']:.1f}, "
            f"R - R' {100 * shuffled['net_reversal']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f}); "
            f"foreign directional {percent(foreign['directional'])}, R {percent(foreign['reversal'])}"
        )
    print("  " + "; ".join(f"{step}: {wall:.0f} s wall, {cpu:.0f} s CPU" for step, (wall, cpu) in spent.items()))
    sys.stdout.flush()
    return float(evaluation["splits"]["unseen_prompts"]["results"]["model"]["reversal"]["value"])


def engine(*arguments: object) -> tuple[float, float]:
    """Run one command of the engine and return its wall and CPU seconds."""
    before, began = os.times(), time.monotonic()
    command = [sys.executable, "-m", "training.engine", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - began, cpu


if __name__ == "__main__":
    sys.exit(main())
