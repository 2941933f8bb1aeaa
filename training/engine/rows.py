"""The rows of a dataset folder.

Rule: a row's id is the hash of what it says, so the same data has the same ids and bytes everywhere, and every row
names the block, cards, context and prompt that it came from, and who wrote its answer.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from training.engine.errors import BadRow
from training.engine.files import Strict, content_id, explain, read_lines
from training.engine.target import Origin, Text

CONTROL_TOKENS = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
SPLITS = ("train", "validation", "unseen_prompts", "unseen_values", "unseen_paraphrases")
TEST_SPLITS = SPLITS[2:]
SplitName = Literal["train", "validation", "unseen_prompts", "unseen_values", "unseen_paraphrases"]


class Written(Strict):
    """Something written for a value. card: id of the value."""

    card: str
    text: Text


class Message(Written):
    """A system message.

    origin: of the card. wording: which wording of the templates. paraphrase: the same value in a held-out wording, in
    test splits only, so that training files never hold one.
    """

    origin: Origin
    wording: str
    paraphrase: Text | None = None


class Answer(Written):
    """An answer written for one message. writer: who wrote it, `template` offline."""

    writer: str


class Block(Strict):
    """A complete counterfactual block: one prompt, k messages and the k answers written for them, in the same order."""

    id: str
    split: SplitName
    prompt_id: str
    prompt: Text
    prompt_origin: Origin
    context: str | None
    messages: Annotated[list[Message], Field(min_length=2)]
    answers: Annotated[list[Answer], Field(min_length=2)]

    @model_validator(mode="after")
    def answers_stand_beside_their_messages(self) -> Self:
        if [message.card for message in self.messages] != [answer.card for answer in self.answers]:
            raise ValueError("messages and answers must name the same cards in the same order")
        return self


class SftRow(Strict):
    """One message, prompt and answer to learn from."""

    id: str
    system: Text
    prompt: Text
    answer: Text
    block: str
    card: str
    context: str | None
    value_origin: Origin
    answer_writer: str


class PreferenceRow(Strict):
    """One ordered pair of a block: under `system`, `chosen` (its own answer) is preferred to `rejected` (another's)."""

    id: str
    system: Text
    prompt: Text
    chosen: Text
    rejected: Text
    block: str
    chosen_card: str
    rejected_card: str
    context: str | None
    value_origin: Origin
    answer_writer: str


def with_id(row: dict[str, Any]) -> dict[str, Any]:
    """Put the hash of a row's content into it as its id."""
    return {"id": content_id(row), **row}


def sft_rows(block: Block) -> Iterator[SftRow]:
    """Yield the k rows of a block."""
    for message, answer in zip(block.messages, block.answers, strict=True):
        row = {"system": message.text, "answer": answer.text, "card": message.card}
        yield SftRow.model_validate(with_id(row | _shared(block, message, answer)))


def preference_rows(block: Block) -> Iterator[PreferenceRow]:
    """Yield all k(k-1) ordered pairs of a block."""
    for message, chosen in zip(block.messages, block.answers, strict=True):
        for rejected in block.answers:
            if rejected.card != chosen.card:
                row = {"system": message.text, "chosen": chosen.text, "rejected": rejected.text}
                cards = {"chosen_card": chosen.card, "rejected_card": rejected.card}
                yield PreferenceRow.model_validate(with_id(row | cards | _shared(block, message, chosen)))


def _shared(block: Block, message: Message, answer: Answer) -> dict[str, Any]:
    return {
        "prompt": block.prompt,
        "block": block.id,
        "context": block.context,
        "value_origin": message.origin,
        "answer_writer": answer.writer,
    }


def written(block: Block) -> list[Written]:
    """List a block's messages, then its answers."""
    return [*block.messages, *block.answers]


def read_blocks(folder: Path, *, split: str) -> list[Block]:
    """Read the blocks of one split, or raise BadRow with file, line and reason at the first that is wrong."""
    path = folder / "blocks" / f"{split}.jsonl"
    return [_block(value, place=f"{path}, line {number}") for number, value in read_lines(path)]


def _block(value: Any, *, place: str) -> Block:
    try:
        block = Block.model_validate(value)
    except ValidationError as error:
        raise BadRow(f"{place} is not a block:\n{explain(error)}") from error
    for text in (block.prompt, *(part.text for part in written(block))):
        for token in CONTROL_TOKENS:
            if token in text:
                raise BadRow(f"{place}: the text holds {token}, which only the chat template may write. Remove it.")
    content = block.model_dump(mode="json", exclude={"id"})
    if content_id(content) != block.id:
        raise BadRow(f"{place}: the id {block.id} does not match the content. Build the dataset again.")
    return block
