"""What people find good for everybody, beside what they find good for themselves."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from elicit.analysis.means import Mean
from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.analysis.scores import ModelMeans, means_by_model
from elicit.results.ratings import Rated

LEVEL = 0.95


@dataclass(frozen=True)
class ForEverybody:
    """One model over the first answers that were rated both ways: both means and their difference, by person."""

    model: str
    people: int
    personal: Mean
    society: Mean
    difference: Mean


def for_everybody(rated: Rated) -> tuple[ForEverybody, ...]:
    """Return the models with ten people or more who rated them both ways, the best for everybody first."""
    both = rated_both_ways(rated)
    found = [
        means_by_model(both.ratings, value)
        for value in (both.ratings.score, both.society, both.society - both.ratings.score)
    ]
    rows = [
        ForEverybody(model, int(found[0].people[place]), *(_interval(means, place) for means in found))
        for place, model in enumerate(both.ratings.models)
        if found[0].people[place] >= LEAST_PEOPLE
    ]
    return tuple(sorted(rows, key=lambda row: (-row.society.value, row.model)))


def rated_both_ways(rated: Rated) -> Rated:
    """Return the answers that were rated both ways."""
    return rated.where(~np.isnan(rated.society))


def _interval(means: ModelMeans, place: int) -> Mean:
    value, reach = float(means.mean[place]), float(stats.t.ppf(0.5 + LEVEL / 2, df=means.people[place] - 1))
    return Mean(value, value - reach * float(means.error[place]), value + reach * float(means.error[place]))
