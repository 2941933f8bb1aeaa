"""A values card: drafted from an interview, changed and confirmed by its author alone.

Rule: a confirmed card never changes. Advice on a draft explains and never blocks; only an empty card is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from elicit import guided
from elicit.errors import Conflict, WellspringError
from elicit.models import Interview, Message, Participant, ValuesCard
from elicit.participants import take_for_writing
from elicit.steps import complete_step

MOST_POLICIES = 12  # the advice says seven; this is where a card stops being one
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_POLICY = 120, 600, 300  # characters

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


@transaction.atomic
def draft_card(interview: Interview) -> ValuesCard:
    """Draft a card from the author's own sentences. An interview that has one keeps it."""
    participant = take_for_writing(interview.participant)
    known = ValuesCard.objects.filter(interview=interview).first()
    if known is not None:
        return known
    draft = guided.draft_card(history_of(interview), language=participant.language)
    return ValuesCard.objects.create(
        study=participant.study,
        participant=participant,
        interview=interview,
        question=interview.question,
        title=draft.title[:LONGEST_TITLE],
        description=draft.description[:LONGEST_DESCRIPTION],
        policies=[policy[:LONGEST_POLICY] for policy in draft.policies],
        evidence=[{"quote": found.quote, "answer": found.answer} for found in draft.evidence],
        language=participant.language,
        origin=participant.origin,
    )


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
    current.title = title.strip()
    current.description = description.strip()
    current.evidence = [_evidence_of(current, line) for line in kept]
    current.policies = [line.text.strip() for line in kept]
    current.revision += 1
    current.save(update_fields=["title", "description", "policies", "evidence", "revision"])
    return current


@transaction.atomic
def confirm_card(card: ValuesCard, *, fit: int, now: datetime) -> ValuesCard:
    """Let the author say that this is their card. Confirming it again changes nothing."""
    if card.participant is None:
        raise CardRefused("This card has no author who could confirm it.")
    author = take_for_writing(card.participant)
    current = ValuesCard.objects.select_for_update().get(pk=card.pk)
    if current.state == ValuesCard.State.CONFIRMED:
        return current
    if not current.title or not current.policies:
        raise CardRefused(_("A card needs a name and at least one line."))
    current.state = ValuesCard.State.CONFIRMED
    current.fit = fit
    current.confirmed_at = now
    current.save(update_fields=["state", "fit", "confirmed_at"])
    complete_step(author, "values_card", now=now)
    for hook in _HOOKS.values():
        hook(current)
    return current


def history_of(interview: Interview) -> list[guided.Said]:
    """Return the turns of an interview, as the guided one reads them."""
    return [
        guided.Said(
            author="interviewer" if author == Message.Author.INTERVIEWER else "participant", text=text, stage=stage
        )
        for author, text, stage in interview.messages.values_list("author", "text", "stage")
    ]


def advice_on(card: ValuesCard) -> list[guided.CardWarning]:
    """Return what the author may want to look at again."""
    return guided.check_card(card, language=card.language)


def _draft_at(card: ValuesCard, revision: int) -> ValuesCard:
    if card.participant is not None:
        take_for_writing(card.participant)
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


def _evidence_of(card: ValuesCard, line: Line) -> dict[str, object]:
    if line.source is not None and 0 <= line.source < len(card.evidence):
        return dict(card.evidence[line.source])
    return {}
