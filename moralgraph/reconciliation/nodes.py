"""What is put together: different words, with the cards that say them.

Rule: only cards that may be shown to others are read, of people who agreed to that and were not left out. What two
authors said in the same words is one node; a program's and a preview's words are nodes of their own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from elicit.consent import granting
from elicit.models import Study, ValuesCard
from moralgraph.deduplication import name_of, text_of
from moralgraph.models import CanonicalValuesCard, Judgement

RELEASING = ("publish", "train")  # purposes for which words are handed on


@dataclass(frozen=True)
class Node:
    """Words that one or more cards say, named by their hash.

    `voice` is the origin of their authors, or "" for words of the study file or an import, which are nobody's.
    `releases` counts the purposes that an author of these words granted.
    """

    key: str
    text: str
    language: str
    voice: str
    cards: tuple[ValuesCard, ...] = field(compare=False)
    canonicals: tuple[CanonicalValuesCard, ...] = field(compare=False)
    releases: int
    is_judged: bool

    @property
    def wording(self) -> ValuesCard | CanonicalValuesCard:
        """A card in these words; the same one in whichever order they came."""
        return self.canonicals[0] if self.canonicals else self.cards[0]

    @property
    def wording_card(self) -> int | None:
        """The confirmed card whose author the canonical card's words are taken to be."""
        return self.cards[0].pk if self.cards and not self.stays else None

    @property
    def stays(self) -> bool:
        """Whether the words stay whoever withdraws: they are the study file's, or an import's."""
        return any(canonical.worded_by_id is None for canonical in self.canonicals)


def cards_to_put_together(study: Study) -> QuerySet[ValuesCard]:
    """Return the confirmed cards that others may be shown, whose authors agreed to that and count."""
    counts = Q(participant__withdrawn_at=None, participant__excluded_at=None)
    if not study.is_method_test:
        counts &= Q(participant__in=granting("explore", study=study))
    return ValuesCard.objects.of_study(study).shareable().filter(Q(participant=None) | counts).order_by("pk")


def read_nodes(study: Study) -> dict[str, Node]:
    """Return the study's nodes by key, sorted."""
    cards, canonicals = defaultdict(list), defaultdict(list)
    for card in cards_to_put_together(study):
        cards[name_of(card, origin=card.origin)].append(card)
    for canonical in CanonicalValuesCard.objects.of_study(study).exclude(policies=[]):
        key = name_of(canonical, origin=canonical.origin)
        if canonical.worded_by_id is None or key in cards:
            canonicals[key].append(canonical)
    granted = [set(granting(purpose, study=study).values_list("pk", flat=True)) for purpose in RELEASING]
    judged = _judged(study)
    return {
        key: _node(key, cards=cards[key], canonicals=canonicals[key], granted=granted, judged=judged)
        for key in sorted(cards.keys() | canonicals.keys())
    }


def node_of_cards(nodes: Mapping[str, Node]) -> dict[int, str]:
    """Return the node of each confirmed card, by its key."""
    return {card.pk: node.key for node in nodes.values() for card in node.cards}


def node_of_canonicals(nodes: Mapping[str, Node]) -> dict[int, str]:
    """Return the node of each canonical card, by its key."""
    return {canonical.pk: node.key for node in nodes.values() for canonical in node.canonicals}


def _node(
    key: str,
    *,
    cards: list[ValuesCard],
    canonicals: list[CanonicalValuesCard],
    granted: Iterable[set[int]],
    judged: set[int],
) -> Node:
    spelled = sorted(cards, key=lambda card: (card.title, card.description, card.policies, card.pk))
    known = sorted(canonicals, key=lambda card: card.content_id)
    first: ValuesCard | CanonicalValuesCard = known[0] if known else spelled[0]
    authors = {card.participant_id for card in spelled}
    return Node(
        key=key,
        text=text_of(first),
        language=first.language,
        voice=str(spelled[0].origin) if any(authors) else "",
        cards=tuple(spelled),
        canonicals=tuple(known),
        releases=sum(bool(authors & people) for people in granted),
        is_judged=any(card.pk in judged for card in known),
    )


def _judged(study: Study) -> set[int]:
    rows = Judgement.objects.of_study(study).exclude(answer="").order_by().values_list("first", "second").distinct()
    return {key for pair in rows for key in pair}
