"""Rated conversations: a person writes, several models answer blind, the best answer goes on.

Rule: who answers, in which order and with which probability is fixed by a stored seed before anything is asked; nobody
learns which model wrote an answer before it is rated; and an answer that could not be produced is never shown as one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from elicit.errors import Conflict, StepNotOpen, WellspringError
from elicit.jobs import enqueue
from elicit.models import Conversation, ConversationFeedback, Exchange, Job, Participant, Utterance
from elicit.participants import take_for_writing
from elicit.steps import complete_step
from elicit.study_files import ConversationDesign

KIND = "conversations"
JOB = "answer_exchange"
LONGEST_PROMPT = 4000  # characters; PRISM's longest opening had about 1,500
ATTRIBUTES = ("values", "fluency", "factuality", "safety", "diversity", "creativity", "helpfulness")
LEAST_SCORE, MOST_SCORE = 1, 100


class InvalidPrompt(WellspringError):
    """The words cannot be sent as they are."""


class InvalidRating(WellspringError):
    """The rating cannot be stored as it is. `letters` are the answers that need another look."""

    def __init__(self, message: str, *, letters: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.letters = letters


class TiedRating(InvalidRating):
    """Several answers share the highest score, and it was not said which goes on. `letters` are those."""


@dataclass(frozen=True)
class Rating:
    """What a person said about the answers to one prompt: scores by letter, and which goes on when some are equal."""

    scores: Mapping[str, int | None]
    chosen: str = ""
    all_bad: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Feedback:
    """What a person said about a whole conversation; an attribute that was left open is absent."""

    performance: Mapping[str, int]
    choice: Mapping[str, int]
    open_text: str = ""


def design_of(participant: Participant) -> ConversationDesign:
    """Return what the person's study says about conversations.

    Raises
    ------
    StepNotOpen
        When the study has none.
    """
    design = participant.version.design.conversation
    if design is None:
        raise StepNotOpen("This study has no rated conversations.")
    return design


def open_conversation(participant: Participant) -> Conversation | None:
    """Return the conversation that the person is in, if any."""
    return participant.conversations.filter(state=Conversation.State.OPEN).first()


def last_exchange(conversation: Conversation) -> Exchange | None:
    """Return the newest exchange of a conversation."""
    return conversation.exchanges.order_by("-number").first()


def is_stuck(exchange: Exchange) -> bool:
    """Say whether nothing is working on the answers any more, although there are none."""
    if exchange.state != Exchange.State.ANSWERING:
        return exchange.state == Exchange.State.FAILED
    job = Job.objects.filter(kind=JOB, payload__exchange=exchange.pk).order_by("-pk").first()
    return job is None or job.state in (Job.State.FAILED, Job.State.CANCELLED)


def may_go_on(conversation: Conversation) -> bool:
    """Say whether the study's rules allow another prompt in this conversation."""
    design = design_of(conversation.participant)
    return conversation.exchanges.count() < design.turns


@transaction.atomic
def start_conversation(participant: Participant, kind: str, *, now: datetime) -> Conversation:
    """Start the person's next conversation, or return the one that is open.

    Raises
    ------
    Conflict
        When the study asks for no more of them.
    """
    row = take_for_writing(participant)
    design = design_of(row)
    present = open_conversation(row)
    if present is not None:
        return present
    if kind not in [each.key for each in design.types]:
        raise InvalidPrompt(_("Please choose what the conversation is about."))
    number = row.conversations.count() + 1
    if number > design.count:
        raise Conflict(_("You have had all the conversations of this study."))
    return Conversation.objects.create(participant=row, number=number, kind=kind, origin=row.origin)


@transaction.atomic
def begin(participant: Participant, kind: str, prompt: str, *, idempotency_key: str, now: datetime) -> Exchange:
    """Start a conversation with its first prompt, or return what the same key began."""
    row = take_for_writing(participant)
    known = Exchange.objects.filter(conversation__participant=row, idempotency_key=idempotency_key).first()
    if known is not None:
        return known
    _checked_prompt(prompt)
    return ask(start_conversation(row, kind, now=now), prompt, idempotency_key=idempotency_key, now=now)


@transaction.atomic
def ask(conversation: Conversation, prompt: str, *, idempotency_key: str, now: datetime) -> Exchange:
    """Save a prompt and the job that has it answered. A second post with the same key returns the first one's exchange.

    Raises
    ------
    InvalidPrompt
        When it is empty or too long.
    Conflict
        When the conversation is closed, waits for a rating, or has reached its last turn.
    """
    row = take_for_writing(conversation.participant)
    conversation = Conversation.objects.select_for_update().get(pk=conversation.pk)
    known = conversation.exchanges.filter(idempotency_key=idempotency_key).first()
    if known is not None:
        return known
    words = _checked_prompt(prompt)
    before = last_exchange(conversation)
    is_waiting = before is not None and before.state != Exchange.State.RATED
    if conversation.state != Conversation.State.OPEN or is_waiting or not may_go_on(conversation):
        raise Conflict(_("This conversation has moved on meanwhile. Here is where it stands."))
    number = before.number + 1 if before else 1
    exchange = Exchange.objects.create(
        conversation=conversation,
        number=number,
        prompt=words,
        seed=_seed(row, conversation, number),
        idempotency_key=idempotency_key,
    )
    _enqueue_answers(exchange)
    return exchange


