"""Participants as an organizer sees them: who is at which step, who is stuck, and since when.

Rule: it tells states, times and counts, never a word of anybody. Previews are the team's own and stand in no list.
The states are found by one query, so that a page of 25 costs the same whether 30 or 30,000 people take part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from elicit.models import Exchange, Job, Origin, Participant, StepProgress, Study, Turn
from elicit.steps import step_kinds

WORKING_FOR = timedelta(minutes=5)  # people read, think and type for up to a minute; some look out of the window
IDLE_FOR = timedelta(minutes=30)  # longer than this and they have closed the page
SILENT_FOR = timedelta(days=1)
BROKEN_FOR = timedelta(minutes=2)  # a worker that lives says so every few seconds

Ending = Participant.Ending


@dataclass(frozen=True)
class State:
    """What an organizer calls a participant's present state, how its chip looks, and what it means."""

    key: str
    label: str | Promise
    look: str
    meaning: str | Promise


STATES = (
    State("not_begun", _("Not begun"), "", _("The link was made; nobody has begun with it.")),
    State("working", _("Working"), "chip-info", _("Something of theirs was saved in the last 5 minutes.")),
    State("waiting", _("Waiting for model"), "chip-info", _("A model is writing for them.")),
    State("idle", _("Idle"), "", _("Nothing was saved for 5 to 30 minutes.")),
    State("away", _("Away"), "", _("Nothing was saved for more than 30 minutes. Their place is kept.")),
    State("stuck", _("Stuck"), "chip-bad", _("Something of ours failed for them, or they have been silent for a day.")),
    State("finished", _("Finished"), "chip-ok", _("They did every step.")),
    State("ended", _("Ended early"), "", _("They did not agree, or the study ended for them before its last step.")),
    State("excluded", _("Excluded"), "chip-warn", _("Left out of results by an organizer, with a reason.")),
    State("withdrawn", _("Withdrawn"), "chip-warn", _("They took everything back. Only this line is left.")),
)
TROUBLES = {
    "turn": _("A model's turn broke off more than 2 minutes ago"),
    "job": _("Background work for them has failed"),
    "silent": _("Nothing was saved for a day, in the middle of a step"),
}
BETWEEN_STEPS = _("Between two steps")
ENDED_EARLY = (Ending.NO_CONSENT, Ending.SCREENED_OUT, Ending.QUALITY, Ending.TECHNICAL)
LIVE_TURNS = (Turn.State.WAITING, Turn.State.WRITING)
CLOSED_STEPS = (StepProgress.State.DONE, StepProgress.State.NOT_AVAILABLE)


@dataclass(frozen=True)
class Person:
    """One participant's line: the state, the step and the times."""

    participant: Participant
    state: State
    trouble: str
    ending: str
    step: str
    done: int
    total: int
    on_step_since: datetime | None
    last_saved_at: datetime | None


@dataclass(frozen=True)
class StuckAt:
    """How many people are stuck at one step, and over what."""

    step: str
    trouble: str
    count: int


def people_of(study: Study, *, now: datetime) -> QuerySet[Any]:
    """Return the participants, each with `state`, `trouble` and `last_saved_at`, in the order in which they came."""
    steps = StepProgress.objects.filter(participant=OuterRef("pk"))
    opened = Subquery(steps.order_by("-started_at", "-pk").values("started_at")[:1])
    found = Participant.objects.of_study(study).exclude(origin=Origin.PREVIEW)
    found = found.annotate(last_saved_at=Coalesce("last_seen_at", "began_at", opened))
    found = found.annotate(trouble=_trouble(now), waits=_waits())
    return found.annotate(state=_state(now)).order_by("created_at", "pk")


def count_states(people: QuerySet[Any]) -> list[tuple[State, int]]:
    """Return how many people are in each state that anybody is in."""
    counts = dict(people.order_by().values_list("state").annotate(count=Count("pk")))
    return [(state, counts[state.key]) for state in STATES if counts.get(state.key)]


def lines_of(people: Iterable[Any]) -> list[Person]:
    """Return one line for each of these participants, who come from `people_of`."""
    return [_line(each) for each in people]


