"""Ratings as columns, and which group each person belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from elicit.analysis.ratings import Bools, Floats, Ints, Ratings
from elicit.models import Exchange, Study, SurveyAnswer, Utterance
from elicit.results.who_counts import who_counts

GROUPINGS = ("age", "gender", "ethnicity_group", "religion_group", "education", "employment_status", "reside_country")
NOT_SAID = "Prefer not to say"
GroupOf = Mapping[int, str]
OPENING = 1
COLUMNS = (
    "pk", "exchange__conversation__participant_id", "exchange_id", "model_name", "score", "society_score",
    "exchange__rated_at",
)  # fmt: skip


@dataclass(frozen=True)
class Rated:
    """First answers with what else is known of each answer: its key, when it was rated, what it is worth for everybody.

    `at` is in seconds since 1970, 0 where a release does not say; `society` is NaN where it was not asked.
    """

    ratings: Ratings
    utterance: Ints
    at: Floats
    society: Floats

    def where(self, kept: Bools) -> Self:
        """Return the answers that are kept."""
        return type(self)(self.ratings.where(kept), self.utterance[kept], self.at[kept], self.society[kept])


def rated_openings(study: Study, origin: str) -> Rated:
    """Return every rated first answer of the people who count, without those under a person's own instructions.

    Only there every model could be drawn, and every answer stands on its own. Models stand by name.
    """
    rows = list(
        Utterance.objects.filter(
            exchange__conversation__participant__in=who_counts(study, origin),
            exchange__number=OPENING,
            exchange__state=Exchange.State.RATED,
            system=Utterance.System.DEFAULT,
            failure="",
            score__isnull=False,
        )
        .order_by("exchange_id", "position")
        .values_list(*COLUMNS)
    )
    key, participant, exchange, model, score, society, at = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    return Rated(
        ratings=Ratings.from_columns(participant=participant, interaction=exchange, model=model, score=score),
        utterance=np.asarray(key, dtype=np.int64),
        at=np.array([one.timestamp() if one else 0.0 for one in at]),
        society=np.array([np.nan if one is None else one for one in society], dtype=np.float64),
    )


def groups_of(study: Study, origin: str, item: str) -> dict[int, str]:
    """Return the answer of each person who counts to one question about themselves; who did not say is left out."""
    rows = SurveyAnswer.objects.filter(
        participant__in=who_counts(study, origin), item=item, value__isnull=False
    ).values_list("participant_id", "value")
    return {person: value for person, value in rows if isinstance(value, str) and value != NOT_SAID}
