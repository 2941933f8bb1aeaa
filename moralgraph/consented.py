"""Choose what may go into a graph: by what people granted, and by where it comes from.

Rule: nothing is added up for a purpose that its author did not grant, nobody whom an organizer left out is counted, and
no card that is held or refused is shown. A study whose consent was not recorded may be explored and trained on as a
method test, and can never be published.
"""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from elicit.consent import granting
from elicit.errors import WellspringError
from elicit.models import Origin, Study, ValuesCard
from moralgraph.deduplication import words_hash
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
    found = _answered(study, purpose=purpose, origins=origins).filter(first__in=cards, second__in=cards)
    for side in ("first", "second"):  # the words of the card that stands for a merged one are what is shown
        found = found.filter(Q(**{f"{side}__merged_into": None}) | Q(**{f"{side}__merged_into__in": cards}))
    return found.order_by("number", "pk")


def judgements_without_words(study: Study, *, purpose: str, origins: Collection[str]) -> QuerySet[Judgement]:
    """Return the answers of people who granted the purpose that are not used: about words that may not be."""
    used = judgements_for(study, purpose=purpose, origins=origins).order_by().values("pk")
    return _answered(study, purpose=purpose, origins=origins).exclude(pk__in=used)


def cards_for(study: Study, *, purpose: str, origins: Collection[str]) -> QuerySet[CanonicalValuesCard]:
    """Return the canonical cards that may be used: seeds, imports, and those in words whose author granted the purpose.

    Where several wrote the very same words and stand behind one card, it is enough that one of them granted it.
    """
    _refuse_purpose(study, purpose)
    found = CanonicalValuesCard.objects.of_study(study).exclude(policies=[])
    found = found.exclude(pk__in=withheld_cards(study).values("pk")).exclude(pk__in=left_out_cards(study).values("pk"))
    if study.is_method_test:
        return found
    granted = Q(origin__in=origins, worded_by__in=granting(purpose, study=study))
    again = Q(pk__in=_granted_by_another(study, purpose=purpose, origins=origins))
    return found.filter(Q(origin__in=NOT_A_PERSONS_WORDS) | granted | again)


def _answered(study: Study, *, purpose: str, origins: Collection[str]) -> QuerySet[Judgement]:
    """Return what people who count answered, where they granted the purpose, about whatever card."""
    found = Judgement.objects.of_study(study).exclude(answer="").filter(origin__in=origins)
    found = found.filter(participant__excluded_at=None)
    return found if study.is_method_test else found.filter(participant__in=granting(purpose, study=study))


def _granted_by_another(study: Study, *, purpose: str, origins: Collection[str]) -> list[int]:
    """Return the cards whose author did not grant the purpose, but another did who wrote the same and stands behind."""
    granted = granting(purpose, study=study).values("pk")
    lacking = CanonicalValuesCard.objects.of_study(study).filter(origin__in=origins, worded_by__isnull=False)
    lacking = lacking.exclude(policies=[]).exclude(worded_by__in=granted)
    worded = {(card.origin, words_hash(card)): card for card in lacking}
    if not worded:
        return []
    stands = {key for card in worded.values() for key in (card.pk, card.merged_into_id) if key is not None}
    behind = ValuesCard.objects.of_study(study).shareable().filter(membership__canonical__in=stands)
    behind = behind.filter(participant__in=granted, participant__excluded_at=None)
    found = ((card, worded.get((card.origin, words_hash(card)))) for card in behind.select_related("membership"))
    return [same.pk for card, same in found if same and card.membership.canonical_id in (same.pk, same.merged_into_id)]


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
