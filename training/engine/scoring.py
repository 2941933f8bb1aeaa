"""Log-probabilities of answers under a model: the only numbers that the evaluation takes from it.

Rule: scores do not depend on how rows are batched (beyond rounding), and nothing is sampled.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from training.engine.losses import answer_logps
from training.engine.packing import AnswerCollator
from training.engine.templates import ChatTemplate, Encoded

Scores = NDArray[np.float64]


def score_rows(rows: Sequence[Encoded], *, model: PreTrainedModel, padding: int, batch: int) -> tuple[Tensor, Tensor]:
    """Return (sums, counts), each (rows,): log-probability of every answer in nats, and its number of tokens.

    Rows are batched by length and given back in their order.
    """
    order = sorted(range(len(rows)), key=lambda number: len(rows[number].tokens))
    sums, counts = torch.zeros(len(rows)), torch.zeros(len(rows))
    collate = AnswerCollator(padding)
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            tensors = collate([rows[place] for place in places])
            logits = model(
                input_ids=tensors["input_ids"].to(model.device),
                attention_mask=tensors["attention_mask"].to(model.device),
                use_cache=False,
            ).logits
            found, lengths = answer_logps(logits, labels=tensors["labels"].to(model.device))
            sums[places], counts[places] = found.cpu(), lengths.float().cpu()
    return sums, counts


class ModelScorer:
    """Scores (system message, prompt, answer) triples by mean and summed log-probability under a model."""

    def __init__(self, model: PreTrainedModel, *, template: ChatTemplate, batch: int) -> None:
        self._model = model
        self._template = template
        self._batch = batch

    def __call__(self, triples: Sequence[tuple[str, str, str]]) -> tuple[Scores, Scores]:
        """Return (means, sums), each (triples,), in nats a token and nats."""
        rows = [
            self._template.encode(system, prompt=prompt, answer=answer, place=f"prompt {prompt!r}")
            for system, prompt, answer in triples
        ]
        padding = cast(int, self._template.tokenizer.pad_token_id)
        sums, counts = score_rows(rows, model=self._model, padding=padding, batch=self._batch)
        return (sums / counts).double().numpy(), sums.double().numpy()
