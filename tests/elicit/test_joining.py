"""Links that anybody may open: what a visit keeps, who may begin, and when a panel's numbers bring somebody back."""

import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from elicit import panels, study_links
from elicit.errors import InvalidLink
from elicit.models import EntryLink, PanelIdentity, Participant, StudyLink
from elicit.panels import PanelNotReady, PanelRefused, Visit, read_visit, seal, signature, unseal
from elicit.participants import enter, revoke_link, withdraw
from elicit.studies import close, load_study, open_study, pause
from elicit.study_links import create_study_link
from tests.make import NOW, make_study, study_text

pytestmark = pytest.mark.django_db

PID, STUDY, SESSION = "5f0c1a2b3c4d5e6f70819203", "60aabbccddeeff0011223344", "61aabbccddeeff0011223344"
NUMBERS = {"PROLIFIC_PID": PID, "STUDY_ID": STUDY, "SESSION_ID": SESSION}
EXITS = """\
panels:
  - name: prolific
    exits: {complete: DONE1, no_consent: NO2, screened_out: OUT3, technical: BAD5}
"""
SIGNING = {
    "assembly": {
        "participant": "who",
        "exit_url": "https://assembly.example.org/back/{code}",
        "token_parameter": "token",
        "token_key_env": "ASSEMBLY_KEY",
    }
}


@pytest.fixture(autouse=True)
def panel_key(settings: Any) -> None:
    settings.PANEL_KEY = [Fernet.generate_key().decode()]


def study_entry(**more: Any) -> str:
    return f"/s/{create_study_link(make_study(), label='poster', now=NOW, **more)}/"


def panel_entry(*, study: Any = None, panel: str = "prolific", **more: Any) -> str:
    study = study or make_study(more=EXITS)
    return f"/panel/{create_study_link(study, label='launch', panel=panel, now=NOW, **more)}/"


def key_of(page: Any) -> str:
    return str(page.context["form"]["key"].value())


def begin_at(entry: str, client: Client | None = None, numbers: dict[str, str] | None = None) -> Any:
    """Open a link and press "Begin"."""
    client = client or Client()
    page = client.get(entry, numbers or {}, follow=True)
    return client.post(entry, {"language": "en", "key": key_of(page)})


def test_only_the_hash_of_a_study_link_is_kept():
    token = study_entry().split("/")[2]
    assert token not in str(StudyLink.objects.get().__dict__)


def test_opening_a_study_link_keeps_nothing():
    answer = Client().get(study_entry())
    assert b"Welcome to the study." in answer.content
    assert not Participant.objects.exists()
    assert not Session.objects.exists()


def test_beginning_shows_a_personal_link_that_works_on_another_device():
    answer = begin_at(study_entry())
    address = answer.context["address"]
    assert b"Keep this link" in answer.content
    assert "no-store" in answer["Cache-Control"]
    person = enter(address.split("/")[-2], now=NOW)
    assert person.began_at is not None
    assert Client().get(address, follow=True).redirect_chain[-1][0].endswith("/consent/")


def test_the_first_person_who_begins_freezes_the_version():
    begin_at(study_entry())
    assert Participant.objects.get().version.frozen_at is not None


def test_two_clicks_make_one_participant():
    entry, client = study_entry(), Client()
    key = key_of(client.get(entry))
    for _ in range(2):
        Client().post(entry, {"language": "en", "key": key})
    assert Participant.objects.count() == 1


def test_without_the_token_of_the_form_nobody_begins():
    client = Client(enforce_csrf_checks=True)
    entry = study_entry()
    assert client.post(entry, {"language": "en", "key": key_of(client.get(entry))}).status_code == 403
    assert not Participant.objects.exists()


def test_whoever_has_begun_is_led_on_in_the_same_browser():
    entry, client = study_entry(), Client()
    begin_at(entry, client)
    assert client.get(entry)["Location"].startswith("/study/")
    assert Participant.objects.count() == 1


def test_a_full_link_lets_nobody_else_in():
    entry = study_entry(most_participants=1)
    begin_at(entry)
    answer = Client().get(entry)
    assert answer.status_code == 403
    assert b"Enough people have come" in answer.content
    with pytest.raises(study_links.LinkFull):
        study_links.join_by_study_link(StudyLink.objects.get(), key="2", browser="b", language="en", now=NOW)


def test_more_people_than_a_panel_sends_in_a_minute_are_asked_to_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(study_links, "MOST_A_MINUTE", 1)
    entry = study_entry()
    begin_at(entry)
    answer = Client().get(entry)
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


@pytest.mark.parametrize("end", ["revoked", "expired", "unknown", "of the other kind"])
def test_dead_links_say_the_same_kind_words(end: str):
    entry = study_entry(expires_at=NOW + timedelta(days=1))
    link = StudyLink.objects.get()
    if end == "revoked":
        revoke_link(link, now=NOW)
    if end == "expired":
        StudyLink.objects.update(expires_at=NOW - timedelta(days=1))
    if end == "of the other kind":
        StudyLink.objects.update(panel="prolific")
    answer = Client().get("/s/never-made/" if end == "unknown" else entry)
    assert answer.status_code == 404
    assert b"This link does not open anything" in answer.content


