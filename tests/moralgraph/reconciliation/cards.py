"""Cards whose likeness is known: words of one list are near one another, words of two lists are not."""

from elicit.models import Participant, Study, ValuesCard
from moralgraph.deduplication import join_canonical
from moralgraph.models import CanonicalValuesCard, CardMembership
from tests.make import make_confirmed_card, make_consenting_participant

NEAR = (
    ["Silences that leave room", "Words the person returns to", "Hours that are the hardest"],
    ["Silences that leave room", "Words the person returns to", "Hours that are hardest for them"],
    ["Silences that leave them room", "Words the person returns to", "Hours that are hardest"],
)
FAR = ["Bread that is still warm", "Neighbours at the fence", "Children who are late"]
SEED = """\
seed_cards:
  - key: near
    title: Near
    description: I am near.
    policies: [Silences that leave room, Words the person returns to, Hours that are the hardest]
"""


def make_author(study: Study, origin: str = "person") -> Participant:
    """Add somebody who agreed that others see their card."""
    author = make_consenting_participant(study, explore=True, train=True)
    Participant.objects.filter(pk=author.pk).update(origin=origin)
    return Participant.objects.get(pk=author.pk)


def share(study: Study, policies: list[str], *, title: str = "Staying close", origin: str = "person") -> ValuesCard:
    """Let somebody confirm a card and show it to the others."""
    card = make_confirmed_card(make_author(study, origin), title=title, policies=policies)
    join_canonical(card)
    return card


def alone(study: Study, policies: list[str], **fields: str) -> ValuesCard:
    """Let somebody confirm a card that stands for itself so far."""
    card = share(study, policies, **fields)
    if card.membership.canonical.worded_by_id != card.participant_id:
        own = CanonicalValuesCard.objects.create(
            study=study, content_id=f"own-{card.pk}", title=card.title, description=card.description,
            policies=card.policies, origin=card.origin, worded_by=card.participant,
        )  # fmt: skip
        CardMembership.objects.filter(card=card).update(canonical=own, decision="own")
    return card


def groups_of(study: Study) -> set[frozenset[str]]:
    """Return the titles of the cards that are together."""
    found: dict[int, set[str]] = {}
    for title, canonical in CardMembership.objects.of_study(study).values_list("card__title", "canonical"):
        found.setdefault(canonical, set()).add(title)
    return {frozenset(titles) for titles in found.values()}


def canonical_of(card: ValuesCard) -> CanonicalValuesCard:
    """Return the canonical card that stands for a card now."""
    return CardMembership.objects.get(card=card).canonical
