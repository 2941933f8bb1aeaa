"""Hold back a card in which something was found until an organizer has read it.

Rule: a flag never stops the author. It only keeps the card from other participants until somebody has looked. What was
held or refused is shown to nobody else; releasing it does what confirming it would have done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from elicit import guided
from elicit.errors import Conflict
from elicit.models import Origin, Participant, Study, ValuesCard

HOLDING = frozenset({"personal_data", "name"})  # advice about form holds nothing back
SENTENCES = {
    "personal_data": gettext_lazy("It may hold an address, a telephone number or a link that shows who somebody is."),
    "name": gettext_lazy("It may name somebody."),
    "model_private": gettext_lazy("A model found something in it that may show who somebody is."),
    "model_harm": gettext_lazy("A model found something in it that may hurt or threaten somebody."),
    "model_not_a_value": gettext_lazy("A model found that it may say nothing about what somebody values."),
}

Hook = Callable[[ValuesCard], None]
_RELEASED: dict[str, Hook] = {}
_WITHHELD: dict[str, Hook] = {}

Release = ValuesCard.Release


@dataclass(frozen=True)
class Part:
    """A piece of a card's text, and whether something was found in it."""

    text: str
    is_marked: bool


@dataclass(frozen=True)
class Reading:
    """A card as an organizer reads it who decides about it: what was found, and where."""

    card: ValuesCard
    sentences: tuple[str, ...]
    title: Part
    description: Part
    policies: tuple[Part, ...]


def on_released(hook: Hook) -> None:
    """Call `hook` with every card that is released, in the same transaction. Registering it twice changes nothing."""
    _RELEASED[f"{hook.__module__}.{hook.__qualname__}"] = hook


def on_withheld(hook: Hook) -> None:
    """Call `hook` with every card that is taken out of sight after it could be seen, in the same transaction."""
    _WITHHELD[f"{hook.__module__}.{hook.__qualname__}"] = hook


def hold_if_flagged(card: ValuesCard) -> None:
    """Note what was found in a card that is being confirmed, and hold it if that must be read first."""
    found = sorted({warning.code for warning in guided.check_card(card, language=card.language)} & HOLDING)
    if found:
        card.flags = found
        card.release = Release.HELD
        card.save(update_fields=["flags", "release"])


@transaction.atomic
def hold(card: ValuesCard, *, flag: str) -> ValuesCard:
    """Hold a card that could be seen so far. One about which an organizer has decided stays as they said."""
    current = _locked(card)
    if current is None:
        return card
    if current.release == Release.FREE:
        current.flags = sorted({*current.flags, flag})
        current.release = Release.HELD
        current.save(update_fields=["flags", "release"])
        _call(_WITHHELD, current)
    return current


@transaction.atomic
def release_card(card: ValuesCard, *, by: Any, now: datetime) -> ValuesCard:
    """Let other participants see a card that was held or refused. Releasing it again changes nothing.

    Raises
    ------
    Conflict
        When its author has not confirmed it.
    """
    current = _decide(card, Release.RELEASED, by=by, now=now)
    if current is None:
        return card
    _call(_RELEASED, current)
    return current


@transaction.atomic
def refuse_card(card: ValuesCard, *, by: Any, now: datetime) -> ValuesCard:
    """Keep a card from other participants for good; its author keeps it. Refusing it again changes nothing."""
    current = _decide(card, Release.REFUSED, by=by, now=now)
    if current is None:
        return card
    _call(_WITHHELD, current)
    return current


def waiting_cards(study: Study) -> QuerySet[ValuesCard]:
    """Return the cards that wait for an organizer, the oldest first. Previews wait for nobody."""
    return _confirmed(study).filter(release=Release.HELD).order_by("confirmed_at", "pk")


def decided_cards(study: Study) -> QuerySet[ValuesCard]:
    """Return the cards about which an organizer has decided, the newest decision first."""
    return _confirmed(study).filter(release__in=[Release.RELEASED, Release.REFUSED]).order_by("-released_at", "-pk")


def read(card: ValuesCard) -> Reading:
    """Return a card with sentences about what was found in it, and the lines marked in which that was."""
    found = [warning for warning in guided.check_card(card, language=card.language) if warning.code in HOLDING]
    codes = sorted({*card.flags, *(warning.code for warning in found)})
    fields = {warning.field for warning in found}
    lines = {warning.line for warning in found}
    return Reading(
        card=card,
        sentences=tuple(str(SENTENCES.get(code, code)) for code in codes),
        title=Part(card.title, "title" in fields),
        description=Part(card.description, "description" in fields),
        policies=tuple(Part(text, place in lines) for place, text in enumerate(card.policies)),
    )


def _confirmed(study: Study) -> QuerySet[ValuesCard]:
    return ValuesCard.objects.of_study(study).confirmed().exclude(origin=Origin.PREVIEW)


def _decide(card: ValuesCard, release: str, *, by: Any, now: datetime) -> ValuesCard | None:
    """Write an organizer's decision down; None where it stands already."""
    current = _locked(card)
    if current is None:
        raise Conflict(_("There is no such card any longer."))
    if current.state != ValuesCard.State.CONFIRMED:
        raise Conflict(_("Its author has not confirmed this card, so nobody else sees it yet."))
    is_free_already = current.release == Release.FREE and release == Release.RELEASED
    if current.release == release or is_free_already:
        return None
    current.release, current.released_by, current.released_at = release, by, now
    current.save(update_fields=["release", "released_by", "released_at"])
    return current


def _locked(card: ValuesCard) -> ValuesCard | None:
    """Lock a card behind its author, whose consent then holds still while it is decided; None if it is gone."""
    if card.participant_id is not None:
        Participant.objects.select_for_update().filter(pk=card.participant_id).first()
    return ValuesCard.objects.select_for_update().filter(pk=card.pk).first()


def _call(hooks: dict[str, Hook], card: ValuesCard) -> None:
    for hook in hooks.values():
        hook(card)