def test_a_link_of_a_paused_study_lets_nobody_begin():
    entry = study_entry()
    pause(StudyLink.objects.get().study)
    assert b"This study is paused" in Client().get(entry).content


def test_a_study_in_two_languages_is_read_and_done_in_the_chosen_one():
    text = study_text(slug="two").replace("languages: [en]", "languages: [en, ar]\nmachine_translated: [ar]")
    for words in ("A study for tests", "Welcome to the study.", "You have reached the end.", "I want to take part."):
        text = text.replace(f": {words}", f": {{en: {words}, ar: مرحبا}}")
    study = open_study(load_study(_translated(text), now=NOW))
    entry, client = f"/s/{create_study_link(study, label='', now=NOW)}/", Client()
    page = client.get(entry, {"language": "ar"})
    assert 'dir="rtl"' in page.content.decode()
    client.post(entry, {"language": "ar", "key": key_of(page)})
    assert Participant.objects.get().language == "ar"


def _translated(text: str) -> str:
    """Give every other text of the small study in both languages."""
    import yaml

    data = yaml.safe_load(text)

    def both(value: Any) -> Any:
        return value if isinstance(value, dict) else {"en": value, "ar": "نص"}

    data["consent"]["details"] = both(data["consent"]["details"])
    for item in data["consent"]["items"]:
        item["text"] = both(item["text"])
    for link in data["help"]["links"]:
        link["name"] = both(link["name"])
    data["help"]["distress"]["sentence"] = both(data["help"]["distress"]["sentence"])
    for question in data["questions"]:
        question["title"], question["text"] = both(question["title"]), both(question["text"])
    for context in data["contexts"]:
        context["text"] = both(context["text"])
    return yaml.safe_dump(data, allow_unicode=True)


def test_a_panel_s_numbers_leave_the_address_at_once():
    entry = panel_entry()
    answer = Client().get(entry, NUMBERS)
    assert answer["Location"] == entry
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_a_visit_from_a_panel_keeps_its_numbers_nowhere_readable():
    Client().get(panel_entry(), NUMBERS, follow=True)
    assert not Participant.objects.exists()
    assert PID not in str([session.get_decoded() for session in Session.objects.all()])


def test_after_beginning_the_numbers_are_sealed_and_can_be_opened_with_the_key():
    begin_at(panel_entry(), numbers=NUMBERS)
    identity = PanelIdentity.objects.get()
    assert PID not in str({**identity.__dict__, "sealed": bytes(identity.sealed)})
    assert unseal(bytes(identity.sealed)) == Visit("prolific", PID, STUDY, SESSION)


def test_once_somebody_has_come_in_their_session_holds_no_numbers_any_more():
    entry, client = panel_entry(), Client()
    begin_at(entry, client, NUMBERS)
    client.get(entry, NUMBERS, follow=True)
    assert "panel_visits" not in client.session
    assert client.get(entry)["Location"].startswith("/study/")


def test_the_same_browser_comes_back_to_its_own_place():
    entry, client = panel_entry(), Client()
    begin_at(entry, client, NUMBERS)
    answer = client.get(entry, NUMBERS, follow=True)
    assert answer.redirect_chain[-1][0].endswith("/consent/")
    assert Participant.objects.count() == 1


def test_the_same_number_from_elsewhere_opens_nothing():
    entry = panel_entry()
    begin_at(entry, numbers=NUMBERS)
    other = Client()
    answer = other.get(entry, NUMBERS, follow=True)
    assert answer.status_code == 409
    assert b"Please open your personal link" in answer.content
    assert other.post(entry, {"language": "en", "key": "0b0f5a1e-6f0e-4e8e-8a54-1f0d3c0b9b11"}).status_code == 409
    assert "participants" not in other.session
    assert Participant.objects.count() == 1


def test_a_number_has_one_place_in_a_study_whichever_link_it_comes_by():
    study = make_study(more=EXITS)
    begin_at(panel_entry(study=study), numbers=NUMBERS)
    assert Client().get(panel_entry(study=study), NUMBERS, follow=True).status_code == 409
    begin_at(panel_entry(), numbers=NUMBERS)
    assert Participant.objects.count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"PROLIFIC_PID": PID},
        {**NUMBERS, "PROLIFIC_PID": "{{%PROLIFIC_PID%}}"},
        {**NUMBERS, "PROLIFIC_PID": f"{PID}\n"},
        {**NUMBERS, "PROLIFIC_PID": [PID, PID]},
        {**NUMBERS, "role": "organizer"},
        {**NUMBERS, "participant": "1"},
    ],
)
def test_numbers_that_are_missing_malformed_or_too_many_get_a_kind_page(sent: dict[str, Any]):
    answer = Client().get(panel_entry(), sent)
    assert answer.status_code == 400
    assert b"Something is missing in this address" in answer.content
    assert b"PROLIFIC_PID" not in answer.content and PID.encode() not in answer.content


