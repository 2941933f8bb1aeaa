"""Answer in rated conversations when no language model is configured.

Rule: the same messages and seed give the same answer, every answer says that a script wrote it, and none claims to
know, to have looked up or to feel anything. Danger comes before style: then all of them point to people who can help.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from elicit.guided.engine import find_word, quote_from
from elicit.yaml_documents import read_document

OFFLINE_MODELS = ("offline/plain", "offline/questions", "offline/steps", "offline/warm")
PATH = Path(__file__).with_name("answerers.yaml")


class UnknownOfflineModel(LookupError):
    """Say that no offline answerer has this name, and which there are."""

    def __init__(self, name: str) -> None:
        super().__init__(f'There is no offline model "{name}". Use one of {", ".join(OFFLINE_MODELS)}.')


class _Answerers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format_version: Literal[1]
    topics: dict[str, list[str]]
    danger: list[str]
    models: dict[str, dict[str, list[str]]]
    again: dict[str, str]


@functools.cache
def _answerers() -> _Answerers:
    return _Answerers.model_validate(read_document(PATH).data)


def answer(model_name: str, messages: Sequence[Mapping[str, str]], seed: int | str = 0) -> str:
    """Return the answer of an offline model to a conversation.

    Parameters
    ----------
    model_name
        One of `OFFLINE_MODELS`.
    messages
        The conversation so far, as mappings with `role` ("user", "assistant", "system") and `content`.

    Raises
    ------
    UnknownOfflineModel
        When there is no such model.

    Examples
    --------
    >>> answer("offline/plain", [{"role": "user", "content": "Hello"}]).startswith("Hello.")
    True
    """
    script = _answerers()
    if model_name not in script.models:
        raise UnknownOfflineModel(model_name)
    said = [message["content"] for message in messages if message["role"] == "user"]
    last = said[-1] if said else ""
    if any(find_word(text, script.topics["danger"]) for text in said):
        return script.danger[0]
    topic = topic_of(last)
    text = random.Random(f"{seed}:{model_name}:{last}").choice(script.models[model_name][topic])
    opening = script.again[model_name] if len(said) > 1 else ""
    return opening + text.replace("{phrase}", _phrase(last, script.topics.get(topic, [])))


def topic_of(text: str) -> str:
    """Name what a message is about, by the first list of words that it holds.

    Examples
    --------
    >>> topic_of("Should I move back home?")
    'choice'
    """
    topics = _answerers().topics
    return next((topic for topic, listed in topics.items() if topic != "danger" and find_word(text, listed)), "other")


def _phrase(text: str, listed: Sequence[str]) -> str:
    return quote_from(text, listed=listed).replace('"', "'") or "what you wrote"
