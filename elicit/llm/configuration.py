"""Which models exist, where they answer and what they cost.

Rule: the server's settings alone say that. A study names a model and can never bring an address, a key or a price.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core import checks
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from elicit.drawing import group_of
from elicit.errors import LLMError
from elicit.guided.answerers import OFFLINE_MODELS
from elicit.llm.backends import prefix_of
from elicit.models import Study

MOST_OUTPUT_TOKENS = 800
RESERVED = ("offline/", "scripted/")
PURPOSES = ("interview", "card", "moderation", "participant", "proposals", "sameness")
FALLBACK_PURPOSE = "interview"


class NoModel(LLMError):
    """Nobody has set up a model for this."""


class _Place(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: str = Field(min_length=1)
    api_base: str = Field(default="", pattern=r"^(https?://.+)?$")
    api_key_env: str = Field(default="", pattern=r"^[A-Z0-9_]*$")


class _Settings(BaseModel):
    """How a model is sampled. What is left out is the provider's default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=1)


class _Entry(_Place):
    model: str = ""
    family: str = Field(default="", max_length=60)
    settings: _Settings = _Settings()
    deployments: list[_Place] = []
    input_per_million: float | None = Field(default=None, ge=0)
    output_per_million: float | None = Field(default=None, ge=0)
    most_output_tokens: int = Field(default=MOST_OUTPUT_TOKENS, ge=1)

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if bool(self.model) == bool(self.deployments):
            raise ValueError("give either `model` or a list of `deployments`")
        if self.deployments and (self.api_base or self.api_key_env):
            raise ValueError("each of the deployments has its own address and key")
        return self


@dataclass(frozen=True)
class Deployment:
    """A place where a model runs: litellm's name for it, its address, and the variable that holds its key."""

    litellm_model: str
    api_base: str = ""
    api_key_env: str = ""


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    input_per_million: Decimal
    output_per_million: Decimal

    def of(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return what so many tokens cost."""
        return (self.input_per_million * input_tokens + self.output_per_million * output_tokens) / 1_000_000


FREE = Price(Decimal(0), Decimal(0))


@dataclass(frozen=True)
class ConfiguredModel:
    """A model that may be asked. `price` is None where nobody has said what it costs.

    `family` is the provider that it counts for in a diverse draw, `settings` is how it is sampled.
    """

    name: str
    deployments: tuple[Deployment, ...] = ()
    price: Price | None = FREE
    most_output_tokens: int = MOST_OUTPUT_TOKENS
    family: str = ""
    settings: Mapping[str, float | int] = field(default_factory=dict, hash=False)


def model_named(name: str) -> ConfiguredModel:
    """Return the model of this name.

    Raises
    ------
    LLMError
        When the server has no such model, or its entry is wrong.
    """
    entry = settings.LLM_MODELS.get(name)
    if entry is not None:
        return _configured(name, entry)
    if not prefix_of(name):
        known = ", ".join([*sorted(settings.LLM_MODELS), *OFFLINE_MODELS])
        raise LLMError(f"There is no model {name!r}. Add it to LLM_MODELS or name one of: {known}.")
    return ConfiguredModel(name)


def is_available(name: str) -> bool:
    """Whether the server can ask a model of this name."""
    return name in settings.LLM_MODELS or name in OFFLINE_MODELS


def deployment_keys(model: ConfiguredModel) -> list[str]:
    """Return the environment variables that hold the model's keys."""
    return [place.api_key_env for place in model.deployments if place.api_key_env]


def models_for(purpose: str) -> list[str]:
    """Return the models to ask in turn for this purpose; without a list of its own, those of the interview.

    Raises
    ------
    LLMError
        When nobody knows such a purpose.
    """
    if purpose not in PURPOSES:
        raise LLMError(f"There is no purpose {purpose!r}; use one of: {', '.join(PURPOSES)}.")
    lists = settings.LLM_PURPOSES
    return list(lists[purpose] if purpose in lists else lists.get(FALLBACK_PURPOSE, []))


def names_to_ask(named: Sequence[str], *, purpose: str) -> list[str]:
    """Return the models that were named, or else those of the purpose.

    Raises
    ------
    NoModel
        When there is none.
    """
    names = list(named) or models_for(purpose)
    if not names:
        raise NoModel("No model is set up for this. Set LLM_MODELS and LLM_PURPOSES, or use the guided mode.")
    return names


def available_models(study: Study) -> list[str]:
    """Return the models of the study's conversations that can be asked; the offline ones when there is none."""
    conversation = study.current_version.design.conversation
    named = conversation.models if conversation else []
    return [name for name in named if is_available(name)] or list(OFFLINE_MODELS)


def group_by_model(names: Sequence[str]) -> dict[str, str]:
    """Return for each model the provider that it counts for: its `family`, or else how its name begins."""
    return {name: str(settings.LLM_MODELS.get(name, {}).get("family") or group_of(name)) for name in names}


def price_of(model: ConfiguredModel) -> Price:
    """Return the model's price, or the ceiling where it is unknown.

    Raises
    ------
    LLMError
        When the price is unknown and there is no ceiling.
    """
    if model.price is not None:
        return model.price
    ceiling = Decimal(str(settings.LLM_PRICE_CEILING_PER_MILLION))
    if ceiling <= 0:
        raise LLMError(
            f"Nobody has said what {model.name} costs. Give input_per_million and output_per_million in LLM_MODELS "
            "(0 for a free one), or set LLM_PRICE_CEILING_PER_MILLION."
        )
    return Price(ceiling, ceiling)


def _configured(name: str, given: Any) -> ConfiguredModel:
    try:
        entry = _Entry.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'entry'}: {e['msg']}" for e in error.errors())
        raise LLMError(f"The entry {name!r} of LLM_MODELS is wrong ({wrong}). See docs/operations.md.") from None
    prices = (entry.input_per_million, entry.output_per_million)
    places = entry.deployments or [entry]
    known = None if None in prices else Price(*(Decimal(str(price)) for price in prices))
    return ConfiguredModel(
        name=name,
        deployments=tuple(Deployment(place.model, place.api_base, place.api_key_env) for place in places),
        price=known,
        most_output_tokens=entry.most_output_tokens,
        family=entry.family,
        settings=entry.settings.model_dump(exclude_none=True),
    )


def check_models(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Say at start what is wrong with LLM_MODELS and LLM_PURPOSES."""
    return [*_check_entries(), *_check_purposes()]


def _check_entries() -> Iterator[checks.CheckMessage]:
    for name in settings.LLM_MODELS:
        if name.startswith(RESERVED):
            yield checks.Error(f"The name {name!r} in LLM_MODELS is reserved; choose another.", id="elicit.E001")
        try:
            _configured(name, settings.LLM_MODELS[name])
        except LLMError as error:
            yield checks.Error(str(error), id="elicit.E002")


def _check_purposes() -> Iterator[checks.CheckMessage]:
    for purpose, names in settings.LLM_PURPOSES.items():
        if purpose not in PURPOSES or not isinstance(names, list):
            yield checks.Error(
                f"LLM_PURPOSES has {purpose!r}: give one of {', '.join(PURPOSES)} with a list of names.",
                id="elicit.E004",
            )
        elif missing := [name for name in names if not is_available(name)]:
            yield checks.Error(f"LLM_PURPOSES names {missing} for {purpose}, which LLM_MODELS lacks.", id="elicit.E003")
