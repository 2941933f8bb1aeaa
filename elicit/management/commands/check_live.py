"""`manage.py check_live --model NAME --cap-usd 0.25`: try a real model on the interview, with a limit to the money."""

import os
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings

from elicit.errors import LLMError
from elicit.live_check import Outcome, check_live
from elicit.llm.backends.prices import known_price
from elicit.llm.configuration import deployment_keys, model_named

WIDTH = 34


class Command(BaseCommand):
    """Try a model on a short interview, its card and a sample of the injections."""

    help = "Try a real model: a short interview, its card, and a sample of the injection set. Ends with 1 if one fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the model and the limit."""
        parser.add_argument("--model", required=True, help="a name of LLM_MODELS, or litellm's, such as openai/NAME")
        parser.add_argument("--cap-usd", type=Decimal, default=Decimal("0.25"), help="the most that may be spent")
        parser.add_argument("--api-base", default="", help="address of a local or self-hosted model")
        parser.add_argument(
            "--key-env", default="", help="environment variable with the key; PROVIDER_API_KEY if unset"
        )
        parser.add_argument("--input-per-million", type=float, help="price in US dollars, where litellm knows none")
        parser.add_argument("--output-per-million", type=float)
        parser.add_argument("--seed", type=int, default=0, help="which attempts of the set are drawn")

    def handle(self, *args: Any, **options: Any) -> None:
        """Try it, print what held, and fail if something did not."""
        name = options["model"]
        known = settings.LLM_MODELS
        models = known if name in known else known | {name: self._entry(options)}
        with override_settings(LLM_MODELS=models):
            self._need_keys(name)
            outcome = check_live(name, cap_usd=options["cap_usd"], seed=options["seed"])
        self._print(outcome, name)
        if outcome.failed:
            raise CommandError(f"{outcome.failed} of {len(outcome.findings)} checks did not hold.")

    def _entry(self, options: dict[str, Any]) -> dict[str, Any]:
        """Describe a model that the settings do not have."""
        name, api_base = options["model"], options["api_base"]
        if "/" not in name:
            raise CommandError(
                f"There is no model {name!r} in LLM_MODELS. Add it, or give litellm's name: provider/NAME."
            )
        key_env = options["key_env"] or ("" if api_base else f"{name.partition('/')[0].upper()}_API_KEY")
        prices = (options["input_per_million"], options["output_per_million"])
        if None in prices:
            prices = known_price(name) or prices
        if None in prices:
            raise CommandError(f"Nobody knows what {name} costs: give --input-per-million and --output-per-million.")
        return {
            "model": name,
            "api_base": api_base,
            "api_key_env": key_env,
            "input_per_million": float(prices[0]),
            "output_per_million": float(prices[1]),
        }

    def _need_keys(self, name: str) -> None:
        try:
            missing = [key for key in deployment_keys(model_named(name)) if not os.environ.get(key)]
        except LLMError as error:
            raise CommandError(str(error)) from error
        if missing:
            raise CommandError(f"{name} needs a key: set {', '.join(missing)}, or name another variable by --key-env.")

    def _print(self, outcome: Outcome, name: str) -> None:
        for finding in outcome.findings:
            self.stdout.write(
                f"{'held' if finding.held else 'FAILED':7} {finding.what:{WIDTH}} {finding.why_not}".rstrip()
            )
        self.stdout.write(
            f"{name}: {len(outcome.findings) - outcome.failed} of {len(outcome.findings)} held, "
            f"{outcome.calls} calls, {outcome.cost_usd:.4f} US dollars."
        )
