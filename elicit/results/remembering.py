"""What was added up once is not added up again while nothing has changed."""

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Count, Max, Sum

from elicit.models import Study, SurveyAnswer, Utterance
from elicit.results.who_counts import who_counts

KEPT_SECONDS = 24 * 3600

Found = TypeVar("Found")


def remembered(study: Study, origin: str, name: str, work: Callable[[], Found]) -> Found:
    """Return what `work` finds, from the cache while nobody rated, answered, left or was left out since."""
    return remembered_at(state_of(study, origin), name, work)


def remembered_at(state: str, name: str, work: Callable[[], Found]) -> Found:
    """Return what `work` finds, from the cache where this state was seen before."""
    key = f"results:{name}:{state}"
    found = cache.get(key)
    if found is None:
        found = work()
        cache.set(key, found, KEPT_SECONDS)
    return found  # type: ignore[no-any-return]


def state_of(study: Study, origin: str) -> str:
    """Return a hash that changes with every rating and answer, and with who counts."""
    people = who_counts(study, origin)
    counted = people.aggregate(count=Count("pk"), total=Sum("pk"))
    rated = Utterance.objects.filter(exchange__conversation__participant__in=people, score__isnull=False).aggregate(
        count=Count("pk"), total=Sum("score"), newest=Max("exchange__rated_at")
    )
    answered = SurveyAnswer.objects.filter(participant__in=people).aggregate(
        count=Count("pk"), newest=Max("answered_at")
    )
    return sha256(f"{study.pk} {origin} {counted} {rated} {answered}".encode()).hexdigest()
