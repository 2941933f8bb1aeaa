"""Ask a hosted or local model through litellm.

Rule: litellm is imported when a model is asked and never before (it takes seconds), it fetches nothing at import, and
it neither retries nor falls back.
"""

import os
from types import ModuleType
from typing import Any

from elicit.llm.backends import Answer, LastingFailure, PassingFailure, Request, TimedOut
from elicit.llm.configuration import ConfiguredModel, model_named

NO_KEY = "none"


class LiteLLM:
    """Asks the model that the server's settings describe."""

    def ask(self, request: Request) -> Answer:
        """Return the model's answer or raise a failure that quotes nothing."""
        model = model_named(request.model_name)
        litellm = _litellm()
        try:
            response = litellm.completion(**_arguments(request, model))
        except litellm.exceptions.Timeout as error:
            raise TimedOut(f"{model.name} did not answer within {request.seconds:.0f} seconds.") from error
        except _passing(litellm) as error:
            raise PassingFailure(f"{model.name} could not answer now ({type(error).__name__}).") from error
        except litellm.exceptions.openai.OpenAIError as error:
            raise LastingFailure(
                f"{model.name} refused ({type(error).__name__}); check its entry in LLM_MODELS and its key."
            ) from error
        return _answer(response, model)


def _litellm() -> ModuleType:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    return litellm


def _passing(litellm: ModuleType) -> tuple[type[Exception], ...]:
    errors = litellm.exceptions
    return (
        errors.RateLimitError, errors.InternalServerError, errors.ServiceUnavailableError,
        errors.BadGatewayError, errors.APIConnectionError,
    )  # fmt: skip


def _arguments(request: Request, model: ConfiguredModel) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": model.litellm_model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "api_key": _key(model),
        "max_tokens": request.most_output_tokens,
        "timeout": request.seconds,
        "num_retries": 0,
        "max_retries": 0,
    }
    if model.api_base:
        arguments["api_base"] = model.api_base
    if request.reply is not None:
        arguments["response_format"] = request.reply
    return arguments


def _key(model: ConfiguredModel) -> str:
    if not model.api_key_env:
        return NO_KEY
    key = os.environ.get(model.api_key_env, "")
    if not key:
        raise LastingFailure(f"{model.name} needs a key: set the environment variable {model.api_key_env}.")
    return key


def _answer(response: Any, model: ConfiguredModel) -> Answer:
    choices = getattr(response, "choices", None) or []
    text = choices[0].message.content if choices else None
    if not isinstance(text, str):
        raise PassingFailure(f"{model.name} answered without any text.")
    usage = getattr(response, "usage", None)
    if usage is None or not usage.total_tokens:
        return Answer(text=text, input_tokens=None, output_tokens=None)
    return Answer(text=text, input_tokens=usage.prompt_tokens, output_tokens=usage.completion_tokens)
