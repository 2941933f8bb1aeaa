"""What training makes small.

Rule: a loss looks at answer tokens only, the end token included, and is the published formula: tests compare losses and
gradients with TRL's. Log-probabilities are natural logarithms, summed over an answer.
"""

import torch
from torch import Tensor
from torch.nn import functional

from training.engine.templates import IGNORED


def answer_logps(logits: Tensor, *, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Add up the log-probabilities of each row's answer.

    Parameters
    ----------
    logits
        (rows, length, vocabulary), as the model gives them.
    labels
        (rows, length), -100 where there is no loss.

    Returns
    -------
    sums, counts
        Two tensors (rows,): log-probability in nats, and number of answer tokens.
    """
    targets = labels[:, 1:]
    losses = functional.cross_entropy(
        logits[:, :-1].transpose(1, 2).float(), targets, ignore_index=IGNORED, reduction="none"
    )
    return -losses.sum(dim=1), (targets != IGNORED).sum(dim=1)


def sft_loss(logits: Tensor, *, labels: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of the answer tokens of a batch, in nats a token."""
    sums, counts = answer_logps(logits, labels=labels)
    return -sums.sum() / counts.sum()


def dpo_loss(
    chosen: Tensor, *, rejected: Tensor, reference_chosen: Tensor, reference_rejected: Tensor, beta: float
) -> Tensor:
    """Return the mean DPO loss over pairs (Rafailov et al. 2023, equation 7).

    All tensors have one shape and hold summed log-probabilities.

    >>> zero = torch.zeros(2)
    >>> round(dpo_loss(zero, rejected=zero, reference_chosen=zero, reference_rejected=zero, beta=0.1).item(), 6)
    0.693147
    """
    margins = (chosen - rejected) - (reference_chosen - reference_rejected)
    return -functional.logsigmoid(beta * margins).mean()


def block_dpo_loss(scores: Tensor, *, reference: Tensor, beta: float) -> Tensor:
    """Return the mean DPO loss over all k(k-1) ordered pairs of complete blocks.

    Parameters
    ----------
    scores, reference
        (blocks, k, k): summed log-probability of answer j under message i, by the model and by the reference.
    """
    messages, answers = _ordered_pairs(scores.shape[-1], device=scores.device)
    return dpo_loss(
        scores[:, messages, messages],
        rejected=scores[:, messages, answers],
        reference_chosen=reference[:, messages, messages],
        reference_rejected=reference[:, messages, answers],
        beta=beta,
    )


def block_interaction_loss(scores: Tensor, *, reference: Tensor, beta: float) -> Tensor:
    """Return the mean of -log sigmoid(beta * D) over the unordered pairs of complete blocks.

    D = m(a) - m(b) with m(s) the margin between the two answers under message s, relative to the reference. D cancels
    all that depends on the answer alone; it does not force both margins to have the right sign.
    """
    relative = scores - reference
    first, second = _unordered_pairs(scores.shape[-1], device=scores.device)
    interaction = (relative[:, first, first] - relative[:, first, second]) - (
        relative[:, second, first] - relative[:, second, second]
    )
    return -functional.logsigmoid(beta * interaction).mean()


def _ordered_pairs(k: int, *, device: torch.device) -> tuple[Tensor, Tensor]:
    places = torch.arange(k, device=device)
    first, second = torch.meshgrid(places, places, indexing="ij")
    different = first != second
    return first[different], second[different]


def _unordered_pairs(k: int, *, device: torch.device) -> tuple[Tensor, Tensor]:
    pairs = torch.triu_indices(k, k, offset=1, device=device)
    return pairs[0], pairs[1]
