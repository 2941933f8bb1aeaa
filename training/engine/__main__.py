"""The command line: `python -m training.engine build | train | evaluate | card | chat`.

Rule: gather arguments, call one function, answer. Errors that a person can act on are one message and status 2.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from training.engine.errors import Cancelled, EngineError

STOPPED = 143  # what a shell reports for SIGTERM
FAILED = 2
HELP = "From an alignment target to a model and the evidence about it."
# Waiting threads sleep: where other processes use the cores too, spinning ones make a small model three times slower.
BEFORE_TORCH = {"OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false"}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    for name, value in BEFORE_TORCH.items():
        os.environ.setdefault(name, value)
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = chosen.command
    try:
        command(chosen)
    except Cancelled as error:
        print(error, file=sys.stderr)
        return STOPPED
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    return 0


def build(chosen: argparse.Namespace) -> None:
    """Write a dataset folder for an alignment target."""
    from training.engine.dataset import build_dataset
    from training.engine.recipe import load_recipe, with_seed
    from training.engine.target import load_target

    recipe = with_seed(load_recipe(chosen.recipe), seed=chosen.seed)
    manifest = build_dataset(load_target(chosen.target), chosen.out, recipe=recipe)
    counts = ", ".join(f"{count} {name}" for name, count in manifest.blocks.items())
    print(f"{chosen.out}: blocks {counts}; {manifest.refused} refused; data {manifest.data_hash}")


def train(chosen: argparse.Namespace) -> None:
    """Train a recipe on a dataset folder."""
    from training.engine.recipe import load_recipe, with_seed
    from training.engine.train import train as train_recipe

    recipe = with_seed(load_recipe(chosen.recipe), seed=chosen.seed)
    train_recipe(recipe, data=chosen.data, out=chosen.out, models_folder=chosen.models)
    print(f"{chosen.out}: trained; next: python -m training.engine evaluate {chosen.out} --data {chosen.data}")


def evaluate(chosen: argparse.Namespace) -> None:
    """Evaluate a run and print its tables."""
    from training.engine.evaluate import evaluate as evaluate_run

    evaluate_run(chosen.run, data=chosen.data, models_folder=chosen.models)
    print((chosen.run / "evaluation.txt").read_text(encoding="utf-8"))


def card(chosen: argparse.Namespace) -> None:
    """Write a run's model card."""
    from training.engine.card import write_card

    print(write_card(chosen.run))


def chat(chosen: argparse.Namespace) -> None:
    """Answer one prompt under a system message with a run's model."""
    from training.engine.chat import answer

    print(answer(chosen.run, system=chosen.system, prompt=chosen.prompt, most_tokens=chosen.most_tokens))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.engine", description=HELP)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = _command(commands, build)
    command.add_argument("target", type=Path, help="alignment_target.json")
    command.add_argument("--out", type=Path, required=True, help="dataset folder to write")
    _recipe(command, "--recipe")
    command = _command(commands, train)
    _recipe(command, "recipe")
    command.add_argument("--data", type=Path, required=True, help="dataset folder")
    command.add_argument("--out", type=Path, required=True, help="run folder to write")
    _models(command)
    command = _command(commands, evaluate)
    command.add_argument("run", type=Path, help="run folder")
    command.add_argument("--data", type=Path, required=True, help="dataset folder that the run was trained on")
    _models(command)
    command = _command(commands, card)
    command.add_argument("run", type=Path, help="run folder")
    command = _command(commands, chat)
    command.add_argument("run", type=Path, help="run folder")
    command.add_argument("--system", required=True, help="system message")
    command.add_argument("--prompt", required=True, help="what the user says")
    command.add_argument("--most-tokens", type=int, default=80, help="length of the answer")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", run: Callable[[argparse.Namespace], None]
) -> argparse.ArgumentParser:
    parser = commands.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
    parser.set_defaults(command=run)
    return parser


def _recipe(command: argparse.ArgumentParser, name: str) -> None:
    explanation = "a recipe's file, or the name of one that comes with the engine (tiny_cpu)"
    if name.startswith("--"):
        command.add_argument(name, type=Path, default=Path("tiny_cpu"), help=explanation)
    else:
        command.add_argument(name, type=Path, help=explanation)
    command.add_argument("--seed", type=int, help="use this seed in place of the recipe's")


def _models(command: argparse.ArgumentParser) -> None:
    command.add_argument("--models", type=Path, help="folder in which the recipe's model name is looked up")


if __name__ == "__main__":
    sys.exit(main())
