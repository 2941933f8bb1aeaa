"""A values card: drafted from an interview, changed and confirmed by its author alone.

Rule: a confirmed card never changes, and no draft takes the place of a line that its author has changed. Advice
explains and never blocks; only an empty card is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from elicit import guided, releases, turns
from elicit.asking import said, seed_of
from elicit.errors import Conflict, WellspringError
from elicit.models import Interview, Message, Participant, ValuesCard
from elicit.participants import take_for_writing
from elicit.steps import complete_step

MOST_POLICIES = 12  # the advice says seven; this is where a card stops being one
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_POLICY, LONGEST_REASON = 120, 600, 300, 2000  # characters

ConfirmedHook = Callable[[ValuesCard], None]
_HOOKS: dict[str, ConfirmedHook] = {}


class CardRefused(WellspringError):
    """A card cannot be kept as it is."""


@dataclass(frozen=True)
class Line:
    """One line of a card as its author left it; `source` is its place on the card before, None if it is new."""

    text: str
    source: int | None = None


def on_confirmed(hook: ConfirmedHook) -> None:
    """Call `hook` with every card that is confirmed, in the same transaction. Registering it twice changes nothing."""
    _HOOKS[f"{hook.__module__}.{hook.__qualname__}"] = hook


def card_of(participant: Participant) -> ValuesCard | None:
    """Return the participant's newest card, if there is one."""
    return ValuesCard.objects.filter(participant=participant).order_by("pk").last()


@dataclass(frozen=True)
class Draft:
    """A card that is proposed, with the model and the prompt that made it where it was not the guide."""

    title: str
    description: str
    policies: list[str]
    evidence: list[list[dict[str, Any]]]
    model_name: str = ""
    prompt_name: str = ""
    prompt_hash: str = ""
    seed: str = ""


@transaction.atomic
def draft_card(interview: Interview) -> ValuesCard:
    """Draft a card from the author's own sentences, or draft it anew from what was said since.

    Lines that the author has changed stay as they are; new ones are added to them. A confirmed card stays.
    """
    participant = take_for_writing(interview.participant)
    known = ValuesCard.objects.select_for_update().filter(interview=interview).first()
    if known is not None:
        return _drafted_anew(known, guided_draft(interview))
    return ValuesCard.objects.create(
        study=participant.study,
        participant=participant,
        interview=interview,
        question=interview.question,
        language=participant.language,
        origin=participant.origin,
        **vars(guided_draft(interview)),
    )


def _drafted_anew(card: ValuesCard, draft: Draft) -> ValuesCard:
    if card.state == ValuesCard.State.CONFIRMED or (card.title, card.policies) == (draft.title, draft.policies):
        return card
    if card.is_edited:
        fresh = _lines_to_add(card, draft)
        card.policies = [*card.policies, *(text for text, _found in fresh)]
        card.evidence = [*card.evidence, *(found for _text, found in fresh)]
    else:
        _put(card, draft)
    card.revision += 1
    card.save()
    return card


def _lines_to_add(card: ValuesCard, draft: Draft) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the draft's lines that rest on words said after those that the card rests on already."""
    used = [found["message"] for line in card.evidence for found in line]
    known = {policy.casefold() for policy in card.policies}
    fresh = [
        (text, found)
        for text, found in zip(draft.policies, draft.evidence, strict=True)
        if text.casefold() not in known and all(each["message"] > max(used, default=0) for each in found)
    ]
    return fresh[: MOST_POLICIES - len(card.policies)]


def _put(card: ValuesCard, draft: Draft) -> None:
    for name, value in vars(draft).items():
        setattr(card, name, value)


def guided_draft(interview: Interview) -> Draft:
    """Return the guide's draft: lines made of the person's own sentences."""
    messages = list(interview.messages.all())
    own = [message for message in messages if message.author == Message.Author.PARTICIPANT]
    draft = guided.draft_card(said(messages), language=interview.participant.language)
    return Draft(
        title=draft.title[:LONGEST_TITLE],
        description=draft.description[:LONGEST_DESCRIPTION],
        policies=[policy[:LONGEST_POLICY] for policy in draft.policies],
        evidence=[[span(own[found.answer], found) for found in line] for line in draft.evidence],
        seed=seed_of(interview),
    )


@transaction.atomic
def replace_draft(interview: Interview, draft: Draft) -> ValuesCard | None:
    """Put another draft in the place of one that its author has not touched; None when they have, or it is fixed."""
    take_for_writing(interview.participant)
    card = ValuesCard.objects.select_for_update().filter(interview=interview).first()
    if card is None or card.is_edited or card.state == ValuesCard.State.CONFIRMED:
        return None
    _put(card, draft)
    card.revision += 1
    card.save()
    return card


