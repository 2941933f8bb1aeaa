"""Turns: a model's work at the next question or at the card, as rows that outlive every connection and worker.

Rule: an attempt writes only while it is the turn's present one and the turn is alive, so that a late or doubled worker
changes nothing. Every write that ends a turn takes the locks in one order: participant, interview, turn. The words so
far are the turn's chunks; the transaction that stores them as a message deletes the chunks.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from elicit import asking
from elicit.errors import Conflict
from elicit.jobs import enqueue
from elicit.models import Interview, Job, Message, Participant, Turn, TurnChunk
from elicit.participants import take_for_writing

JOBS = {Turn.Kind.QUESTION.value: "interview_turn", Turn.Kind.CARD.value: "card_draft"}
State, Trouble = Turn.State, Turn.Trouble
ALIVE = (State.WAITING, State.WRITING)
LIVE = (*ALIVE, State.INTERRUPTED)
PATIENCE = timedelta(seconds=15)  # without a word; then going on without waiting is offered


@dataclass(frozen=True)
class Attempt:
    """One try at a turn: what a worker holds. It is worthless once the turn has another attempt or has ended."""

    turn: int
    number: int


@dataclass(frozen=True)
class Written:
    """What a model wrote, and what is kept of how."""

    text: str
    model_name: str = ""
    prompt_name: str = ""
    prompt_hash: str = ""
    seed: str = ""
    was_cut: bool = False


@dataclass
class Asked:
    """A turn with everything that its prompt is made of, read once."""

    turn: Turn
    interview: Interview
    messages: list[Message] = field(default_factory=list)


def live_turn(interview: Interview) -> Turn | None:
    """Return the turn that the interview waits for, or that was interrupted, if any."""
    return Turn.objects.filter(interview=interview, state__in=LIVE).first()


def begin_turn(interview: Interview, *, kind: str, number: int, stage: str, now: datetime) -> Turn:
    """Let a model write the next message, or the card: a turn and its job, in the caller's transaction."""
    turn = Turn.objects.create(interview=interview, kind=kind, number=number, stage=stage, created_at=now)
    _give_a_job(turn, interview.participant)
    return turn


def _give_a_job(turn: Turn, participant: Participant) -> None:
    turn.job = enqueue(
        JOBS[turn.kind],
        key=f"turn:{turn.pk}:{turn.attempt}",
        study=participant.study,
        payload={"turn": turn.pk, "attempt": turn.attempt},
        most_attempts=1,
    )
    turn.save(update_fields=["job"])


# --- what the person does while a turn is alive ---------------------------------------------------------------------


@transaction.atomic
def go_on_without(interview: Interview, *, now: datetime) -> Interview:
    """Stop waiting: the guide asks now, or the card stays as it was drafted. Without a turn nothing changes."""
    current = take_interview(interview)
    turn = _live_for_update(current)
    if turn is not None:
        _replace_by_guide(turn, current, trouble=turn.trouble, now=now)
    return current


@transaction.atomic
def retry_turn(interview: Interview, *, now: datetime) -> Interview:
    """Have an interrupted turn written again, from its beginning. A turn that is alive stays as it is."""
    current = take_interview(interview)
    turn = _live_for_update(current)
    if turn is not None and turn.state == State.INTERRUPTED:
        turn.chunks.all().delete()
        turn.state, turn.trouble, turn.attempt = State.WAITING, Trouble.NONE, turn.attempt + 1
        turn.stop_requested, turn.created_at = False, now
        turn.first_token_at = turn.heartbeat_at = turn.finished_at = None
        turn.save()
        _give_a_job(turn, current.participant)
    return current


@transaction.atomic
def stop_turn(interview: Interview, *, now: datetime) -> Interview:
    """Ask for no more words. What has come is kept by whoever writes, or here when nobody does any more."""
    current = take_interview(interview)
    turn = _live_for_update(current)
    if turn is None:
        return current
    words = "".join(chunks_of(turn))
    if turn.state == State.INTERRUPTED and words and turn.kind == Turn.Kind.QUESTION:
        _store(turn, current, Written(words, model_name=turn.model_name, was_cut=True), now=now)
    elif turn.state == State.INTERRUPTED:
        _replace_by_guide(turn, current, trouble=turn.trouble, now=now)
    else:
        turn.stop_requested = True
        turn.save(update_fields=["stop_requested"])
    return current


def set_aside_turn(interview: Interview, *, now: datetime) -> Turn | None:
    """End the live turn without a word of it, in the caller's transaction, which holds the interview's lock."""
    turn = _live_for_update(interview)
    if turn is not None:
        _end(turn, State.SET_ASIDE, trouble=turn.trouble, now=now)
    return turn


