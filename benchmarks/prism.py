"""Time a whole release in PRISM's form: make it up, validate it, take it in, release it raw and generalised.

Run it with `make bench-prism`. Each step runs in a process of its own, so that its peak memory is its own. CPU time is
printed beside wall time, because the wall time means little on a machine that others use too. It exits with 1 where a
release of its own making is not valid, or where a step takes more memory than the bar.
"""

import argparse
import os
import resource
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BAR_MB = 400
STUDY = "bench"


def main() -> int:
    """Print seconds and peak memory of every step, and return 1 if one misses the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--participants", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-prism-") as parent:
        folder = Path(parent) / "release"
        steps: dict[str, Callable[[], None]] = {
            "synthesize": lambda: synthesized(folder, chosen.participants, chosen.seed),
            "validate": lambda: validated(folder),
            "migrate": lambda: site(Path(parent)),
            "import": lambda: imported(folder, Path(parent)),
            "export raw": lambda: exported(Path(parent), "raw"),
            "generalised": lambda: exported(Path(parent), "generalised"),
        }
        reached = [timed(name, step) for name, step in steps.items()]
    print(f"{chosen.participants:,} participants, seed {chosen.seed}; bar {BAR_MB} MB")
    return 0 if all(reached) else 1


def synthesized(folder: Path, participants: int, seed: int) -> None:
    """Make up a release and print its rows."""
    from elicit.prism.synthesis import synthesize

    print(f"  {synthesize(folder, participants=participants, seed=seed)}")


def validated(folder: Path) -> None:
    """Validate the release; raise where anything is wrong."""
    from elicit.prism.validation import validate

    report = validate(folder)
    if not report.is_valid:
        raise SystemExit("\n".join(map(str, report.violations)))


def site(parent: Path) -> None:
    """Set the site up on a database of its own: SQLite in `parent`, or the empty one that DATABASE_URL names."""
    os.environ |= {"WELLSPRING_DATA_DIR": str(parent / "data"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ |= {"DEBUG": "False", "SECRET_KEY": secrets.token_urlsafe(64)}  # as a server runs: no log of queries
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def imported(folder: Path, parent: Path) -> None:
    """Take the release in, as if everybody had granted publication."""
    site(parent)
    from django.utils import timezone

    from elicit.prism_import import import_prism

    done = import_prism(folder, slug=STUDY, consents=["publish"], now=timezone.now())
    print(f"  {done.people:,} people, {done.conversations:,} conversations, {done.utterances:,} answers")


def exported(parent: Path, level: Literal["raw", "generalised"]) -> None:
    """Release the study again."""
    site(parent)
    from django.utils import timezone

    from elicit.models import Study
    from elicit.prism_export import Asked, export_prism

    asked = Asked(name=level, level=level, raw_for="nobody: a benchmark", simulated=True)
    done = export_prism(Study.objects.get(slug=STUDY), parent / level, asked, now=timezone.now())
    print(f"  {dict(done.counts)}, k = {done.k}")


def timed(name: str, step: Callable[[], None]) -> bool:
    """Run a step in a process of its own, print what it took, and say whether it worked and kept to the bar."""
    began, child = time.monotonic(), os.fork()
    if child == 0:
        try:
            step()
            sys.stdout.flush()
        except SystemExit as error:
            print(error, flush=True)
            os._exit(1)
        except Exception:  # noqa: BLE001 (the child must not go on with its parent's work)
            traceback.print_exc()
            os._exit(1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        os._exit(0 if peak <= BAR_MB else 2)
    _, status, used = os.wait4(child, 0)
    wall, peak = time.monotonic() - began, used.ru_maxrss / 2**10
    worked = os.waitstatus_to_exitcode(status) == 0
    cpu = used.ru_utime + used.ru_stime
    print(
        f"{name:<12} {wall:7.1f} s wall {cpu:7.1f} s CPU {peak:7.0f} MB peak{'' if worked else '  FAILED'}", flush=True
    )
    return worked


if __name__ == "__main__":
    sys.exit(main())
