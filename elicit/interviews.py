"""An interview: choose a situation, talk about it, and stop when it is enough.

Rule: the person's words and the question that follows are stored together or not at all, and an interview ends by the
rules here or by the person's own choice, never by a word in a text.
"""

import itertools
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from elicit import guided
from elicit.errors import Conflict, WellspringError
from elicit.models import Interview, Message, Participant, Question
from elicit.participants import take_for_writing
from elicit.steps import complete_step
from elicit.study_files import InterviewDesign, QuestionDesign
from elicit.values_cards import draft_card, history_of

LONGEST_MESSAGE = 8000  # characters; about three pages, more than anybody was seen to write in one answer
LONGEST_PAUSE = timedelta(minutes=5)  # a longer one counts as five minutes, so that coming back tomorrow costs nothing
Author = Message.Author


class InterviewRefused(WellspringError):
    """What was sent to an interview cannot be used."""


def questions_for(participant: Participant) -> list[Question]:
    """Return the situations that this participant may choose from, in the order of their version of the study."""
    keys = [question.key for question in participant.version.design.questions]
    found = Question.objects.filter(study=participant.study, key__in=keys).in_bulk(field_name="pk")
    return sorted(found.values(), key=lambda question: keys.index(question.key))


def interview_of(participant: Participant) -> Interview | None:
    """Return the interview that the participant has begun, if any."""
    return Interview.objects.filter(participant=participant).select_related("question").order_by("pk").first()


def situation(interview: Interview) -> QuestionDesign:
    """Return the situation as it stands in the participant's version of the study."""
    designed = interview.participant.version.design.questions
    return next(question for question in designed if question.key == interview.question.key)


@transaction.atomic
def start_interview(participant: Participant, question: Question, *, now: datetime) -> Interview:
    """Begin to talk about a situation. Whoever has begun already gets the interview they began."""
    row = take_for_writing(participant)
    begun = interview_of(row)
    if begun is not None:
        return begun
    if question not in questions_for(row):
        raise InterviewRefused("This situation is not part of the study. Choose one from the page.")
    interview = Interview.objects.create(
        participant=row, question=question, mode=Interview.Mode.GUIDED, origin=row.origin
    )
    Interview.objects.filter(pk=interview.pk).update(started_at=now)
    _ask(interview, [], max_turns=row.version.design.interview.max_turns, key="opening", now=now)
    return interview


@transaction.atomic
def record_message(
    interview: Interview, text: str, *, idempotency_key: str, now: datetime, answering: int | None = None
) -> Message:
    """Store what the person wrote and the question that follows it, and return their message.

    The same key again returns the message that it stored the first time. `answering` is the number of the question
    that stood on the page.

    Raises
    ------
    InterviewRefused
        When there are no words, or too many, or the interview is over.
    Conflict
        When the interview has gone on in another tab.
    """
    row = take_for_writing(interview.participant)
    known = interview.messages.filter(idempotency_key=idempotency_key, author=Author.PARTICIPANT).first()
    if known is not None:
        return known
    words = text.strip()
    if not words or len(words) > LONGEST_MESSAGE:
        raise InterviewRefused(_("Please write between one and %(most)s characters.") % {"most": LONGEST_MESSAGE})
    current = Interview.objects.select_for_update().get(pk=interview.pk)
    last = _last_question(current)
    if answering is not None and answering != last.number:
        raise Conflict(
            _("This interview has gone on in another tab. Read on here, and send your words again if they still fit.")
        )
    message = _say(current, Author.PARTICIPANT, words, stage=last.stage, key=idempotency_key, now=now)
    _go_on(current, row.version.design.interview, now=now)
    return message


def skip_question(
    interview: Interview, *, idempotency_key: str, now: datetime, answering: int | None = None
) -> Message:
    """Go past the present question."""
    words = _("I would like to skip this question.")
    return record_message(interview, words, idempotency_key=idempotency_key, now=now, answering=answering)


def decline_question(
    interview: Interview, *, idempotency_key: str, now: datetime, answering: int | None = None
) -> Message:
    """Record that the person does not want to answer the present question."""
    words = _("I'd rather not say.")
    return record_message(interview, words, idempotency_key=idempotency_key, now=now, answering=answering)


@transaction.atomic
def finish_interview(interview: Interview, *, now: datetime) -> Interview:
    """End the interview and draft its card. Doing it twice changes nothing."""
    row = take_for_writing(interview.participant)
    current = Interview.objects.select_for_update().get(pk=interview.pk)
    if current.state != Interview.State.FINISHED:
        current.state = Interview.State.FINISHED
        current.finished_at = now
        current.save(update_fields=["state", "finished_at"])
        draft_card(current)
        complete_step(row, "interview", now=now)
    return current


def minutes_spent(interview: Interview, *, now: datetime) -> float:
    """Return how long the person has been at it, leaving out long pauses."""
    times = [*interview.messages.values_list("created_at", flat=True), now]
    spent = sum((min(later - earlier, LONGEST_PAUSE) for earlier, later in itertools.pairwise(times)), timedelta())
    return spent / timedelta(minutes=1)


def _last_question(interview: Interview) -> Message:
    asked = interview.messages.filter(author=Author.INTERVIEWER).order_by("number").last()
    if asked is None or interview.state == Interview.State.FINISHED:
        raise InterviewRefused(_("This interview is over. Your card comes next."))
    return asked


def _go_on(interview: Interview, design: InterviewDesign, *, now: datetime) -> None:
    history = history_of(interview)
    asked = sum(said.author == "interviewer" for said in history)
    if guided.is_over(history) or asked >= design.max_turns:
        finish_interview(interview, now=now)
        return
    is_late = minutes_spent(interview, now=now) >= design.max_minutes
    most = min(design.max_turns, asked + 1) if is_late else design.max_turns
    _ask(interview, history, max_turns=most, key=f"question-{asked + 1}", now=now)


def _ask(interview: Interview, history: list[guided.Said], *, max_turns: int, key: str, now: datetime) -> Message:
    participant = interview.participant
    turn = guided.next_question(
        history,
        question=f"“{situation(interview).title.for_language(participant.language)}”",
        language=participant.language,
        seed=f"{participant.seed}:{interview.question.key}",
        max_turns=max_turns,
    )
    return _say(interview, Author.INTERVIEWER, turn.text, stage=turn.stage, key=key, now=now)


def _say(interview: Interview, author: str, text: str, *, stage: str, key: str, now: datetime) -> Message:
    participant = interview.participant
    message = Message.objects.create(
        interview=interview,
        number=interview.messages.count() + 1,
        author=author,
        text=text,
        stage=stage,
        language=participant.language,
        origin=participant.origin,
        idempotency_key=f"{author}:{key}"[:64] if author == Author.INTERVIEWER else key,
    )
    Message.objects.filter(pk=message.pk).update(created_at=now)
    return message
