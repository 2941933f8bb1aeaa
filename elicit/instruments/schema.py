"""What an instrument is made of: parts, items, options and conditions.

Rule: these are values. Nothing here reads a file, a request or a clock.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from elicit.local_text import LocalText

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
LONGEST_ANSWER = 10_000  # characters of free text; PRISM's longest was 9,530


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Option(_Frozen):
    """One thing to choose, or one row to place on a slider.

    `value` is what is stored. `last` keeps it at the end when the others are shuffled;
    `with_text` asks for words beside it.
    """

    value: Annotated[str, Field(min_length=1)]
    label: LocalText
    last: bool = False
    with_text: bool = False


class Condition(_Frozen):
    """Hold when the answer to another item is one of some values."""

    item: Name
    is_one_of: Annotated[list[str], Field(min_length=1)]


class ShowIf(_Frozen):
    """Show an item when any, or when all, of its conditions hold."""

    any: list[Condition] = []
    all: list[Condition] = []

    @model_validator(mode="after")
    def _has_one_kind(self) -> ShowIf:
        if bool(self.any) == bool(self.all):
            raise ValueError("give either `any` or `all`; write one of the two with at least one condition")
        return self


class Item(_Frozen):
    """One question."""

    name: Name
    type: Literal["single", "multi", "slider", "text"]
    text: LocalText
    help: LocalText | None = None
    required: bool = False
    randomise: bool = False
    options: list[Option] = []
    show_if: ShowIf | None = None
    low: LocalText | None = None
    high: LocalText | None = None
    min: int = 0
    max: int = 100
    max_chars: Annotated[int, Field(ge=1, le=LONGEST_ANSWER)] = LONGEST_ANSWER

    @model_validator(mode="after")
    def _fits_its_type(self) -> Item:
        values = [option.value for option in self.options]
        if self.type == "text" and values:
            raise ValueError("a text item has no options; remove them or change the type")
        if self.type != "text" and not values:
            raise ValueError(f"a {self.type} item needs options; list them under `options`")
        if len(set(values)) != len(values):
            raise ValueError("two options have the same value; give each its own")
        if self.type == "slider" and (self.low is None or self.high is None or self.min >= self.max):
            raise ValueError("a slider needs `low` and `high` texts and min < max; write them")
        return self

    def option(self, value: str) -> Option | None:
        """Return the option that is stored as `value`."""
        return next((option for option in self.options if option.value == value), None)


class Part(_Frozen):
    """Items that stand on one page."""

    key: Name
    title: LocalText
    intro: LocalText | None = None
    items: Annotated[list[Item], Field(min_length=1)]


class Instrument(_Frozen):
    """A whole set of questions."""

    format_version: Literal[1]
    key: Name
    title: LocalText
    source: LocalText | None = None
    parts: Annotated[list[Part], Field(min_length=1)]

    def items(self) -> tuple[Item, ...]:
        """Return every item, in order."""
        return tuple(item for part in self.parts for item in part.items)

    def item(self, name: str) -> Item:
        """Return the item called `name`; raise `KeyError` when there is none."""
        found = next((item for item in self.items() if item.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def part(self, key: str) -> Part:
        """Return the part called `key`; raise `KeyError` when there is none."""
        found = next((part for part in self.parts if part.key == key), None)
        if found is None:
            raise KeyError(key)
        return found
