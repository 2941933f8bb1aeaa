"""Walk through a study as a participant would, before it opens or while it runs.

Rule: a preview is nobody. It is in no count, list or result, no person is shown its card, and it freezes nothing.
"""

import secrets
from datetime import datetime

from elicit.errors import StudyNotOpen
from elicit.models import Origin, Participant, Study
from elicit.participants import add_participant, is_taking_answers


def start_preview(study: Study, *, now: datetime) -> Participant:
    """Add a preview to the newest version of the study.

    Raises
    ------
    StudyNotOpen
        When the study is paused or closed, so that a preview could answer nothing.
    """
    if study.state not in (Study.State.DRAFT, Study.State.OPEN):
        raise StudyNotOpen("A study can be previewed while it is a draft or open. This one takes no answers now.")
    language = study.current_version.design.languages[0]
    return add_participant(study, origin=Origin.PREVIEW, language=language, seed=secrets.randbits(48), now=now)


def may_go_on(participant: Participant | None) -> bool:
    """Say whether this is a preview that can be walked on, in the design that the study has now."""
    if participant is None or participant.origin != Origin.PREVIEW:
        return False
    return is_taking_answers(participant) and participant.version_id == participant.study.current_version.pk
