"""Rated conversations: a person writes, several models answer blind, the best answer goes on.

Rule: who answers, in which order and with which probability is fixed by a stored seed before anything is asked; nobody
learns which model wrote an answer before it is rated; and an answer that could not be produced is never shown as one.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from elicit.errors import Conflict, WellspringError
from elicit.flagging import checks_of
from elicit.jobs import enqueue
from elicit.models import Conversation, ConversationFeedback, Exchange, Job, Participant, Utterance
from elicit.openings import anchor_for, anchor_named, arm_for, attribute_order, design_of, types_left
from elicit.participants import take_for_writing
from elicit.rating import LONGEST_REASON, Feedback, Rating, check_feedback, verdict_of
from elicit.steps import complete_step

KIND = "conversations"
JOB = "answer_exchange"
LONGEST_PROMPT = 4000  # characters; PRISM's longest opening had about 1,500
LONGEST_OPEN_TEXT = 4000
FIRST_UNSHOWN_POSITION = 100  # answers that failed are kept beyond every letter
OUT_OF_BUDGET = "budget"  # the trouble of a call that a spending cap refused

Ending = Conversation.Ending
State = Exchange.State


class InvalidPrompt(WellspringError):
    """The words cannot be sent as they are."""


def open_conversation(participant: Participant) -> Conversation | None:
    """Return the conversation that the person is in, if any."""
    return participant.conversations.filter(state=Conversation.State.OPEN).first()


def last_exchange(conversation: Conversation) -> Exchange | None:
    """Return the newest exchange of a conversation."""
    return conversation.exchanges.order_by("-number").first()


def shown_utterances(exchange: Exchange) -> list[Utterance]:
    """Return the answers that were shown, in the order of their letters."""
    return list(exchange.utterances.filter(position__lt=FIRST_UNSHOWN_POSITION).order_by("position"))


def chosen_utterance(exchange: Exchange) -> Utterance | None:
    """Return the answer that went on."""
    return exchange.utterances.filter(is_chosen=True).first()


def is_stuck(exchange: Exchange) -> bool:
    """Say whether nothing is working on the answers any more, although there are none."""
    if exchange.state != State.ANSWERING:
        return exchange.state == State.FAILED
    job = Job.objects.filter(kind=JOB, payload__exchange=exchange.pk).order_by("-pk").first()
    return job is None or job.state in (Job.State.FAILED, Job.State.CANCELLED)


def is_out_of_budget(exchange: Exchange) -> bool:
    """Say whether an exchange has no answers because a spending cap is reached."""
    last = exchange.utterances.order_by("-position").first()
    return exchange.state == State.FAILED and last is not None and last.checks.get("trouble") == OUT_OF_BUDGET


def why_it_ended(conversation: Conversation, *, now: datetime) -> str:
    """Return which rule of the study leaves no room for another prompt (an `Ending`); empty while there is room."""
    design = design_of(conversation.participant)
    last = last_exchange(conversation)
    if last is None:
        return ""
    if is_out_of_budget(last):
        return Ending.BUDGET
    if last.number >= design.turns and last.state == State.RATED:
        return Ending.TURNS
    is_late = design.minutes is not None and now - conversation.started_at >= timedelta(minutes=design.minutes)
    return Ending.MINUTES if is_late else ""


def may_go_on(conversation: Conversation, *, now: datetime) -> bool:
    """Say whether the person may write another prompt now."""
    last = last_exchange(conversation)
    is_free = last is None or last.state == State.RATED
    return conversation.state == Conversation.State.OPEN and is_free and not why_it_ended(conversation, now=now)


def may_end(conversation: Conversation, *, now: datetime) -> bool:
    """Say whether the conversation may end now.

    By a rule of the study, by its person once they have had the least number of turns, and by its person with what is
    there once no answer came. Answers that wait for a rating are rated first.
    """
    last = last_exchange(conversation)
    has_failed = last is not None and is_stuck(last)
    if last is None or (last.state != State.RATED and not has_failed):
        return False
    rated = conversation.exchanges.filter(state=State.RATED).count()
    least = 1 if has_failed else design_of(conversation.participant).least_turns
    return rated >= least or bool(why_it_ended(conversation, now=now))


@transaction.atomic
def take_anchor(participant: Participant, *, now: datetime) -> Conversation | None:
    """Give the person the shared prompt of their next conversation before they see it, and return the conversation.

    Returns None where they write their own opening or are in the middle of a conversation. Asking again gives the same.
    """
    row = take_for_writing(participant)
    present = open_conversation(row)
    if present is not None:
        return present if present.anchor and last_exchange(present) is None else None
    if row.conversations.count() >= design_of(row).count:
        return None
    anchor = anchor_for(row, now=now)
    return None if anchor is None else _started(row, anchor.type, anchor=anchor.key, now=now)


@transaction.atomic
def start_conversation(participant: Participant, kind: str, *, now: datetime) -> Conversation:
    """Start the person's next conversation, or return the one that is open; its kind stays as it is.

    Raises
    ------
    InvalidPrompt
        When nothing of this kind is left for the person.
    Conflict
        When the study asks for no more of them.
    """
    row = take_for_writing(participant)
    present = take_anchor(row, now=now) or open_conversation(row)
    if present is not None:
        return present
    if row.conversations.count() >= design_of(row).count:
        raise Conflict(_("You have had all the conversations of this study."))
    if kind not in [each.key for each in types_left(row)]:
        raise InvalidPrompt(_("Please choose what the conversation is about."))
    return _started(row, kind, anchor="", now=now)


def _started(row: Participant, kind: str, *, anchor: str, now: datetime) -> Conversation:
    number = row.conversations.count() + 1
    arm = arm_for(row, number)
    return Conversation.objects.create(
        participant=row,
        number=number,
        kind=kind,
        anchor=anchor,
        arm=arm.arm,
        arm_propensity=arm.propensity,
        origin=row.origin,
        started_at=now,
    )


@transaction.atomic
def begin(participant: Participant, kind: str, prompt: str, *, idempotency_key: str, now: datetime) -> Exchange:
    """Start a conversation with its first prompt, or return what the same key began.

    Where the conversation opens with a shared prompt, the server knows which; only that prompt is taken.

    Raises
    ------
    InvalidPrompt
        When the prompt is empty or too long, or nothing of this kind is left.
    Conflict
        When the page is out of date.
    """
    row = take_for_writing(participant)
    known = Exchange.objects.filter(conversation__participant=row, idempotency_key=idempotency_key).first()
    if known is not None:
        return known
    words = _checked_prompt(prompt)
    conversation = start_conversation(row, kind, now=now)
    if conversation.anchor and last_exchange(conversation) is None:
        if words != anchored_prompt(conversation):
            raise Conflict(_("This conversation has moved on meanwhile. Here is where it stands."))
        conversation.started_at = now
        conversation.save(update_fields=["started_at"])
    return ask(conversation, words, idempotency_key=idempotency_key, now=now)


def anchored_prompt(conversation: Conversation) -> str:
    """Return the words of the shared prompt that opens a conversation, in the person's language; empty without one."""
    participant = conversation.participant
    anchor = anchor_named(design_of(participant), conversation.anchor)
    return anchor.text.for_language(participant.language).strip() if anchor else ""


