"""What stands behind the door: each backend asks one kind of model once.

Rule: a backend neither retries, nor counts money, nor falls back; the gateway does. It answers or raises one of the
failures below, and no failure quotes what was asked or answered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from elicit.errors import LLMError


class PassingFailure(LLMError):
    """The model could not answer now; asking again may help. It charged nothing."""


class TimedOut(PassingFailure):
    """No answer came in time. The provider may have charged for one."""


class LastingFailure(LLMError):
    """The model will not answer this, however often it is asked."""


@dataclass(frozen=True)
class ChatMessage:
    """One message: who speaks ("system", "user", "assistant"), and what is said."""

    role: str
    content: str


@dataclass(frozen=True)
class Request:
    """One question to one model."""

    model_name: str
    messages: tuple[ChatMessage, ...]
    seconds: float
    most_output_tokens: int
    reply: type[BaseModel] | None = None
    seed: str = ""


@dataclass(frozen=True)
class Answer:
    """What a model said. Tokens are None where the provider did not count them."""

    text: str
    input_tokens: int | None
    output_tokens: int | None


class Backend(Protocol):
    """Asks a model once."""

    def ask(self, request: Request) -> Answer:
        """Return the model's answer or raise a failure."""


def _offline() -> Backend:
    from elicit.llm.backends.offline import Offline

    return Offline()


def _litellm() -> Backend:
    from elicit.llm.backends.litellm_backend import LiteLLM

    return LiteLLM()


_BY_PREFIX: dict[str, Callable[[], Backend]] = {"offline": _offline}


def prefix_of(model_name: str) -> str:
    """Return the family that a name belongs to when it is one of ours, or "" for a configured model."""
    prefix = model_name.partition("/")[0]
    return prefix if prefix in _BY_PREFIX else ""


def backend_for(model_name: str) -> Backend:
    """Return the backend that knows this model."""
    return _BY_PREFIX.get(prefix_of(model_name), _litellm)()


def install(prefix: str, make: Callable[[], Backend]) -> None:
    """Let names that begin with `prefix/` be answered by another backend."""
    _BY_PREFIX[prefix] = make


def uninstall(prefix: str) -> None:
    """Forget what `install` added."""
    _BY_PREFIX.pop(prefix, None)
