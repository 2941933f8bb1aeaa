"""Whether answers under a person's own instructions are rated higher than the same model's without them.

Rule: both answers stood side by side, blind, in one exchange; only such pairs are compared, and a person's pairs hang
together. People write the instructions and rate the answers: it says nothing of anybody else's instructions.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from elicit.analysis.means import Mean
from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.analysis.regression import fit_ols
from elicit.models import Conversation, Exchange, Study, Utterance
from elicit.results.who_counts import who_counts


@dataclass(frozen=True)
class Under:
    """How much higher answers under the person's own instructions were scored, in points, with people and pairs."""

    difference: Mean
    people: int
    pairs: int


def under_instructions(study: Study, origin: str, *, until: datetime) -> Under | None:
    """Return the difference over what was rated up to a moment, or None while fewer than ten people made pairs."""
    scores: dict[tuple[int, int, str], dict[str, int]] = {}
    rows = Utterance.objects.filter(
        exchange__conversation__participant__in=who_counts(study, origin),
        exchange__conversation__arm=Conversation.Arm.OWN_SYSTEM,
        exchange__state=Exchange.State.RATED,
        exchange__rated_at__lte=until,
        exchange__number=1,
        failure="",
        score__isnull=False,
    ).values_list("exchange__conversation__participant_id", "exchange_id", "model_name", "system", "score")
    for person, exchange, model, system, score in rows:
        scores.setdefault((person, exchange, model), {})[system] = score or 0
    pairs = [
        (person, by[Utterance.System.OWN] - by[Utterance.System.DEFAULT])
        for (person, _exchange, _model), by in scores.items()
        if len(by) == len(Utterance.System)
    ]
    people = {person for person, _ in pairs}
    if len(people) < LEAST_PEOPLE:
        return None
    outcome = np.array([difference for _, difference in pairs], dtype=np.float64)
    fit = fit_ols(outcome, np.ones((len(pairs), 1)), ["mean"], cluster=np.array([person for person, _ in pairs]))
    low, high = fit.interval()
    return Under(Mean(float(fit.estimate[0]), float(low[0]), float(high[0])), len(people), len(pairs))