@transaction.atomic
def ask_again(exchange: Exchange, *, now: datetime) -> None:
    """Have a prompt answered again after nothing came of it. While answers are being written it changes nothing."""
    take_for_writing(exchange.conversation.participant)
    row = Exchange.objects.select_for_update().get(pk=exchange.pk)
    if not is_stuck(row):
        return
    row.state = Exchange.State.ANSWERING
    row.save(update_fields=["state"])
    _enqueue_answers(row)


@transaction.atomic
def rate(exchange: Exchange, rating: Rating, *, now: datetime) -> Exchange:
    """Store the scores and which answer goes on. What is rated stays as it is.

    The highest score goes on; among equals the person chooses. When all answers are bad, none does.

    Raises
    ------
    InvalidRating
        When a score is missing or out of range, or no reason is given for calling all of them bad.
    TiedRating
        When several answers share the highest score and none of these was chosen.
    """
    take_for_writing(exchange.conversation.participant)
    row = Exchange.objects.select_for_update().get(pk=exchange.pk)
    if row.state == Exchange.State.RATED:
        return row
    if row.state != Exchange.State.RATING:
        raise Conflict(_("These answers cannot be rated now. Here is where the conversation stands."))
    shown = shown_utterances(row)
    _check_scores(shown, rating)
    chosen = "" if rating.all_bad else _chosen(shown, rating)
    for utterance in shown:
        utterance.score = rating.scores.get(utterance.letter)
        utterance.is_chosen = utterance.letter == chosen
        utterance.save(update_fields=["score", "is_chosen"])
    row.state, row.rated_at = Exchange.State.RATED, now
    row.all_bad, row.all_bad_reason = rating.all_bad, rating.reason.strip()[:1000] if rating.all_bad else ""
    row.save(update_fields=["state", "rated_at", "all_bad", "all_bad_reason"])
    return row


@transaction.atomic
def close_conversation(conversation: Conversation, feedback: Feedback, *, now: datetime) -> bool:
    """Store the feedback, end the conversation, and say whether this finished the step. Twice changes nothing.

    Raises
    ------
    Conflict
        When something in it is still unrated.
    """
    row = take_for_writing(conversation.participant)
    conversation = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if conversation.state == Conversation.State.OPEN:
        last = last_exchange(conversation)
        if last is None or last.state != Exchange.State.RATED:
            raise Conflict(_("Please rate the answers first. Then this conversation can end."))
        ConversationFeedback.objects.create(
            conversation=conversation,
            performance=dict(feedback.performance),
            choice=dict(feedback.choice),
            open_text=feedback.open_text.strip()[:4000],
        )
        conversation.state, conversation.finished_at = Conversation.State.FINISHED, now
        conversation.save(update_fields=["state", "finished_at"])
    finished = row.conversations.filter(state=Conversation.State.FINISHED).count()
    if finished < design_of(row).count:
        return False
    complete_step(row, KIND, now=now)
    return True


def shown_utterances(exchange: Exchange) -> list[Utterance]:
    """Return the answers that were shown, in the order of their letters."""
    return list(exchange.utterances.filter(failure="").order_by("position"))


def chosen_utterance(exchange: Exchange) -> Utterance | None:
    """Return the answer that went on."""
    return exchange.utterances.filter(is_chosen=True).first()


def _checked_prompt(prompt: str) -> str:
    words = prompt.replace("\r\n", "\n").strip()
    if not words:
        raise InvalidPrompt(_("Please write something first."))
    if len(words) > LONGEST_PROMPT:
        message = _("Please shorten this to %(most)s characters; it has %(length)s.")
        raise InvalidPrompt(message % {"most": LONGEST_PROMPT, "length": len(words)})
    return words


def _check_scores(shown: list[Utterance], rating: Rating) -> None:
    given = {utterance.letter: rating.scores.get(utterance.letter) for utterance in shown}
    wrong = tuple(
        letter for letter, score in given.items() if score is not None and not LEAST_SCORE <= score <= MOST_SCORE
    )
    if wrong:
        raise InvalidRating(_("Please give whole numbers from 1 to 100."), letters=wrong)
    open_letters = tuple(letter for letter, score in given.items() if score is None)
    if open_letters and not rating.all_bad:
        raise InvalidRating(_("Please rate every answer. Two may have the same number."), letters=open_letters)
    if rating.all_bad and not rating.reason.strip():
        raise InvalidRating(_("Please say in a few words what is bad about all of them."))


def _chosen(shown: list[Utterance], rating: Rating) -> str:
    scores = {utterance.letter: rating.scores[utterance.letter] or 0 for utterance in shown}
    best = tuple(letter for letter, score in scores.items() if score == max(scores.values()))
    if len(best) == 1:
        return best[0]
    if rating.chosen in best:
        return rating.chosen
    raise TiedRating(_("Your highest number stands at more than one answer. Please choose one of them."), letters=best)


def _seed(participant: Participant, conversation: Conversation, number: int) -> int:
    """Return the seed of one exchange: the same person, conversation and turn always give the same."""
    words = f"{participant.seed}:conversation:{conversation.number}:{number}"
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:7], "big")


def _enqueue_answers(exchange: Exchange) -> None:
    earlier = Job.objects.filter(kind=JOB, payload__exchange=exchange.pk).count()
    enqueue(
        JOB,
        key=f"{JOB}:{exchange.pk}:{earlier}",
        study=exchange.conversation.participant.study,
        payload={"exchange": exchange.pk},
    )
