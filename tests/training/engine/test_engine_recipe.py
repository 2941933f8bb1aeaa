"""Recipes: strict, inside their folder, and shipped ones that load."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from training.engine.errors import EngineError, FileProblem, RecipeProblem
from training.engine.recipe import Recipe, load_recipe, save_recipe, with_seed
from training.engine.weights import first_model


def test_the_shipped_recipe_loads_by_name() -> None:
    recipe = load_recipe(Path("tiny_cpu"))
    assert [stage.objective for stage in recipe.stages] == ["sft", "dpo"]


def test_a_saved_recipe_loads_as_it_was(recipe: Recipe, tmp_path: Path) -> None:
    save_recipe(recipe, tmp_path / "recipe.yaml")
    assert load_recipe(tmp_path / "recipe.yaml") == recipe


def test_an_unknown_key_is_named(recipe: Recipe, tmp_path: Path) -> None:
    values = recipe.model_dump(mode="json")
    values["stages"][1]["learning_rat"] = 1
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(RecipeProblem, match=r"stages\.1\.learning_rat: Extra inputs"):
        load_recipe(tmp_path / "r.yaml")


@pytest.mark.parametrize("name", ["/etc/model", "../secret", "a/../../b", "~/model", "", "a\\b"])
def test_a_model_name_cannot_leave_its_folder(name: str, recipe: Recipe) -> None:
    with pytest.raises(ValidationError, match="leaves the folder of models"):
        Recipe.model_validate(recipe.model_dump() | {"model": name})


def test_a_link_cannot_lead_out_of_the_models_folder(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "link").symlink_to(tmp_path)
    linked = recipe.model_copy(update={"model": "link"})
    with pytest.raises(EngineError, match="leads out of"):
        first_model(linked, texts=[], models_folder=tmp_path / "models")


def test_a_missing_recipe_and_broken_yaml_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="tiny_cpu"):
        load_recipe(tmp_path / "none.yaml")
    (tmp_path / "r.yaml").write_text("a: [")
    with pytest.raises(RecipeProblem, match="not valid YAML"):
        load_recipe(tmp_path / "r.yaml")


def test_another_seed_changes_only_the_seed(recipe: Recipe) -> None:
    assert with_seed(recipe, seed=8).model_dump() == recipe.model_dump() | {"seed": 8}
    assert with_seed(recipe, seed=None) is recipe
