"""Ask a language model: `complete` for a validated object, `write` for plain text, `stream` for words as they come.

Rule: deadlines, retries, repair, fallback and money are handled here and nowhere else. Whoever calls gets what was
asked for or an `LLMError`. Call it outside a transaction: a model may take a minute.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.conf import settings
from pydantic import BaseModel

from elicit.errors import LLMError
from elicit.llm import prompts, replies
from elicit.llm.backends import ChatMessage, PassingFailure, Refused, Request, backend_for
from elicit.llm.configuration import (
    ConfiguredModel,
    NoModel,
    available_models,
    model_named,
    models_for,
    names_to_ask,
)  # fmt: skip
from elicit.llm.ledger import CallContext
from elicit.llm.metering import Completion, MeteredCall
from elicit.llm.prompts import Prompt
from elicit.llm.replies import InvalidReply
from elicit.llm.streaming import BrokenOff, FellBack, Finished, Piece, Started, stream

__all__ = [
    "BrokenOff", "CallContext", "Completion", "FellBack", "Finished", "NoModel", "Piece", "Started", "Told",
    "available_models", "complete", "complete_with_source", "models_for", "stream", "write",
]  # fmt: skip

log = logging.getLogger(__name__)

MOST_TRIES = 3
FIRST_PAUSE_SECONDS = 1.0
SHORTEST_TRY_SECONDS = 1.0

Reply = TypeVar("Reply", bound=BaseModel)
Read = TypeVar("Read")


@dataclass(frozen=True)
class Told(Generic[Read]):
    """What a model told, and where it comes from, as an artefact keeps it."""

    value: Read
    model_name: str
    prompt_name: str
    prompt_hash: str


@dataclass(frozen=True)
class _Question(Generic[Read]):
    """What is asked of each model in turn, and how its words are read."""

    prompt: Prompt
    call: CallContext
    read: Callable[[str], Read]
    reply: type[BaseModel] | None = None
    is_seeded: bool = False


@dataclass(frozen=True)
class _Heard(Generic[Read]):
    value: Read
    completion: Completion


def complete(
    prompt_name: str,
    variables: Mapping[str, Any],
    *,
    reply: type[Reply],
    call: CallContext,
    model_names: Sequence[str] = (),
    purpose: str = "interview",
) -> Reply:
    """Return the model's reply as an object; the models of the purpose are asked in turn unless models are named.

    A reply that does not fit gets one chance to be mended, then the next model is asked.

    Raises
    ------
    LLMError
        When no model gave a usable reply, none is configured, or a spending cap is reached.
    """
    return complete_with_source(
        prompt_name, variables, reply=reply, call=call, model_names=model_names, purpose=purpose
    ).value


def complete_with_source(
    prompt_name: str,
    variables: Mapping[str, Any],
    *,
    reply: type[Reply],
    call: CallContext,
    model_names: Sequence[str] = (),
    purpose: str = "interview",
) -> Told[Reply]:
    """Return what `complete` returns, with the model and the prompt that it comes from.

    Raises
    ------
    LLMError
    """
    names = names_to_ask(model_names, purpose=purpose)
    asked = prompts.render(prompt_name, variables)
    form = prompts.render("reply_format", {"schema": prompts.Ours(_schema(reply))})
    prompt = Prompt(_with_form(asked.messages, form), asked.name, asked.hash)
    question = _Question(prompt, call, lambda text: replies.read_object(text, reply), reply)
    failures = []
    for name in names:
        try:
            return Told(_ask_and_mend(model_named(name), question), name, asked.name, asked.hash)
        except LLMError as error:
            log.warning("%s could not be completed by %s (%s).", prompt_name, name, type(error).__name__)
            failures.append(error)
    raise failures[-1]


def write(
    prompt: str | Prompt | Sequence[Mapping[str, str]],
    *,
    model_name: str,
    call: CallContext,
    variables: Mapping[str, Any] | None = None,
) -> Completion:
    """Return a plain text by exactly this model: an answer that people rate is never another model's.

    The provider is given a seed made from the call's, so that two samples differ and the same call can be repeated.

    `prompt` is a prompt's name, a rendered `Prompt`, or messages as mappings with `role` and `content`.

    Raises
    ------
    LLMError
        When the model is not configured, did not answer in time, or the spending cap is reached.
    """
    question = _Question(prompts.prompt_of(prompt, variables or {}), call, replies.read_text, is_seeded=True)
    return _ask(model_named(model_name), question).completion


def _schema(reply: type[BaseModel]) -> str:
    return json.dumps(reply.model_json_schema(), ensure_ascii=False, sort_keys=True)


def _with_form(messages: tuple[ChatMessage, ...], form: Prompt) -> tuple[ChatMessage, ...]:
    """Add how to reply to the system message, which comes first."""
    wanted = form.messages[0].content
    if messages[0].role != "system":
        return (ChatMessage("system", wanted), *messages)
    return (ChatMessage("system", f"{messages[0].content}\n\n{wanted}"), *messages[1:])


def _ask_and_mend(model: ConfiguredModel, question: _Question[Read]) -> Read:
    try:
        return _ask(model, question).value
    except InvalidReply as error:
        repair = prompts.render("reply_repair", {"problems": error.problems})
        said = ChatMessage("assistant", error.text or "-")
        mended = replace(question.prompt, messages=(*question.prompt.messages, said, *repair.messages))
        return _ask(model, replace(question, prompt=mended)).value


def _ask(model: ConfiguredModel, question: _Question[Read]) -> _Heard[Read]:
    """Ask one model until it answers, its tries are used up or its time is over."""
    end = time.monotonic() + settings.LLM_DEADLINE_SECONDS
    pause = FIRST_PAUSE_SECONDS
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            return _ask_once(model, question, seconds=end - time.monotonic())
        except PassingFailure:
            if not tries_left or end - time.monotonic() < pause + SHORTEST_TRY_SECONDS:
                raise
        time.sleep(pause)
        pause *= 2
    raise AssertionError("The last try returns or raises.")


def _ask_once(model: ConfiguredModel, question: _Question[Read], *, seconds: float) -> _Heard[Read]:
    """Lease, ask, read, settle, write down."""
    seed = {"seed": _seed_number(question.call.seed)} if question.is_seeded and question.call.seed else {}
    asked_with = {**model.settings, **seed}
    request = Request(
        model_name=model.name,
        messages=question.prompt.messages,
        seconds=seconds,
        most_output_tokens=model.most_output_tokens,
        reply=question.reply,
        seed=question.call.seed,
        settings=asked_with,
    )
    with MeteredCall(question.call, model=model, prompt=question.prompt) as metered:
        metered.answer = backend_for(model.name).ask(request)
        if metered.answer.finish == "refused":
            raise Refused(f"{model.name} declined to answer.")
        value = question.read(metered.answer.text)
    return _Heard(value, metered.completion(asked_with=asked_with))


def _seed_number(seed: str) -> int:
    """Return a number that providers take as a seed: 31 bits of the call's seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") >> 1
