"""Read the script of the guided interview.

Rule: the words stand in `script.yaml`, one block a language; code holds none of them.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from elicit.yaml_documents import FileError, problems_of, read_document

STAGES = ("story", "story_more", "noticed", "beneath", "attend", "attend_more", "check")
FIRST_LANGUAGE = "en"
PATH = Path(__file__).with_name("script.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Drafting(_Part):
    """The words by which a line becomes a policy."""

    lead_ins: list[str]
    question_words: dict[str, str]
    speakers: list[str]
    subjects: list[str]
    verbs: list[str]
    negatives: list[str]
    determiners: list[str]
    ends_of_head: list[str]
    not_plural: list[str]
    title_lead_ins: list[str]
    fallback_title: str
    fallback_description: str
    telling: list[str]


class Words(_Part):
    """Everything that the interview says and listens for in one language."""

    introduction: str
    care: str
    acknowledgements: dict[str, list[str]]
    signals: dict[str, list[str]]
    questions: dict[str, dict[str, list[str]]]
    drafting: Drafting


class Script(_Part):
    """The whole script."""

    format_version: Literal[1]
    languages: dict[str, Words]


@functools.cache
def words_for(language: str) -> Words:
    """Return the script in `language`, in its base language, or in English.

    Examples
    --------
    >>> words_for("en-gb") == words_for("en")
    True
    """
    languages = _script().languages
    for code in (language, language.split("-")[0]):
        if code in languages:
            return languages[code]
    return languages[FIRST_LANGUAGE]


@functools.cache
def _script() -> Script:
    document = read_document(PATH)
    data: Any = document.data
    try:
        return Script.model_validate(data)
    except ValidationError as error:
        raise FileError(document.name, problems_of(error, document=document, model=Script)) from None
