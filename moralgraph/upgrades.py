"""Upgrades: pairs of cards, in a context, that people are asked to judge.

Rule: a pair is proposed once a context, in whichever direction; which direction a person is asked is drawn later. To be
proposed says nothing about which card is wiser.
"""

from collections.abc import Iterable, Mapping

from django.db.models import Q

from elicit.models import Origin, Question, Study
from elicit.study_files import StudyDesign
from moralgraph.algorithms.similarity import LexicalIndex
from moralgraph.models import CanonicalValuesCard, Context, Upgrade
from moralgraph.withholding import withheld_cards

NEAREST = 1  # other cards that a new one is compared with, in each context
MOST_CONTEXTS = 2  # contexts in which a new card is compared; more would spread few judgements too thin


def load_upgrades(
    study: Study,
    design: StudyDesign,
    *,
    contexts: Mapping[str, Context],
    cards: Mapping[str, CanonicalValuesCard],
) -> list[Upgrade]:
    """Write the design's upgrades with their stories in the study's first language."""
    language = design.languages[0]
    found = []
    for planned in design.upgrades:
        told = {
            name: text.for_language(language) if text is not None else ""
            for name, text in (("story_forward", planned.story_forward), ("story_reverse", planned.story_reverse))
        }
        upgrade, _ = Upgrade.objects.update_or_create(
            study=study,
            context=contexts[planned.context],
            first=cards[planned.first],
            second=cards[planned.second],
            defaults={**told, "origin": Origin.SEED},
        )
        found.append(upgrade)
    return found


def propose(context: Context, *, first: CanonicalValuesCard, second: CanonicalValuesCard, origin: str) -> Upgrade:
    """Propose a pair in a context. A pair that is there, in either direction, stays as it is."""
    either = Q(first=first, second=second) | Q(first=second, second=first)
    known = Upgrade.objects.filter(either, context=context).first()
    if known is not None:
        return known
    return Upgrade.objects.create(
        study=context.study, context=context, first=first, second=second, origin=Origin(origin).value
    )


def propose_by_nearness(card: CanonicalValuesCard, *, question: Question | None) -> list[Upgrade]:
    """Propose a new card against its nearest ones, so that it can be judged at once."""
    contexts = _contexts_of(card.study, question)
    return [
        propose(context, first=other, second=card, origin=card.origin)
        for context in contexts
        for other in nearest_to(card, context=context)
    ]


def nearest_to(card: CanonicalValuesCard, *, context: Context) -> list[CanonicalValuesCard]:
    """Return the nearest cards of its language, those that are already compared in the context first."""
    others = CanonicalValuesCard.objects.of_study(card.study).exclude(pk=card.pk).exclude(policies=[])
    others = others.filter(language=card.language, origin__in={card.origin, Origin.SEED})
    others = others.exclude(pk__in=withheld_cards(card.study).values("pk"))
    compared = Upgrade.objects.filter(context=context).values_list("first", "second")
    in_context = {key for pair in compared for key in pair}
    found = _by_nearness(card, [other for other in others if other.pk in in_context])
    if len(found) < NEAREST:
        found += _by_nearness(card, [other for other in others if other.pk not in in_context])
    return found[:NEAREST]


def _by_nearness(card: CanonicalValuesCard, others: Iterable[CanonicalValuesCard]) -> list[CanonicalValuesCard]:
    by_key = {str(other.pk): other for other in others}
    index = LexicalIndex.build({key: _words(other) for key, other in by_key.items()})
    return [by_key[near.id] for near in index.nearest(_words(card), count=NEAREST)]


def _words(card: CanonicalValuesCard) -> str:
    return "\n".join([card.title, card.description, *card.policies])


def _contexts_of(study: Study, question: Question | None) -> list[Context]:
    contexts = Context.objects.of_study(study)
    asked = list(contexts.filter(questions=question)[:MOST_CONTEXTS]) if question else []
    return asked or list(contexts[:MOST_CONTEXTS])
