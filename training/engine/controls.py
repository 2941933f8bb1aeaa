"""Controls: what the measures give where they must give nothing.

Rule: a control changes one thing and says what it expects. Which controls were not run stands in the report.
"""

from dataclasses import dataclass

import numpy as np

from training.engine.metrics import Clusters, Estimate, Floats, estimate, margins, measures, percentiles

CHANCE = 0.5
REVERSAL_CEILING = 0.25  # the most that reversal can reach without information; a ceiling, not the expectation


@dataclass(frozen=True)
class ShuffledMessages:
    """Messages permuted inside each block, many times.

    reversal, anti_reversal: means over permutations. net_reversal: mean of their difference, expected to be 0
    whatever the bias between answers; null: where 95 % of permutations lie. observed: the unshuffled difference.
    as_large: share of permutations at least as large.
    """

    reversal: float
    anti_reversal: float
    net_reversal: float
    null: tuple[float, float]
    observed: float
    as_large: float
    holds: bool


@dataclass(frozen=True)
class ForeignMessages:
    """Messages of another block, with other values, over this block's answers.

    directional must contain 50 %, interaction must contain 0, reversal must not exceed 25 %. *_null: where 95 % of
    permutations of the foreign messages lie.
    """

    directional: Estimate
    directional_null: tuple[float, float]
    interaction: Estimate
    interaction_null: tuple[float, float]
    reversal: Estimate
    holds: bool


@dataclass(frozen=True)
class EmptyMessage:
    """One message replaced by an empty one: share of pairs in which the other still moves the answer its way."""

    first_moves: Estimate
    second_moves: Estimate


@dataclass(frozen=True)
class Paraphrase:
    """The second message of each pair said in other words.

    reversal: with the paraphrase. shift: mean change of a margin through the paraphrase, in nats a token; effect: mean
    size of a margin. shift should be small beside effect.
    """

    reversal: Estimate
    shift: float
    effect: float


def shuffled_messages(scores: Floats, *, draws: int, seed: int) -> ShuffledMessages:
    """Permute the messages inside each block `draws` times; scores: (blocks, k, k)."""
    random_source = np.random.default_rng([seed, 2])
    results = [measures(_permuted(scores, random_source)) for _ in range(draws)]
    right = np.array([result["reversal"].mean() for result in results])
    wrong = np.array([result["anti_reversal"].mean() for result in results])
    net, observed = right - wrong, float(measures(scores)["net_reversal"].mean())
    low, high = percentiles(net)
    return ShuffledMessages(
        reversal=float(right.mean()),
        anti_reversal=float(wrong.mean()),
        net_reversal=float(net.mean()),
        null=(low, high),
        observed=observed,
        as_large=float((1 + (net >= observed).sum()) / (1 + draws)),
        holds=low <= 0 <= high,
    )


def foreign_messages(scores: Floats, *, clusters: Clusters, draws: int, seed: int) -> ForeignMessages:
    """Judge scores (blocks, k, k) whose messages come from other blocks."""
    random_source = np.random.default_rng([seed, 3])
    results = measures(scores)
    null = [measures(_permuted(scores, random_source)) for _ in range(draws)]
    direction, interaction, reversal = (
        estimate(results[name], clusters=clusters, draws=draws, seed=seed)
        for name in ("directional", "interaction", "reversal")
    )
    return ForeignMessages(
        directional=direction,
        directional_null=percentiles(np.array([result["directional"].mean() for result in null])),
        interaction=interaction,
        interaction_null=percentiles(np.array([result["interaction"].mean() for result in null])),
        reversal=reversal,
        holds=_contains(direction, CHANCE) and _contains(interaction, 0.0) and _widest(reversal)[0] <= REVERSAL_CEILING,
    )


def empty_message(scores: Floats, *, empty: Floats, clusters: Clusters, draws: int, seed: int) -> EmptyMessage:
    """Compare each message with an empty one; empty: (blocks, k) scores of the answers under it."""
    pairs = margins(scores)
    neutral = margins(np.repeat(empty[:, None, :], scores.shape[-1], axis=1)).first
    first = (np.sign(pairs.first - neutral) + 1) / 2
    second = (np.sign(neutral - pairs.second) + 1) / 2
    return EmptyMessage(
        estimate(first, clusters=clusters, draws=draws, seed=seed),
        estimate(second, clusters=clusters, draws=draws, seed=seed),
    )


def paraphrase(scores: Floats, *, said_anew: Floats, clusters: Clusters, draws: int, seed: int) -> Paraphrase:
    """Put a paraphrase in the place of each pair's second message; said_anew: (blocks, k, k)."""
    pairs, anew = margins(scores), margins(said_anew)
    outcomes = ((pairs.first > 0) & (anew.second < 0)).astype(float)
    return Paraphrase(
        reversal=estimate(outcomes, clusters=clusters, draws=draws, seed=seed),
        shift=float(np.abs(pairs.second - anew.second).mean()),
        effect=float(np.abs(pairs.second).mean()),
    )


def _permuted(scores: Floats, random_source: np.random.Generator) -> Floats:
    """Permute the messages (rows) of each block on its own."""
    order = random_source.random(scores.shape[:2]).argsort(axis=1)
    return np.take_along_axis(scores, order[:, :, None], axis=1)


def _widest(result: Estimate) -> tuple[float, float]:
    return min(result.by_prompt[0], result.by_value[0]), max(result.by_prompt[1], result.by_value[1])


def _contains(result: Estimate, value: float) -> bool:
    low, high = _widest(result)
    return low <= value <= high
