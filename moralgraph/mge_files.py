"""Read the files of a Moral Graph Elicitation study: `values_cards.json` and `judgements.jsonl`.

Rule: a wrong file is refused with its name, the line, what is wrong and the fix. Nothing here writes.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from elicit.errors import ImportFailed

CARDS_FILE = "values_cards.json"
JUDGEMENTS_FILE = "judgements.jsonl"
MOST_BYTES_OF_CARDS = 64 * 1024 * 1024
MOST_BYTES_OF_A_LINE = 64 * 1024


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("it holds a NUL character, which no database can store")
    return text


Storable = Annotated[str, AfterValidator(_storable)]
Id = Annotated[int, Field(ge=0, lt=2**63)] | Annotated[str, Field(pattern=r"^[\w.:-]{1,40}$")]
Text = Annotated[Storable, Field(max_length=20_000)]
Phrase = Annotated[Storable, Field(max_length=2_000, pattern=r"\S")]
Title = Annotated[Storable, Field(max_length=120, pattern=r"\S")]


class Row(BaseModel):
    """One row of a file, exactly as it must be."""

    model_config = ConfigDict(frozen=True, strict=True)


class MgeCard(Row):
    """A canonical values card of the source. Dates are passed on as they are."""

    model_config = ConfigDict(frozen=True, strict=True, alias_generator=to_camel)

    id: Id
    title: Title
    instructions_short: Text = ""
    instructions_detailed: Text = ""
    evaluation_criteria: Annotated[list[Phrase], Field(min_length=1, max_length=50)]
    created_at: Text | None = None
    updated_at: Text | None = None


class MgeJudgement(Row):
    """One person's verdict about one pair in one context."""

    participant: Id
    from_card: Id
    to_card: Id
    context: Annotated[Storable, Field(max_length=300, pattern=r"\S")]
    verdict: Literal["upgrade", "no_upgrade", "not_sure"]
    created_at: Annotated[AwareDatetime, Field(strict=False)]
    has_story: bool | None = None


AnyRow = TypeVar("AnyRow", bound=Row)
Refuse = Callable[[str], ImportFailed]


def read_cards(folder: Path) -> dict[str, MgeCard]:
    """Return the cards by id, in the order of the file.

    Raises
    ------
    ImportFailed
        When the file is missing, too large, not a JSON list, or holds a wrong or repeated card.
    """
    path = folder / CARDS_FILE
    cards: dict[str, MgeCard] = {}
    for line, value in items_of(path):
        refuse = refusal(path, line)
        card = validated(MgeCard, value, refuse)
        if str(card.id) in cards:
            raise refuse(f"card {card.id} is there twice; remove one of the two")
        cards[str(card.id)] = card
    if not cards:
        raise ImportFailed(f"{path}: there are no values cards in it. Nothing was written.")
    return cards


def read_judgements(folder: Path, *, cards: Mapping[str, MgeCard]) -> Iterator[MgeJudgement]:
    """Yield the judgements one by one, in the order of the file.

    Raises
    ------
    ImportFailed
        When the file is missing, or a line is not a judgement about two of the cards.
    """
    path = folder / JUDGEMENTS_FILE
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MOST_BYTES_OF_A_LINE + 1), b""), start=1):
                yield _judgement(line, cards=cards, refuse=refusal(path, number))
    except OSError as error:
        raise _unreadable(path, error) from error


def _judgement(line: bytes, *, cards: Mapping[str, MgeCard], refuse: Refuse) -> MgeJudgement:
    if len(line) > MOST_BYTES_OF_A_LINE:
        raise refuse(f"it is longer than {MOST_BYTES_OF_A_LINE:,} bytes; a judgement is one short JSON object a line")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise refuse(f"this is not one JSON object ({error})") from error
    row = validated(MgeJudgement, value, refuse)
    for field, card in (("from_card", row.from_card), ("to_card", row.to_card)):
        if str(card) not in cards:
            raise refuse(f"{field}: there is no card {card} in {CARDS_FILE}")
    if str(row.from_card) == str(row.to_card):
        raise refuse(f"card {row.from_card} is compared with itself; remove the line")
    return row


def items_of(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line, value) for each item of a JSON list."""
    text = _text(path)
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    line, counted = 1, 0
    while True:
        at = _skip_space(text, at)
        line, counted = line + text.count("\n", counted, at), at
        if text[at : at + 1] == "]":
            break
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise refusal(path, line)(f"this is not a JSON value ({error})") from error
        yield line, value
        at = _skip_space(text, end)
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != "]":
            raise refusal(path, line + text.count("\n", counted, at))("there is no comma or ] after the card")
    if text[at + 1 :].strip():
        raise refusal(path, line)("there is something after the end of the list")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES_OF_CARDS:
            raise ImportFailed(f"{path}: larger than {MOST_BYTES_OF_CARDS:,} bytes. Nothing was written.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise refusal(path, line)("it is not UTF-8; save the file as UTF-8") from error
    if text.lstrip()[:1] != "[":
        raise refusal(path, 1)("the file must be a JSON list of cards")
    return text


def _skip_space(text: str, at: int) -> int:
    while text[at : at + 1] in {" ", "\t", "\r", "\n"}:
        at += 1
    return at


def validated(
    model: type[AnyRow], value: Any, refuse: Refuse, *, names: Mapping[str, str] = MappingProxyType({})
) -> AnyRow:
    """Return the row, or refuse it by the fields that are wrong, under the names that the file gives them."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise refuse("; ".join(_told(problem, names) for problem in error.errors()[:3])) from error


def _told(problem: Any, names: Mapping[str, str]) -> str:
    parts = [str(part) for part in problem["loc"] if not str(part).startswith(("constrained", "function"))]
    place = ".".join(names.get(part, part) for part in parts)
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])


def refusal(path: Path, line: int) -> Refuse:
    """Return what makes an error about a line of a file."""
    return lambda what: ImportFailed(f"{path}, line {line}: {what}. Nothing was written.")


def _unreadable(path: Path, error: OSError) -> ImportFailed:
    return ImportFailed(f"{path}: cannot be read ({error.strerror}). Check the folder. Nothing was written.")
