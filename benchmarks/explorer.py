"""Open the graph explorer on a made-up graph of 5,000 values in a real browser: first paint, panning, size of the data.

Run it with `make bench-explorer`. It needs Chromium and no server: the site runs as in production (uvicorn, DEBUG off,
collected static files) on a database of its own, which is removed. The graph is seeded: 13 contexts, a hidden order of
the values, and judgements that follow it more often than not, so that chains, circles and disagreement arise.

What is measured, as medians of several loads:

first paint   from the start of the navigation to the first drawing of the map, with all its data; also of anything
pan           milliseconds between two frames while the map is dragged, zoomed in so far that it can be
payload       bytes of the map's data as it travels, compressed
"""

import argparse
import gzip
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load.machinery import HOST, READY_SECONDS, Part, free_port  # noqa: E402

FIRST_PAINT_BAR = 2.0  # seconds
PAN_BAR = 60.0  # milliseconds a frame, median
PAYLOAD_BAR = 150_000  # bytes
SLUG = "demo"
FRAMES = 90
STEPS_CLOSER = 6
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SITUATIONS = (
    "someone is tired", "a choice is hard", "plans fall apart", "a friend asks for help", "money is short",
    "a child is learning", "nobody agrees", "a promise is heavy", "there is little time", "somebody is ill",
    "a secret is shared", "the news is bad", "work takes over",
)  # fmt: skip
QUALITIES = (
    "Patient", "Plain", "Quiet", "Brave", "Open", "Steady", "Careful", "Honest", "Gentle", "Curious", "Firm", "Warm",
    "Shared", "Slow", "Clear", "Humble", "Playful", "Loyal", "Fair", "Attentive", "Generous", "Rooted", "Candid",
)  # fmt: skip
MATTERS = (
    "Listening", "Company", "Counsel", "Waiting", "Repair", "Memory", "Courage", "Rest", "Trust", "Limits", "Craft",
    "Welcome", "Questions", "Judgement", "Presence", "Hope", "Silence", "Learning", "Giving", "Refusal", "Order",
    "Freedom", "Grief", "Laughter", "Practice", "Witness", "Return", "Beginnings", "Change", "Belonging",
)  # fmt: skip
PLACES = ("", " at Home", " among Strangers", " at Work", " in Doubt", " over Years", " between Friends", " in Haste")
PAN = """async (frames) => {
  const frame = document.querySelector('.map-frame');
  const box = frame.getBoundingClientRect();
  const send = (kind, x) => frame.dispatchEvent(new PointerEvent(kind, {
    bubbles: true, pointerId: 1, button: 0, pointerType: 'mouse', clientX: box.left + x, clientY: box.top + 200 }));
  send('pointerdown', 300);
  const times = [];
  let before = await new Promise(requestAnimationFrame);
  for (let number = 0; number < frames; number += 1) {
    send('pointermove', 300 + 140 * Math.sin(number / 7));
    const now = await new Promise(requestAnimationFrame);
    times.push(now - before);
    before = now;
  }
  send('pointerup', 300);
  return times;
}"""


def main() -> int:
    """Print the figures beside the bars, and return 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=5000)
    parser.add_argument("--edges", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--shots", type=Path, help="a folder that keeps pictures of the page")
    chosen = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="bench-explorer-") as name:
        prepare(Path(name))
        cookie = build(chosen)
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", HOST, "--port", str(port),
                   "--no-access-log"]  # fmt: skip
        web = Part("web", command, dict(os.environ), Path(name) / "web.log")
        web.start()
        try:
            site = f"http://{HOST}:{port}"
            wait_until_it_answers(f"{site}/health/")
            return measure(site, cookie, chromium, chosen)
        finally:
            web.stop()


def prepare(folder: Path) -> None:
    """Make a site of its own in a folder."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings", "WELLSPRING_DATA_DIR": str(folder / "data"), "DEBUG": "false",
        "SECRET_KEY": sha256(str(folder).encode()).hexdigest(), "SECURE_SSL_REDIRECT": "false",
    }  # fmt: skip
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    (folder / "data").mkdir()
    for task in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"]):
        subprocess.run([sys.executable, "manage.py", *task], cwd=ROOT, check=True)


def wait_until_it_answers(url: str) -> None:
    """Wait until the site is up."""
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            urllib.request.urlopen(url).close()  # noqa: S310 - our own site
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > until:
                raise SystemExit("The site did not start.") from None
            time.sleep(0.2)
        else:
            return


