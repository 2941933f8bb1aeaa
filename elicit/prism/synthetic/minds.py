"""How made-up people score made-up answers, by a model that is written down.

An answer's worth to a person is the model's strength, plus what its length, a list and the first place add, plus the
effects of the person's groups and camp and a taste of their own for this model, all stretched by how they use the
scale; plus how they score on average, what the prompt does to all its answers, and chance. Worths become scores by
rank, so that scores have the published mean and spread and their spikes at 1, 50 and 100.

Rule: the answer with the highest score is chosen, the first one where several have it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.special import betaincinv

from elicit.prism.published import published, share_of
from elicit.prism.schema import TYPES
from elicit.prism.synthetic.dealing import beta_shape, lengths
from elicit.prism.synthetic.people import People
from elicit.prism.synthetic.plan import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
OPENING_MEAN, OPENING_SD = 61.0, 30.0  # later turns, by the model that won, then make up the published 65.1 and 29.3
UNTOUCHED = 0.03  # sliders left where PRISM put them, at 50
LOWEST, HIGHEST = 0.05, 0.10  # share of scores at 1 and at 100
LONG_ENOUGH_FOR_A_LIST = 300
LISTED = 0.25
EMPTY_SCORES = (
    95,
    8,
    4,
    3,
)  # how many of 110 failed answers have 1, 2, 3, 4; the others spread from 5 to 80, one has 100


@dataclass(frozen=True)
class Minds:
    """What is true of people and answers; openings are conversations x 4, later turns one row an interaction x 2."""

    camp: Ints  # by participant, -1 or 1
    opening_length: Floats
    opening_list: Bools
    opening_score: Ints  # 0 where there is no answer
    winner: Ints  # by conversation: place of the chosen answer
    later_conversation: Ints
    later_turn: Ints
    later_length: Floats
    later_list: Bools
    later_score: Ints
    is_twin: Bools
    is_empty: Bools


@lru_cache(maxsize=1)
def truth() -> dict[str, Any]:
    """Return the parameters of minds.yaml."""
    facts: dict[str, Any] = yaml.load((Path(__file__).parent / "minds.yaml").read_text("utf-8"), yaml.CSafeLoader)  # noqa: S506
    return facts


def model_names() -> list[str]:
    """Return the models in the order in which the plan numbers them."""
    return list(truth()["models"])


def exposures() -> dict[int, int]:
    """Return how many openings each model answers in a release of the published size."""
    return {place: facts[0] for place, facts in enumerate(truth()["models"].values())}


def think(people: People, plan: Plan, rng: np.random.Generator) -> Minds:
    """Draw every answer's length and score, the winners, the twins and the failures."""
    column = np.array(list(truth()["models"].values()))
    camp = _camps(people, rng)
    worth_of = _worths(people, plan, camp, rng)
    is_there = plan.models >= 0
    length, is_list = _shapes(plan.models, column[:, 3], rng)
    shown = np.arange(4)[None, :] == 0
    worth = worth_of(plan.person[:, None], np.arange(len(plan.person))[:, None], plan.models, length, is_list, shown)
    score = np.zeros(plan.models.shape, dtype=np.int64)
    score[is_there] = _scores(worth[is_there], OPENING_MEAN, OPENING_SD, rng)
    winner = score.argmax(axis=1) if len(score) else np.zeros(0, dtype=np.int64)
    conversation = np.repeat(np.arange(len(plan.turns)), plan.turns - 1)
    turn = np.arange(len(conversation)) - np.repeat(np.cumsum(plan.turns - 1) - (plan.turns - 1), plan.turns - 1) + 1
    model = np.repeat(plan.models[conversation, winner[conversation]][:, None], 2, axis=1)
    later_length, later_list = _shapes(model, column[:, 3], rng)
    shown = np.broadcast_to(np.array([[True, False]]), model.shape)
    later = worth_of(plan.person[conversation][:, None], conversation[:, None], model, later_length, later_list, shown)
    mean, sd = _later_shape(int(is_there.sum()), later.size)
    later_score = _scores(later.ravel(), mean, sd, rng).reshape(later.shape)
    is_twin, is_empty = _twins_and_failures(plan, later_score, rng)
    return Minds(
        camp,
        length,
        is_list,
        score,
        winner,
        conversation,
        turn,
        later_length,
        later_list,
        later_score,
        is_twin,
        is_empty,
    )


def _camps(people: People, rng: np.random.Generator) -> Ints:
    is_older = np.isin(people.columns["age"], ["45-54 years old", "55-64 years old", "65+ years old"])
    camps = truth()["camps"]
    share = np.where(is_older, camps["share_from_45"], camps["share_below_45"])
    return np.where(rng.random(len(people)) < share, 1, -1)


