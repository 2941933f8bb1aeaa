"""The way in: links, sessions, the next step, and leaving."""

import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from elicit import steps
from elicit.durations import Minutes, measured_minutes
from elicit.errors import AlreadyWithdrawn, InvalidLink, StudyNotOpen
from elicit.models import EntryLink, Origin, Participant
from elicit.participants import begin, create_link, enter, revoke_link, take_for_writing, withdraw
from elicit.steps import Readiness, StepKind, complete_step
from elicit.studies import close, pause
from tests.make import NOW, make_begun_participant, make_browser, make_participant, make_study, make_version

pytestmark = pytest.mark.django_db


def test_only_the_hash_of_a_token_is_kept():
    token = create_link(make_participant(), now=NOW)
    link = EntryLink.objects.get()
    assert len(token) >= 22
    assert token not in str(link.__dict__)


def test_a_token_lets_its_owner_in():
    participant = make_participant()
    assert enter(create_link(participant, now=NOW), now=NOW) == participant


def test_revoked_expired_and_unknown_tokens_are_refused_in_the_same_words():
    participant = make_participant()
    revoked, expired = (create_link(participant, now=NOW, expires_at=NOW + timedelta(hours=1)) for _ in range(2))
    revoke_link(EntryLink.objects.earliest("pk"), now=NOW)
    sentences = set()
    for token, at in ((revoked, NOW), (expired, NOW + timedelta(hours=2)), ("unknown", NOW)):
        with pytest.raises(InvalidLink) as refused:
            enter(token, now=at)
        sentences.add(str(refused.value))
    assert len(sentences) == 1


