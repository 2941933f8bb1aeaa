"""Links and previews as an organizer makes them."""

import csv
import re

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from elicit.models import EntryLink, Participant, Study, StudyLink
from elicit.organizer_forms import MOST_LINKS_AT_ONCE
from elicit.people import people_of
from elicit.progress import counts_of
from elicit.studies import close, pause
from tests.elicit.test_organizer import client_of, text_of, told
from tests.make import NOW, make_browser, make_participant, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study(slug="here")


@pytest.fixture
def client(study: Study) -> Client:
    return client_of(study)


def made(client: Client, path: str, **data: object) -> str:
    response = client.post(f"/organizer/here/links/{path}", data)
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def tokens_in(page: str) -> list[str]:
    return re.findall(r'name="token" value="([^"]+)"', page)


def test_personal_links_may_end_by_themselves(client: Client):
    made(client, "personal/", count=2, days=7)
    link = EntryLink.objects.first()
    assert EntryLink.objects.count() == 2
    assert round((link.expires_at - link.created_at).total_seconds() / 3600) == 7 * 24


def test_a_wrong_number_is_told_beside_its_field_and_makes_nothing(client: Client):
    response = client.post("/organizer/here/links/personal/", {"count": "501"})
    assert response.status_code == 422
    assert "500" in response.content.decode()
    assert not EntryLink.objects.exists()


def test_new_links_are_saved_as_csv_with_the_codes_they_belong_to(study: Study, client: Client):
    tokens = tokens_in(made(client, "personal/", count=2))
    response = client.post("/organizer/here/links/personal/file/", {"token": [*tokens, "made-up"]})
    rows = list(csv.DictReader(b"".join(response).decode().splitlines()))
    assert [row["participant"] for row in rows] == list(study.participants.values_list("code", flat=True))
    assert [row["link"].split("/")[-2] for row in rows] == tokens
    assert "no-store" in response["Cache-Control"]


def test_another_studys_links_are_in_no_file_of_this_one(client: Client):
    elsewhere = make_study(slug="elsewhere")
    token = tokens_in(client_of(elsewhere).post("/organizer/elsewhere/links/personal/", {"count": 1}).content.decode())
    response = client.post("/organizer/here/links/personal/file/", {"token": token})
    assert b"".join(response).decode().splitlines() == ["participant,link"]


def test_an_open_link_is_shown_once_and_listed_by_its_name(client: Client):
    page = made(client, "study/", label="Poster in the library", most_participants=30)
    assert re.search(r"/s/[\w-]+/", page)
    listed = text_of(client, "links/")
    assert "Poster in the library" in listed
    assert "0 / 30" in listed
    assert "/s/" not in listed


def test_a_panels_link_leads_to_its_own_entry(client: Client, settings):
    settings.PANEL_KEY = [Fernet.generate_key().decode()]
    assert re.search(r"/panel/[\w-]+/", made(client, "study/", label="Wave 1", panel="prolific"))


def test_a_panels_link_without_a_key_is_refused_in_words(client: Client, settings):
    settings.PANEL_KEY = []
    assert "PANEL_KEY" in told(client, "links/study/", label="Wave 1", panel="prolific")
    assert not StudyLink.objects.exists()


@pytest.mark.parametrize("kind", ["personal", "study"])
def test_a_revoked_link_is_listed_and_opens_nothing(client: Client, kind: str):
    page = made(client, f"{kind}/", count=1, label="Poster")
    link = (StudyLink if kind == "study" else EntryLink).objects.get()
    told(client, "links/revoke/", kind=kind, number=link.pk)
    assert "Revoked" in text_of(client, "links/")
    path = re.search(r"/(?:s|join)/[\w-]+/", page).group()
    assert Client().get(path, follow=True).status_code == 404


def test_another_studys_link_cannot_be_revoked_here(client: Client):
    make_browser(make_participant())
    link = EntryLink.objects.get()
    assert "no such link" in told(client, "links/revoke/", kind="personal", number=link.pk)


def preview(client: Client, **data: str) -> str:
    return client.post("/organizer/here/preview/", data, follow=True).content.decode()


def test_a_draft_is_previewed_under_a_banner_and_in_no_count():
    study = make_study(slug="here", is_open=False)
    page = preview(client_of(study))
    assert "Preview: nothing of this counts." in page
    assert Participant.objects.get().origin == "preview"
    assert set(counts_of(study, now=NOW).values()) == {0}
    assert not people_of(study, now=NOW).exists()


def test_a_preview_goes_on_in_the_same_browser_until_it_is_started_again(study: Study, client: Client):
    preview(client)
    preview(client)
    assert study.participants.count() == 1
    preview(client, again="yes")
    assert study.participants.count() == 2


def test_a_preview_freezes_nothing(study: Study, client: Client):
    preview(client)
    client.post("/study/here/begin/", {"language": "en"})
    assert Participant.objects.get().began_at is not None
    assert study.versions.get().frozen_at is None


@pytest.mark.parametrize("move", [pause, close])
def test_a_study_that_takes_no_answers_cannot_be_previewed(study: Study, client: Client, move):
    move(study)
    assert "can be previewed while" in told(client, "preview/")
    assert not Participant.objects.exists()


def test_a_persons_pages_carry_no_preview_banner(study: Study):
    page = make_browser(make_participant(study)).get("/study/here/", follow=True).content.decode()
    assert "nothing of this counts" not in page


def test_as_many_links_as_can_be_made_at_once_can_be_saved(client: Client):
    sent = {"token": ["made-up"] * MOST_LINKS_AT_ONCE, "csrfmiddlewaretoken": "x"}
    assert client.post("/organizer/here/links/personal/file/", sent).status_code == 200


def test_a_number_that_no_row_can_hold_is_told_beside_its_field(client: Client):
    response = client.post("/organizer/here/links/study/", {"label": "Poster", "most_participants": 10**12})
    assert response.status_code == 422
    assert not StudyLink.objects.exists()
