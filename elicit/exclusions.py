"""Leave a participant out of results, with a reason, and take them in again.

Rule: an exclusion says only that somebody's answers are not added up. It changes nothing that they said, nothing that
they may do, and nothing that they are paid; they can still go on, read their data and withdraw.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from elicit.errors import Conflict, WellspringError
from elicit.models import Participant

LONGEST_REASON = 300


class ReasonMissing(WellspringError):
    """Somebody was to be left out without a word why."""


def exclude(participant: Participant, *, because: str, by: Any, now: datetime) -> Participant:
    """Leave a participant out of results from now on. A second reason replaces the first.

    Raises
    ------
    ReasonMissing
        When there is no reason, or one that does not fit.
    Conflict
        When the participant has withdrawn: there is nothing left to leave out.
    """
    reason = because.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise ReasonMissing(_("Say in 1 to %(most)s characters why.") % {"most": LONGEST_REASON})
    return _write(participant, excluded_at=now, excluded_because=reason, excluded_by=by)


def include(participant: Participant) -> Participant:
    """Take a participant into results again. Doing it twice changes nothing."""
    return _write(participant, excluded_at=None, excluded_because="", excluded_by=None)


def _write(participant: Participant, **values: Any) -> Participant:
    if not Participant.objects.filter(pk=participant.pk, withdrawn_at=None).update(**values):
        raise Conflict(_("This participant has withdrawn. Nothing of theirs is left to count."))
    participant.refresh_from_db()
    return participant
