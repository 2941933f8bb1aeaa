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


def check_recipe(name: str) -> dict[str, Any]:
    """Return a recipe's content.

    Raises
    ------
    UnknownRecipe
        When no recipe of that name comes with the engine.
    """
    if name not in recipe_names():
        raise UnknownRecipe(f"There is no recipe {name!r}. Choose one of: {', '.join(recipe_names())}.")
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
