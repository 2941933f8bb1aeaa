"""What the page of values shows: canonical cards, what stands behind each, and what was decided.

Rule: it reads and changes nothing. Words of cards that are held, and of people who were left out, are not among them.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from elicit.models import Study
from moralgraph.deduplication import name_of, text_of
from moralgraph.models import CanonicalValuesCard, CardMembership, CardVerification, SamenessConstraint, SamenessVerdict
from moralgraph.near_cards import nearest
from moralgraph.reconciliation.nodes import cards_to_put_together
from moralgraph.verification import verifications_of
from moralgraph.withholding import withheld_cards

MOST_NEAR = 5
LOOKED_AT_FROM = 0.1  # nearness below which two cards share hardly a word


@dataclass(frozen=True)
class Wording:
    """Words that stand behind a canonical card, who decided that, and how many authors said them."""

    key: str
    title: str
    description: str
    policies: list[str]
    language: str
    origin: str
    authors: int
    decision: str
    similarity: float | None
    is_own: bool
    is_provisional: bool
    tests: dict[str, bool]


@dataclass(frozen=True)
class NearCard:
    """Another canonical card that is near, and what was said about the two."""

    card: CanonicalValuesCard
    similarity: float
    verdict: SamenessVerdict | None


def values_of(study: Study, *, words: str = "", only_provisional: bool = False) -> QuerySet[CanonicalValuesCard]:
    """Return the cards that stand, those with most cards behind them first."""
    standing = CanonicalValuesCard.objects.of_study(study).filter(merged_into=None).exclude(policies=[])
    standing = standing.exclude(pk__in=withheld_cards(study).values("pk"))
    if words:
        standing = standing.filter(Q(title__icontains=words) | Q(description__icontains=words))
    shown = Q(memberships__card__in=cards_to_put_together(study).values("pk"))
    disputed = verifications_of(study).filter(answer=CardVerification.Answer.DIFFERENT, canonical=OuterRef("pk"))
    found = standing.annotate(
        cards=Count("memberships", filter=shown, distinct=True),
        provisional=Count("memberships", filter=shown & Q(memberships__is_provisional=True), distinct=True),
        is_disputed=Exists(disputed.order_by()),
    )
    return (found.filter(provisional__gt=0) if only_provisional else found).order_by("-cards", "title", "pk")


def wordings_of(canonical: CanonicalValuesCard) -> list[Wording]:
    """Return the different words behind a canonical card, its own first."""
    own = name_of(canonical, origin=canonical.origin)
    members = CardMembership.objects.filter(canonical=canonical, card__in=cards_to_put_together(canonical.study))
    by_key: dict[str, list[CardMembership]] = {}
    for row in members.select_related("card").order_by("pk"):
        by_key.setdefault(name_of(row.card, origin=row.card.origin), []).append(row)
    merged = canonical.merged.exclude(policies=[]).exclude(pk__in=withheld_cards(canonical.study).values("pk"))
    nobodys = {name_of(card, origin=card.origin): card for card in merged.filter(worded_by=None)}
    verdicts = _verdicts(canonical.study, own)
    found = [_wording(key, rows, own=own, verdicts=verdicts) for key, rows in by_key.items()]
    for key, card in nobodys.items():
        if key not in by_key:
            found.append(_imported(key, card))
    return sorted(found, key=lambda each: (not each.is_own, -each.authors, each.title, each.key))


def near_cards(canonical: CanonicalValuesCard) -> list[NearCard]:
    """Return the standing cards that are nearest to this one, for somebody to look at."""
    found = nearest(
        text_of(canonical), study=canonical.study, language=canonical.language, origin=canonical.origin,
        leave_out=canonical.pk,
    )[:MOST_NEAR]  # fmt: skip
    cards = CanonicalValuesCard.objects.in_bulk([key for key, near in found if near >= LOOKED_AT_FROM])
    verdicts = _verdicts(canonical.study, name_of(canonical, origin=canonical.origin))
    return [
        NearCard(cards[key], near, verdicts.get(name_of(cards[key], origin=cards[key].origin)))
        for key, near in found
        if key in cards
    ]


def standing_constraints(study: Study) -> list[tuple[SamenessConstraint, str, str]]:
    """Return what organizers said and did not take back, with a title of each of the two cards."""
    rows = SamenessConstraint.objects.of_study(study).filter(undone_at=None).select_related("made_by")
    wanted = {key for row in rows for key in (row.first_hash, row.second_hash)}
    titles: dict[str, str] = {}
    if wanted:
        for card in (*cards_to_put_together(study), *CanonicalValuesCard.objects.of_study(study).exclude(policies=[])):
            if (key := name_of(card, origin=card.origin)) in wanted:
                titles.setdefault(key, card.title)
    return [(row, titles.get(row.first_hash, "–"), titles.get(row.second_hash, "–")) for row in rows]


def _wording(key: str, rows: list[CardMembership], *, own: str, verdicts: dict[str, SamenessVerdict]) -> Wording:
    row = rows[0]
    verdict = verdicts.get(key)
    return Wording(
        key=key, title=row.card.title, description=row.card.description, policies=row.card.policies,
        language=row.card.language, origin=row.card.origin, authors=len(rows), decision=row.get_decision_display(),
        similarity=row.similarity, is_own=key == own, is_provisional=any(each.is_provisional for each in rows),
        tests=verdict.tests if verdict else {},
    )  # fmt: skip


def _imported(key: str, card: CanonicalValuesCard) -> Wording:
    return Wording(
        key=key, title=card.title, description=card.description, policies=card.policies, language=card.language,
        origin=card.origin, authors=0, decision="", similarity=None, is_own=False, is_provisional=False, tests={},
    )  # fmt: skip


def _verdicts(study: Study, key: str) -> dict[str, SamenessVerdict]:
    """Return what a model said of these words and others, by the others."""
    rows = SamenessVerdict.objects.of_study(study).filter(Q(first_hash=key) | Q(second_hash=key))
    return {row.second_hash if row.first_hash == key else row.first_hash: row for row in rows}
