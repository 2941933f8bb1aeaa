"""What a validator remembers of rows it has read, small enough for ten times PRISM: numbers, never texts.

Rule: texts are kept as 64-bit hashes of this process; rows as places in arrays.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicit.prism.ids import first_interactions, id_number
from elicit.prism.reports import Findings, shown
from elicit.prism.schema import TYPES

Row = Mapping[str, Any]
KINDS = len(TYPES)


@dataclass
class Numbered:
    """The rows of a file by the number in their id; ids count rows from 0."""

    prefix: str
    places: dict[int, int] = field(default_factory=dict)
    lines: "array[int]" = field(default_factory=lambda: array("q"))
    last: int = -1

    def add(self, identifier: str, path: str, findings: Findings) -> int | None:
        """Note a row; return its place, or None where its id has no number or is not new."""
        number = id_number(identifier, self.prefix)
        if number is None:
            findings.say(path, "id", f"{shown(identifier)} is not {self.prefix} and a number without leading zeros.")
            return None
        if number in self.places:
            before = self.lines[self.places[number]]
            findings.say(path, "duplicate_id", f"{shown(identifier)} stands in line {before} already.")
            return None
        if number != self.last + 1:
            findings.say(path, "id_order", f"{self.prefix}{self.last + 1} should stand here, not {shown(identifier)}.")
        self.last = number
        place = len(self.lines)
        self.places[number] = place
        self.lines.append(findings.line)
        return place

    def find(self, identifier: str) -> int | None:
        """Return the place of a row by its id."""
        number = id_number(identifier, self.prefix)
        return None if number is None else self.places.get(number)


@dataclass
class People:
    """Participants: what the survey says of their conversations, and what was found of them."""

    rows: Numbered = field(default_factory=lambda: Numbered("user"))
    declared: "array[int]" = field(default_factory=lambda: array("i"))
    is_balanced: bytearray = field(default_factory=bytearray)
    talks: "array[int]" = field(default_factory=lambda: array("i"))
    balanced: "array[int]" = field(default_factory=lambda: array("i"))

    def add(self, row: Row, place: int) -> None:
        """Note a participant's row."""
        self.declared.append(int(row["num_completed_conversations"]))
        self.is_balanced.append(bool(row["included_in_balanced_subset"]))
        self.talks.extend([0] * KINDS)
        self.balanced.extend([0] * KINDS)

    def note_unread(self) -> None:
        """Note a participant whose row cannot be trusted."""
        self.declared.append(-1)
        self.is_balanced.append(2)
        self.talks.extend([0] * KINDS)
        self.balanced.extend([0] * KINDS)

    def note_talk(self, place: int, kind: int, *, is_balanced: bool) -> None:
        """Count a conversation of a participant."""
        self.talks[place * KINDS + kind] += 1
        self.balanced[place * KINDS + kind] += is_balanced


@dataclass
class Answers:
    """Every answer of every conversation, in order: what an utterance must repeat."""

    text: "array[int]" = field(default_factory=lambda: array("q"))
    model: "array[int]" = field(default_factory=lambda: array("q"))
    turn: "array[int]" = field(default_factory=lambda: array("i"))
    within: "array[int]" = field(default_factory=lambda: array("i"))
    score: "array[int]" = field(default_factory=lambda: array("i"))
    chosen: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)

    def add(self, item: Row) -> None:
        """Note an answer of a history."""
        self.text.append(hash(item["content"]))
        self.model.append(hash((item["model_name"], item["model_provider"])))
        self.turn.append(item["turn"])
        self.within.append(item["within_turn_id"])
        self.score.append(item["score"])
        self.chosen.append(item["if_chosen"])
        self.seen.append(0)


@dataclass
class Talks:
    """Conversations: who, which type, their prompts and where their answers stand."""

    rows: Numbered = field(default_factory=lambda: Numbered("c"))
    person: "array[int]" = field(default_factory=lambda: array("i"))
    kind: bytearray = field(default_factory=bytearray)
    is_balanced: bytearray = field(default_factory=bytearray)
    is_known: bytearray = field(default_factory=bytearray)
    turns: "array[int]" = field(default_factory=lambda: array("i"))
    first_answer: "array[int]" = field(default_factory=lambda: array("q", [0]))
    first_prompt: "array[int]" = field(default_factory=lambda: array("q", [0]))
    prompts: "array[int]" = field(default_factory=lambda: array("q"))
    answers: Answers = field(default_factory=Answers)
    next_answer: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, row: Row, person: int) -> None:
        """Note a conversation whose history is in order."""
        self.person.append(person)
        self.kind.append(TYPES.index(row["conversation_type"]))
        self.is_balanced.append(row["included_in_balanced_subset"])
        self.is_known.append(1)
        self.next_answer.append(self.first_answer[-1])
        count = 0
        for item in row["conversation_history"]:
            if item["role"] == "user":
                self.prompts.append(hash(item["content"]))
                count += 1
            else:
                self.answers.add(item)
        self.turns.append(count)
        self._close()

    def note_unread(self, turns: int) -> None:
        """Note a conversation whose row cannot be trusted: nothing is held against it."""
        self.person.append(-1)
        self.kind.append(0)
        self.is_balanced.append(0)
        self.is_known.append(0)
        self.next_answer.append(self.first_answer[-1])
        self.turns.append(turns)
        self._close()

    def _close(self) -> None:
        self.first_answer.append(len(self.answers.text))
        self.first_prompt.append(len(self.prompts))

    def first_interactions(self) -> NDArray[np.int64]:
        """Return for each conversation the number of its first interaction, as the ids of a release have it."""
        return first_interactions(np.array(self.turns), np.fromiter(self.rows.places, np.int64, len(self.turns)))

    def answer_at(self, talk: int, turn: int, within: int) -> int | None:
        """Return the place of an answer; fast where utterances come in their order."""
        start, stop = self.first_answer[talk], self.first_answer[talk + 1]
        expected = self.next_answer[talk]
        for place in (expected, *range(start, stop)):
            if start <= place < stop and self.answers.turn[place] == turn and self.answers.within[place] == within:
                self.next_answer[talk] = place + 1
                return place
        return None