def build(chosen: argparse.Namespace) -> str:
    """Write the study, its cards and one snapshot of its graph; return the cookie of somebody who may see it."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.utils import timezone

    from elicit.roles import add_member
    from elicit.studies import load_study
    from moralgraph.models import CanonicalValuesCard, Context, Snapshot

    study = load_study((ROOT / "studies" / "demo.yaml").read_text(encoding="utf-8"), now=timezone.now())
    chance = random.Random(chosen.seed)
    cards = made_up_cards(chosen.cards, chance)
    CanonicalValuesCard.objects.bulk_create(CanonicalValuesCard(study=study, **card) for card in cards)
    Context.objects.bulk_create(
        Context(study=study, key=f"situation-{number}", text={"en": f"When {words}"}, position=100 + number)
        for number, words in enumerate(SITUATIONS)
    )
    content = made_up_content([card["content_id"] for card in cards], chosen.edges, chance)
    Snapshot.objects.create(
        study=study, number=1, method="repaired", parameters={"purpose": "explore", "origins": ["seed"]},
        inputs_hash="0" * 64, code_version="bench", content=content,
    )  # fmt: skip
    user = get_user_model().objects.create_user("bench")
    add_member(study, user=user, role="organizer")
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def made_up_cards(count: int, chance: random.Random) -> list[dict[str, Any]]:
    """Return cards with titles of their own."""
    titles = [f"{quality} {matter}{place}" for quality in QUALITIES for matter in MATTERS for place in PLACES]
    return [
        {
            "content_id": sha256(title.encode()).hexdigest()[:40],
            "title": title,
            "description": f"I care about {title.casefold()}.",
            "policies": [f"{chance.choice(QUALITIES)} moments of {chance.choice(MATTERS).casefold()}" for _ in "1234"],
        }
        for title in chance.sample(titles, count)
    ]


def made_up_content(cards: list[str], edges: int, chance: random.Random) -> dict[str, Any]:
    """Return a snapshot's content: judgements that follow a hidden order three times in four, built and ranked."""
    from moralgraph.algorithms.building import build_repaired
    from moralgraph.algorithms.exchange import to_record
    from moralgraph.algorithms.ranking import rank_repaired
    from moralgraph.algorithms.records import Judgements

    worth = {card: chance.gauss(0, 1) for card in cards}
    home = {card: f"situation-{int(len(SITUATIONS) * chance.random() ** 1.6)}" for card in cards}
    rows: list[tuple[int, str, str, str, str]] = []
    kept: set[tuple[str, str]] = set()
    while len(kept) < edges:
        first, second = chance.sample(cards, 2)
        if chance.random() > 1 / (1 + 20 ** (worth[first] - worth[second])):
            continue
        kept.add((first, second))
        asked = chance.randint(3, 40)
        said = max(2, round(asked * chance.uniform(0.52, 1)))
        answers = ["wiser"] * said + ["about_equal"] * (asked - said)
        rows += [(chance.randrange(5000), first, second, home[second], answer) for answer in answers]
    keys = ("participant", "first", "second", "context", "answer")
    columns: dict[str, Any] = {key: [row[place] for row in rows] for place, key in enumerate(keys)}
    judgements = Judgements.from_columns(**columns)
    graph = build_repaired(judgements)
    contexts: list[dict[str, Any]] = [
        {"key": key, "judgements": 100, "standing": "contenders", "winner": None, "contenders": [], "ranks": []}
        for key in judgements.contexts
    ]
    ranks = [
        {"card": card, "rank": rank, "position": position, "first_share": 0.0, "low": position, "high": position}
        for position, (card, rank) in enumerate(rank_repaired(graph).items(), start=1)
    ]
    return {"graph": to_record(graph), "ranks": ranks, "contexts": contexts, "totals": {"judgements": len(rows)}}


def measure(site: str, cookie: str, chromium: str, chosen: argparse.Namespace) -> int:
    """Load the page several times, drag its map, weigh its data; print and compare."""
    from playwright.sync_api import sync_playwright

    address = f"{site}/organizer/{SLUG}/graph/"
    request = urllib.request.Request(f"{address}map/", headers={"Cookie": cookie, "Accept-Encoding": "gzip"})  # noqa: S310 - our own site
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        sent = answer.read()
    name, value = cookie.split("=", 1)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        context.add_cookies([{"name": name, "value": value, "url": site}])
        page = context.new_page()
        loads = [load(page, address) for _ in range(chosen.loads + 1)]
        for _ in range(STEPS_CLOSER):
            page.locator("[data-map-act=in]").click()
        frames = sorted(page.evaluate(PAN, FRAMES))
        if chosen.shots:
            picture(page, address, chosen.shots)
        browser.close()
    drawn, anything = (statistics.median(part) / 1000 for part in zip(*loads[1:], strict=True))
    pan = statistics.median(frames)
    rows = [
        ("map drawn, s", drawn, FIRST_PAINT_BAR, f"anything {anything:.2f}; first load {loads[0][0] / 1000:.2f}"),
        ("pan, ms a frame", pan, PAN_BAR, f"p95 {frames[int(0.95 * len(frames))]:.0f}"),
        ("payload, kB", len(sent) / 1000, PAYLOAD_BAR / 1000, f"{len(gzip.decompress(sent)) / 1000:.0f} unpacked"),
    ]  # fmt: skip
    print(
        f"{chosen.cards:,} cards, {chosen.edges:,} edges, seed {chosen.seed}, medians of {chosen.loads} loads; "
        f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    )
    for label, figure, bar, more in rows:
        print(f"  {label:18} {figure:8.2f}   bar {bar:g}   {'ok' if figure <= bar else 'MISSED'}   ({more})")
    return 0 if all(figure <= bar for _label, figure, bar, _more in rows) else 1


def load(page: Any, address: str) -> tuple[float, float]:
    """Open the page; return when its map and when anything was drawn, in milliseconds from the start."""
    page.goto(address)
    page.locator(".map-frame[data-ready]").wait_for()
    marks = page.evaluate(
        "[performance.getEntriesByName('map-drawn')[0].startTime, performance.getEntriesByType('paint')[0].startTime]"
    )
    return float(marks[0]), float(marks[1])


def picture(page: Any, address: str, folder: Path) -> None:
    """Keep pictures of the map, light and dark, whole and near."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / "map-near.png")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        load(page, address)
        page.screenshot(path=folder / f"map-{scheme}.png")
    page.set_viewport_size({"width": 390, "height": 844})
    load(page, address)
    page.screenshot(path=folder / "map-phone.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
