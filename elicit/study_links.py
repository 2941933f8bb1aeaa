"""Links that anybody may open: a study's own, and the one that a panel sends its people to.

Rule: opening such a link keeps nothing; only beginning adds a participant. A panel id finds its own participant again
in the browser of the first visit, or where the panel signed it. Anywhere else it opens nothing, whoever shows it.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from elicit import panels
from elicit.errors import InvalidLink, StudyNotOpen, WellspringError
from elicit.models import Origin, PanelIdentity, Participant, Study, StudyLink
from elicit.panels import Visit
from elicit.participants import add_participant, begin, is_alive, new_token, token_hash

MOST_A_MINUTE = 600  # by one link: a panel's launch brings hundreds, a program that plays people brings thousands
SECOND_CLICK = timedelta(minutes=1)  # a form sent again later may be somebody else's, on the same device


class LinkFull(WellspringError):
    """As many people as were wanted have begun with this link."""


class TooManyAtOnce(WellspringError):
    """More people begin with this link than the study lets in within a minute."""


class ComeElsewhere(WellspringError):
    """This panel id has begun in another browser."""


def create_study_link(
    study: Study,
    *,
    label: str,
    panel: str = "",
    most_participants: int = 0,
    expires_at: datetime | None = None,
    now: datetime,
) -> str:
    """Make a link that anybody may open, or one for a panel, and return its token, which cannot be read again.

    Raises
    ------
    InvalidLink
        When it would expire before it is made.
    PanelNotReady
        When the panel is unknown, or PANEL_KEY is missing.
    """
    if panel:
        panels.panel_named(panel)
        panels.require_key()
    token = new_token(now=now, expires_at=expires_at)
    StudyLink.objects.create(
        study=study, token_hash=token_hash(token), label=label, panel=panel, most_participants=most_participants,
        expires_at=expires_at,
    )  # fmt: skip
    return token


def study_link_of(token: str, *, is_panel: bool, now: datetime) -> StudyLink:
    """Return the link of this token.

    Raises
    ------
    InvalidLink
        When it is unknown, revoked or expired, or of the other kind. The message never says which.
    """
    link = StudyLink.objects.select_related("study").filter(token_hash=token_hash(token)).first()
    if link is None or bool(link.panel) != is_panel or not is_alive(link, now=now) or link.study.erased_at:
        raise InvalidLink("This link does not work, or no longer does. Ask whoever sent it for a new one.")
    return link


def require_room(link: StudyLink, *, now: datetime) -> None:
    """Refuse somebody new where the study is not open, the link is full, or too many come at once.

    Raises
    ------
    StudyNotOpen, LinkFull, TooManyAtOnce
    """
    if link.study.state != Study.State.OPEN:
        raise StudyNotOpen("This study is not taking answers now.")
    if link.most_participants and link.identities.count() >= link.most_participants:
        raise LinkFull("As many people as were wanted have begun. Thank you for coming.")
    if link.identities.filter(created_at__gt=now - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise TooManyAtOnce("Very many people are beginning right now. Please try again in a minute.")


def resume_by_panel(link: StudyLink, visit: Visit, *, browser: str, now: datetime) -> Participant | None:
    """Return the participant whom this panel id has begun as, if this browser or the panel vouches for them.

    Raises
    ------
    ComeElsewhere
        When the id has begun, and nothing says that this is the same person.
    """
    known = _known(panels.lookup_of(visit, link.study))
    return _vouched(known, visit, browser=browser, now=now) if known else None


@transaction.atomic
def join_by_study_link(
    link: StudyLink, *, key: str, browser: str, language: str, now: datetime, visit: Visit | None = None
) -> Participant:
    """Let somebody begin by this link and return them; a repeated post with the same key returns the same person.

    `browser` is a secret of the visitor's session, `visit` what their panel said of them.

    Raises
    ------
    InvalidLink, StudyNotOpen, LinkFull, TooManyAtOnce, ComeElsewhere
    """
    row = StudyLink.objects.select_for_update(of=("self",)).select_related("study").get(pk=link.pk)
    if not is_alive(row, now=now):
        raise InvalidLink("This link does not work any longer. Ask whoever sent it for a new one.")
    lookup = panels.lookup_of(visit, row.study) if visit else _lookup_of_key(row, key)
    known = _known(lookup)
    if known is not None:
        participant = _vouched(known, visit, browser=browser, now=now)
        if visit:  # the ids were let go when this person declined; now they are here again
            PanelIdentity.objects.filter(pk=known.pk).update(sealed=panels.seal(visit).encode())
        return begin(participant, language=language, now=now)
    require_room(row, now=now)
    participant = add_participant(
        row.study, origin=Origin.PERSON, language=language, seed=secrets.randbits(48), now=now
    )
    _bind(participant, row, lookup=lookup, browser=browser, visit=visit, now=now)
    return begin(participant, language=language, now=now)


def browser_hash(browser: str) -> str:
    """Return what is stored of a browser's secret."""
    return hashlib.sha256(f"browser:{browser}".encode()).hexdigest()


def _lookup_of_key(link: StudyLink, key: str) -> str:
    return hashlib.sha256(f"link:{link.pk}:{key}".encode()).hexdigest()


def _known(lookup: str) -> PanelIdentity | None:
    return PanelIdentity.objects.select_related("participant__study").filter(lookup=lookup).first()


def _vouched(known: PanelIdentity, visit: Visit | None, *, browser: str, now: datetime) -> Participant:
    """Return whose number, or whose form, this is. A form that is sent again soon is a second click."""
    is_second_click = visit is None and now - known.created_at < SECOND_CLICK
    is_signed = visit is not None and visit.is_signed
    if is_signed or is_second_click or secrets.compare_digest(known.browser, browser_hash(browser)):
        return known.participant
    raise ComeElsewhere("These numbers have been used to begin in another browser. Open your personal link instead.")


def _bind(
    participant: Participant, link: StudyLink, *, lookup: str, browser: str, visit: Visit | None, now: datetime
) -> None:
    """Tie a participant to the link, and to the browser and the id that they came with. A race has one winner."""
    try:
        with transaction.atomic():
            identity = PanelIdentity.objects.create(
                participant=participant, link=link, panel=link.panel, lookup=lookup,
                sealed=panels.seal(visit).encode() if visit else b"", browser=browser_hash(browser),
            )  # fmt: skip
    except IntegrityError:
        raise ComeElsewhere("These numbers have just been used to begin in another browser.") from None
    PanelIdentity.objects.filter(pk=identity.pk).update(created_at=now)
