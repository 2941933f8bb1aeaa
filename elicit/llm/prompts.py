"""Render prompts from templates/prompts/<name>/{system,user}.md.

Rule: a string enters a prompt as delimited data unless the program marks it as its own words (`Ours`), so nobody's text
can pass for an instruction, seen or unseen; a name that a template uses and nobody gave is an error.
"""

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, UndefinedError

from elicit.errors import LLMError
from elicit.llm.backends import ChatMessage

ROLES = ("system", "user")
MARK_LENGTH = 12
LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
    "|[\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)


class PromptError(LLMError):
    """A prompt template is missing, or was given the wrong names."""


class Ours(str):
    """Words that the program chose, or that it has already delimited."""

    __slots__ = ()


@dataclass(frozen=True)
class Prompt:
    """Messages ready to be sent, with the name and the hash of the templates that they came from."""

    messages: tuple[ChatMessage, ...]
    name: str = ""
    hash: str = ""


def render(name: str, variables: Mapping[str, Any]) -> Prompt:
    """Return the prompt `name`, filled with `variables`.

    Raises
    ------
    PromptError
        When there is no such prompt or a name is missing.
    """
    roles = [role for role in ROLES if _source(name, role)]
    if not roles:
        raise PromptError(f"There is no prompt {name!r} in templates/prompts.")
    messages = tuple(ChatMessage(role, _filled(name, role, variables)) for role in roles)
    return Prompt(messages=messages, name=name, hash=prompt_hash(name))


def prompt_of(given: str | Prompt | Sequence[Mapping[str, str]], variables: Mapping[str, Any]) -> Prompt:
    """Return a prompt from its name and variables, as it is, or from messages with `role` and `content`."""
    if isinstance(given, Prompt):
        return given
    if isinstance(given, str):
        return render(given, variables)
    return Prompt(as_messages(given))


def conversation(name: str, history: Sequence[Mapping[str, str]], variables: Mapping[str, Any] | None = None) -> Prompt:
    """Return the prompt `name` followed by a conversation; its messages are mappings with `role` and `content`."""
    opening = render(name, variables or {})
    return Prompt(messages=opening.messages + as_messages(history), name=name, hash=opening.hash)


def as_messages(history: Sequence[Mapping[str, str]]) -> tuple[ChatMessage, ...]:
    """Read messages from mappings with `role` and `content`."""
    return tuple(ChatMessage(role=message["role"], content=message["content"]) for message in history)


def prompt_hash(name: str) -> str:
    """Return the SHA-256 of the prompt's templates: a new wording is a new hash."""
    digest = hashlib.sha256()
    for role in ROLES:
        digest.update(f"{role}\0{_source(name, role)}\0".encode())
    return digest.hexdigest()


def as_data(text: object) -> Ours:
    """Fence a text by a mark that it does not contain, without the letters that people cannot see.

    Examples
    --------
    >>> as_data("Water it").splitlines()[1]
    'Water it'
    """
    words = visible(str(text))
    mark = _hash(words)
    while mark in words:
        mark = _hash(mark + words)
    return Ours(f"[data {mark}]\n{words}\n[end of data {mark}]")


def visible(text: str) -> str:
    """Return a text without control, tag and direction-override characters, which could hide words from its readers.

    Joiners stay: Persian, Hindi and many signs need them.
    """
    return "".join(letter for letter in LINE_BREAK.sub("\n", text) if not INVISIBLE.match(letter))


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()[:MARK_LENGTH]


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Ours | int | float) else as_data(value)


@functools.cache
def _environment() -> Environment:
    return Environment(  # noqa: S701 - prompts are plain text; strings are fenced by _finalize
        loader=FileSystemLoader(settings.BASE_DIR / "templates" / "prompts"),
        auto_reload=settings.DEBUG,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(name: str, role: str) -> str:
    environment = _environment()
    try:
        return environment.loader.get_source(environment, f"{name}/{role}.md")[0] if environment.loader else ""
    except TemplateNotFound:
        return ""


def _filled(name: str, role: str, variables: Mapping[str, Any]) -> str:
    try:
        return _environment().get_template(f"{name}/{role}.md").render(variables).strip()
    except UndefinedError as error:
        raise PromptError(f"The prompt {name}/{role}.md lacks a name: {error.message}.") from error
