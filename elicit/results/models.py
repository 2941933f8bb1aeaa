"""How the models rank by what people rated, and what else stands beside the ranking.

Rule: first answers alone are compared, since only there every model could be drawn; a model that fewer than ten people
rated is not shown, and the numbers move by ten people or not at all (`elicit.results.moving`).
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from elicit.analysis.battles import Battles, OutcomeShares, battles_of, outcome_shares
from elicit.analysis.bootstrap import bootstrap
from elicit.analysis.bradley_terry import fit_bradley_terry
from elicit.analysis.connected import NotComparable
from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.analysis.rank_centrality import rank_centrality
from elicit.analysis.ratings import Ratings
from elicit.analysis.scores import means_by_model
from elicit.models import Study
from elicit.results.moving import Base, View, shown
from elicit.results.own_instructions import Under, rated_pairs, under_instructions
from elicit.results.ratings import Rated, rated_openings
from elicit.results.remembering import state_of
from elicit.results.society import ForEverybody, for_everybody, rated_both_ways
from elicit.results.style import Style, opening_texts, style_of
from elicit.results.who_counts import who_counts

SEED = 20_240_416  # any number: the same page twice shows the same intervals
EVERYBODY = "everybody"


@dataclass(frozen=True)
class RankedModel:
    """One model: its strength in log-odds against the mean model, its rank, its centrality and its mean score."""

    name: str
    people: int
    answers: int
    strength: float
    low: float
    high: float
    rank_low: int
    rank_high: int
    first_share: float
    centrality: float
    mean: float


@dataclass(frozen=True)
class Ranking:
    """The models, the strongest first, and what they rest on. Without models `trouble` says why.

    `few` counts the models that fewer than ten people rated.
    """

    models: tuple[RankedModel, ...]
    people: int
    battles: int
    outcomes: OutcomeShares | None
    few: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class Standing:
    """The ranking, and what style has to do with it."""

    ranking: Ranking
    style: Style | None


STANDING = TypeAdapter(Standing)
SOCIETY = TypeAdapter(tuple[ForEverybody, ...])
OWN = TypeAdapter(Under | None)


@dataclass(frozen=True)
class ModelResults(Standing):
    """Everything that the page of models shows of ratings."""

    society: tuple[ForEverybody, ...]
    own: Under | None


def model_results_of(study: Study, origin: str) -> ModelResults:
    """Return what the page of models shows now. Each part moves on by itself, as it rests on other people."""
    state = state_of(study, origin)

    def part(page: str, form: TypeAdapter[Any], read: Callable[[], Rated], work: Callable[[Base], Any]) -> Any:
        return shown(study, origin, View(page, form, lambda: (read(), everybody()), work), state=state)

    @functools.cache
    def everybody() -> dict[int, str]:
        return dict.fromkeys(_people(study, origin), EVERYBODY)

    @functools.cache
    def openings() -> Rated:
        return rated_openings(study, origin)

    def stand(base: Base) -> Standing:
        return Standing(rank(base.ratings), style_of(base.rated, opening_texts(study, origin)))

    standing: Standing = part("models", STANDING, openings, stand)
    return ModelResults(
        ranking=standing.ranking,
        style=standing.style,
        society=part("society", SOCIETY, lambda: rated_both_ways(openings()), lambda base: for_everybody(base.rated)),
        own=part("own", OWN, lambda: rated_pairs(study, origin), lambda base: under_instructions(base.ratings)),
    )


def _people(study: Study, origin: str) -> list[int]:
    return list(who_counts(study, origin).values_list("pk", flat=True))


def rank(ratings: Ratings) -> Ranking:
    """Return the ranking of the models in the ratings of first answers."""
    openings, few = _rated_enough(ratings)
    battles = battles_of(openings)
    people = len(np.unique(openings.participant))
    if people < LEAST_PEOPLE or not len(battles):
        return Ranking((), people, len(battles), None, few, trouble="few")
    try:
        models = _models(openings, battles)
    except (NotComparable, ArithmeticError):
        return Ranking((), people, len(battles), outcome_shares(battles), few, trouble="apart")
    return Ranking(models, people, len(battles), outcome_shares(battles), few)


def _rated_enough(openings: Ratings) -> tuple[Ratings, int]:
    """Return the ratings of the models that ten people or more rated, and how many other models there are."""
    enough = means_by_model(openings).people >= LEAST_PEOPLE
    kept = openings.where(enough[openings.model])
    names = tuple(name for name, is_kept in zip(openings.models, enough, strict=True) if is_kept)
    renumbered = Ratings.from_columns(
        participant=kept.participant,
        interaction=kept.interaction,
        model=[openings.models[number] for number in kept.model],
        score=kept.score,
        models=names,
    )
    return renumbered, int((~enough).sum())


def _models(openings: Ratings, battles: Battles) -> tuple[RankedModel, ...]:
    fit = fit_bradley_terry(battles)
    low, high = fit.interval()
    drawn = bootstrap(battles, rank_centrality, seed=SEED)
    best, worst = drawn.rank_interval()
    first, means = drawn.first_share(), means_by_model(openings)
    rows = [
        RankedModel(
            name=name,
            people=int(means.people[place]),
            answers=int(means.answers[place]),
            strength=float(fit.strength[place]),
            low=float(low[place]),
            high=float(high[place]),
            rank_low=int(np.floor(best[place])),
            rank_high=int(np.ceil(worst[place])),
            first_share=float(first[place]),
            centrality=float(drawn.estimate[place]),
            mean=float(means.mean[place]),
        )
        for place, name in enumerate(fit.models)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.strength, row.name)))