@transaction.atomic
def edit_card(card: ValuesCard, *, title: str, description: str, lines: Sequence[Line], revision: int) -> ValuesCard:
    """Keep the author's changes; empty lines fall away, and every line keeps the words it was made from.

    Raises
    ------
    Conflict
        When the card was changed elsewhere since `revision`, or is already confirmed.
    CardRefused
        When there are more lines or words than fit.
    """
    current = _draft_at(card, revision)
    kept = [line for line in lines if line.text.strip()]
    _require_fitting(title, description, kept)
    before = (current.title, current.description, current.policies)
    current.title = title.strip()
    current.description = description.strip()
    current.evidence = [_evidence_of(current, line) for line in kept]
    current.policies = [line.text.strip() for line in kept]
    current.is_edited = current.is_edited or before != (current.title, current.description, current.policies)
    current.revision += 1
    current.save(update_fields=["title", "description", "policies", "evidence", "is_edited", "revision"])
    return current


@transaction.atomic
def confirm_card(card: ValuesCard, *, fit: int, now: datetime, fit_reason: str = "") -> ValuesCard:
    """Let the author say that this is their card. Confirming it again changes nothing.

    A card in which something was found is held back from others, and announced when an organizer releases it.
    """
    if card.participant is None:
        raise CardRefused("This card has no author who could confirm it.")
    author = take_for_writing(card.participant)
    current = ValuesCard.objects.select_for_update().get(pk=card.pk)
    if current.state == ValuesCard.State.CONFIRMED:
        return current
    if not current.title or not current.policies:
        raise CardRefused(_("A card needs a name and at least one line."))
    _stop_drafting(current, now=now)
    current.state = ValuesCard.State.CONFIRMED
    current.fit = fit
    current.fit_reason = fit_reason.strip()[:LONGEST_REASON]
    current.confirmed_at = now
    current.save(update_fields=["state", "fit", "fit_reason", "confirmed_at"])
    complete_step(author, "values_card", now=now)
    releases.hold_if_flagged(current)
    announce(current)
    return current


def announce(card: ValuesCard) -> None:
    """Hand a confirmed card on, in the caller's transaction, if others may see it."""
    if ValuesCard.objects.shareable().filter(pk=card.pk).exists():
        for hook in _HOOKS.values():
            hook(card)


def advice_on(card: ValuesCard) -> list[guided.CardWarning]:
    """Return what the author may want to look at again; also where a model's line rests on no words of theirs."""
    bare = [place for place, found in enumerate(card.evidence) if not found] if card.model_name else []
    text = _("No words of yours were found for this line. Keep it only if it is true for you.")
    unquoted = [guided.CardWarning("no_quote", "policies", text, place) for place in bare]
    return [*guided.check_card(card, language=card.language), *unquoted]


def _stop_drafting(card: ValuesCard, *, now: datetime) -> None:
    """Let no model draft what its author has taken in hand."""
    if card.interview is not None:
        turns.set_aside_turn(card.interview, now=now)


def _draft_at(card: ValuesCard, revision: int) -> ValuesCard:
    if card.participant is not None:
        take_for_writing(card.participant)
    _stop_drafting(card, now=timezone.now())
    current = ValuesCard.objects.select_for_update().get(pk=card.pk)
    if current.state == ValuesCard.State.CONFIRMED:
        raise Conflict(_("This card is already confirmed and cannot be changed."))
    if current.revision != revision:
        raise Conflict(_("This card was changed in another tab meanwhile. Below is the card as it is saved now."))
    return current


def _require_fitting(title: str, description: str, lines: Sequence[Line]) -> None:
    if len(lines) > MOST_POLICIES:
        raise CardRefused(_("A card holds at most %(most)s lines. Please remove some.") % {"most": MOST_POLICIES})
    if len(title.strip()) > LONGEST_TITLE or len(description.strip()) > LONGEST_DESCRIPTION:
        raise CardRefused(_("The name or the sentence under it is too long. Please shorten it."))
    if any(len(line.text.strip()) > LONGEST_POLICY for line in lines):
        raise CardRefused(_("One of the lines is longer than %(most)s characters.") % {"most": LONGEST_POLICY})


def span(message: Message, found: guided.Evidence) -> dict[str, Any]:
    """Return where a quote stands in a message, as a card keeps it."""
    return {"message": message.number, "start": found.start, "end": found.end, "quote": found.quote}


def _evidence_of(card: ValuesCard, line: Line) -> list[dict[str, Any]]:
    if line.source is not None and 0 <= line.source < len(card.evidence):
        return list(card.evidence[line.source])
    return []