def test_the_link_swaps_its_token_for_the_session_and_redirects():
    participant = make_participant()
    client = Client()
    answer = client.get(f"/join/{create_link(participant, now=NOW)}/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/study/{participant.study.slug}/"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert client.get(answer["Location"]).status_code == 200


def test_entering_gives_the_browser_a_new_session_key():
    client = Client()
    client.get(f"/join/{create_link(make_participant(), now=NOW)}/")
    before = client.session.session_key
    client.get(f"/join/{create_link(make_participant(), now=NOW)}/")
    assert client.session.session_key != before


def test_an_unknown_link_gets_a_kind_page_that_repeats_nothing():
    answer = Client().get("/join/<script>canary/")
    assert answer.status_code == 404
    assert b"personal link" in answer.content
    assert b"canary" not in answer.content


def test_no_token_reaches_the_log():
    written = StringIO()
    handler = logging.getLogger("django").handlers[0]
    stream, handler.stream = handler.stream, written
    try:
        Client().get("/join/secret-token-canary/")
        logging.getLogger("django.request").warning("GET %s", "/join/other-canary/?x=1")
    finally:
        handler.stream = stream
    assert "canary" not in written.getvalue()
    assert "/join/[token]" in written.getvalue()


def test_without_a_session_every_participant_page_is_a_kind_404():
    slug = make_participant().study.slug
    for name in ("resume", "consent", "interview", "values_card", "my_data", "download", "leave", "done"):
        assert Client().get(reverse(f"participant:{name}", args=[slug])).status_code == 404


def test_a_session_opens_no_other_study():
    browser = make_browser(make_participant())
    assert browser.get(f"/study/{make_participant().study.slug}/").status_code == 404


def test_a_participant_of_one_study_cannot_be_smuggled_into_another():
    mine, other = make_participant(), make_participant()
    browser = make_browser(mine)
    session = browser.session
    session["participants"] = {other.study.slug: mine.pk}
    session.save()
    assert browser.get(f"/study/{other.study.slug}/").status_code == 404


def test_the_first_visit_welcomes_and_later_ones_resume():
    participant = make_participant()
    browser, home = make_browser(participant), f"/study/{participant.study.slug}/"
    assert b"Welcome to the study." in browser.get(home).content
    assert browser.post(f"{home}begin/", {"language": "en"})["Location"] == f"{home}consent/"
    assert browser.get(home)["Location"] == f"{home}consent/"
    complete_step(participant, "consent", now=NOW)
    assert browser.get(home)["Location"] == f"{home}interview/"


def test_the_same_link_resumes_on_another_device():
    participant = make_participant()
    token = create_link(participant, now=NOW)
    complete_step(participant, "consent", now=NOW)
    answer = Client().get(f"/join/{token}/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/study/{participant.study.slug}/interview/"


def test_a_step_that_is_not_next_leads_to_the_one_that_is():
    participant = make_begun_participant()
    home = f"/study/{participant.study.slug}/"
    assert make_browser(participant).get(f"{home}values-card/")["Location"] == f"{home}consent/"


def test_a_paused_study_keeps_the_place_and_takes_nothing():
    participant = make_participant()
    browser, home = make_browser(participant), f"/study/{participant.study.slug}/"
    pause(participant.study)
    answer = browser.post(f"{home}consent/", {"take_part": "on"})
    assert b"This study is paused" in answer.content
    assert not participant.consent_grants.exists()
    with pytest.raises(StudyNotOpen):
        take_for_writing(participant)


def test_a_closed_study_still_shows_people_their_data():
    participant = make_participant()
    browser = make_browser(participant)
    close(participant.study)
    assert b"This study has ended" in browser.get(f"/study/{participant.study.slug}/").content
    assert browser.get(f"/study/{participant.study.slug}/my-data/").status_code == 200


def test_a_preview_works_before_the_study_opens():
    study = make_study(is_open=False)
    assert take_for_writing(make_participant(study, origin=Origin.PREVIEW))
    with pytest.raises(StudyNotOpen):
        take_for_writing(make_participant(study))


@pytest.mark.parametrize(("state", "words"), [("waiting", "Not quite yet"), ("not_available", "This step falls away")])
def test_a_step_that_cannot_be_done_says_why(monkeypatch, state, words):
    readiness = Readiness(state=state, sentence="No <b>cards</b> yet.")
    kind = StepKind("consent", "Consent", "participant:consent", readiness=lambda participant: readiness)
    monkeypatch.setitem(steps._KINDS, "consent", kind)
    participant = make_begun_participant()
    page = make_browser(participant).get(f"/study/{participant.study.slug}/consent/").content.decode()
    assert words in page
    assert "No &lt;b&gt;cards&lt;/b&gt; yet." in page


def test_the_last_page_shows_the_study_s_own_words():
    participant = make_participant()
    for kind in ("consent", "interview", "values_card"):
        complete_step(participant, kind, now=NOW)
    page = make_browser(participant).get(f"/study/{participant.study.slug}/", follow=True)
    assert b"You have reached the end." in page.content
    assert page.redirect_chain[-1][0].endswith("/done/")


def test_closing_the_study_on_this_device_ends_the_session():
    participant = make_participant()
    browser, home = make_browser(participant), f"/study/{participant.study.slug}/"
    assert browser.get(f"{home}leave/").status_code == 200
    assert browser.post(f"{home}leave/")["Location"].startswith("/left/?study=")
    assert browser.get(home).status_code == 404


def test_a_person_reads_downloads_and_erases_their_own_data():
    participant = make_begun_participant()
    browser, home = make_browser(participant), f"/study/{participant.study.slug}/"
    browser.post(f"{home}consent/", {"take_part": "on"})
    mine = browser.get(f"{home}my-data/download/")
    assert mine.json()["consent"][0]["text"] == "I want to take part."
    assert "attachment" in mine["Content-Disposition"]
    assert browser.post(f"{home}my-data/withdraw/").status_code == 422
    assert browser.post(f"{home}my-data/withdraw/", {"confirm": "on"})["Location"].startswith("/withdrawn/?")
    participant.refresh_from_db()
    assert participant.withdrawn_at is not None
    assert browser.get(home).status_code == 404


def test_after_withdrawal_no_link_works_and_nothing_is_recorded():
    participant = make_participant()
    token = create_link(participant, now=NOW)
    browser = make_browser(participant)
    withdraw(participant, now=NOW)
    with pytest.raises(InvalidLink):
        enter(token, now=NOW)
    with pytest.raises(AlreadyWithdrawn):
        take_for_writing(participant)
    assert browser.post(f"/study/{participant.study.slug}/consent/", {"take_part": "on"}).status_code == 404


def test_opening_a_personal_link_and_its_welcome_page_begins_nothing():
    participant = make_participant()
    make_browser(participant).get(f"/study/{participant.study.slug}/consent/", follow=True)
    participant.refresh_from_db()
    assert (participant.began_at, participant.last_seen_at) == (None, None)
    assert not participant.steps.exists()
    assert participant.version.frozen_at is None


def test_a_link_scanner_cannot_begin_by_opening_addresses():
    participant = make_participant()
    browser = make_browser(participant)
    assert browser.get(f"/study/{participant.study.slug}/begin/").status_code == 405


def test_beginning_takes_the_newest_version_and_freezes_it_for_people_alone():
    for origin in (Origin.PERSON, Origin.SIMULATED):
        participant = make_participant(origin=origin)
        newest = make_version(participant.study)
        assert begin(participant, language="en", now=NOW).version == newest
        newest.refresh_from_db()
        assert (newest.frozen_at is not None) == (origin == Origin.PERSON)


def test_beginning_twice_keeps_the_first_time():
    participant = make_participant()
    begin(participant, language="en", now=NOW)
    assert begin(participant, language="en", now=NOW + timedelta(hours=1)).began_at == NOW


def test_a_language_that_the_study_lacks_is_not_taken():
    assert begin(make_participant(), language="tlh", now=NOW).language == "en"


def finish_after(study, minutes: list[int], *, origin: str = "person") -> None:
    for taken in minutes:
        person = make_participant(study, origin=origin)
        Participant.objects.filter(pk=person.pk).update(began_at=NOW, finished_at=NOW + timedelta(minutes=taken))


def test_the_welcome_page_tells_the_measured_minutes_of_ten_people():
    study = make_study()
    finish_after(study, [*range(1, 10)])
    finish_after(study, [600], origin=Origin.SIMULATED)
    assert measured_minutes(study) is None
    finish_after(study, [40])
    assert measured_minutes(study) == Minutes(median=6, nine_in_ten=9, people=10)
    page = make_browser(make_participant(study)).get(f"/study/{study.slug}/").content.decode()
    assert "took 6 minutes or less, nine of ten took 9 or less (10 people)" in page


def test_a_sent_page_is_the_last_sign_of_somebody_and_an_opened_one_is_not():
    participant = make_begun_participant()
    browser, address = make_browser(participant), f"/study/{participant.study.slug}/consent/"
    browser.get(address)
    browser.post(address, {"explore": "on"})
    participant.refresh_from_db()
    assert participant.last_seen_at is None
    browser.post(address, {"take_part": "on"})
    participant.refresh_from_db()
    assert participant.last_seen_at is not None


def test_pages_speak_the_participant_s_language():
    participant = make_begun_participant()
    Participant.objects.update(language="ar")
    answer = make_browser(participant).get(f"/study/{participant.study.slug}/consent/")
    assert 'lang="ar" dir="rtl"' in answer.content.decode()
    assert answer["Content-Language"] == "ar"


@pytest.mark.parametrize("path", ["", "consent/", "my-data/", "leave/"])
def test_every_page_of_a_participant_names_the_contact_and_the_way_to_help(path):
    participant = make_begun_participant()
    page = make_browser(participant).get(f"/study/{participant.study.slug}/{path}", follow=True).content.decode()
    assert "mailto:team@example.org" in page
    assert f"/study/{participant.study.slug}/my-data/" in page


@pytest.mark.parametrize("path", ["leave/", "my-data/withdraw/"])
def test_the_pages_after_leaving_still_name_the_contact(path):
    participant = make_begun_participant()
    page = make_browser(participant).post(f"/study/{participant.study.slug}/{path}", {"confirm": "on"}, follow=True)
    assert b"team@example.org" in page.content
    assert b"team@example.org" not in Client().get("/left/", {"study": participant.study.slug}).content


def test_a_new_personal_link_ends_the_old_ones():
    participant = make_begun_participant()
    old = create_link(participant, now=NOW)
    page = make_browser(participant).post(f"/study/{participant.study.slug}/my-data/link/")
    assert "no-store" in page["Cache-Control"]
    assert enter(page.context["address"].split("/")[-2], now=NOW) == participant
    with pytest.raises(InvalidLink):
        enter(old, now=NOW)
