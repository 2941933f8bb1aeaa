"""What stands behind the door: each backend asks one kind of model once.

Rule: a backend neither retries, nor counts money, nor falls back; the gateway does. It answers or raises one of the
failures below, and no failure quotes what was asked or answered.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel

from elicit.errors import LLMError

Finish = Literal["stop", "length", "refused"]
PIECE = re.compile(r"\s*\S+\s*\Z|\s*\S+")


class PassingFailure(LLMError):
    """The model could not answer now; asking again may help. `may_have_cost`: the provider may have charged for it."""

    may_have_cost = False


class RateLimited(PassingFailure):
    """The provider asks to come back later."""

    trouble = "rate_limited"


class TimedOut(PassingFailure):
    """No answer came in time. The provider may have charged for one."""

    trouble = "timed_out"
    may_have_cost = True


class Malformed(PassingFailure):
    """What came was no answer as the protocol has it."""

    trouble = "malformed"
    may_have_cost = True


class LastingFailure(LLMError):
    """The model will not answer this, however often it is asked."""

    may_have_cost = False


class Refused(LastingFailure):
    """The model, or a filter in front of it, declined to answer."""

    trouble = "refused"
    may_have_cost = True


@dataclass(frozen=True)
class ChatMessage:
    """One message: who speaks ("system", "user", "assistant"), and what is said."""

    role: str
    content: str


@dataclass(frozen=True)
class Request:
    """One question to one model: `seconds` for all of it, `quiet_seconds` for the longest silence of a stream.

    `settings` go to the provider as they are; `seed` is what offline answerers draw by.
    """

    model_name: str
    messages: tuple[ChatMessage, ...]
    seconds: float
    most_output_tokens: int
    reply: type[BaseModel] | None = None
    seed: str = ""
    quiet_seconds: float = 60.0
    settings: Mapping[str, float | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a model said, and why it stopped. Tokens are None where the provider did not count them.

    `answered_as` is the model and version that the provider says it was.
    """

    text: str
    input_tokens: int | None
    output_tokens: int | None
    finish: Finish = "stop"
    answered_as: str = ""


@dataclass(frozen=True)
class Ended:
    """The last that a stream gives: what it took, and why it stopped."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    finish: Finish = "stop"


class Backend(Protocol):
    """Asks a model once."""

    def ask(self, request: Request) -> Answer:
        """Return the model's answer or raise a failure."""

    def stream(self, request: Request) -> Iterator[str | Ended]:
        """Give the answer in pieces as they come, then one `Ended`, or raise a failure. Closing it hangs up."""


@runtime_checkable
class EmbeddingBackend(Protocol):
    """Turns texts into vectors, once."""

    def embed(self, model_name: str, texts: Sequence[str], *, seconds: float) -> tuple[Any, int | None]:
        """Return a vector for each text and the tokens that were counted, or raise a failure."""


def in_pieces(answer: Answer) -> Iterator[str | Ended]:
    """Give a whole answer as a stream would, word by word."""
    yield from PIECE.findall(answer.text)
    yield Ended(answer.input_tokens, answer.output_tokens, answer.finish)


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


def embedder_for(model_name: str, *, local_path: str = "") -> EmbeddingBackend:
    """Return the backend that embeds with this model, or with the one in a folder.

    Raises
    ------
    LastingFailure
        When what knows this model makes no vectors.
    """
    if local_path:
        from elicit.llm.backends.local_embedding import LocalEmbedding

        return LocalEmbedding(local_path)
    backend = backend_for(model_name)
    if not isinstance(backend, EmbeddingBackend):
        raise LastingFailure(f"{model_name} makes no vectors; name another model in EMBEDDING_MODEL.")
    return backend


def install(prefix: str, make: Callable[[], Backend]) -> None:
    """Let names that begin with `prefix/` be answered by another backend."""
    _BY_PREFIX[prefix] = make


def uninstall(prefix: str) -> None:
    """Forget what `install` added."""
    _BY_PREFIX.pop(prefix, None)
