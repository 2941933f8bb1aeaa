"""Whatever must be refused is refused, through the pages; and a refusal that no longer happens is an error."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from elicit.models import Participant, Study
from elicit.must_fail import CASES, run_all
from elicit.simulating import ViewBrowser
from elicit.study_files import load_study_file
from tests.make import NOW, make_participant, make_study

pytestmark = pytest.mark.django_db
DESIGN = load_study_file(Path(__file__).parents[2] / "studies" / "demo.yaml")


@pytest.fixture(autouse=True)
def panel_key(settings):
    settings.PANEL_KEY = [Fernet.generate_key().decode()]


def tried(cases):
    return run_all(DESIGN, cases, open_browser=ViewBrowser, now=NOW)


def test_everything_that_must_be_refused_is_refused():
    outcomes = tried(CASES)
    assert len(outcomes) == len(CASES) >= 25
    assert [outcome for outcome in outcomes if not outcome.is_refused] == []


def test_what_gets_through_is_named():
    (outcome,) = tried({"open_door": lambda probe: "the door was open" if probe.talking() else ""})
    assert (outcome.name, outcome.complaint, outcome.is_refused) == ("open_door", "the door was open", False)


def test_what_cannot_be_tried_does_not_pass_as_refused(settings):
    settings.PANEL_KEY = []
    (outcome,) = tried({"foreign_panel_id": CASES["foreign_panel_id"]})
    assert not outcome.is_refused
    assert "PANEL_KEY" in outcome.not_tried


def test_nothing_is_left_behind():
    tried({"script_in_the_text": CASES["script_in_the_text"]})
    assert not Study.objects.exists()
    assert not Participant.objects.exists()


def test_studies_of_people_are_not_touched():
    person = make_participant(make_study(slug="real"))
    tried({"answer_while_paused": CASES["answer_while_paused"]})
    assert Participant.objects.get() == person
    assert Study.objects.get().state == Study.State.OPEN


def test_a_copy_into_which_a_person_came_is_left_alone():
    with pytest.raises(Exception, match="Somebody who is not simulated"):
        tried({"a person": lambda probe: make_participant(probe.study) and ""})
    assert Participant.objects.count() == 1
