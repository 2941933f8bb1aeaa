"""A study is a list of steps. This module knows which one a participant does next.

Each app registers the kinds of steps that it provides. The link always resumes at the first step that is not
done; a step can also be waiting ("come back with this link") or not available.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse

from elicit.errors import AlreadyWithdrawn, StepNotOpen
from elicit.models import Participant, StepProgress

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

State = StepProgress.State


@dataclass(frozen=True)
class Readiness:
    """Whether a step can be done now, with the sentence that the participant reads if not."""

    state: str = State.OPEN
    sentence: str = ""


def always_ready(participant: Participant) -> Readiness:
    """Say that a step can be done at any time."""
    return Readiness()


@dataclass(frozen=True)
class StepKind:
    """A kind of step: its name, its label for people, its page and when it can be done."""

    kind: str
    label: "StrOrPromise"
    url_name: str
    readiness: Callable[[Participant], Readiness] = always_ready


@dataclass(frozen=True)
class Step:
    """One step of one participant."""

    key: str
    kind: StepKind
    state: str
    number: int
    is_noted: bool = False  # whether its state is written down already

    def url(self, participant: Participant) -> str:
        """Return the address of its page."""
        return reverse(self.kind.url_name, args=[participant.study.slug])


_KINDS: dict[str, StepKind] = {}


def register_step(kind: StepKind) -> None:
    """Make a kind of step known. Registering the same one again changes nothing."""
    _KINDS[kind.kind] = kind


def step_kinds() -> dict[str, StepKind]:
    """Return every registered kind by name."""
    return dict(_KINDS)


def steps_of(participant: Participant) -> list[Step]:
    """Return the participant's steps in order, each with its present state."""
    progress = dict(participant.steps.values_list("key", "state"))
    designed = participant.version.design.steps
    return [
        Step(
            key=design.key,
            kind=_KINDS[design.kind],
            state=progress.get(design.key, State.OPEN),
            number=number,
            is_noted=design.key in progress,
        )
        for number, design in enumerate(designed, start=1)
    ]


def next_step(participant: Participant) -> Step | None:
    """Return the first step that is not finished, or None when all are."""
    closed = {State.DONE, State.NOT_AVAILABLE}
    return next((step for step in steps_of(participant) if step.state not in closed), None)


@transaction.atomic
def open_step(participant: Participant, kind: str) -> tuple[Step, Readiness]:
    """Open the participant's present step of this kind and say whether it can be done now.

    Raises
    ------
    StepNotOpen
        When the step is not the next one.
    """
    if participant.withdrawn_at:
        raise AlreadyWithdrawn("This participant has withdrawn; nothing more is recorded.")
    step = next_step(participant)
    if step is None or step.kind.kind != kind:
        raise StepNotOpen(f"The step {kind!r} is not the next one for this participant.")
    readiness = step.kind.readiness(participant)
    if not step.is_noted or step.state != readiness.state:
        StepProgress.objects.update_or_create(
            participant=participant, key=step.key, defaults={"state": readiness.state, "finished_at": None}
        )
    return step, readiness


def reopen_steps(participant: Participant, *kinds: str) -> None:
    """Lead back to steps that were done; those after them stay as they are."""
    StepProgress.objects.filter(participant=participant, key__in=kinds).update(state=State.OPEN, finished_at=None)


@transaction.atomic
def complete_step(participant: Participant, kind: str, *, now: datetime) -> Step | None:
    """Mark the present step of this kind as done and return the next one. Doing it twice changes nothing."""
    step = next_step(participant)
    if step is None or step.kind.kind != kind:
        return step
    StepProgress.objects.update_or_create(
        participant=participant, key=step.key, defaults={"state": State.DONE, "finished_at": now}
    )
    following = next_step(participant)
    if following is None and participant.finished_at is None:
        participant.finished_at = now
        participant.ended = Participant.Ending.COMPLETE
        participant.save(update_fields=["finished_at", "ended"])
    return following
