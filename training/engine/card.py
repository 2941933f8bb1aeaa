"""The model card of a run, in Markdown.

Rule: it is written from the run's own records and leads with what the result is not: a pipeline check says so first,
and simulated or method-test data is named before any number.
"""

from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from training.engine.errors import FileProblem
from training.engine.files import read_json, write_text
from training.engine.recipe import Recipe, load_recipe
from training.engine.report import TITLES, WHO, control_lines, nats, percent

LABEL_MEANINGS = {
    "simulated": "the people of this study are simulated; nothing here says what people value",
    "method test only": "consent to train was not recorded; not to be published or shown to participants",
}


def write_card(run: Path) -> Path:
    """Write `model_card.md` into an evaluated run's folder and return its path.

    Raises
    ------
    FileProblem
        The run was not evaluated.
    """
    if not (run / "evaluation.json").is_file():
        raise FileProblem(f"{run} was not evaluated. Run `python -m training.engine evaluate {run} --data DIR` first.")
    recipe = load_recipe(run / "recipe.yaml")
    text = model_card(
        read_json(run / "evaluation.json"),
        recipe=recipe,
        environment=read_json(run / "environment.json"),
        dataset=read_json(run / "dataset.json"),
    )
    path = run / "model_card.md"
    write_text(path, text)
    return path


def model_card(
    evaluation: dict[str, Any], *, recipe: Recipe, environment: dict[str, Any], dataset: dict[str, Any]
) -> str:
    """Return the card's text."""
    source = resources.files("training.engine").joinpath("model_card.md.jinja").read_text(encoding="utf-8")
    jinja = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701
    return jinja.from_string(source).render(
        evaluation=evaluation,
        recipe=recipe,
        environment=environment,
        dataset=dataset,
        titles=TITLES,
        who=WHO,
        meanings=LABEL_MEANINGS,
        percent=percent,
        nats=nats,
        control_lines=control_lines,
    )