@transaction.atomic
def ask(conversation: Conversation, prompt: str, *, idempotency_key: str, now: datetime) -> Exchange:
    """Save a prompt and the job that has it answered. A second post with the same key returns the first one's exchange.

    Raises
    ------
    InvalidPrompt
        When it is empty or too long.
    Conflict
        When the conversation is closed, waits for a rating, or a rule of the study has ended it.
    """
    row = take_for_writing(conversation.participant)
    conversation = Conversation.objects.select_for_update().get(pk=conversation.pk)
    known = Exchange.objects.filter(conversation__participant=row, idempotency_key=idempotency_key).first()
    if known is not None:
        return known
    words = _checked_prompt(prompt)
    if not may_go_on(conversation, now=now):
        raise Conflict(_("This conversation has moved on meanwhile. Here is where it stands."))
    number = conversation.exchanges.count() + 1
    exchange = Exchange.objects.create(
        conversation=conversation,
        number=number,
        prompt=words,
        seed=_seed(row, conversation, number),
        idempotency_key=idempotency_key,
        checks=checks_of(words, language=row.language),
        created_at=now,
    )
    _enqueue_answers(exchange)
    return exchange


@transaction.atomic
def ask_again(exchange: Exchange, *, now: datetime) -> None:
    """Have a prompt answered again, with a new draw, after nothing came of it.

    While answers are being written it changes nothing.
    """
    take_for_writing(exchange.conversation.participant)
    row = Exchange.objects.select_for_update().get(pk=exchange.pk)
    if not is_stuck(row):
        return
    row.state = State.ANSWERING
    row.save(update_fields=["state"])
    _enqueue_answers(row)


