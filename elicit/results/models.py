"""How the models rank by what people rated: one table with intervals, and the numbers behind it.

Rule: first answers alone are compared, since only there every model could be drawn; nothing is said below the floor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

import numpy as np
from django.core.cache import cache
from django.db.models import Count, Max, Sum

from elicit.analysis.battles import Battles, OutcomeShares, battles_of, outcome_shares
from elicit.analysis.bootstrap import bootstrap
from elicit.analysis.bradley_terry import fit_bradley_terry
from elicit.analysis.connected import NotComparable
from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.analysis.rank_centrality import rank_centrality
from elicit.analysis.ratings import Ratings
from elicit.analysis.scores import means_by_model
from elicit.models import Study, Utterance
from elicit.results.ratings import ratings_of
from elicit.results.who_counts import who_counts

SEED = 20_240_416  # any number: the same page twice shows the same intervals
KEPT_SECONDS = 24 * 3600

Found = TypeVar("Found")


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
    """The models, the strongest first, and what they rest on. Without models `trouble` says why."""

    models: tuple[RankedModel, ...]
    people: int
    battles: int
    outcomes: OutcomeShares | None
    trouble: str = ""


def ranking_of(study: Study, origin: str) -> Ranking:
    """Return how the models rank overall; the same data is not added up twice."""
    return remembered(study, origin, "ranking", lambda: rank(ratings_of(study, origin)))


def rank(ratings: Ratings) -> Ranking:
    """Return the ranking of the models in some ratings."""
    openings = ratings.openings()
    battles = battles_of(openings)
    people = len(np.unique(openings.participant))
    if people < LEAST_PEOPLE:
        return Ranking((), people, len(battles), None, trouble="few")
    try:
        models = _models(openings, battles)
    except (NotComparable, ArithmeticError):
        return Ranking((), people, len(battles), outcome_shares(battles), trouble="apart")
    return Ranking(models, people, len(battles), outcome_shares(battles))


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


def remembered(study: Study, origin: str, name: str, work: Callable[[], Found]) -> Found:
    """Return what `work` finds, from the cache while nobody rated, left or was left out since."""
    key = f"results:{name}:{_state_of(study, origin)}"
    found = cache.get(key)
    if found is None:
        found = work()
        cache.set(key, found, KEPT_SECONDS)
    return found  # type: ignore[no-any-return]


def _state_of(study: Study, origin: str) -> str:
    """Return a hash that changes with every rating and with everybody who comes to count or no longer does."""
    people = who_counts(study, origin).aggregate(count=Count("pk"), total=Sum("pk"))
    rated = Utterance.objects.filter(
        exchange__conversation__participant__in=who_counts(study, origin), score__isnull=False
    ).aggregate(count=Count("pk"), total=Sum("score"), newest=Max("exchange__rated_at"))
    return sha256(f"{study.pk} {origin} {people} {rated}".encode()).hexdigest()
