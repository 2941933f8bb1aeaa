"""Ask a hosted or local model through litellm.

Rule: litellm takes seconds to import, so that happens when a model is asked, or in a worker that may have to ask one;
it fetches nothing at import, writes no log (its errors may quote what was asked), and neither retries nor falls back to
another model.
"""

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from django.conf import settings

from elicit.errors import LLMError
from elicit.llm.backends import (
    Answer,
    Ended,
    Finish,
    LastingFailure,
    Malformed,
    PassingFailure,
    RateLimited,
    Refused,
    Request,
    TimedOut,
)  # fmt: skip
from elicit.llm.configuration import ConfiguredModel, Deployment, model_named

NO_KEY = "none"
LONGEST_VERSION = 120
LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
FINISHES: dict[str, Finish] = {"length": "length", "content_filter": "refused"}


class LiteLLM:
    """Asks the model that the server's settings describe."""

    def ask(self, request: Request) -> Answer:
        """Return the model's answer or raise a failure that quotes nothing."""
        model = model_named(request.model_name)
        with _named_failures(request):
            response = _completion(model, _arguments(request) | {"timeout": request.seconds})
        return _answer(response, model)

    def stream(self, request: Request) -> Iterator[str | Ended]:
        """Give the answer in pieces as they come. litellm's timeout is the longest wait for the next piece."""
        model = model_named(request.model_name)
        arguments = _arguments(request) | {
            "timeout": min(request.seconds, request.quiet_seconds),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        with _named_failures(request):
            response = _completion(model, arguments)
            try:
                yield from _pieces(response)
            finally:
                _hang_up(response)

    def embed(self, model_name: str, texts: Sequence[str], *, seconds: float) -> tuple[list[list[float]], int | None]:
        """Return a vector for each text, from the first place where the model runs."""
        model = model_named(model_name)
        place = model.deployments[0]
        where = {"api_base": place.api_base} if place.api_base else {}
        asked = Request(model_name, (), seconds=seconds, most_output_tokens=0)
        with _named_failures(asked):
            response = _litellm().embedding(
                model=place.litellm_model, input=list(texts), api_key=_key(place, model), timeout=seconds,
                num_retries=0, max_retries=0, **where,
            )  # fmt: skip
        rows = sorted(response.data, key=lambda row: row["index"])
        usage = getattr(response, "usage", None)
        return [row["embedding"] for row in rows], usage.prompt_tokens if usage and usage.total_tokens else None


def load_if_needed() -> bool:
    """Import litellm where a model is set up, before somebody waits for its first word; say whether one is."""
    if settings.LLM_MODELS:
        _litellm()
    return bool(settings.LLM_MODELS)


def _litellm() -> ModuleType:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.disable_streaming_logging = True  # it would hand every word to a thread that logs nothing
    for name in LOGGERS:
        logging.getLogger(name).disabled = True
    return litellm


def _completion(model: ConfiguredModel, arguments: dict[str, Any]) -> Any:
    """Ask the one place where the model runs, or let the router choose among several."""
    if len(model.deployments) > 1:
        from elicit.llm.backends.routing import router_of

        keys = tuple(_key(place, model) for place in model.deployments)
        return router_of(model, keys).completion(model=model.name, **arguments)
    place = model.deployments[0]
    where = {"api_base": place.api_base} if place.api_base else {}
    return _litellm().completion(
        model=place.litellm_model, api_key=_key(place, model), num_retries=0, **where, **arguments
    )


def _arguments(request: Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "max_tokens": request.most_output_tokens,
        "max_retries": 0,
        **request.settings,
    }
    if request.reply is not None:
        arguments["response_format"] = request.reply
    return arguments


def _key(place: Deployment, model: ConfiguredModel) -> str:
    if not place.api_key_env:
        return NO_KEY
    key = os.environ.get(place.api_key_env, "")
    if not key:
        raise LastingFailure(f"{model.name} needs a key: set the environment variable {place.api_key_env}.")
    return key


@contextlib.contextmanager
def _named_failures(request: Request) -> Iterator[None]:
    """Turn litellm's errors into ours, which quote nothing. A `ValueError` is a router without a place to ask."""
    litellm = _litellm()
    try:
        yield
    except (litellm.exceptions.openai.OpenAIError, ValueError) as error:
        raise _failure(error, request, litellm.exceptions) from error


def _failure(error: Exception, request: Request, errors: ModuleType) -> LLMError:
    name, kind = request.model_name, type(error).__name__
    causes = list(_causes(error))
    if any(isinstance(cause, TimeoutError | errors.Timeout) for cause in causes):
        return TimedOut(f"{name} did not answer within {request.seconds:.0f} seconds.")
    if isinstance(error, errors.ContentPolicyViolationError):
        return Refused(f"{name} declined to answer ({kind}).")
    if isinstance(error, errors.RateLimitError) or type(error).__name__.startswith("RouterRateLimit"):
        return RateLimited(f"{name} asks to come back later ({kind}).")
    if any(isinstance(cause, json.JSONDecodeError) for cause in causes):
        return Malformed(f"{name} sent what could not be read ({kind}).")
    if isinstance(error, _passing(errors)):
        return PassingFailure(f"{name} could not answer now ({kind}).")
    return LastingFailure(f"{name} refused ({kind}); check its entry in LLM_MODELS and its key.")


def _passing(errors: ModuleType) -> tuple[type[Exception], ...]:
    return (
        errors.InternalServerError, errors.ServiceUnavailableError, errors.BadGatewayError, errors.APIConnectionError,
    )  # fmt: skip


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what lies behind it; litellm keeps some of that in an attribute."""
    waiting, seen = [error], set()
    while waiting:
        cause = waiting.pop()
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [getattr(cause, "original_exception", None), cause.__cause__, cause.__context__]


def _pieces(response: Any) -> Iterator[str | Ended]:
    finish: Finish = "stop"
    counted = None
    for chunk in response:
        counted = getattr(chunk, "usage", None) or counted
        for choice in chunk.choices[:1]:
            finish = FINISHES.get(choice.finish_reason, finish)
            if choice.delta.content:
                yield choice.delta.content
    if counted is None or not _was_counted(response):
        yield Ended(finish=finish)
    else:
        yield Ended(counted.prompt_tokens, counted.completion_tokens, finish)


def _was_counted(response: Any) -> bool:
    """Whether the provider sent the numbers: litellm guesses them where it did not."""
    return any(getattr(chunk, "usage", None) for chunk in getattr(response, "chunks", ()))


def _hang_up(response: Any) -> None:
    """Close the connection, so that the provider stops writing. litellm has a way to do so for async streams alone."""
    inner = getattr(response, "completion_stream", None)
    for stream in (response, inner, getattr(inner, "streaming_response", None)):
        close = getattr(stream, "close", None)
        if close is not None:
            close()


def _answer(response: Any, model: ConfiguredModel) -> Answer:
    choices = getattr(response, "choices", None) or []
    finish = FINISHES.get(choices[0].finish_reason, "stop") if choices else "stop"
    text = choices[0].message.content if choices else None
    if not isinstance(text, str) and finish != "refused":
        raise PassingFailure(f"{model.name} answered without any text.")
    usage = getattr(response, "usage", None)
    answered_as = str(getattr(response, "model", None) or "")[:LONGEST_VERSION]
    if usage is None or not usage.total_tokens:
        return Answer(text or "", None, None, finish, answered_as)
    return Answer(text or "", usage.prompt_tokens, usage.completion_tokens, finish, answered_as)
