"""Which models exist, where they answer and what they cost.

Rule: the server's settings alone say that. A study names a model and can never bring an address, a key or a price.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core import checks
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from elicit.errors import LLMError
from elicit.guided.answerers import OFFLINE_MODELS
from elicit.llm.backends import prefix_of
from elicit.models import Study

MOST_OUTPUT_TOKENS = 800
RESERVED = ("offline/", "scripted/")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: str = Field(min_length=1)
    api_base: str = Field(default="", pattern=r"^(https?://.+)?$")
    api_key_env: str = Field(default="", pattern=r"^[A-Z0-9_]*$")
    input_per_million: float | None = Field(default=None, ge=0)
    output_per_million: float | None = Field(default=None, ge=0)
    most_output_tokens: int = Field(default=MOST_OUTPUT_TOKENS, ge=1)


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
    """A model that may be asked. `price` is None where nobody has said what it costs."""

    name: str
    litellm_model: str = ""
    api_base: str = ""
    api_key_env: str = ""
    price: Price | None = FREE
    most_output_tokens: int = MOST_OUTPUT_TOKENS


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


def available_models(study: Study) -> list[str]:
    """Return the models of the study's conversations that can be asked; the offline ones when there is none."""
    conversation = study.current_version.design.conversation
    named = conversation.models if conversation else []
    return [name for name in named if is_available(name)] or list(OFFLINE_MODELS)


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
    known = None if None in prices else Price(*(Decimal(str(price)) for price in prices))
    return ConfiguredModel(
        name=name,
        litellm_model=entry.model,
        api_base=entry.api_base,
        api_key_env=entry.api_key_env,
        price=known,
        most_output_tokens=entry.most_output_tokens,
    )


def check_models(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Say at start what is wrong with LLM_MODELS and LLM_INTERVIEW_MODELS."""
    found: list[checks.CheckMessage] = []
    for name in settings.LLM_MODELS:
        if name.startswith(RESERVED):
            found.append(
                checks.Error(f"The name {name!r} in LLM_MODELS is reserved; choose another.", id="elicit.E001")
            )
        try:
            _configured(name, settings.LLM_MODELS[name])
        except LLMError as error:
            found.append(checks.Error(str(error), id="elicit.E002"))
    missing = [name for name in settings.LLM_INTERVIEW_MODELS if not is_available(name)]
    if missing:
        found.append(checks.Error(f"LLM_INTERVIEW_MODELS names {missing}, which LLM_MODELS lacks.", id="elicit.E003"))
    return found
