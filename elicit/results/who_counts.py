"""Whose answers are added up."""

from django.db.models import Count, QuerySet

from elicit.models import Origin, Participant, Study

SHOWN_ORIGINS = (Origin.PERSON, Origin.IMPORTED, Origin.SIMULATED)  # in the order in which one is chosen


def who_counts(study: Study, origin: str) -> QuerySet[Participant]:
    """Return the participants of one origin whose answers are added up."""
    return Participant.objects.of_study(study).filter(origin=origin, withdrawn_at=None, excluded_at=None)


def origins_of(study: Study) -> dict[str, int]:
    """Return how many participants of each origin count, for the origins that have any."""
    rows = (
        Participant.objects.of_study(study)
        .filter(withdrawn_at=None, excluded_at=None, began_at__isnull=False)
        .order_by()
        .values_list("origin")
        .annotate(count=Count("pk"))
    )
    counts = dict(rows)
    return {origin.value: counts[origin] for origin in SHOWN_ORIGINS if counts.get(origin)}


def chosen_origin(study: Study, asked: str) -> str:
    """Return the origin that a page asks for if anybody is of it, else the first that has people."""
    known = origins_of(study)
    return asked if asked in known else next(iter(known), Origin.PERSON.value)
