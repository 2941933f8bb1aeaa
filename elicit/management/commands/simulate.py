"""`manage.py simulate STUDY -n 50`: simulated people walk a study over HTTP, and try what must be refused."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from elicit.errors import WellspringError
from elicit.models import Study
from elicit.must_fail import CASES, run_all
from elicit.own_site import own_site
from elicit.simulated_minds import model_minds
from elicit.simulating import OpenBrowser, ViewBrowser, Worker, simulate_at
from elicit.simulation import crowd, load_personas
from elicit.simulation.browsing import HttpBrowser, SiteNotReached
from elicit.studies import study_named

SHOWN_FAILURES = 5


class Command(BaseCommand):
    """Walk a study with simulated people."""

    help = "Let simulated people walk a study through its real pages. They are marked simulated for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study, how many people, by whom their words are found, and where the site is."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("-n", type=int, default=len(load_personas()), help="how many people")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--by", choices=["script", "model"], default="script", help="who finds their words")
        parser.add_argument("--parallel", type=int, default=1, help="how many at once; over HTTP alone")
        parser.add_argument("--must-fail", action="store_true", help="try what must be refused, and nothing else")
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--at", metavar="URL", help="a running site on this database; it needs its own worker")
        where.add_argument("--in-process", action="store_true", help="the site's views in this process, without HTTP")

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk or try, and say what came of it."""
        if options["in_process"] and options["parallel"] > 1:
            raise CommandError("In one process people walk one after the other. Leave out --parallel or --in-process.")
        if min(options["n"], options["parallel"]) < 1:
            raise CommandError("-n and --parallel begin at 1.")
        try:
            study = study_named(options["study"])
            with browsers(options["at"], in_process=options["in_process"]) as open_browser:
                (self._try if options["must_fail"] else self._walk)(study, open_browser, options)
        except (WellspringError, SiteNotReached) as error:
            raise CommandError(str(error)) from error

    def _walk(self, study: Study, open_browser: OpenBrowser, options: dict[str, Any]) -> None:
        personas = crowd(options["n"])
        with tqdm(total=len(personas), desc="simulated people", unit="") as bar:
            walked = simulate_at(
                open_browser,
                study,
                personas,
                seed=options["seed"],
                now=timezone.now(),
                parallel=options["parallel"],
                after_each=bar.update,
                make_mind=model_minds(study) if options["by"] == "model" else None,
            )
        self.stdout.write(f"{len(walked.participants)} simulated people have finished {study.slug}.")
        if walked.failures:
            shown = "\n".join(walked.failures[:SHOWN_FAILURES])
            raise CommandError(f"{len(walked.failures)} could not go on. The first of them:\n{shown}")

    def _try(self, study: Study, open_browser: OpenBrowser, options: dict[str, Any]) -> None:
        outcomes = run_all(study.current_version.design, CASES, open_browser=open_browser, now=timezone.now())
        for outcome in outcomes:
            said = outcome.complaint or outcome.not_tried or "refused"
            self.stdout.write(f"{'GOT THROUGH ' if outcome.complaint else ''}{outcome.name}: {said}")
        through = [outcome.name for outcome in outcomes if outcome.complaint]
        if through:
            raise CommandError(f"These must fail and did not: {', '.join(through)}.")


@contextmanager
def browsers(address: str | None, *, in_process: bool) -> Iterator[OpenBrowser]:
    """Give what opens a browser: at a running site, at one of our own, or in this process."""
    if in_process:
        yield ViewBrowser
    elif address:
        yield http_browsers(address)
    else:
        with own_site() as own:
            yield http_browsers(own, while_waiting=Worker())


def http_browsers(address: str, *, while_waiting: Callable[[], object] = lambda: None) -> OpenBrowser:
    """Return what opens a browser at this address."""
    return lambda: HttpBrowser(address, while_waiting=while_waiting)
