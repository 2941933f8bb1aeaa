"""How a participation ends: by the server's rules, with a code for each ending, and never by a flag."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from elicit.consent import decline, record_consent, renew_consent
from elicit.endings import ending_of, exit_of
from elicit.errors import StudyNotOpen
from elicit.models import PanelIdentity, Participant, StepProgress
from elicit.panels import unseal
from elicit.participants import NotTakingPart, begin, take_for_writing
from elicit.steps import complete_step
from elicit.studies import close, pause
from tests.elicit.test_joining import NUMBERS, PID, begin_at, panel_entry
from tests.make import NOW, make_begun_participant, make_browser, make_consenting_participant, make_version

pytestmark = pytest.mark.django_db

BACK = "https://app.prolific.com/submissions/complete?cc="


@pytest.fixture
def visitor(settings: Any) -> Client:
    """A browser in which somebody from a panel has begun."""
    settings.PANEL_KEY = [Fernet.generate_key().decode()]
    client = Client()
    begin_at(panel_entry(), client, NUMBERS)
    return client


def home() -> str:
    return f"/study/{Participant.objects.get().study.slug}/"


def finish(person: Participant) -> None:
    record_consent(person, {"take_part": True}, now=NOW)
    for kind in ("interview", "values_card"):
        complete_step(person, kind, now=NOW)


def test_before_the_end_there_is_no_way_back_with_a_code(visitor: Client):
    assert visitor.get(f"{home()}exit/")["Location"] == home()
    assert exit_of(Participant.objects.get()) is None


def test_whoever_did_every_step_gets_the_code_of_a_complete_one(visitor: Client):
    finish(Participant.objects.get())
    assert b"DONE1" in visitor.get(f"{home()}done/").content
    answer = visitor.get(f"{home()}exit/")
    assert (answer["Location"], answer["Referrer-Policy"]) == (f"{BACK}DONE1", "no-referrer")
    assert Participant.objects.get().ended == "complete"


def test_an_exclusion_and_a_flag_change_no_code(visitor: Client):
    finish(Participant.objects.get())
    Participant.objects.update(excluded_at=NOW, excluded_because="Answers too fast.")
    assert visitor.get(f"{home()}exit/")["Location"] == f"{BACK}DONE1"


def test_saying_no_keeps_nothing_of_the_visit_but_the_no(visitor: Client):
    visitor.get(f"{home()}consent/")
    visitor.post(f"{home()}consent/decline/")
    person = Participant.objects.get()
    assert (person.ended, person.began_at, person.last_seen_at) == ("no_consent", None, None)
    assert not StepProgress.objects.exists()
    assert bytes(PanelIdentity.objects.get().sealed) == b""


def test_saying_no_has_its_own_code(visitor: Client):
    page = visitor.post(f"{home()}consent/decline/", follow=True)
    assert b"NO2" in page.content
    assert visitor.get(f"{home()}exit/")["Location"] == f"{BACK}NO2"


def test_nothing_is_recorded_for_whoever_said_no(visitor: Client):
    person = Participant.objects.get()
    decline(person, now=NOW)
    with pytest.raises(NotTakingPart):
        record_consent(person, {"take_part": True}, now=NOW)
    assert visitor.post(f"{home()}consent/", {"take_part": "on"})["Location"] == home()


def test_whoever_changes_their_mind_begins_again(visitor: Client):
    visitor.post(f"{home()}consent/decline/")
    answer = visitor.post(f"{home()}begin/", {"language": "en"})
    assert answer["Location"].endswith("/consent/")
    assert take_for_writing(Participant.objects.get()).ended == ""


def test_a_panel_s_visitor_who_changes_their_mind_is_sealed_again(visitor: Client):
    visitor.post(f"{home()}consent/decline/")
    begin_at(panel_entry(study=Participant.objects.get().study), visitor, NUMBERS)
    assert Participant.objects.get().ended == ""
    assert unseal(bytes(PanelIdentity.objects.get().sealed)).participant == PID


@pytest.mark.parametrize("stop", [pause, close])
def test_a_study_that_stops_under_somebody_is_a_technical_ending(visitor: Client, stop: Any):
    stop(Participant.objects.get().study)
    assert b"BAD5" in visitor.get(home()).content
    assert visitor.get(f"{home()}exit/")["Location"] == f"{BACK}BAD5"


def test_closing_notes_who_could_not_finish_and_leaves_the_others():
    done, under_way = make_begun_participant(), make_begun_participant()
    finish(done)
    for person in (done, under_way):
        close(person.study)
        person.refresh_from_db()
    assert (done.ended, under_way.ended) == ("complete", "technical")


def test_a_pause_ends_nothing_for_good(visitor: Client):
    person = Participant.objects.get()
    pause(person.study)
    person.refresh_from_db()
    assert (person.ended, ending_of(person)) == ("", "technical")


def test_who_came_without_a_panel_has_no_way_back():
    person = make_consenting_participant()
    finish(person)
    browser = make_browser(person)
    assert b"Your code is" not in browser.get(f"/study/{person.study.slug}/done/").content
    assert browser.get(f"/study/{person.study.slug}/exit/")["Location"] == f"/study/{person.study.slug}/"


def test_an_ending_without_a_code_of_its_own_gives_none(visitor: Client):
    Participant.objects.update(ended="quality")
    assert exit_of(Participant.objects.get()) is None


def test_the_code_can_be_typed_in_where_the_panel_is_no_longer_configured(visitor: Client):
    finish(Participant.objects.get())
    PanelIdentity.objects.update(panel="gone")
    assert exit_of(Participant.objects.get()) is None


def test_whoever_finished_and_declines_a_new_wording_stays_finished():
    person = make_begun_participant()
    finish(person)
    newer = make_version(person.study)
    make_version(person.study, consent=newer.content["consent"] | {"version": "2"})
    decline(person, now=NOW)
    person.refresh_from_db()
    assert person.ended == "complete"
    renew_consent(person, {"take_part": True}, now=NOW)
    person.refresh_from_db()
    assert person.ended == "complete"


def test_nobody_begins_in_a_study_that_is_not_open():
    person = make_begun_participant()
    close(person.study)
    with pytest.raises(StudyNotOpen):
        begin(person, language="en", now=NOW)