def stuck_people(study: Study, *, now: datetime) -> list[StuckAt]:
    """Return where people are stuck and over what, the most first. It reads one row a place, however many they are."""
    opened = StepProgress.objects.filter(participant=OuterRef("pk"), state=StepProgress.State.OPEN)
    stuck = (
        people_of(study, now=now).filter(state="stuck").annotate(at=Subquery(opened.order_by("-pk").values("key")[:1]))
    )
    rows = stuck.order_by().values_list("at", "trouble").annotate(count=Count("pk")).order_by("-count", "at", "trouble")
    kinds = step_kinds()
    return [
        StuckAt(str(kinds[key].label) if key in kinds else str(BETWEEN_STEPS), str(TROUBLES[trouble]), count)
        for key, trouble, count in rows
    ]


def _line(participant: Any) -> Person:
    design = participant.version.design.steps
    progress = {step.key: step for step in participant.steps.all()}
    closed = {key for key, step in progress.items() if step.state in CLOSED_STEPS}
    present = next((step for step in design if step.key not in closed), None)
    state, trouble = participant.state, participant.trouble
    has_step = present is not None and state not in ("finished", "withdrawn")
    return Person(
        participant=participant,
        state=next(each for each in STATES if each.key == state),
        trouble=str(TROUBLES[trouble]) if state == "stuck" else "",
        ending=participant.get_ended_display() if participant.ended not in ("", Ending.COMPLETE) else "",
        step=str(step_kinds()[present.kind].label) if present and has_step else "",
        done=len(closed),
        total=len(design),
        on_step_since=_arrived(progress, present.key) if present and has_step else None,
        last_saved_at=participant.last_saved_at,
    )


def _arrived(progress: Mapping[str, StepProgress], key: str) -> datetime | None:
    """Return when somebody came to a step: when they opened it, or when they had done the one before."""
    if key in progress:
        return progress[key].started_at
    return max((step.finished_at for step in progress.values() if step.finished_at), default=None)


def _trouble(now: datetime) -> Case:
    """Return why somebody is stuck, in one word; empty where nothing is wrong."""
    turns = Turn.objects.filter(interview__participant=OuterRef("pk")).annotate(
        sign_of_life=Coalesce("finished_at", "heartbeat_at", "created_at")
    )
    broken = turns.filter(state__in=[Turn.State.INTERRUPTED, *LIVE_TURNS], sign_of_life__lt=now - BROKEN_FOR)
    failed_turns = turns.filter(state__in=LIVE_TURNS, job__state=Job.State.FAILED)
    failed_answers = Exchange.objects.filter(
        conversation__participant=OuterRef("pk"), conversation__state="open", state=Exchange.State.FAILED
    )
    open_steps = StepProgress.objects.filter(participant=OuterRef("pk"), state=StepProgress.State.OPEN)
    return Case(
        When(Exists(failed_turns) | Exists(failed_answers), then=Value("job")),
        When(Exists(broken), then=Value("turn")),
        When(Q(last_saved_at__lt=now - SILENT_FOR) & Exists(open_steps), then=Value("silent")),
        default=Value(""),
        output_field=CharField(),
    )


def _waits() -> Exists:
    turns = Turn.objects.filter(interview__participant=OuterRef("pk"), state__in=LIVE_TURNS)
    answers = Exchange.objects.filter(
        conversation__participant=OuterRef("pk"), conversation__state="open", state=Exchange.State.ANSWERING
    )
    return Exists(turns) | Exists(answers)  # type: ignore[return-value]


def _state(now: datetime) -> Case:
    return Case(
        When(withdrawn_at__isnull=False, then=Value("withdrawn")),
        When(excluded_at__isnull=False, then=Value("excluded")),
        When(ended__in=ENDED_EARLY, then=Value("ended")),
        When(finished_at__isnull=False, then=Value("finished")),
        When(last_saved_at=None, then=Value("not_begun")),
        When(~Q(trouble=""), then=Value("stuck")),
        When(waits=True, then=Value("waiting")),
        When(last_saved_at__gte=now - WORKING_FOR, then=Value("working")),
        When(last_saved_at__gte=now - IDLE_FOR, then=Value("idle")),
        default=Value("away"),
        output_field=CharField(),
    )
