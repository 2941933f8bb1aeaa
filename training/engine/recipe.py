"""A recipe: everything that decides what a run does, as YAML.

Rule: an unknown key is an error, no recipe names a place outside the folder of models it was given, and no recipe can
make the engine run code that comes with a model.
"""

from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from training.engine.errors import FileProblem, RecipeProblem
from training.engine.files import Strict, explain, write_text

Fraction = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class BlockCounts(Strict):
    """How many blocks are drawn: for training, for validation, and for each test split."""

    train: Positive
    validation: Positive
    test: Positive


class DataSettings(Strict):
    """How a dataset is made of a target.

    messages_per_block: k. blocks: how many. test_prompts, validation_prompts, test_values: fractions held out.
    at_least_values, at_least_prompts: a smaller target is filled up with synthetic ones of our own, marked as such.
    recombined_values: how many values are made of pieces of our own; each comes in one training block, beside the
    `blocks.train` of the target's values, so that copying is learned and not single values. 0, or at least k.
    """

    messages_per_block: Annotated[int, Field(ge=2, le=6)]
    blocks: BlockCounts
    test_prompts: Fraction
    validation_prompts: Fraction
    test_values: Fraction
    at_least_values: Annotated[int, Field(ge=0)] = 0
    at_least_prompts: Annotated[int, Field(ge=0)] = 0
    recombined_values: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def recombined_values_fill_a_block(self) -> Self:
        if 0 < self.recombined_values < self.messages_per_block:
            raise ValueError(f"recombined_values must be 0 or at least messages_per_block ({self.messages_per_block})")
        return self


class TinyModel(Strict):
    """A Llama built from these numbers with random weights, and a tokenizer trained on the training split."""

    hidden: Positive
    layers: Positive
    heads: Positive
    feed_forward: Positive
    vocabulary: Annotated[int, Field(ge=300)]

    @model_validator(mode="after")
    def heads_divide_hidden(self) -> Self:
        if self.hidden % (2 * self.heads):
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of twice the heads ({self.heads})")
        return self


class StageSettings(Strict):
    """One stage of training.

    objective: `sft` (likelihood of the answer), `dpo` (all ordered pairs of complete blocks) or `block` (the
    interaction D of complete blocks). batch: rows for sft, blocks otherwise. beta: strength of a preference
    objective.
    """

    objective: Literal["sft", "dpo", "block"]
    steps: Positive
    batch: Positive
    learning_rate: PositiveFloat
    warmup_steps: Annotated[int, Field(ge=0)] = 0
    beta: PositiveFloat = 0.1
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    gradient_norm: PositiveFloat = 1.0
    log_every: Positive = 5
    validate_every: Positive = 50


class EvaluationSettings(Strict):
    """How the evidence is computed. batch: sequences at once; draws: permutations and bootstrap samples."""

    batch: Positive = 64
    draws: Annotated[int, Field(ge=100)] = 1000


class Recipe(Strict):
    """One run. model: numbers of a tiny model, or the name of one (a folder under --models, or a hub name)."""

    name: str
    seed: Annotated[int, Field(ge=0)] = 0
    threads: Annotated[int, Field(ge=0)] = 0
    max_length: Positive = 512
    model: TinyModel | str
    data: DataSettings
    stages: Annotated[list[StageSettings], Field(min_length=1)]
    evaluation: EvaluationSettings = EvaluationSettings()

    @field_validator("model")
    @classmethod
    def model_name_stays_inside(cls, model: TinyModel | str) -> TinyModel | str:
        if isinstance(model, str):
            path = PurePosixPath(model)
            if not model or path.is_absolute() or ".." in path.parts or "\\" in model or model.startswith("~"):
                raise ValueError(f"{model!r} leaves the folder of models; give a name below it or owner/name")
        return model


def load_recipe(path: Path) -> Recipe:
    """Read and validate a recipe; a bare name such as `tiny_cpu` means one that comes with the engine.

    Raises
    ------
    FileProblem
        There is no such file and no such recipe.
    RecipeProblem
        The file is not YAML or not a recipe; the message names each key.
    """
    try:
        value = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        raise RecipeProblem(f"{path}: not valid YAML ({error})") from error
    try:
        return Recipe.model_validate(value)
    except ValidationError as error:
        raise RecipeProblem(f"{path} is not a recipe:\n{explain(error)}") from error


def save_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe so that `load_recipe` gives it back."""
    write_text(path, yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True))


def with_seed(recipe: Recipe, *, seed: int | None) -> Recipe:
    """Return the recipe with another seed, or as it is."""
    return recipe if seed is None else recipe.model_copy(update={"seed": seed})


def _text(path: Path) -> str:
    shipped = resources.files("training.engine").joinpath("recipes", f"{path.name}.yaml")
    if not path.exists() and path.parent == Path() and shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileProblem(f"{path}: cannot be read ({error.strerror}). Give a file, or tiny_cpu.") from error
