"""What an instrument is made of: parts, items, options and conditions.

Rule: these are values. Nothing here reads a file, a request or a clock, and what a file may not say although it is well
formed stands in `checking.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from elicit.local_text import LocalText

LONGEST_NAME = 80  # the column of an answer's item
LONGEST_KEY = 60  # the column of an answer's instrument
LONGEST_VERSION = 10  # leaves room for a hash beside it in the column of an answer's version
LONGEST_ANSWER = 10_000  # characters of free text; PRISM's longest was 9,530

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=LONGEST_NAME)]
ItemType = Literal["single", "multi", "slider", "text", "number", "country", "matrix"]
NullChoice = Literal["refused", "dont_know", "not_applicable"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Option(_Frozen):
    """One thing to choose, one row to place on a slider or in a matrix, or one point of a matrix's scale.

    `value` is what is stored. `last` keeps it at the end when the others are shuffled;
    `with_text` asks for words beside it.
    """

    value: Annotated[str, Field(min_length=1)]
    label: LocalText
    last: bool = False
    with_text: bool = False


class Condition(_Frozen):
    """Hold when the answer to an earlier item, or to one row of it, passes one test.

    `at_least` and `at_most` may stand together. No test but `is_answered: false` holds for an item without an answer.
    """

    item: Name
    row: str | None = None
    is_one_of: Annotated[list[str], Field(min_length=1)] | None = None
    is_answered: bool | None = None
    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _has_one_test(self) -> Condition:
        is_ranged = self.at_least is not None or self.at_most is not None
        if (self.is_one_of is not None) + (self.is_answered is not None) + is_ranged != 1:
            raise ValueError("it needs one test; write `is_one_of`, `is_answered`, or `at_least` and `at_most`")
        return self


class ShowIf(_Frozen):
    """Show an item when one of `any`, every one of `all`, and none of `not` holds; what is left out asks nothing."""

    any: list[Condition] = []
    all: list[Condition] = []
    not_: Annotated[list[Condition], Field(alias="not")] = []

    @model_validator(mode="after")
    def _asks_something(self) -> ShowIf:
        if not self.conditions():
            raise ValueError("it has no condition; write `any`, `all` or `not` with at least one, or remove it")
        return self

    def conditions(self) -> tuple[Condition, ...]:
        """Return every condition, wherever it stands."""
        return (*self.any, *self.all, *self.not_)


class Item(_Frozen):
    """One question.

    `name` is its stable id. `scale` holds the points of a matrix, whose rows are the `options`. `refusable`,
    `dont_know` and `may_not_apply` let a person say why there is no answer. `attention` is the answer that shows that
    the question was read. `demographic` marks a question about who the person is.
    """

    name: Name
    type: ItemType
    text: LocalText
    help: LocalText | None = None
    required: bool = False
    randomise: bool = False
    options: list[Option] = []
    scale: list[Option] = []
    show_if: ShowIf | None = None
    low: LocalText | None = None
    high: LocalText | None = None
    unit: LocalText | None = None
    min: int = 0
    max: int = 100
    max_chars: Annotated[int, Field(ge=1, le=LONGEST_ANSWER)] = LONGEST_ANSWER
    refusable: bool = False
    dont_know: bool = False
    may_not_apply: bool = False
    demographic: bool = False
    attention: str | int | None = None

    def option(self, value: str) -> Option | None:
        """Return the option that is stored as `value`."""
        return next((option for option in self.options if option.value == value), None)

    def point(self, value: str) -> Option | None:
        """Return the point of a matrix's scale that is stored as `value`."""
        return next((point for point in self.scale if point.value == value), None)

    def null_choices(self) -> tuple[NullChoice, ...]:
        """Return what the person may choose instead of an answer, in the order in which it is offered."""
        offered: tuple[tuple[NullChoice, bool], ...] = (
            ("dont_know", self.dont_know),
            ("not_applicable", self.may_not_apply),
            ("refused", self.refusable),
        )
        return tuple(choice for choice, is_offered in offered if is_offered)

    def has_rows(self) -> bool:
        """Say whether each option is answered for itself."""
        return self.type in ("slider", "matrix")


class Part(_Frozen):
    """Items that stand on one page. With `randomise` each person gets them in an order of their own."""

    key: Name
    title: LocalText
    intro: LocalText | None = None
    randomise: bool = False
    items: Annotated[list[Item], Field(min_length=1)]


class Instrument(_Frozen):
    """A whole set of questions.

    `version` changes with the questions. `languages` names what every text must be given in. `releases_as` says that
    the items' names are those of a release, whose values they then must have.
    """

    format_version: Literal[1]
    key: Annotated[Name, Field(max_length=LONGEST_KEY)]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]*$", max_length=LONGEST_VERSION)] = "1"
    title: LocalText
    source: LocalText | None = None
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]] = []
    releases_as: Literal["prism"] | None = None
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
