"""How a participation ends, and the code that a panel's participant takes back.

Rule: an ending follows from what the server has stored, and an exit is offered only once the last write stands. No flag
and no exclusion by an organizer changes it: they are for the analysis, not for the payment.
"""

from dataclasses import dataclass

from elicit.models import Participant, Study
from elicit.panels import PanelNotReady, panel_named
from elicit.study_files import StudyDesign

Ending = Participant.Ending


@dataclass(frozen=True)
class Exit:
    """The way back to the panel: the code of this ending, and the address that carries it."""

    ending: str
    code: str
    url: str


def ending_of(participant: Participant) -> str:
    """Return how somebody's participation has ended, or nothing while they may go on."""
    if participant.ended:
        return participant.ended
    if participant.finished_at is not None:
        return Ending.COMPLETE
    is_stopped = participant.study.state in {Study.State.PAUSED, Study.State.CLOSED}
    return Ending.TECHNICAL if is_stopped and participant.began_at else ""


def exit_of(participant: Participant) -> Exit | None:
    """Return the way back to the panel that sent somebody, once their participation has ended."""
    identity = getattr(participant, "panel_identity", None)
    ending = ending_of(participant)
    if identity is None or not identity.panel or not ending:
        return None
    return exit_by(identity.panel, ending, design=participant.version.design)


def exit_by(panel: str, ending: str, *, design: StudyDesign) -> Exit | None:
    """Return a panel's exit for an ending, or None where the study names no code for it."""
    codes = {named.name: named.exits for named in design.panels}
    code = dict(codes.get(panel, {})).get(ending, "")  # type: ignore[call-overload]
    if not code:
        return None
    try:
        url = panel_named(panel).exit_url.format(code=code)
    except PanelNotReady:  # it is no longer configured; the code can still be typed in
        url = ""
    return Exit(ending=ending, code=code, url=url)


def end_unfinished(study: Study) -> int:
    """Note that everybody who was under way could not finish, as the study ends under them; return how many."""
    under_way = Participant.objects.filter(study=study, began_at__isnull=False, finished_at=None, withdrawn_at=None)
    return under_way.filter(ended="").update(ended=Ending.TECHNICAL)
