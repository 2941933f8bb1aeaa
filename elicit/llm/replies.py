"""Read what a model replied. Rule: a reply is an object of the schema asked for, or an error; no guess."""

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from elicit.errors import LLMError

Reply = TypeVar("Reply", bound=BaseModel)
FENCE = re.compile(r"\A```(?:json)?\s*\n(.*?)\n?```\Z", re.DOTALL)


class InvalidReply(LLMError):
    """A reply does not fit. `problems` tell the model what to mend; they may hold its words and are never logged."""

    trouble = "malformed"

    def __init__(self, message: str, problems: str, text: str) -> None:
        super().__init__(message)
        self.problems = problems
        self.text = text


class EmptyReply(InvalidReply):
    """A reply holds no word."""

    trouble = "empty"

    def __init__(self, text: str = "") -> None:
        super().__init__("The reply is empty.", "- reply: empty", text)


def read_object(text: str, reply: type[Reply]) -> Reply:
    """Return the reply as an object of its schema; one code fence around it is allowed.

    Raises
    ------
    InvalidReply
        When it is empty, is not JSON, or does not fit.
    """
    if not text.strip():
        raise EmptyReply(text)
    fenced = FENCE.match(text.strip())
    try:
        return reply.model_validate_json(fenced.group(1) if fenced else text.strip(), strict=True)
    except ValidationError as error:
        problems = "\n".join(f"- {'.'.join(map(str, e['loc'])) or 'reply'}: {e['msg']}" for e in error.errors())
        kinds = ", ".join(sorted({e["type"] for e in error.errors()}))
        raise InvalidReply(f"The reply does not fit {reply.__name__} ({kinds}).", problems, text) from None


def read_text(text: str) -> str:
    """Return the reply without the space around it.

    Raises
    ------
    EmptyReply
        When nothing is left.
    """
    if not text.strip():
        raise EmptyReply(text)
    return text.strip()