def _worths(people: People, plan: Plan, camp: Ints, rng: np.random.Generator) -> Any:
    """Return the function from person, conversation, model, length, list and place to worths."""
    facts, names = truth(), model_names()
    noise, effects = facts["noise"], facts["effects"]
    column = np.array(list(facts["models"].values()))
    taste = noise["taste"] * rng.standard_normal((len(people), len(names)), dtype=np.float32)
    taste += np.outer(camp, column[:, 2]) + column[:, 1]
    by_type = np.zeros((len(TYPES), len(names)))
    for group in facts["groups"]:
        model = names.index(group["model"])
        if group["field"] == "conversation_type":
            by_type[TYPES.index(group["value"]), model] = group["effect"]
        else:
            taste[people.columns[group["field"]] == group["value"], model] += group["effect"]
    scale = np.exp(noise["scale"] * rng.standard_normal(len(people)))
    person = noise["person"] * rng.standard_normal(len(people))
    prompt = noise["prompt"] * rng.standard_normal(len(plan.person))

    def worth(who: Ints, talk: Ints, model: Ints, length: Floats, is_list: Bools, is_first: Bools) -> Floats:
        own = taste[who, model] + by_type[plan.kind[talk], model]
        own = own + effects["per_100_characters"] * length / 100 + effects["list"] * is_list
        own = own + effects["first_shown"] * is_first + noise["answer"] * rng.standard_normal(model.shape)
        total: Floats = person[who] + prompt[talk] + scale[who] * own
        return total

    return worth


def _shapes(models: Ints, factor: Floats, rng: np.random.Generator) -> tuple[Floats, Bools]:
    """Return how many characters each answer has, and which ones hold a list."""
    mean, sd, most = published()["texts"]["model_response"]
    drawn = lengths(mean, sd * 0.95, least=40, most=most, size=models.size, rng=rng).reshape(models.shape)
    length = np.clip(drawn * factor[models], 40, most)
    return length, (length > LONG_ENOUGH_FOR_A_LIST) & (rng.random(models.shape) < LISTED)


def _scores(worth: Floats, mean: float, sd: float, rng: np.random.Generator) -> Ints:
    """Turn worths into scores by rank: lowest are 1, highest 100, between them a beta; some sliders stay at 50."""
    inner = 1 - LOWEST - HIGHEST - UNTOUCHED
    low, high, middle = LOWEST / (1 - UNTOUCHED), HIGHEST / (1 - UNTOUCHED), 50 * UNTOUCHED
    inner_mean = (mean - LOWEST - 100 * HIGHEST - middle) / inner
    square = (sd**2 + mean**2 - LOWEST - 10_000 * HIGHEST - 50 * middle) / inner
    first, second = beta_shape((inner_mean - 2) / 97, float(np.sqrt(square - inner_mean**2)) / 97)
    rank = (worth.argsort().argsort() + 0.5) / max(1, len(worth))
    within = np.clip((rank - low) / (1 - low - high), 0, 1)
    table = betaincinv(first, second, np.linspace(0, 1, 4097))
    score = np.rint(2 + 97 * np.interp(within, np.linspace(0, 1, 4097), table)).astype(np.int64)
    score[rank < low], score[rank > 1 - high] = 1, 100
    score[rng.random(len(worth)) < UNTOUCHED] = 50
    return score


def _later_shape(openings: int, later: int) -> tuple[float, float]:
    """Return the mean and deviation of later scores that make all scores as published."""
    facts = published()["scores"]
    share = openings / max(1, openings + later)
    mean = (facts["mean"] - share * OPENING_MEAN) / (1 - share) if later else OPENING_MEAN
    square = facts["sd"] ** 2 + facts["mean"] ** 2 - share * (OPENING_SD**2 + OPENING_MEAN**2)
    return mean, float(np.sqrt(square / (1 - share) - mean**2)) if later else OPENING_SD


def _twins_and_failures(plan: Plan, scores: Ints, rng: np.random.Generator) -> tuple[Bools, Bools]:
    """Mark later turns with two equal answers, and answers that failed; failures get the scores that they had."""
    totals, total = published()["totals"], len(scores)
    later = totals["interactions"] - totals["conversations"]
    twins, empty = (share_of(totals[name], whole=later, total=total) for name in ("twins", "empty"))
    order = rng.permutation(total)
    is_twin, is_empty = np.zeros(total, dtype=bool), np.zeros(scores.shape, dtype=bool)
    is_twin[order[:twins]] = True
    failed = order[twins : twins + empty]
    side = rng.integers(0, 2, len(failed))
    is_empty[failed, side] = True
    scores[failed, side] = rng.permutation(_failed_scores(len(failed)))
    return is_twin, is_empty


def _failed_scores(count: int) -> Ints:
    low = np.repeat(np.arange(1, 5), EMPTY_SCORES)
    full = np.concatenate([low, np.linspace(5, 80, 36).astype(np.int64), [100]])
    return full[np.linspace(0, len(full) - 1, count).round().astype(np.int64)] if count else full[:0]


def truth_of(minds: Minds, people: People) -> Mapping[str, Any]:
    """Return the true parameters of a release, as they are written beside it."""
    return dict(truth()) | {"camp_by_participant": "".join("+" if camp > 0 else "-" for camp in minds.camp)}
