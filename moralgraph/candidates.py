"""Candidates: the pairs that one person can still be asked about.

Rule: nobody is asked twice about two cards, nor about a card of their own, nor about one that they may not see. Merged
cards and contexts are asked about as those that stand for them; what is retired is asked about no more.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from elicit.models import Origin, Participant
from moralgraph.algorithms import pairing
from moralgraph.consented import left_out_cards
from moralgraph.contexts import standing_contexts
from moralgraph.merging import standing_key
from moralgraph.models import CanonicalValuesCard, CardMembership, Context, Judgement, Upgrade
from moralgraph.withholding import withheld_cards

Pair = frozenset[int]
TELLING = (Judgement.Answer.WISER, Judgement.Answer.ABOUT_EQUAL, Judgement.Answer.LESS_WISE)


@dataclass(frozen=True)
class Candidate:
    """An upgrade as it can be asked about now, by the rows of the cards and the context that stand for its own."""

    upgrade: int
    first: int
    second: int
    context: int

    @property
    def pair(self) -> Pair:
        """The two cards, in no order."""
        return frozenset((self.first, self.second))


@dataclass(frozen=True)
class Candidates:
    """What a person can be asked about, with the names by which pairs are drawn."""

    rows: tuple[Candidate, ...]
    card_ids: Mapping[int, str]
    contexts: Mapping[int, Context]

    def named(self) -> list[pairing.Upgrade]:
        """Return the candidates under the names of their cards and contexts."""
        return [self._name(row) for row in self.rows]

    def of(self, choice: pairing.PairChoice) -> tuple[Candidate, bool]:
        """Return the candidate that was chosen, and whether its second card is to be shown first."""
        for row in self.rows:
            named = self._name(row)
            if named.context == choice.context and {named.first, named.second} == {choice.first, choice.second}:
                return row, named.first != choice.first
        raise LookupError("the choice is none of the candidates")

    def _name(self, row: Candidate) -> pairing.Upgrade:
        return pairing.Upgrade(self.card_ids[row.first], self.card_ids[row.second], self.contexts[row.context].key)


def open_candidates(participant: Participant, *, among: Collection[int] | None = None) -> Candidates:
    """Return what is open to a person, in any context or only in some of those that stand."""
    study = participant.study
    merged = merged_cards(participant)
    shown = dict(shown_cards(participant))
    contexts = standing_contexts(study)
    judged = {
        frozenset(standing_key(key, merged) for key in pair)
        for pair in participant.judgements.order_by().values_list("first", "second")
    }
    own = {standing_key(key, merged) for key in own_cards(participant)}
    wanted = [key for key, context in contexts.items() if among is None or context.pk in among]
    upgrades = Upgrade.objects.of_study(study).filter(is_retired=False, context__in=wanted).order_by("pk")
    rows: dict[tuple[Pair, int], Candidate] = {}
    for key, first, second, context in upgrades.values_list("pk", "first", "second", "context"):
        row = Candidate(key, standing_key(first, merged), standing_key(second, merged), contexts[context].pk)
        pair = row.pair
        if len(pair) == 2 and pair <= shown.keys() and pair not in judged and not pair & own:
            rows.setdefault((pair, row.context), row)
    return Candidates(tuple(rows.values()), shown, {context.pk: context for context in contexts.values()})


def near_candidates(participant: Participant) -> Candidates:
    """Return what is open in the contexts of the person's own question, and all that is when nothing is left there."""
    asked = Context.objects.filter(questions__interviews__participant=participant).values_list("pk", flat=True)
    contexts = standing_contexts(participant.study)
    near = {contexts[key].pk for key in asked if key in contexts}
    found = open_candidates(participant, among=near) if near else None
    return found if found is not None and found.rows else open_candidates(participant)


def shown_cards(participant: Participant) -> Iterable[tuple[int, str]]:
    """Return the row and the name of each card that stands for itself and that this person may see."""
    study = participant.study
    seen = {participant.origin, Origin.SEED, Origin.IMPORTED}  # people never judge a preview's or a program's card
    cards = CanonicalValuesCard.objects.of_study(study).filter(merged_into=None, origin__in=seen).exclude(policies=[])
    cards = cards.exclude(pk__in=withheld_cards(study).values("pk")).exclude(pk__in=left_out_cards(study).values("pk"))
    return cards.order_by("pk").values_list("pk", "content_id")


def may_be_seen(cards: Collection[int], participant: Participant) -> bool:
    """Say whether a person may go on seeing the words of cards that they were shown, merged since then or not."""
    study = participant.study
    found = CanonicalValuesCard.objects.of_study(study).filter(pk__in=cards).exclude(policies=[])
    found = found.exclude(pk__in=withheld_cards(study).values("pk")).exclude(pk__in=left_out_cards(study).values("pk"))
    return found.count() == len(cards)


def own_cards(participant: Participant) -> set[int]:
    """Return the canonical cards that the person is behind, or that stand in their words."""
    behind = CardMembership.objects.filter(card__participant=participant).values_list("canonical", flat=True)
    return {*behind, *participant.worded_canonical_cards.values_list("pk", flat=True)}


def merged_cards(participant: Participant) -> dict[int, int]:
    """Return into which card each merged one of the study went."""
    merged = CanonicalValuesCard.objects.of_study(participant.study).exclude(merged_into=None).order_by()
    return dict(merged.values_list("pk", "merged_into"))


def answers_so_far(participant: Participant, found: Candidates) -> dict[pairing.Directed, pairing.Tally]:
    """Count what was answered in each direction so far, by participants of the same origin; repeats do not count."""
    merged = merged_cards(participant)
    contexts = standing_contexts(participant.study)
    counts: dict[pairing.Directed, pairing.Tally] = {}
    for first, second, context, *told in _asked(participant):
        cards = standing_key(first, merged), standing_key(second, merged)
        if context in contexts and set(cards) <= found.card_ids.keys():
            name = (found.card_ids[cards[0]], found.card_ids[cards[1]], contexts[context].key)
            before = counts.get(name, pairing.NOTHING)
            counts[name] = pairing.Tally(
                before.asked + told[0], before.wiser + told[1], before.about_equal + told[2], before.less_wise + told[3]
            )
    return counts


def _asked(participant: Participant) -> Iterable[tuple[int, ...]]:
    """Return for each direction of a pair in a context how often it was asked, and the answers that tell an order."""
    rows = Judgement.objects.of_study(participant.study).filter(origin=participant.origin, repeat=0).order_by()
    ordered = {answer.value: Count("pk", filter=Q(answer=answer.value)) for answer in TELLING}
    return (
        rows.values("first", "second", "context")
        .annotate(asked=Count("pk"), **ordered)
        .values_list("first", "second", "context", "asked", *ordered)
    )
