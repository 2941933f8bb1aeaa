"""Many browsers at once at the door: one panel number has one place, and a full link is full."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from elicit.errors import WellspringError
from elicit.models import PanelIdentity, Participant, StudyLink
from elicit.panels import Visit
from elicit.study_links import ComeElsewhere, LinkFull, create_study_link, join_by_study_link
from tests.make import NOW, make_study

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
PID = "5f0c1a2b3c4d5e6f70819203"


@pytest.fixture(autouse=True)
def panel_key(settings: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")  # SQLite lets one write at a time
    settings.PANEL_KEY = [Fernet.generate_key().decode()]


def at_once(acts: list[Callable[[], object]]) -> list[WellspringError]:
    """Do everything at the same time and return what was refused."""
    refused: list[WellspringError] = []
    start = threading.Barrier(len(acts))

    def do(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except WellspringError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def arrival(link: StudyLink, number: int, visit: Visit | None = None) -> Callable[[], object]:
    return lambda: join_by_study_link(
        link, key=f"{number}", browser=f"browser {number}", language="en", now=NOW, visit=visit
    )


@pytest.mark.parametrize("links", [1, 2])
def test_one_panel_number_from_many_browsers_at_once_has_one_place(links: int) -> None:
    study = make_study()
    for _ in range(links):
        create_study_link(study, label="launch", panel="prolific", now=NOW)
    doors = list(StudyLink.objects.all())
    visit = Visit("prolific", PID)
    refused = at_once([arrival(doors[number % links], number, visit) for number in range(8)])
    assert [type(error) for error in refused] == [ComeElsewhere] * 7
    assert (Participant.objects.count(), PanelIdentity.objects.count()) == (1, 1)


def test_the_last_place_of_a_link_goes_to_one_person() -> None:
    create_study_link(make_study(), label="poster", most_participants=3, now=NOW)
    refused = at_once([arrival(StudyLink.objects.get(), number) for number in range(8)])
    assert [type(error) for error in refused] == [LinkFull] * 5
    assert Participant.objects.count() == 3


def test_one_form_that_is_sent_many_times_at_once_makes_one_participant() -> None:
    create_study_link(make_study(), label="poster", now=NOW)
    assert at_once([arrival(StudyLink.objects.get(), 1) for _ in range(8)]) == []
    assert Participant.objects.count() == 1
