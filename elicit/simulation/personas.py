"""Invented people who walk through a study to try it out, the difficult ones among them.

Rule: the same person, question and seed give the same words. They are simulated, carry that mark wherever they appear,
and no number here is a finding.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from elicit.yaml_documents import read_document

FOLDER = Path(__file__).parent
Manner = Literal["plain", "brief", "talkative", "hesitant", "casual"]
Like = Literal["short", "long", "steps", "questions", "warm"]
Quirk = Literal[
    "none", "one_word", "rambling", "hostile", "skips", "asks_back", "personal_data", "distressed", "injector",
    "changes_mind", "edits", "other_device", "double_clicks", "enough", "differently",
]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Voice(_Part):
    """What somebody says who speaks from one value, with variants for each stage of the interview."""

    question: str
    like: str
    names: Annotated[list[str], Field(min_length=3)]
    story: Annotated[list[str], Field(min_length=3)]
    noticed: Annotated[list[str], Field(min_length=3)]
    beneath: Annotated[list[str], Field(min_length=2)]
    attend: Annotated[list[str], Field(min_length=6)]


class Persona(_Part):
    """One simulated person. `number` starts at 1; `rank` counts those who share the voice, by question.

    `words` are their own for each stage of the interview about `question`, in their `language`; without them they speak
    by their voice, which is English. `beside` lists what they mention though it is not what they care about.
    """

    number: int = 0
    rank: dict[str, int] = {}
    label: str
    country: str
    conviction: str
    verbosity: Literal["short", "middling", "long"]
    reluctance: Literal["none", "some", "strong"]
    language: str
    quirk: Quirk = "none"
    fit: Literal["usual", "back", "stays"] = "usual"
    another: bool = False
    words: dict[str, str] = {}
    beside: str = ""
    age: str
    gender: str
    education: str
    manner: Manner
    question: str
    edit: Literal["keep", "retitle", "trim"]
    noise: Annotated[float, Field(ge=0, le=2)]
    use: Literal["daily", "weekly", "monthly", "rarely", "never"]
    voices: dict[str, str]
    likes: Annotated[list[Like], Field(min_length=1)]
    self_description: str = Field(alias="self")
    system_string: str = Field(alias="system")
    openings: Annotated[list[str], Field(min_length=2)]

    def voice(self, question: str) -> Voice:
        """Return the voice in which this person answers `question`; their own when the question is not known."""
        return load_voices()[self.voices.get(question, self.voices[self.question])]

    def own_words(self, question: str) -> dict[str, str]:
        """Return their own words by stage, where they have some for `question`."""
        is_theirs = question == self.question or question not in self.voices
        return self.words if is_theirs else {}

    def speaking(self, languages: Sequence[str]) -> Persona:
        """Return the person as they take part where only `languages` are spoken: in their own, or in the first."""
        if self.language in languages:
            return self
        return self.model_copy(update={"language": languages[0], "words": {}})


class Judging(_Part):
    """The invented numbers and words by which simulated people judge and rate."""

    format_version: Literal[1]
    wisdom: dict[str, float]
    new_value: float
    in_context: dict[str, dict[str, float]]
    own: float
    sure: float
    knows_a_wiser_one: float
    aside: float
    reasons: dict[str, list[str]]
    manners: dict[str, list[str]]
    use_cases: dict[str, list[str]]


class _Voices(_Part):
    format_version: Literal[1]
    voices: dict[str, Voice]


class _Personas(_Part):
    format_version: Literal[1]
    personas: list[Persona]


@functools.cache
def load_voices() -> dict[str, Voice]:
    """Return every voice by its key."""
    return _Voices.model_validate(read_document(FOLDER / "voices.yaml").data).voices


@functools.cache
def load_judging() -> Judging:
    """Return the numbers and words for judging."""
    return Judging.model_validate(read_document(FOLDER / "judging.yaml").data)


@functools.cache
def load_personas() -> tuple[Persona, ...]:
    """Return the simulated people, in the order of the file.

    Examples
    --------
    >>> len(load_personas())
    44
    """
    listed = _Personas.model_validate(read_document(FOLDER / "personas.yaml").data).personas
    # Those who are interviewed about a question come first among those who share its voice, so their words differ.
    ranks: list[dict[str, int]] = [{} for _ in listed]
    for question in {persona.question for persona in listed}:
        taken: dict[str, int] = {}
        for index in sorted(range(len(listed)), key=lambda i: (listed[i].question != question, i)):
            voice = listed[index].voices[question]
            ranks[index][question] = taken.get(voice, 0)
            taken[voice] = taken.get(voice, 0) + 1
    return tuple(
        persona.model_copy(update={"number": index + 1, "rank": ranks[index]}) for index, persona in enumerate(listed)
    )


def crowd(count: int) -> list[Persona]:
    """Return so many people: each persona once, then again with other variants of their voice.

    Examples
    --------
    >>> people = crowd(50)
    >>> people[44].label == people[0].label, people[44].number
    (True, 45)
    """
    listed = load_personas()
    return [_repeated(listed[index % len(listed)], index=index, rounds=index // len(listed)) for index in range(count)]


def _repeated(persona: Persona, *, index: int, rounds: int) -> Persona:
    rank = {question: place + rounds for question, place in persona.rank.items()}
    return persona.model_copy(update={"number": index + 1, "rank": rank}) if rounds else persona
