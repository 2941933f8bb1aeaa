"""What an organizer should see to before a study opens: each point with what to do about it.

Rule: only what participants' safety hangs on keeps a study shut (`studies.open_study` refuses without help links and a
distress rule). Everything else is said here and left to the organizer.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from elicit import panels
from elicit.llm.configuration import models_for
from elicit.models import Participant, Study
from elicit.study_files import StudyDesign


@dataclass(frozen=True)
class Point:
    """One point of the list: what holds when it is done, and what to do where it is not."""

    label: str
    is_done: bool
    to_do: str = ""
    keeps_shut: bool = False


Check = Callable[[Study], Iterable[Point]]
_CHECKS: dict[str, Check] = {}


def register_check(check: Check) -> None:
    """Let another app add points to the list; made anew on every visit, so they must be quick."""
    _CHECKS[f"{check.__module__}.{check.__qualname__}"] = check


def checklist(study: Study) -> list[Point]:
    """Return the points in the order in which they should be seen to."""
    design = study.current_version.design
    return [
        _help(design),
        Point(_("Participants can write to %(name)s") % {"name": design.contact.name}, is_done=True),
        *_consent(design),
        *_retention(design),
        *_money(study, design),
        *_languages(design),
        *_panels(design),
        *(point for check in _CHECKS.values() for point in check(study)),
    ]


def _help(design: StudyDesign) -> Point:
    to_do = _("Add “help” with links and a distress rule to the study’s file and load it again.")
    return Point(_("Help links and a distress rule"), design.help is not None, to_do, keeps_shut=True)


def _consent(design: StudyDesign) -> Iterator[Point]:
    consent = design.consent
    label = _("Consent says who is responsible for the data")
    yield Point(label, bool(consent.controller), _("Name the “controller” under “consent” in the file."))
    if design.interview.mode == "model" or design.conversation:
        label = _("Consent names the companies that words are sent to")
        to_do = _("List the “providers” under “consent”, unless every model runs on your own machines.")
        yield Point(label, bool(consent.providers), to_do)


def _retention(design: StudyDesign) -> Iterator[Point]:
    to_do = _("Set “until” under “retention” in the file; without it, data stays until somebody deletes it.")
    yield Point(_("A date on which personal data is erased"), design.retention is not None, to_do)


def _money(study: Study, design: StudyDesign) -> Iterator[Point]:
    if design.interview.mode != "model":
        return
    names = models_for("interview")
    to_do = _("Set LLM_MODELS and LLM_PURPOSES on the server. Until then the guide leads every interview.")
    yield Point(_("A language model for the interview"), bool(names), to_do)
    to_do = _("Set “spend_cap_usd” in the file. With a cap of 0 a model that costs money is never asked.")
    yield Point(_("A spending cap for the study"), study.spend_cap_usd > 0, to_do)
    label = _("Spending caps for one participant and for one day")
    both = study.spend_cap_participant_usd is not None and study.spend_cap_day_usd is not None
    yield Point(label, both, _("Set “participant_usd” and “day_usd” under “spend_caps” in the file."))


def _languages(design: StudyDesign) -> Iterator[Point]:
    known = {code for code, _name in settings.LANGUAGES}
    names = ", ".join(design.languages)
    label = _("The site speaks every language of the study: %(names)s") % {"names": names}
    missing = ", ".join(code for code in design.languages if code not in known)
    to_do = _("Buttons and questions of the site appear in English for: %(missing)s.") % {"missing": missing}
    yield Point(label, not missing, to_do)
    if design.machine_translated:
        translated = ", ".join(design.machine_translated)
        label = _("A person has read every translation")
        to_do = _("A machine translated: %(names)s. Participants are told so. Have it read by somebody who speaks it.")
        yield Point(label, False, to_do % {"names": translated})


def _panels(design: StudyDesign) -> Iterator[Point]:
    endings = set(Participant.Ending.values)
    for panel in design.panels:
        label = _("The panel %(name)s has a code for every ending") % {"name": panel.name}
        missing = ", ".join(sorted(endings - set(panel.exits)))
        yield Point(label, not missing, _("Add to its “exits”: %(missing)s.") % {"missing": missing})
        label = _("The server knows the panel %(name)s and can seal its ids") % {"name": panel.name}
        yield Point(label, *_server_knows(panel.name))


def _server_knows(name: str) -> tuple[bool, str]:
    try:
        panels.panel_named(name)
        panels.require_key()
    except panels.PanelNotReady as error:
        return False, str(error)
    return True, ""