def chunks_of(turn: Turn) -> list[str]:
    """Return what the present attempt has written, piece by piece."""
    return list(turn.chunks.filter(attempt=turn.attempt).order_by("number").values_list("text", flat=True))


# --- what a worker does ---------------------------------------------------------------------------------------------


def take_up(attempt: Attempt, *, now: datetime) -> Asked | None:
    """Begin to work at a turn; None when it needs no work any more."""
    if not _held(attempt).filter(state=State.WAITING, heartbeat_at=None).update(heartbeat_at=now):
        return None
    turn = (
        Turn.objects.select_related(
            "interview__participant__study", "interview__participant__version", "interview__question"
        )
        .filter(pk=attempt.turn)
        .first()
    )
    if turn is None:
        return None
    return Asked(turn, turn.interview, list(turn.interview.messages.filter(number__lt=turn.number)))


def beat(attempt: Attempt, *, now: datetime) -> bool:
    """Say that somebody works at the turn; False when it is to stop."""
    return bool(_held(attempt).filter(stop_requested=False).update(heartbeat_at=now))


@transaction.atomic
def add_words(attempt: Attempt, *, number: int, text: str, now: datetime) -> bool:
    """Write a piece into the turn log; False when the attempt is to stop. The first piece begins the writing."""
    if number == 1:
        _held(attempt).filter(state=State.WAITING).update(state=State.WRITING, first_token_at=now)
    if not beat(attempt, now=now):
        return False
    TurnChunk.objects.create(turn_id=attempt.turn, attempt=attempt.number, number=number, text=text)
    return True


def note_model(attempt: Attempt, model_name: str, *, failed: tuple[str, ...], now: datetime) -> None:
    """Note which model is asked now, and which ones did not answer before."""
    _held(attempt).update(model_name=model_name, fell_back_from=list(failed), heartbeat_at=now)


@transaction.atomic
def keep_question(attempt: Attempt, written: Written, *, now: datetime) -> Message | None:
    """Store what the model wrote as the interviewer's message and clear its chunks; None when it came too late."""
    found = _taken_for(attempt)
    return found and _store(*found, written, now=now)


@transaction.atomic
def hand_over(attempt: Attempt, *, trouble: str, now: datetime) -> bool:
    """Let the guide take over for the rest of the interview, or leave the card as drafted, and say why."""
    found = _taken_for(attempt)
    if found is None:
        return False
    turn, interview = found
    if turn.kind == Turn.Kind.QUESTION:
        interview.handed_over = trouble
        interview.save(update_fields=["handed_over"])
    _replace_by_guide(turn, interview, trouble=trouble, now=now)
    return True


@transaction.atomic
def ask_instead(attempt: Attempt, *, now: datetime) -> bool:
    """Let the guide ask this one question: the person stopped the model before it had said a word."""
    found = _taken_for(attempt)
    if found is not None:
        _replace_by_guide(*found, trouble=Trouble.NONE, now=now)
    return found is not None


@transaction.atomic
def finish_turn(attempt: Attempt, *, model_name: str, now: datetime) -> tuple[Turn, Interview] | None:
    """End a card's turn as done, in the transaction that stores the card; None when it came too late."""
    found = _taken_for(attempt)
    if found is not None:
        found[0].model_name = model_name
        _end(found[0], State.DONE, trouble=Trouble.NONE, now=now)
    return found


def interrupt(attempt: Attempt, *, trouble: str, now: datetime) -> bool:
    """Leave the turn to be tried again; the words so far stay until then."""
    return bool(_held(attempt).update(state=State.INTERRUPTED, trouble=trouble, finished_at=now))


# --- what anybody does who looks ------------------------------------------------------------------------------------


def interrupt_stale(*, now: datetime) -> int:
    """Interrupt the turns whose worker died, and let the sweep announce those that nobody took up."""
    silent = now - timedelta(seconds=settings.TURN_STALE_SECONDS)
    ended = [Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED]
    abandoned = Q(heartbeat_at__lt=silent) | Q(heartbeat_at=None, job__state__in=ended) | Q(job=None)
    unseen = Turn.objects.filter(state=State.WAITING, heartbeat_at=None, created_at__lt=silent)
    Job.objects.filter(
        pk__in=unseen.values("job"), state=Job.State.QUEUED, heartbeat_at__lt=silent
    ).update(heartbeat_at=None)  # fmt: skip
    with transaction.atomic():  # who ends a turn right now has its lock, and is not stale
        left = Turn.objects.select_for_update(of=("self",), skip_locked=True).filter(abandoned, state__in=ALIVE)
        found = Turn.objects.filter(pk__in=[turn.pk for turn in left])
        return found.update(state=State.INTERRUPTED, trouble=Trouble.WORKER, finished_at=now)


