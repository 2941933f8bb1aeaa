"""Upgrades: pairs of cards, in a context, that people are asked to judge.

Rule: a pair is proposed once a context, in whichever direction; which direction a person is asked is drawn later. To be
proposed says nothing about which card is wiser. What people have seen is not reworded; a retired pair is not drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from elicit.errors import Conflict
from elicit.models import Origin, Participant, Question, Study
from elicit.study_files import StudyDesign
from moralgraph.models import CanonicalValuesCard, Context, Upgrade
from moralgraph.near_cards import nearest

NEAREST = 1  # other cards that a new one is compared with, in each context
MOST_CONTEXTS = 2  # contexts in which a new card is compared; more would spread few judgements too thin
LONGEST_STORY = 1200  # characters; about the length at which somebody stops reading a page beside two cards

Source = Upgrade.Source


@dataclass(frozen=True)
class Details:
    """What a proposal brings along beside its two cards."""

    story_forward: str = ""
    story_reverse: str = ""
    mapping: list[dict[str, Any]] = field(default_factory=list)
    likelihood: str = ""
    model_name: str = ""
    prompt_hash: str = ""


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
        upgrade, _is_new = Upgrade.objects.update_or_create(
            study=study,
            context=contexts[planned.context],
            first=cards[planned.first],
            second=cards[planned.second],
            defaults={**told, "origin": Origin.SEED, "source": Source.STUDY_FILE},
        )
        found.append(upgrade)
    return found


def propose(
    context: Context,
    *,
    first: CanonicalValuesCard,
    second: CanonicalValuesCard,
    origin: str,
    source: str = Source.NEARNESS,
    proposed_by: Participant | None = None,
    details: Details | None = None,
) -> Upgrade:
    """Propose a pair in a context. A pair that is there, in either direction, stays as it is."""
    known = pair_in(context, first, second)
    if known is not None:
        return known
    return Upgrade.objects.create(
        study=context.study,
        context=context,
        first=first,
        second=second,
        origin=Origin(origin).value,
        source=source,
        proposed_by=proposed_by,
        **vars(details or Details()),
    )


def pair_in(context: Context, first: CanonicalValuesCard, second: CanonicalValuesCard) -> Upgrade | None:
    """Return the upgrade between two cards in a context, in whichever direction it was proposed."""
    either = Q(first=first, second=second) | Q(first=second, second=first)
    return Upgrade.objects.filter(either, context=context).first()


@transaction.atomic
def add_upgrade(context: Context, *, first: CanonicalValuesCard, second: CanonicalValuesCard) -> Upgrade:
    """Add a pair that an organizer wants to be judged; one that was retired is drawn again.

    Raises
    ------
    Conflict
        When the pair is drawn already, or is no pair of this study.
    """
    if first == second or {first.study_id, second.study_id} != {context.study_id}:
        raise Conflict(_("An upgrade needs two different cards of this study."))
    known = pair_in(context, first, second)
    if known is not None and not known.is_retired:
        raise Conflict(_("These two cards are compared in this context already."))
    if known is not None:
        return use_upgrade(known)
    return propose(context, first=first, second=second, origin=Origin.SEED, source=Source.ORGANIZER)


@transaction.atomic
def retire_upgrade(upgrade: Upgrade) -> Upgrade:
    """Draw a pair no more. What was judged stays."""
    return _set_retired(upgrade, is_retired=True)


@transaction.atomic
def use_upgrade(upgrade: Upgrade) -> Upgrade:
    """Draw a pair again that was retired."""
    return _set_retired(upgrade, is_retired=False)


@transaction.atomic
def reword_stories(upgrade: Upgrade, *, forward: str, reverse: str) -> Upgrade:
    """Give a pair other stories, or none, as long as nobody was shown it. They are then the study team's.

    Raises
    ------
    Conflict
        When somebody was shown the pair, or a story is too long.
    """
    current = Upgrade.objects.select_for_update().get(pk=upgrade.pk)
    told = [" ".join(text.split()) for text in (forward, reverse)]
    if any(len(text) > LONGEST_STORY for text in told):
        raise Conflict(_("A story has at most %(most)s characters.") % {"most": LONGEST_STORY})
    if told == [current.story_forward, current.story_reverse]:
        return current
    if current.judgements.exists():
        raise Conflict(_("People were shown this pair, so its stories stay as they are."))
    current.story_forward, current.story_reverse = told
    current.model_name = current.prompt_hash = ""
    current.save(update_fields=["story_forward", "story_reverse", "model_name", "prompt_hash"])
    return current


def propose_by_nearness(card: CanonicalValuesCard, *, question: Question | None) -> list[Upgrade]:
    """Propose a new card against its nearest ones, so that it can be judged at once."""
    return [
        propose(context, first=other, second=card, origin=card.origin)
        for context in contexts_for(card.study, question)
        for other in nearest_to(card, context=context)
    ]


def nearest_to(card: CanonicalValuesCard, *, context: Context, count: int = NEAREST) -> list[CanonicalValuesCard]:
    """Return the nearest cards of its language, those that are already compared in the context first."""
    near = nearest(
        "\n".join(card.policies), study=card.study, language=card.language, origin=card.origin, leave_out=card.pk
    )
    compared = Upgrade.objects.filter(context=context).values_list("first", "second")
    in_context = {key for pair in compared for key in pair}
    keys = sorted((key for key, _near in near), key=lambda key: key not in in_context)[:count]
    found = CanonicalValuesCard.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def contexts_for(study: Study, question: Question | None) -> list[Context]:
    """Return the contexts in which a new card is compared: those of its question, or else the study's first."""
    contexts = Context.objects.of_study(study).active().filter(merged_into=None)
    asked = list(contexts.filter(questions=question)[:MOST_CONTEXTS]) if question else []
    return asked or list(contexts[:MOST_CONTEXTS])


def _set_retired(upgrade: Upgrade, *, is_retired: bool) -> Upgrade:
    current = Upgrade.objects.select_for_update().get(pk=upgrade.pk)
    current.is_retired = is_retired
    current.save(update_fields=["is_retired"])
    return current
