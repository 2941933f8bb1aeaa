"""Put 300 interviews under way at once and measure what people wait for, also while everything is restarted in turn.

Run it with `make bench-interviews`. It needs PostgreSQL (TEST_DATABASE_URL, for a database of its own) and
`redis-server`; web, workers, beat, a fake model and the people all run on this machine, and so share its cores.

What is measured, from the side of a person's browser:

saved        from sending an answer to the server's "saved"
first words  from sending an answer to the first words of the next question, less the time that the fake model itself
             takes for its first token: the platform's own delay
"""

import argparse
import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load.machinery import Stack, running  # noqa: E402

SAVED_BAR = 0.300  # seconds, p95
FIRST_WORDS_BAR = 0.400  # seconds, p95, the model's own time left out
FAULT_SECONDS = 30  # how long after a fault is its window: restarting, reconnecting, catching up
FAULTS = ("worker", "worker, killed", "web", "redis")


@dataclass(frozen=True)
class Window:
    """A stretch of time around a fault, left out of the percentiles and reported apart."""

    name: str
    start: float
    end: float


def main() -> int:
    """Run it all, print the figures, and return 1 if a bar is missed or anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--arrive", type=float, default=60, help="seconds in which they all arrive")
    parser.add_argument("--steady", type=float, default=120, help="seconds of undisturbed talk after the arrival")
    parser.add_argument("--pause", type=float, nargs=2, default=(20, 60), help="seconds to read, think and type")
    parser.add_argument("--tokens-per-second", type=float, default=30)
    parser.add_argument("--first-token-seconds", type=float, default=0.8)
    parser.add_argument("--tokens", type=int, default=60, help="in a question; the guide's have 34 words on average")
    parser.add_argument("--webs", type=int, default=2, help="web processes")
    parser.add_argument("--threads", type=int, default=20, help="threads of each of the two workers that ask the model")
    parser.add_argument("--faults", nargs="*", choices=FAULTS, default=FAULTS, help="what is restarted, in this order")
    parser.add_argument("--logs", type=Path, help="a folder that keeps what every process wrote")
    chosen = parser.parse_args()
    admin_url = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    if not admin_url.startswith("postgres"):
        raise SystemExit("Set TEST_DATABASE_URL to a PostgreSQL server in which a database may be made.")
    with tempfile.TemporaryDirectory(prefix="bench-interviews-") as name:
        folder = chosen.logs or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        with running(
            folder, admin_url=admin_url, tokens_per_second=chosen.tokens_per_second,
            first_token_seconds=chosen.first_token_seconds, tokens=chosen.tokens, webs=chosen.webs,
            threads=chosen.threads,
        ) as stack:  # fmt: skip
            return measure(stack, chosen)


def measure(stack: Stack, chosen: argparse.Namespace) -> int:
    """Let everybody talk, then check the database and print."""
    os.environ.update(stack.env)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from benchmarks.load.checks import faults

    tokens = invite_people(3 * chosen.people)
    before = {name: part.cpu_seconds() for name, part in stack.parts.items()}
    own = time.process_time()
    notes, windows = asyncio.run(talk(stack, tokens, chosen))
    used = {name: part.cpu_seconds() - before[name] for name, part in stack.parts.items()} | {
        "people": time.process_time() - own
    }
    settle_down()
    counted = faults(notes.acknowledged)
    return report(notes, windows, counted, used, chosen, stack)


def invite_people(count: int) -> list[str]:
    """Load and open the study, and return a token for each person."""
    from django.utils import timezone

    from elicit.participants import invite
    from elicit.studies import load_study, open_study

    now = timezone.now()
    text = (ROOT / "studies" / "interview.yaml").read_text()
    study = load_study(text, now=now)
    type(study).objects.filter(pk=study.pk).update(spend_cap_usd=1000)
    open_study(study)
    tokens: list[str] = []
    while len(tokens) < count:
        tokens += invite(study, count=min(100, count - len(tokens)), now=now)
    return tokens


def settle_down() -> None:
    """Wait until no turn is being written any more."""
    from elicit.models import Turn

    end = time.monotonic() + 30
    while Turn.objects.filter(state__in=["waiting", "writing"]).exists() and time.monotonic() < end:
        time.sleep(0.5)


async def talk(stack: Stack, tokens: list[str], chosen: argparse.Namespace) -> tuple[Any, list[Window]]:
    """Run everybody and the faults; whoever finishes is followed by somebody new."""
    from benchmarks.load.people import Lost, Notes, Person

    notes = Notes(started=time.monotonic())
    faults_at = chosen.arrive + chosen.steady
    names = chosen.faults
    until = faults_at + len(names) * (FAULT_SECONDS + 15) + (30 if names else 0)
    waiting = list(reversed(tokens))
    connector = aiohttp.TCPConnector(limit=0, force_close=False, keepalive_timeout=15)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def seat(number: int) -> None:
            await asyncio.sleep(chosen.arrive * number / chosen.people)
            while notes.now() < until:
                token = waiting.pop()
                person = Person(http, address=stack.address, token=token, notes=notes, seed=f"{number}:{token}")
                try:
                    await person.live(until, pause=tuple(chosen.pause))
                except Lost as error:
                    notes.troubles.append(f"at {notes.now():.0f} s: {error}")

        async def faults() -> list[Window]:
            windows = []
            for place, name in enumerate(names):
                await asyncio.sleep(max(0.0, faults_at + place * (FAULT_SECONDS + 15) - notes.now()))
                start = notes.now()
                number = signal.SIGKILL if name.endswith("killed") else signal.SIGTERM
                await asyncio.to_thread(stack.restart, name.partition(",")[0], number)
                windows.append(Window(name, start, start + FAULT_SECONDS))
            return windows

        async def tell() -> None:
            while notes.now() < until:
                await asyncio.sleep(15)
                print(
                    f"{notes.now():5.0f} s: {notes.in_progress} interviews, {notes.streams} streams, "
                    f"{len(notes.saved)} answers saved, {len(notes.troubles)} troubles", flush=True,
                )  # fmt: skip

        told = asyncio.create_task(tell())
        windows, *_ = await asyncio.gather(faults(), *(seat(number) for number in range(chosen.people)))
        await told
    return notes, windows


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the values do not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))]


def report(
    notes: Any, windows: list[Window], counted: dict[str, int], used: dict[str, float], chosen: argparse.Namespace,
    stack: Stack,
) -> int:  # fmt: skip
    """Print everything and return the exit status."""
    length = notes.now()
    print(
        f"\n{chosen.people} people arrived in {chosen.arrive:.0f} s ({len(notes.arrivals)} arrivals in all); "
        f"{notes.finished} interviews were finished; streams live: {notes.stream_seconds / length:.1f} on average, "
        f"{notes.most_streams} at most; {len(notes.acknowledged)} answers; {length:.0f} s."
    )
    model = chosen.first_token_seconds
    saved = [s.seconds for s in notes.saved if outside(s, windows)]
    words = [s.seconds - model for s in notes.first_words if outside(s, windows)]
    ok = line("saved", saved, SAVED_BAR) & line("first words", words, FIRST_WORDS_BAR)
    early = [s.seconds for s in notes.saved if s.at < chosen.arrive]
    if early:
        line("  saved, while people arrive", early, None)
    line("  the whole way in (8 pages)", [s.seconds for s in notes.arrivals], None)
    for window in windows:
        inside = [s for s in notes.saved if window.start <= s.at + s.seconds and s.at <= window.end]
        if inside:
            line(f"  saved, window of: {window.name} restarted", [s.seconds for s in inside], None)
    print("\nProcessor time, as a share of one core:")
    for name, seconds in used.items():
        print(
            f"  {name:<10} {seconds / length:6.2f}  ({stack.parts[name].starts if name in stack.parts else 1} starts)"
        )
    print("\nAfterwards, in the database:")
    for what, count in counted.items():
        print(f"  {count:>6}  {what}")
    for trouble in notes.troubles[:10]:
        print("  trouble:", trouble)
    lost = sum(counted.values()) + len(notes.troubles)
    print(f"\n{'Every bar is met.' if ok and not lost else 'A bar is missed.'}")
    return 0 if ok and not lost else 1


def outside(sample: Any, windows: list[Window]) -> bool:
    """Say whether what was measured touches no window of a fault."""
    return not any(window.start <= sample.at + sample.seconds and sample.at <= window.end for window in windows)


def line(name: str, seconds: Sequence[float], bar: float | None) -> bool:
    """Print one row and say whether it meets its bar."""
    if not seconds:
        print(f"{name:<42} nothing was measured")
        return bar is None
    p95 = percentile(seconds, 0.95)
    met = bar is None or p95 <= bar
    verdict = "" if bar is None else f"   bar {bar * 1000:.0f} ms: {'met' if met else 'MISSED'}"
    print(
        f"{name:<42} n {len(seconds):>5}   median {statistics.median(seconds) * 1000:6.0f}   "
        f"p95 {p95 * 1000:6.0f}   max {max(seconds) * 1000:7.0f} ms{verdict}"
    )
    return met


if __name__ == "__main__":
    sys.exit(main())
