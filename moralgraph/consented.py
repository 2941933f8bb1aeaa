"""Choose what may go into a graph: by what people granted, and by where it comes from.

Rule: nothing is added up for a purpose that its author did not grant, nobody whom an organizer left out is counted, and
no card that is held or refused is shown. A study whose consent was not recorded may be explored and trained on as a
method test, and can never be published.
"""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from elicit.consent import granting
from elicit.errors import WellspringError
from elicit.models import Origin, Study
from moralgraph.models import CanonicalValuesCard, CardMembership, Judgement
from moralgraph.withholding import withheld_cards

PURPOSES = ("explore", "publish", "train")
SIMULATED = "simulated"
METHOD_TEST_ONLY = "method test only"
NOT_A_PERSONS_WORDS = (Origin.SEED, Origin.IMPORTED)


class NotGranted(WellspringError):
    """Something was asked for a purpose that nobody granted."""


def judgements_for(study: Study, *, purpose: str, origins: Collection[str]) -> QuerySet[Judgement]:
    """Return the answered judgements that may be used, in their order, about cards that may be used."""
    _refuse_purpose(study, purpose)
    cards = cards_for(study, purpose=purpose, origins=origins).values("pk")
    found = Judgement.objects.of_study(study).exclude(answer="").filter(origin__in=origins)
    found = found.filter(first__in=cards, second__in=cards, participant__excluded_at=None)
    for side in ("first", "second"):  # the words of the card that stands for a merged one are what is shown
        found = found.filter(Q(**{f"{side}__merged_into": None}) | Q(**{f"{side}__merged_into__in": cards}))
    if not study.is_method_test:
        found = found.filter(participant__in=granting(purpose, study=study))
    return found.order_by("number", "pk")


def cards_for(study: Study, *, purpose: str, origins: Collection[str]) -> QuerySet[CanonicalValuesCard]:
    """Return the canonical cards that may be used: seeds, imports, and those whose author granted the purpose."""
    _refuse_purpose(study, purpose)
    found = CanonicalValuesCard.objects.of_study(study).exclude(policies=[])
    found = found.exclude(pk__in=withheld_cards(study).values("pk")).exclude(pk__in=left_out_cards(study).values("pk"))
    if study.is_method_test:
        return found
    granted = Q(origin__in=origins, worded_by__in=granting(purpose, study=study))
    return found.filter(Q(origin__in=NOT_A_PERSONS_WORDS) | granted)


def left_out_cards(study: Study) -> QuerySet[CanonicalValuesCard]:
    """Return the cards in the words of somebody who was excluded, unless somebody who counts stands behind them too."""
    counts = CardMembership.objects.filter(
        canonical=OuterRef("pk"), card__participant__isnull=False, card__participant__excluded_at=None
    )
    return CanonicalValuesCard.objects.of_study(study).filter(~Exists(counts), worded_by__excluded_at__isnull=False)


def usual_origins(study: Study) -> tuple[str, ...]:
    """Return `person` if people have judged, otherwise every origin that has, previews left out."""
    answered = Judgement.objects.of_study(study).exclude(answer="").exclude(origin=Origin.PREVIEW)
    present = sorted(answered.order_by().values_list("origin", flat=True).distinct())
    return (Origin.PERSON.value,) if Origin.PERSON in present else tuple(present)


def labels_for(study: Study, *, origins: Sequence[str]) -> list[str]:
    """Return what every page and file built from these origins must say."""
    simulated = [SIMULATED] if Origin.SIMULATED in origins else []
    return simulated + ([METHOD_TEST_ONLY] if study.is_method_test else [])


def _refuse_purpose(study: Study, purpose: str) -> None:
    if purpose not in PURPOSES:
        raise NotGranted(f'"{purpose}" is not a purpose that people are asked about; use one of {", ".join(PURPOSES)}.')
    if purpose == "publish" and study.is_method_test:
        raise NotGranted(
            f'Consent was not recorded in "{study}": it is a method test only and cannot be published. '
            "Build it with --purpose explore or train."
        )