def is_stale(turn: Turn, *, now: datetime) -> bool:
    """Say whether the turn looks as if its worker had died."""
    silent = timedelta(seconds=settings.TURN_STALE_SECONDS)
    return turn.state in ALIVE and now - (turn.heartbeat_at or turn.created_at) > silent


def quiet_turns(participant: Participant) -> None:
    """Forget a participant's turns: end them first, so that no worker adds a word while the rows go."""
    own = Turn.objects.filter(interview__participant=participant)
    own.update(state=State.SET_ASIDE, job=None)
    own.delete()


def ways_on(turn: Turn, *, now: datetime) -> list[str]:
    """Return what the person can do about a turn."""
    if turn.state == State.INTERRUPTED:
        return ["retry", "continue"]
    if turn.state == State.WRITING:
        return ["stop"]
    is_slow = turn.state == State.WAITING and now - turn.created_at >= PATIENCE
    return ["continue"] if is_slow else []


def sentence_for(turn: Turn, *, now: datetime) -> str:
    """Say in the person's language how it stands with a turn, and that nothing is lost."""
    if turn.kind == Turn.Kind.CARD:
        return _card_sentence(turn, now=now)
    if turn.state == State.INTERRUPTED and turn.trouble == Trouble.BROKEN_OFF:
        return _("The question broke off before its end. Your words are saved. Try again, or go on without waiting.")
    if turn.state == State.INTERRUPTED:
        return _("Writing the question was interrupted. Your words are saved. Try again, or go on without waiting.")
    if turn.state == State.WAITING and turn.fell_back_from:
        return _("This takes longer than it should; another model is asked now. Your words are saved.")
    if ways_on(turn, now=now) == ["continue"]:
        return _("This takes longer than it should. Your words are saved. You can go on without waiting.")
    if turn.state in ALIVE:
        return _("The interviewer is replying. Your words are saved.")
    return ""


def _card_sentence(turn: Turn, *, now: datetime) -> str:
    if turn.state == State.INTERRUPTED:
        return _("Drafting your card was interrupted. Nothing is lost. Try again, or look at what there is.")
    if ways_on(turn, now=now) == ["continue"]:
        return _("This takes longer than it should. Nothing is lost. You can look at what there is.")
    return _("Your card is being drafted from what you said.") if turn.state in ALIVE else ""


# --- the locks ------------------------------------------------------------------------------------------------------


def _held(attempt: Attempt) -> QuerySet[Turn]:
    """Return the turn while this attempt may still write."""
    return Turn.objects.filter(pk=attempt.turn, attempt=attempt.number, state__in=ALIVE)


def take_interview(interview: Interview) -> Interview:
    """Return the interview's row, locked with its participant's, with what was read of the study before."""
    row = take_for_writing(interview.participant)
    if row.version_id == interview.participant.version_id:
        row.version = interview.participant.version  # never changes once somebody answers it; spares a query
    current = Interview.objects.select_for_update(of=("self",)).select_related("question").get(pk=interview.pk)
    current.participant = row
    return current


def _live_for_update(interview: Interview) -> Turn | None:
    return Turn.objects.select_for_update().filter(interview=interview, state__in=LIVE).first()


def _taken_for(attempt: Attempt) -> tuple[Turn, Interview] | None:
    """Lock everything that the end of this attempt writes; None when it may not write any more."""
    interview = Interview.objects.select_related("participant__version").filter(turns=attempt.turn).first()
    if interview is None:
        return None
    current = take_interview(interview)
    turn = _held(attempt).select_for_update().first()
    return None if turn is None else (turn, current)


def _store(turn: Turn, interview: Interview, written: Written, *, now: datetime) -> Message:
    message = asking.say(
        interview,
        asking.Author.INTERVIEWER,
        written.text,
        number=turn.number,
        stage=turn.stage,
        now=now,
        model_name=written.model_name,
        prompt_name=written.prompt_name,
        prompt_hash=written.prompt_hash,
        seed=written.seed,
        was_cut=written.was_cut,
    )
    turn.message = message
    turn.model_name = written.model_name
    _end(turn, State.DONE, trouble=Trouble.NONE, now=now)
    return message


def _replace_by_guide(turn: Turn, interview: Interview, *, trouble: str, now: datetime) -> None:
    if turn.kind == Turn.Kind.QUESTION:
        messages = list(interview.messages.filter(number__lt=turn.number))
        question = asking.next_turn(interview, messages, now=turn.created_at)
        if question is None:
            raise Conflict(_("This interview is over. Your card comes next."))
        turn.message = asking.ask(interview, question, number=turn.number, now=now)
    _end(turn, State.SET_ASIDE, trouble=trouble, now=now)


def _end(turn: Turn, state: str, *, trouble: str, now: datetime) -> None:
    turn.chunks.all().delete()
    turn.state, turn.trouble, turn.finished_at = state, trouble, now
    turn.save()
