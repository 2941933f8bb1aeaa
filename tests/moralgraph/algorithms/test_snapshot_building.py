"""The same inputs give the same bytes, in any process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import json
from hashlib import sha256
from moralgraph.algorithms.canonical import in_canonical_order
from moralgraph.algorithms.records import Judgements
from moralgraph.algorithms.snapshot_building import Inputs, build_content
answers = ["wiser", "less_wise"]
rows = [("p%d" % (n % 30), "abc"[n % 3], "de"[n % 2], "xy"[n % 2], answers[n % 5 == 0]) for n in range(90)]
person, first, second, context, answer = zip(*rows)
judgements = in_canonical_order(Judgements.from_columns(
    participant=person, first=first, second=second, context=context, answer=answer)).judgements
for method in ("classic", "repaired", "bradley_terry"):
    content = build_content(Inputs(judgements, context_order=("x", "y")), method=method)
    print(sha256(json.dumps(content, sort_keys=True).encode()).hexdigest())
"""


def built(hash_seed: str) -> list[str]:
    """Build in a fresh interpreter whose sets and dicts are scattered otherwise."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_two_fresh_processes_build_the_same_bytes_by_every_method():
    one, other = built("1"), built("2")
    assert one == other
    assert len(set(one)) == 3
