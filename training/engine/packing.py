"""Collators: how encoded rows become the tensors of a batch.

Rule: padding carries no loss and is never attended to, and a batch states how many real tokens it holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from training.engine.rows import Block
from training.engine.templates import IGNORED, ChatTemplate, Encoded


@dataclass(frozen=True)
class EncodedBlock:
    """A block as tokens: `rows[i * k + j]` is message i with answer j. reference: log-probabilities (k, k) before the
    stage."""

    rows: tuple[Encoded, ...]
    k: int
    reference: Tensor | None = None


@dataclass(frozen=True)
class AnswerCollator:
    """Pads rows to the longest of the batch."""

    padding: int

    def __call__(self, rows: Sequence[Encoded]) -> dict[str, Any]:
        """Return input_ids, attention_mask, labels, each (rows, longest), and the number of real tokens."""
        longest = max(len(row.tokens) for row in rows)
        input_ids = torch.full((len(rows), longest), self.padding)
        labels = torch.full((len(rows), longest), IGNORED)
        attention_mask = torch.zeros((len(rows), longest), dtype=torch.long)
        for number, row in enumerate(rows):
            length = len(row.tokens)
            input_ids[number, :length] = torch.tensor(row.tokens)
            labels[number, :length] = torch.tensor(row.labels)
            attention_mask[number, :length] = 1
        tokens = sum(len(row.tokens) for row in rows)
        return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels, "real_tokens": tokens}


@dataclass(frozen=True)
class BlockCollator:
    """Lays complete blocks out row by row and keeps their reference log-probabilities."""

    padding: int

    def __call__(self, blocks: Sequence[EncodedBlock]) -> dict[str, Any]:
        """Return what AnswerCollator does for all k*k rows of each block, and `reference` (blocks, k, k)."""
        batch = AnswerCollator(self.padding)([row for block in blocks for row in block.rows])
        references = [block.reference for block in blocks if block.reference is not None]
        return batch | {"reference": torch.stack(references)}


def encode_block(block: Block, *, template: ChatTemplate, place: str) -> EncodedBlock:
    """Encode every message of a block with every answer."""
    prefixes = [template.prefix(message.text, prompt=block.prompt) for message in block.messages]
    answers = [template.text(answer.text) for answer in block.answers]
    rows = tuple(template.join(prefix, answer=answer, place=place) for prefix in prefixes for answer in answers)
    return EncodedBlock(rows, len(prefixes))


def encode_own_answers(block: Block, *, template: ChatTemplate, place: str) -> list[Encoded]:
    """Encode every message of a block with its own answer."""
    encoded = encode_block(block, template=template, place=place)
    return [encoded.rows[number * encoded.k + number] for number in range(encoded.k)]
