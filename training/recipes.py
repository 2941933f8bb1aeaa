"""The recipes that come with the engine, by name. The site offers these and no others."""

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from training.errors import UnknownRecipe

FOLDER = Path(settings.BASE_DIR) / "training" / "engine" / "recipes"


def recipe_names() -> list[str]:
    """Return the names that may be asked for."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def recipe_file(name: str) -> Path:
    """Return where a recipe's file lies.

    Raises
    ------
    UnknownRecipe
        When no recipe of that name comes with the engine.
    """
    if name not in recipe_names():
        raise UnknownRecipe(f"There is no recipe {name!r}. Choose one of: {', '.join(recipe_names())}.")
    return FOLDER / f"{name}.yaml"


def check_recipe(name: str) -> dict[str, Any]:
    """Return a recipe's content; an unknown name raises UnknownRecipe."""
    content: dict[str, Any] = yaml.safe_load(recipe_file(name).read_text())
    return content
