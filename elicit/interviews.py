"""An interview: choose a situation, talk about it, and stop when it is enough.

Rule: the person's words and what follows them (the next question, or the turn in which a model writes it) are stored
together or not at all, and an interview ends by the rules here or by the person's own choice, never by a word in a
text.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from elicit import asking, guided, turns
from elicit.asking import Author
from elicit.errors import Conflict, WellspringError
from elicit.llm.configuration import models_for
from elicit.models import Interview, Message, MessageRevision, Participant, Question, Turn, ValuesCard
from elicit.participants import take_for_writing
from elicit.steps import complete_step, reopen_steps
from elicit.study_files import InterviewDesign
from elicit.values_cards import LONGEST_REASON, draft_card

LONGEST_MESSAGE = 8000  # characters; about three pages, more than anybody was seen to write in one answer
NO_MODEL = "no_model"  # why the guide leads where the study asks for a model and the server has none
Kind = Message.Kind


class InterviewRefused(WellspringError):
    """What was sent to an interview cannot be used."""


def questions_for(participant: Participant) -> list[Question]:
    """Return the situations that this participant may choose from, in the order of their version of the study."""
    keys = [question.key for question in participant.version.design.questions]
    found = Question.objects.filter(study=participant.study, key__in=keys).in_bulk(field_name="pk")
    return sorted(found.values(), key=lambda question: keys.index(question.key))


def questions_left(participant: Participant) -> list[Question]:
    """Return the situations that the participant has not talked about yet."""
    used = set(Interview.objects.filter(participant=participant).values_list("question", flat=True))
    return [question for question in questions_for(participant) if question.pk not in used]


def interview_of(participant: Participant) -> Interview | None:
    """Return the interview that the participant is at: the newest whose card is not confirmed, if any."""
    newest = Interview.objects.filter(participant=participant).select_related("question", "values_card").last()
    if newest is None or (hasattr(newest, "values_card") and newest.values_card.state == ValuesCard.State.CONFIRMED):
        return None
    newest.participant = participant
    return newest


def has_message(slug: str, key: str) -> bool:
    """Say whether a message with this key is stored in the study: keys are random and known to their page alone."""
    return bool(key) and Message.objects.filter(
        interview__participant__study__slug=slug, idempotency_key=key, author=Author.PARTICIPANT
    ).exists()  # fmt: skip


@transaction.atomic
def start_interview(participant: Participant, question: Question, *, now: datetime) -> Interview:
    """Begin to talk about a situation. Whoever has begun one and not confirmed its card gets that one."""
    row = take_for_writing(participant)
    begun = interview_of(row)
    if begun is not None:
        return begun
    if question not in questions_left(row):
        raise InterviewRefused(_("This situation cannot be chosen. Choose one from the page."))
    mode, handed_over = _who_asks(row.version.design.interview)
    interview = Interview.objects.create(
        participant=row, question=question, mode=mode, handed_over=handed_over, origin=row.origin
    )
    Interview.objects.filter(pk=interview.pk).update(started_at=now)
    opening = asking.next_turn(interview, [], now=now)
    if opening is not None:
        used = Message.objects.filter(interview__participant=row).aggregate(last=Max("number"))["last"]
        asking.ask(interview, opening, number=(used or 0) + 1, now=now)
    return interview


def _who_asks(design: InterviewDesign) -> tuple[str, str]:
    """Return who asks, and why it is the guide where the study wants a model."""
    if design.mode == Interview.Mode.MODEL and models_for("interview"):
        return Interview.Mode.MODEL, ""
    return Interview.Mode.GUIDED, NO_MODEL if design.mode == Interview.Mode.MODEL else ""


def record_message(
    interview: Interview, text: str, *, idempotency_key: str, now: datetime, answering: int | None = None
) -> Message:
    """Store what the person wrote, with the question that follows it or the turn that will; return their message.

    The same key again returns the message that it stored the first time. `answering` is the number of the question
    that stood on the page.

    Raises
    ------
    InterviewRefused
        When there are no words, or too many, or the interview is over.
    Conflict
        When the interview has gone on in another tab, or its next question is still being written.
    """
    return _record(interview, text, kind=Kind.SAID, key=idempotency_key, now=now, answering=answering)


def skip_question(
    interview: Interview, *, idempotency_key: str, now: datetime, answering: int | None = None
) -> Message:
    """Go past the present question."""
    words = _("I would like to skip this question.")
    return _record(interview, words, kind=Kind.SKIPPED, key=idempotency_key, now=now, answering=answering)


def decline_question(
    interview: Interview, *, idempotency_key: str, now: datetime, answering: int | None = None
) -> Message:
    """Record that the person does not want to answer the present question."""
    words = _("I'd rather not say.")
    return _record(interview, words, kind=Kind.DECLINED, key=idempotency_key, now=now, answering=answering)


def ask_differently(
    interview: Interview, *, idempotency_key: str, now: datetime, answering: int | None = None
) -> Message:
    """Have the present question put in other words."""
    words = _("Please ask me that differently.")
    return _record(interview, words, kind=Kind.DIFFERENTLY, key=idempotency_key, now=now, answering=answering)


@transaction.atomic
def edit_message(interview: Interview, number: int, text: str, *, now: datetime) -> Message:
    """Let the person change the last thing they wrote; what it said before is kept, and what follows is asked anew.

    Raises
    ------
    InterviewRefused
        When there are no words, or too many, or the interview is over.
    Conflict
        When the message is not the last one of theirs.
    """
    current = turns.take_interview(interview)
    words = _fitting(text)
    if current.state == Interview.State.FINISHED:
        raise InterviewRefused(_("This interview is over. Your card comes next."))
    messages = list(current.messages.all())
    message = next((each for each in reversed(messages) if each.author == Author.PARTICIPANT), None)
    if message is None or message.number != number:
        raise Conflict(_("Only the last thing you wrote can be changed, and this is not it any more."))
    if message.text == words:
        return message
    MessageRevision.objects.create(message=message, number=message.revision, text=message.text, replaced_at=now)
    message.text, message.kind, message.revision = words, Kind.SAID, message.revision + 1
    message.save(update_fields=["text", "kind", "revision"])
    _ask_anew(current, [each for each in messages if each.number <= message.number], messages[-1], now=now)
    return message


@transaction.atomic
def finish_interview(interview: Interview, *, now: datetime) -> Interview:
    """End the interview and draft its card. Doing it twice changes nothing."""
    current = turns.take_interview(interview)
    if current.state != Interview.State.FINISHED:
        turns.set_aside_turn(current, now=now)
        current.state = Interview.State.FINISHED
        current.finished_at = now
        current.save(update_fields=["state", "finished_at"])
        card = draft_card(current)
        if _may_be_drafted(current, card):
            number = asking.number_after(list(current.messages.all()))
            turns.begin_turn(current, kind=Turn.Kind.CARD, number=number, stage="", now=now)
        complete_step(current.participant, "interview", now=now)
    return current


@transaction.atomic
def reopen_interview(card: ValuesCard, *, reason: str, fit: int | None, now: datetime) -> Interview:
    """Go on with the interview behind a draft: its author says what the card lacks, and is asked about that.

    Raises
    ------
    Conflict
        When the card is confirmed already, or the interview goes on already.
    InterviewRefused
        When there are no words, or too many, or the card comes from no interview.
    """
    if card.interview is None:
        raise InterviewRefused(_("This card does not come from an interview."))
    current = turns.take_interview(card.interview)
    words = _fitting(reason)
    draft = ValuesCard.objects.select_for_update().get(pk=card.pk)
    if draft.state == ValuesCard.State.CONFIRMED or current.state != Interview.State.FINISHED:
        raise Conflict(_("This card was confirmed, or talked about again, in another tab."))
    turns.set_aside_turn(current, now=now)
    draft.fit, draft.fit_reason, draft.revision = fit, words[:LONGEST_REASON], draft.revision + 1
    draft.save(update_fields=["fit", "fit_reason", "revision"])
    current.state = Interview.State.OPEN
    current.save(update_fields=["state"])
    reopen_steps(current.participant, "interview")
    messages = list(current.messages.all())
    number, stage = asking.number_after(messages), messages[-1].stage
    key = f"{asking.REASON_KEY}{draft.revision}"
    message = asking.say(current, Author.PARTICIPANT, words, number=number, stage=stage, key=key, now=now)
    _go_on(current, [*messages, message], number=number + 1, now=now)
    return current


def may_talk_more(participant: Participant) -> bool:
    """Say whether somebody who has confirmed a card may talk about another situation."""
    if interview_of(participant) is not None or not questions_left(participant):
        return False
    confirmed = ValuesCard.objects.confirmed().filter(participant=participant).count()
    return 0 < confirmed < participant.version.design.interview.most_cards


@transaction.atomic
def talk_about_another(participant: Participant, *, now: datetime) -> None:
    """Lead back to the choice of a situation, and lose nothing that comes after it."""
    row = take_for_writing(participant)
    if may_talk_more(row):
        reopen_steps(row, "interview", "values_card")


@transaction.atomic
def leave_it_at_that(participant: Participant, *, now: datetime) -> None:
    """Go on without the other situation that was thought of. Nothing changes for whoever has begun with it."""
    row = take_for_writing(participant)
    if may_talk_more(row):
        complete_step(row, "interview", now=now)
        complete_step(row, "values_card", now=now)


@transaction.atomic
def _record(
    interview: Interview, text: str, *, kind: str, key: str, now: datetime, answering: int | None
) -> Message:  # fmt: skip
    current = turns.take_interview(interview)
    messages = list(current.messages.all())
    known = next((each for each in messages if (each.idempotency_key, each.author) == (key, Author.PARTICIPANT)), None)
    if known is not None:
        return known
    words = _fitting(text)
    last = _question_to_answer(current, messages, answering)
    number = asking.number_after(messages)
    message = asking.say(
        current, Author.PARTICIPANT, words, number=number, stage=last.stage, kind=kind, key=key, now=now
    )
    _go_on(current, [*messages, message], number=number + 1, now=now)
    return message


def _fitting(text: str) -> str:
    words = text.strip()
    if not words or len(words) > LONGEST_MESSAGE:
        raise InterviewRefused(_("Please write between one and %(most)s characters.") % {"most": LONGEST_MESSAGE})
    return words


def _question_to_answer(interview: Interview, messages: list[Message], answering: int | None) -> Message:
    if interview.state == Interview.State.FINISHED or not messages:
        raise InterviewRefused(_("This interview is over. Your card comes next."))
    last = messages[-1]
    if last.author != Author.INTERVIEWER:
        raise Conflict(_("The next question is still being written. Your words are kept here; send them after it."))
    if answering is not None and answering != last.number:
        raise Conflict(
            _("This interview has gone on in another tab. Read on here, and send your words again if they still fit.")
        )
    return last


def _go_on(interview: Interview, messages: list[Message], *, number: int, now: datetime) -> None:
    """Ask the next question, let a model write it, or end the interview."""
    question = asking.next_turn(interview, messages, now=now)
    if question is None:
        finish_interview(interview, now=now)
    elif interview.mode == Interview.Mode.MODEL and not interview.handed_over:
        turns.begin_turn(interview, kind=Turn.Kind.QUESTION, number=number, stage=question.stage, now=now)
    else:
        asking.ask(interview, question, number=number, now=now)


def _ask_anew(interview: Interview, messages: list[Message], last: Message, *, now: datetime) -> None:
    """Take back what follows a changed answer, and ask again under a new number."""
    waited_for = turns.set_aside_turn(interview, now=now)
    taken_back = [last.number] if last.author == Author.INTERVIEWER else []
    interview.messages.filter(number__in=taken_back).delete()
    used = [asking.number_after(messages) - 1, *taken_back, *([waited_for.number] if waited_for else [])]
    _go_on(interview, messages, number=max(used) + 1, now=now)


def _may_be_drafted(interview: Interview, card: ValuesCard) -> bool:
    """Say whether a model is to draft the card: it is nobody's yet, the study wants a model, and there is money."""
    wants = interview.mode == Interview.Mode.MODEL and interview.handed_over != Turn.Trouble.BUDGET
    return wants and not card.is_edited and bool(models_for("card"))


def stages_behind(messages: list[Message]) -> int:
    """Return how many stages the present question has behind it."""
    last = next((each.stage for each in reversed(messages) if each.author == Author.INTERVIEWER), "")
    return guided.STAGES.index(last) if last in guided.STAGES else 0
