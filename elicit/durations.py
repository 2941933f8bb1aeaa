"""How long the study takes, from the people who have done it.

Rule: only finished real participants count, and a number is said only once there are enough of them.
"""

import math
from dataclasses import dataclass
from statistics import median

from elicit.models import Origin, Participant, Study

FEWEST = 10
NEWEST = 500  # enough for a steady median, few enough to read on every visit


@dataclass(frozen=True)
class Minutes:
    """Half of the people took no longer than `median`, nine of ten no longer than `nine_in_ten`."""

    median: int
    nine_in_ten: int
    people: int


def measured_minutes(study: Study) -> Minutes | None:
    """Return how long people took, or None while fewer than ten have finished."""
    finished = Participant.objects.filter(
        study=study, origin=Origin.PERSON, withdrawn_at=None, began_at__isnull=False, finished_at__isnull=False
    ).order_by("-finished_at")
    times = list(finished.values_list("began_at", "finished_at")[:NEWEST])
    if len(times) < FEWEST:
        return None
    minutes = sorted((end - start).total_seconds() / 60 for start, end in times if start and end)
    ninth = minutes[math.ceil(0.9 * len(minutes)) - 1]
    return Minutes(median=_whole(median(minutes)), nine_in_ten=_whole(ninth), people=len(minutes))


def _whole(minutes: float) -> int:
    return max(1, math.ceil(minutes))
