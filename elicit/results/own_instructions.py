"""Whether answers under a person's own instructions are rated higher than the same model's without them.

Rule: both answers stood side by side, blind, in one exchange; only such pairs are compared, and a person's pairs hang
together. People write the instructions and rate the answers: it says nothing of anybody else's instructions.
"""

from dataclasses import dataclass

import numpy as np

from elicit.analysis.means import Mean
from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.analysis.ratings import Ratings
from elicit.analysis.regression import fit_ols
from elicit.models import Conversation, Exchange, Study, Utterance
from elicit.results.ratings import OPENING, Rated
from elicit.results.who_counts import who_counts

PAIR = "pair"  # stands where ratings have a model: pairs are counted together
PAIR_COLUMNS = (
    "exchange__conversation__participant_id", "exchange_id", "model_name", "system", "pk", "score",
    "exchange__rated_at",
)  # fmt: skip
System = Utterance.System


@dataclass(frozen=True)
class Under:
    """How much higher answers under the person's own instructions were scored, in points, with people and pairs."""

    difference: Mean
    people: int
    pairs: int


def rated_pairs(study: Study, origin: str) -> Rated:
    """Return every pair of first answers as one row, whose score is how much higher the person's own one stood."""
    pairs: dict[tuple[int, int, str], dict[str, tuple[int, int, float]]] = {}
    rows = Utterance.objects.filter(
        exchange__conversation__participant__in=who_counts(study, origin),
        exchange__conversation__arm=Conversation.Arm.OWN_SYSTEM,
        exchange__state=Exchange.State.RATED,
        exchange__number=OPENING,
        failure="",
        score__isnull=False,
    ).values_list(*PAIR_COLUMNS)
    for person, exchange, model, system, key, score, at in rows:
        pairs.setdefault((person, exchange, model), {})[system] = (key, score or 0, at.timestamp() if at else 0.0)
    found = [(person, exchange, by) for (person, exchange, _), by in pairs.items() if len(by) == len(System)]
    own, default = ([by[system] for *_, by in found] for system in (System.OWN, System.DEFAULT))
    return Rated(
        ratings=Ratings.from_columns(
            participant=[person for person, *_ in found],
            interaction=[exchange for _, exchange, _ in found],
            model=[PAIR] * len(found),
            score=[one[1] - other[1] for one, other in zip(own, default, strict=True)],
        ),
        utterance=np.array([key for key, *_ in own], dtype=np.int64),
        at=np.array([at for *_, at in own], dtype=np.float64),
        society=np.full(len(found), np.nan),
    )


def under_instructions(pairs: Ratings) -> Under | None:
    """Return the difference over some pairs, or None where fewer than ten people made them."""
    people = len(np.unique(pairs.participant))
    if people < LEAST_PEOPLE:
        return None
    fit = fit_ols(pairs.score, np.ones((len(pairs), 1)), ["mean"], cluster=pairs.participant)
    low, high = fit.interval()
    return Under(Mean(float(fit.estimate[0]), float(low[0]), float(high[0])), people, len(pairs))
