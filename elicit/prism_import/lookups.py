"""Find the lines that belong to a text or a conversation without holding a file in memory.

Rule: a file is read once to note where its lines begin, eight bytes a line; a line is read again when it is needed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson

from elicit.prism.ids import id_number
from elicit.prism.schema import SURVEY_TEXTS

Row = dict[str, Any]

NOWHERE = -1
MOST_NUMBER = 50_000_000  # an id with a larger number is not looked up: nobody has so many texts
BELONGS = {
    "model_response": ("utterance_id", "ut"),
    "user_prompt": ("interaction_id", "int"),
    "open_feedback": ("conversation_id", "c"),
} | dict.fromkeys(SURVEY_TEXTS, ("user_id", "user"))


class Places:
    """Where the line of each number begins."""

    def __init__(self) -> None:
        self._found = np.full(1024, NOWHERE, dtype=np.int64)

    def note(self, number: int, place: int) -> None:
        """Remember the first place that is told for a number."""
        if number > MOST_NUMBER:
            return
        if number >= len(self._found):
            grown = np.full(max(number + 1, 2 * len(self._found)), NOWHERE, dtype=np.int64)
            grown[: len(self._found)] = self._found
            self._found = grown
        if self._found[number] == NOWHERE:
            self._found[number] = place

    def of(self, number: int) -> int:
        """Return where a number's line begins, or NOWHERE."""
        return int(self._found[number]) if number < len(self._found) else NOWHERE


class Lookup:
    """An open file of JSON lines and the places of its rows."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("rb")
        self.places: dict[str, Places] = {}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def scan(self, *, skip: frozenset[int] = frozenset()) -> Iterator[tuple[int, Row]]:
        """Yield where each line begins and its row, but for the lines of these numbers and unreadable ones."""
        self._file.seek(0)
        place = 0
        for number, raw in enumerate(self._file, start=1):
            if number not in skip and raw.strip():
                row = _read(raw)
                if row is not None:
                    yield place, row
            place += len(raw)

    def row(self, name: str, number: int) -> Row | None:
        """Return the row that was noted for a number, or None."""
        return next(self.rows(name, number), None)

    def rows(self, name: str, number: int) -> Iterator[Row]:
        """Yield the rows of the file from the one that was noted for a number."""
        place = self.places[name].of(number) if name in self.places else NOWHERE
        if place == NOWHERE:
            return
        self._file.seek(place)
        while raw := self._file.readline():
            row = _read(raw)
            if row is not None:
                yield row


def look_up_metadata(path: Path, *, skip: frozenset[int]) -> Lookup:
    """Note, for each kind of text, where the row of each number lies."""
    lookup = Lookup(path)
    lookup.places = {column: Places() for column in BELONGS}
    for place, row in lookup.scan(skip=skip):
        column = row.get("column_id")
        if isinstance(column, str) and column in BELONGS:
            name, prefix = BELONGS[column]
            number = id_number(str(row.get(name)), prefix)
            if number is not None:
                lookup.places[column].note(number, place)
    return lookup


def look_up_utterances(path: Path, *, skip: frozenset[int]) -> Lookup:
    """Note where the answers of each conversation begin."""
    lookup = Lookup(path)
    lookup.places = {"conversation": Places()}
    for place, row in lookup.scan(skip=skip):
        number = id_number(str(row.get("conversation_id")), "c")
        if number is not None:
            lookup.places["conversation"].note(number, place)
    return lookup


def _read(raw: bytes) -> Row | None:
    """Return the row of a line, bare NaN and a byte order mark and all; None where there is none."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            found = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) else None
