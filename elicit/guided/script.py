"""Read the script of the guided interview, one file a language.

Rule: every word that is said or listened for stands in `script/<language>.yaml`; code holds none of them.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from elicit.yaml_documents import FileError, problems_of, read_document

STAGES = ("story", "story_more", "noticed", "beneath", "attend", "attend_more", "check")
FIRST_LANGUAGE = "en"
FOLDER = Path(__file__).with_name("script")
AIMS = Path(__file__).with_name("aims.yaml")

Phrases = list[str]
Wordings = Annotated[list[str], Field(min_length=1)]
Then = Literal["same", "on", "short", "end"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Spelling(_Part):
    """How words are found: what may be joined to their front, and which letters are read as the same."""

    prefixes: str = ""
    same_letters: dict[str, str] = {}


class Quoting(_Part):
    """Sentences that give a clause back: one just written, or one from earlier."""

    now: Wordings
    earlier: Wordings


class Acknowledgements(_Part):
    """What is said before a question that quotes nothing."""

    told: Wordings
    skipped: Wordings
    declined: Wordings
    differently: Wordings
    no_other_words: Wordings


class Reply(_Part):
    """Something that people say to the interviewer itself, what it says back, and how it goes on.

    With `is_all`, a phrase must be the whole sentence.
    """

    heard: Phrases
    is_all: bool = False
    says: Wordings
    then: Then


class Told(_Part):
    """Marks of what an answer already tells."""

    story: Phrases
    noticed: Phrases
    beneath: Phrases
    badly: Phrases
    by_me: Phrases = []
    in_need: Phrases = []


class Distress(_Part):
    """How a person in danger is heard; regular expressions."""

    says: Phrases
    says_with_not: Phrases
    not_this: Phrases
    negations: Phrases


class Clauses(_Part):
    """Where a sentence may be cut so that the piece can be quoted."""

    splits: Phrases
    drop_at_start: Phrases
    never_starts: Phrases
    never_ends: Phrases
    is_clause: Phrases


class Drafting(_Part):
    """The words by which a line becomes a policy."""

    lead_ins: Phrases
    first_words: dict[str, Phrases]
    told_first_words: dict[str, Phrases]
    endings: dict[str, str]
    negated_endings: dict[str, str]
    negations: Phrases
    verb_opener: str = ""
    noun_signs: Phrases = []
    determiners: Phrases
    with_determiner: str
    otherwise: str
    told_otherwise: str
    has_plural_check: bool
    openers: Phrases
    ends_of_head: Phrases
    not_plural: Phrases
    list_joins: Phrases
    reasons: Phrases
    stands_alone: Phrases
    first_person: Phrases
    stop_words: Phrases
    title_lead_ins: Phrases
    fallback_title: str
    fallback_description: str
    telling: Phrases


class Warnings(_Part):
    """What the advice on a card says, by code."""

    too_few: str
    too_many: str
    title_length: str
    no_description: str
    long: str
    repeated: str
    form: str
    goal: str
    rule: str
    norm: str
    slogan: str
    ideology: str
    feeling: str
    name: str
    personal_data: str


class Advice(_Part):
    """What the advice on a card says and listens for."""

    warnings: Warnings
    goal: Phrases
    rule: Phrases
    norm: Phrases
    ideology: Phrases
    feeling: Phrases
    feels: Phrases
    slogan_most: int


class Personal(_Part):
    """How names and addresses of people are seen; regular expressions, the name in the only group."""

    has_capitals: bool
    given_names: str = ""
    lone_capitals: bool = False
    contexts: Phrases
    not_names: Phrases
    addresses: Phrases


class Introductions(_Part):
    """What is said before the first question, by who words the questions."""

    guided: str
    model: str


class Words(_Part):
    """Everything that the interview says and listens for in one language."""

    format_version: Literal[1]
    language: str
    machine_translated: bool
    question_mark: str
    spelling: Spelling
    introductions: Introductions
    care: str
    care_again: str
    acknowledgements: Acknowledgements
    quoting: Quoting
    replies: dict[str, Reply]
    is_short_talk: Phrases
    refusals: Phrases
    nothing_more: Phrases
    pointers: dict[str, Phrases]
    slogans: Phrases
    feelings: Phrases
    told: Told
    copulas: Phrases
    people: dict[str, str]
    distress: Distress
    questions: dict[str, dict[str, Wordings]]
    fit: Wordings
    clauses: Clauses
    drafting: Drafting
    advice: Advice
    personal: Personal

    @model_validator(mode="after")
    def _ask_one_thing_at_every_stage(self) -> Self:
        missing = set(STAGES) - set(self.questions)
        if missing:
            raise ValueError(f"has no questions for {', '.join(sorted(missing))}")
        for stage, variants in self.questions.items():
            if not {"plain", "differently"} <= set(variants):
                raise ValueError(f"has no plain and differently worded question for {stage}")
            for variant, wordings in variants.items():
                self._require_one_question(f"{stage}.{variant}", wordings)
        return self

    def _require_one_question(self, name: str, wordings: list[str]) -> None:
        for text in wordings:
            if text.count(self.question_mark) != 1:
                raise ValueError(f"asks more or less than one thing in {name}: {text!r}")
        if all("{quote}" in text or "{word}" in text for text in wordings):
            raise ValueError(f"has no wording for {name} that stands without a quote")


@functools.cache
def languages() -> tuple[str, ...]:
    """Name the languages that there is a script for.

    Examples
    --------
    >>> "en" in languages()
    True
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def words_for(language: str) -> Words:
    """Return the script in `language`, in its base language, or in English.

    Examples
    --------
    >>> words_for("en-gb") == words_for("en")
    True
    """
    known = languages()
    code = next((code for code in (language, language.split("-")[0]) if code in known), FIRST_LANGUAGE)
    return _read(code)


@functools.cache
def _read(code: str) -> Words:
    document = read_document(FOLDER / f"{code}.yaml")
    try:
        return Words.model_validate(document.data)
    except ValidationError as error:
        raise FileError(document.name, problems_of(error, document=document, model=Words)) from None


@functools.cache
def aims() -> dict[str, str]:
    """Return what each question is for, in English, by stage and by stage and variant."""
    return {str(key): str(value) for key, value in read_document(AIMS).data.items()}


@functools.cache
def given_names(collection: str) -> frozenset[str]:
    """Return the given names of one collection of `given_names.yaml`."""
    listed = read_document(AIMS.with_name("given_names.yaml")).data
    return frozenset(listed.get(collection, "").split())