@transaction.atomic
def rate(exchange: Exchange, rating: Rating, *, now: datetime) -> Exchange:
    """Store the scores and which answer goes on. What is rated stays as it is.

    The highest score goes on; among equals the person chooses. When all answers are bad, none does, and the next
    prompt is answered by models that are drawn anew.

    Raises
    ------
    InvalidRating, TiedRating
        When the rating cannot be stored as it is; see `elicit.rating.verdict_of`.
    Conflict
        When there is nothing to rate now.
    """
    participant = take_for_writing(exchange.conversation.participant)
    row = Exchange.objects.select_for_update().get(pk=exchange.pk)
    if row.state == State.RATED:
        return row
    if row.state != State.RATING:
        raise Conflict(_("These answers cannot be rated now. Here is where the conversation stands."))
    shown = shown_utterances(row)
    with_society = design_of(participant).society_rating
    verdict = verdict_of(rating, [utterance.letter for utterance in shown], with_society=with_society)
    for utterance in shown:
        utterance.score = rating.scores.get(utterance.letter)
        utterance.society_score = rating.society.get(utterance.letter) if with_society else None
        utterance.handling = dict(rating.handling.get(utterance.letter, {}))
        utterance.is_chosen = utterance.letter == verdict.chosen
        utterance.save(update_fields=["score", "society_score", "handling", "is_chosen"])
    row.state, row.rated_at = State.RATED, now
    row.all_bad, row.was_tied = rating.all_bad, verdict.was_tied
    row.all_bad_reason = rating.reason.strip()[:LONGEST_REASON] if rating.all_bad else ""
    row.save(update_fields=["state", "rated_at", "all_bad", "all_bad_reason", "was_tied"])
    return row


@transaction.atomic
def close_conversation(conversation: Conversation, feedback: Feedback, *, now: datetime) -> bool:
    """Store the feedback, end the conversation, and say whether this finished the step. Twice changes nothing.

    A budget that is used up also ends the step: nobody waits for answers that nobody pays for.

    Raises
    ------
    InvalidFeedback
        When it cannot be stored as it is.
    Conflict
        When something in it is still unrated, or it is too early to end.
    """
    row = take_for_writing(conversation.participant)
    conversation = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if conversation.state == Conversation.State.OPEN:
        check_feedback(feedback)
        if not may_end(conversation, now=now):
            raise Conflict(_("This conversation cannot end yet. Here is where it stands."))
        _keep_feedback(conversation, feedback, language=row.language)
        conversation.ended_by = why_it_ended(conversation, now=now) or Ending.PARTICIPANT
        conversation.state, conversation.finished_at = Conversation.State.FINISHED, now
        conversation.save(update_fields=["state", "ended_by", "finished_at"])
    finished = row.conversations.filter(state=Conversation.State.FINISHED).count()
    if finished < design_of(row).count and conversation.ended_by != Ending.BUDGET:
        return False
    complete_step(row, KIND, now=now)
    return True


def _keep_feedback(conversation: Conversation, feedback: Feedback, *, language: str) -> None:
    words = feedback.open_text.strip()[:LONGEST_OPEN_TEXT]
    ConversationFeedback.objects.create(
        conversation=conversation,
        performance=dict(feedback.performance),
        choice=dict(feedback.choice),
        open_text=words,
        attribute_order=attribute_order(conversation),
        handling={name: dict(told) for name, told in feedback.handling.items()},
        checks=checks_of(words, language=language) if words else {},
    )


def _checked_prompt(prompt: str) -> str:
    words = prompt.replace("\r\n", "\n").strip()
    if not words:
        raise InvalidPrompt(_("Please write something first."))
    if len(words) > LONGEST_PROMPT:
        message = _("Please shorten this to %(most)s characters; it has %(length)s.")
        raise InvalidPrompt(message % {"most": LONGEST_PROMPT, "length": len(words)})
    return words


def _seed(participant: Participant, conversation: Conversation, number: int) -> int:
    """Return the seed of one exchange: the same person, conversation and turn always give the same."""
    words = f"{participant.seed}:conversation:{conversation.number}:{number}"
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:7], "big")


def _enqueue_answers(exchange: Exchange) -> None:
    """Queue the job; `attempt` counts how often the person had to ask, so that each time other models are drawn."""
    earlier = Job.objects.filter(kind=JOB, payload__exchange=exchange.pk).count()
    enqueue(
        JOB,
        key=f"{JOB}:{exchange.pk}:{earlier}",
        study=exchange.conversation.participant.study,
        payload={"exchange": exchange.pk, "attempt": earlier},
    )
