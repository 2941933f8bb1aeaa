"""How groups of people rate the models: means, differences, what bridges the groups and what divides the people.

Rule: "too few to say" is the default. A group of fewer than ten people has no number; first answers alone count, each
person on their own scale; and a group's numbers move by ten people or not at all (`elicit.results.moving`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter

from elicit.analysis.bridging import BridgingScore, bridging_scores
from elicit.analysis.groups import Comparison, GroupMean, differences_from_the_rest, group_means, within_person
from elicit.analysis.polarisation import Polarisation, polarisations
from elicit.analysis.ratings import Floats, Ints, Ratings
from elicit.instruments import Item, country_choices
from elicit.models import Study
from elicit.results.asked import asked_items
from elicit.results.moving import ALL, Base, View, shown
from elicit.results.ratings import GROUPINGS, NOT_SAID, GroupOf, Rated, groups_of, rated_openings
from elicit.results.remembering import state_of

SEED = 20_240_417  # any number: the same page twice shows the same intervals


@dataclass(frozen=True)
class GroupResults:
    """What one grouping shows: `people` of each group that has ten or more, and the results by model.

    `waiting` names groups that a few people left since they were shown: they come back once they have moved by ten.
    """

    people: Mapping[str, int]
    waiting: tuple[str, ...]
    models: tuple[str, ...]
    means: tuple[GroupMean, ...]
    differences: Comparison
    bridging: tuple[BridgingScore, ...]
    division: tuple[Polarisation, ...]


@dataclass(frozen=True)
class Grouping:
    """A question by which people can be grouped: its words, and what its answers are called, in their order."""

    item: str
    text: str
    labels: Mapping[str, str]
    is_country: bool

    def label(self, value: str) -> str:
        """Return what a group is called."""
        return self.labels.get(value, value)

    def offered(self) -> list[str]:
        """Return the groups that the question offers."""
        return [value for value in self.labels if value != NOT_SAID]

    def in_order(self, values: Sequence[str]) -> list[str]:
        """Return groups in the order of the question's answers, unknown ones last."""
        places = {value: place for place, value in enumerate(self.labels)}
        return sorted(values, key=lambda value: (places.get(value, len(places)), value))


def groupings_of(study: Study, *, language: str) -> list[Grouping]:
    """Return the questions that the study's survey asks and by which people can be grouped."""
    asked = {item.name: item for _instrument, item in asked_items(study)}
    return [_grouping(asked[name], language) for name in GROUPINGS if name in asked]


def _grouping(item: Item, language: str) -> Grouping:
    is_country = item.type == "country"
    labels = dict(country_choices(language)) if is_country else {}
    labels |= {option.value: option.label.for_language(language) for option in item.options}
    return Grouping(item.name, item.text.for_language(language), labels, is_country)


def group_results_of(study: Study, origin: str, item: str) -> GroupResults:
    """Return what the page of groups shows now for one question."""

    def read() -> tuple[Rated, GroupOf]:
        return rated_openings(study, origin), groups_of(study, origin, item)

    return shown(
        study, origin, View(f"groups-{item}", TypeAdapter(GroupResults), read, compare), state=state_of(study, origin)
    )


def compare(base: Base) -> GroupResults:
    """Return how the groups of a view rate the models."""
    ratings, group_of = base.ratings, base.group_of
    known = {person: group_of[person] for person in np.unique(ratings.participant).tolist()}
    return GroupResults(
        people={group: cut.people[ALL] for group, cut in base.cuts.items() if _is_in(group, base)},
        waiting=base.waiting,
        models=ratings.models,
        means=group_means(ratings, known),
        differences=differences_from_the_rest(ratings, known),
        bridging=bridging_scores(ratings, known, seed=SEED),
        division=_division(ratings, known),
    )


def _is_in(group: str, base: Base) -> bool:
    return ALL in base.cuts[group].people and group not in base.waiting


def _division(ratings: Ratings, group_of: GroupOf) -> tuple[Polarisation, ...]:
    """Return how each model divides the people, by every person's mean for it on their own scale."""
    kept, z = within_person(ratings)
    people, row = np.unique(kept.participant, return_inverse=True)
    table = _table(row, kept.model, z, shape=(len(people), len(ratings.models)))
    return polarisations(table, ratings.models, [group_of[person] for person in people.tolist()], seed=SEED)


def _table(row: Ints, column: Ints, values: Floats, *, shape: tuple[int, int]) -> Floats:
    """Return the mean value of each cell; NaN where there is none."""
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (row, column), values)
    np.add.at(counts, (row, column), 1)
    return np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0)