def test_without_a_key_nobody_is_taken_from_a_panel(settings: Any):
    entry = panel_entry()
    settings.PANEL_KEY = []
    answer = Client().get(entry, NUMBERS)
    assert answer.status_code == 503
    assert b"PANEL_KEY" in answer.content
    with pytest.raises(PanelNotReady):
        create_study_link(make_study(), label="", panel="prolific", now=NOW)


def test_the_checks_tell_what_is_wrong_with_the_panels(settings: Any):
    settings.PANELS = {"mine": {"participant": "p", "exit_url": "http://plain.example.org/{code}"}}
    settings.PANEL_KEY = ["too short"]
    assert [found.id for found in panels.check_panels(None)] == ["elicit.E010", "elicit.E011"]
    settings.PANELS, settings.PANEL_KEY = {}, []
    assert panels.check_panels(None) == []


def signed(who: str, *, expires: int, key: str = "shared secret") -> dict[str, str]:
    return {"who": who, "token": f"{expires}.{signature(Visit('assembly', who), expires=expires, key=key)}"}


@pytest.fixture
def signing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    settings.PANELS = SIGNING
    monkeypatch.setenv("ASSEMBLY_KEY", "shared secret")
    return panel_entry(panel="assembly")


FAR = 4_000_000_000


def test_a_number_that_the_panel_signed_resumes_anywhere(signing: str):
    begin_at(signing, numbers=signed("ada", expires=FAR))
    answer = Client().get(signing, signed("ada", expires=FAR), follow=True)
    assert answer.redirect_chain[-1][0].endswith("/consent/")
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"who": "ada"},
        {**signed("eve", expires=FAR), "who": "ada"},
        signed("ada", expires=1),
        signed("ada", expires=FAR, key="another"),
        {"who": "ada", "token": "4000000000.é"},
        {"who": "ada", "token": "9" * 5000},
    ],
)
def test_a_number_with_a_wrong_token_is_refused(signing: str, sent: dict[str, str]):
    assert Client().get(signing, sent).status_code == 400


def test_what_was_sealed_too_long_ago_is_not_opened(settings: Any):
    sealed = Fernet(settings.PANEL_KEY[0]).encrypt_at_time(b"{}", 1_000_000).decode()
    with pytest.raises(PanelRefused):
        unseal(sealed, no_older_than=60)


def test_a_new_key_in_front_still_opens_and_finds_what_the_old_one_sealed(settings: Any):
    visit, study = Visit("prolific", PID), make_study()
    sealed, lookup = seal(visit), panels.lookup_of(visit, study)
    settings.PANEL_KEY = [Fernet.generate_key().decode(), *settings.PANEL_KEY]
    assert (unseal(sealed), panels.lookup_of(visit, study)) == (visit, lookup)


def test_a_withdrawn_person_s_number_is_gone():
    begin_at(panel_entry(), numbers=NUMBERS)
    withdraw(Participant.objects.get(), now=NOW)
    assert not PanelIdentity.objects.exists()
    assert not EntryLink.objects.exists()


def test_no_panel_number_and_no_token_reaches_the_log():
    written = StringIO()
    handler = logging.getLogger("django").handlers[0]
    stream, handler.stream = handler.stream, written
    try:
        Client().get("/panel/secret-canary/", NUMBERS)
        logging.getLogger("django.server").warning('"GET /panel/t-canary/?PROLIFIC_PID=%s HTTP/1.1" 200', PID)
        logging.getLogger("django.request").warning("GET %s", "/s/other-canary/?language=en")
    finally:
        handler.stream = stream
    assert "canary" not in written.getvalue() and PID not in written.getvalue()
    assert "/panel/[token]/" in written.getvalue()


def test_the_ids_do_not_show_where_a_visit_is_printed():
    visit = read_visit("prolific", {name: [value] for name, value in NUMBERS.items()}, now=NOW)
    assert PID not in repr(visit)


def test_nobody_joins_by_a_link_that_was_revoked_meanwhile():
    study_entry()
    link = StudyLink.objects.get()
    revoke_link(link, now=NOW)
    with pytest.raises(InvalidLink):
        study_links.join_by_study_link(link, key="1", browser="b", language="en", now=NOW)


def test_a_full_or_closed_link_gives_a_panel_s_visitor_a_code():
    entry = panel_entry(most_participants=1)
    begin_at(entry, numbers=NUMBERS)
    late = Client()
    full = late.get(entry, {**NUMBERS, "PROLIFIC_PID": PID[::-1]}, follow=True)
    assert b"OUT3" in full.content
    close(StudyLink.objects.get().study)
    assert b"BAD5" in late.get(entry).content


def test_a_form_that_is_sent_again_after_leaving_opens_nothing():
    entry, client = study_entry(), Client()
    sent = {"language": "en", "key": key_of(client.get(entry))}
    client.post(entry, sent)
    client.post(f"/study/{Participant.objects.get().study.slug}/leave/")
    PanelIdentity.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    assert client.post(entry, sent)["Location"] == entry
    assert not client.session.get("participants")
    assert key_of(client.get(entry)) != sent["key"]
