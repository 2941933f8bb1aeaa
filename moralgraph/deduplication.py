"""Find the canonical card that stands for a confirmed one, as cards arrive.

Rule: the author's card never changes. A canonical card is named by the hash of its words; a near duplicate joins one
provisionally, until all cards are reconciled, and only among cards of the same origin or of the study file.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Protocol

from django.db import transaction

from elicit.consent import has_granted
from elicit.jobs import enqueue
from elicit.models import Origin, Study, ValuesCard
from elicit.study_files import StudyDesign
from moralgraph import sameness
from moralgraph.algorithms.similarity import words_of
from moralgraph.merging import standing_card
from moralgraph.models import CanonicalValuesCard, CardMembership
from moralgraph.near_cards import KEPT_APART, candidates_for, nearest_to_join
from moralgraph.upgrades import propose_by_nearness

SIMILAR_FROM = 0.5  # of policies: of 115 cards that people and a model had told apart, one pair lies above it
LONGEST_CONTENT_ID = 40
PLACING = "place_card"  # the job that asks a model about a new card


Decision = CardMembership.Decision


class Worded(Protocol):
    """Anything with the words of a card."""

    title: str
    description: str
    policies: list[str]


def content_id(title: str, description: str, policies: Sequence[str]) -> str:
    """Name words by their hash; case, punctuation and spacing do not count.

    >>> content_id("A title", "", ["One"]) == content_id("a  title!", "", ["one."])
    True
    """
    folded = [" ".join(words_of(text)) for text in (title, description, *policies)]
    return hashlib.sha256(json.dumps(folded, ensure_ascii=False).encode()).hexdigest()[:LONGEST_CONTENT_ID]


def words_hash(card: Worded) -> str:
    """Name a card by its words."""
    return content_id(card.title, card.description, card.policies)


def name_of(card: Worded, *, origin: str) -> str:
    """Name a canonical card by its words; a program's and a preview's never share the name of a person's."""
    return _name_within(origin, words_hash(card)) if origin in KEPT_APART else words_hash(card)


def text_of(card: Worded) -> str:
    """Return the words by which cards are compared: what to attend to. A title is only a name."""
    return "\n".join(card.policies)


def load_seed_cards(study: Study, design: StudyDesign) -> dict[str, CanonicalValuesCard]:
    """Write the design's seed cards and return them by key. Other words make another card."""
    language = design.languages[0]
    found = {}
    for seed in design.seed_cards:
        title, description = seed.title.for_language(language), seed.description.for_language(language)
        policies = [policy.for_language(language) for policy in seed.policies]
        words = {"title": title, "description": description, "policies": policies, "language": language}
        found[seed.key], _ = CanonicalValuesCard.objects.get_or_create(
            study=study,
            content_id=content_id(title, description, policies),
            defaults={**words, "origin": Origin.SEED, "seed_key": seed.key},
        )
    return found


@transaction.atomic
def deduplicate(card: ValuesCard) -> CardMembership:
    """Decide which canonical card stands for a confirmed one, and give a new one something to be judged with."""
    known = CardMembership.objects.filter(card=card).first()
    if known is not None:
        return known
    Study.objects.select_for_update().get(pk=card.study_id)
    same = _same_words(card)
    if same is not None:
        return _join(card, same, decision=Decision.SAME_WORDS, similarity=1.0)
    similar, similarity = nearest_card(card)
    if sameness.is_wanted() and similar is not None and card.origin != Origin.PREVIEW:
        return _stand_until_a_model_is_asked(card, similarity=similarity)
    if similar is not None and similarity >= SIMILAR_FROM:
        return _join(card, similar, decision=Decision.SIMILAR, similarity=similarity)
    own = stand_for_itself(card)
    propose_by_nearness(own, question=card.question)
    return _join(card, own, decision=Decision.OWN, similarity=similarity if similar else None)


def join_canonical(card: ValuesCard) -> None:
    """Add a card that was just confirmed to the others', if its author agreed to that; otherwise it stays theirs.

    One that is held or refused waits: it joins when an organizer releases it.
    """
    if card.release in (ValuesCard.Release.HELD, ValuesCard.Release.REFUSED):
        return
    if card.participant is None or has_granted(card.participant, "explore"):
        deduplicate(card)


def nearest_card(card: ValuesCard) -> tuple[CanonicalValuesCard | None, float]:
    """Return the canonical card that is nearest by its words, and how near it is."""
    found = nearest_to_join(text_of(card), study=card.study, language=card.language, origin=card.origin)
    if found is None:
        return None, 0.0
    return CanonicalValuesCard.objects.get(pk=found[0]), found[1]


def stand_for_itself(card: ValuesCard) -> CanonicalValuesCard:
    """Make the canonical card in the words of a confirmed one."""
    name = name_of(card, origin=card.origin)
    if CanonicalValuesCard.objects.of_study(card.study).filter(content_id=name).exists():
        name = _name_within(card.origin, name)  # another origin has it
    return CanonicalValuesCard.objects.create(
        study=card.study,
        content_id=name,
        title=card.title,
        description=card.description,
        policies=card.policies,
        language=card.language,
        origin=card.origin,
        worded_by=card.participant,
    )


def _same_words(card: ValuesCard) -> CanonicalValuesCard | None:
    """Return the card that stands for these very words, among those of its origin and the study file's."""
    names = {words_hash(card), _name_within(card.origin, words_hash(card))}
    found = CanonicalValuesCard.objects.of_study(card.study).filter(content_id__in=names)
    for same in found.filter(origin__in={card.origin, Origin.SEED}).order_by("pk"):
        standing = standing_card(same)
        may_join = candidates_for(card.study, language=standing.language, origin=card.origin)
        if card.origin not in KEPT_APART or same.origin == card.origin or may_join.filter(pk=standing.pk).exists():
            return standing
    return None


def _stand_until_a_model_is_asked(card: ValuesCard, *, similarity: float) -> CardMembership:
    own = stand_for_itself(card)
    propose_by_nearness(own, question=card.question)
    enqueue(PLACING, key=f"{PLACING}:{card.pk}:{own.pk}", study=card.study, payload={"card": card.pk})
    return _join(card, own, decision=Decision.UNSURE, similarity=similarity)


def _name_within(origin: str, name: str) -> str:
    return hashlib.sha256(f"{origin} {name}".encode()).hexdigest()[:LONGEST_CONTENT_ID]


def _join(
    card: ValuesCard, canonical: CanonicalValuesCard, *, decision: Decision, similarity: float | None
) -> CardMembership:
    return CardMembership.objects.create(card=card, canonical=canonical, decision=decision, similarity=similarity)
