"""An organizer's pages: people, cards, design, money and data, through the client."""

import hashlib
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from elicit.conversations import JOB
from elicit.interviews import record_message, start_interview
from elicit.models import Job, LlmCall, Participant, SpendLease, Study
from elicit.participants import withdraw
from elicit.studies import load_study
from elicit.versions import freeze
from tests.make import (
    NOW,
    make_confirmed_card,
    make_consenting_participant,
    make_member,
    make_participant,
    make_study,
    study_text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study(slug="here", more="spend_cap_usd: 10\n")


@pytest.fixture
def client(study: Study) -> Client:
    return client_of(study)


def client_of(study: Study, role: str = "organizer") -> Client:
    client = Client()
    member = make_member(study=study, role=role)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(client: Client, path: str = "", **query: str) -> str:
    response = client.get(f"/organizer/here/{path}", query)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def told(client: Client, path: str, **data: object) -> str:
    response = client.post(f"/organizer/here/{path}", data, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def make_talker(study: Study, words: str = "I listen for silences.") -> Participant:
    person = make_consenting_participant(study)
    record_message(start_interview(person, study.questions.first(), now=NOW), words, idempotency_key="1", now=NOW)
    return person


def test_people_are_filtered_by_state_and_keep_their_order(study: Study, client: Client):
    codes = [make_participant(study).code for _ in range(3)]
    Participant.objects.filter(code=codes[1]).update(finished_at=NOW, last_seen_at=NOW, ended="complete")
    page = text_of(client, "participants/")
    assert sorted(codes, key=page.index) == codes
    finished = text_of(client, "participants/", state="finished")
    assert codes[1] in finished
    assert codes[0] not in finished


def test_a_filter_that_means_nothing_filters_nothing(study: Study, client: Client):
    assert make_participant(study).code in text_of(client, "participants/", state="nonsense", origin="seed")


def test_a_page_of_people_asks_the_database_as_often_for_many_as_for_few(
    study: Study, client: Client, django_assert_max_num_queries
):
    for _ in range(25):
        make_consenting_participant(study)
    with django_assert_max_num_queries(20):
        client.get("/organizer/here/participants/")


def test_the_page_of_a_participant_shows_no_word_of_theirs(study: Study, client: Client):
    person = make_talker(study)
    page = text_of(client, f"participants/{person.code}/")
    assert "Show the transcript" in page
    assert "silences" not in page
    assert "I listen for silences." in text_of(client, f"participants/{person.code}/transcript/")


def test_an_observer_is_offered_no_transcript_and_no_consent(study: Study):
    page = text_of(client_of(study, "observer"), f"participants/{make_talker(study).code}/")
    assert "Show the transcript" not in page
    assert "take_part" not in page


def test_leaving_somebody_out_needs_a_reason_and_is_undone(study: Study, client: Client):
    person = make_talker(study)
    assert "why" in told(client, f"participants/{person.code}/exclude/", reason=" ")
    told(client, f"participants/{person.code}/exclude/", reason="Copied text")
    assert "Copied text" in text_of(client, f"participants/{person.code}/")
    told(client, f"participants/{person.code}/include/")
    person.refresh_from_db()
    assert person.excluded_at is None


def test_another_studys_participant_is_not_found_here(study: Study, client: Client):
    code = make_participant().code
    assert client.get(f"/organizer/here/participants/{code}/").status_code == 404
    assert client.post(f"/organizer/here/participants/{code}/exclude/", {"reason": "x"}).status_code == 404


def test_a_withdrawn_participant_is_a_line_with_nothing_to_do(study: Study, client: Client):
    person = make_talker(study)
    withdraw(person, now=NOW)
    page = text_of(client, f"participants/{person.code}/")
    assert "Withdrawn" in page
    assert "Leave out of results" not in page


def test_a_new_link_replaces_the_one_that_was_lost(study: Study, client: Client):
    person = make_participant(study)
    page = client.post(f"/organizer/here/participants/{person.code}/link/")
    assert "/join/" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_held_card_is_released_by_an_organizer(study: Study, client: Client):
    card = make_confirmed_card(make_talker(study), release="held", flags=["personal_data"])
    assert "It may hold an address" in text_of(client, "cards/")
    assert "Released" in told(client, "cards/decide/", number=card.pk, decision="release")
    card.refresh_from_db()
    assert card.release == "released"


@pytest.mark.parametrize("sent", [{}, {"number": "9", "decision": "burn"}, {"number": "x", "decision": "release"}])
def test_a_decision_about_no_card_decides_nothing(client: Client, sent: dict[str, str]):
    assert "no such card" in told(client, "cards/decide/", **sent)


def test_another_studys_card_is_not_decided_here(study: Study, client: Client):
    card = make_confirmed_card(release="held")
    assert "no such card" in told(client, "cards/decide/", number=card.pk, decision="release")


def test_the_preregistration_file_has_the_hash_that_the_page_shows(study: Study, client: Client):
    response = client.get("/organizer/here/design/1/json/")
    assert hashlib.sha256(response.content).hexdigest() in text_of(client, "design/")
    assert study.current_version.design_hash in client.get("/organizer/here/design/1/txt/").content.decode()


def test_the_changes_between_two_versions_are_shown_place_by_place(study: Study, client: Client):
    freeze(study.current_version, now=NOW)
    load_study(study_text(slug="here").replace("A hard choice", "A harder choice"), now=NOW)
    page = text_of(client, "design/2/changes/")
    assert "questions[choice].title" in page
    assert page.index("A hard choice") < page.index("A harder choice")
    assert "no version before" in text_of(client, "design/1/changes/")


def test_a_version_or_a_form_that_is_not_there_is_not_found(client: Client):
    for path in ("design/7/json/", "design/1/exe/", "design/7/changes/"):
        assert client.get(f"/organizer/here/{path}").status_code == 404


def spend(study: Study, amount: str) -> None:
    SpendLease.objects.create(study=study, amount_usd=Decimal(amount), state="settled", expires_at=timezone.now())


@pytest.mark.parametrize(
    ("amount", "words"), [("7.90", ""), ("8.00", "At least 80 % of a spending cap"), ("10.00", "cap is reached")]
)
@pytest.mark.parametrize("path", ["", "money/"])
def test_a_cap_that_is_nearly_used_up_is_said(study: Study, client: Client, path: str, amount: str, words: str):
    spend(study, amount)
    page = text_of(client, path)
    assert words in page if words else "spending cap" not in page


def test_the_ledger_adds_up_and_comes_as_a_file_without_formulas(study: Study, client: Client):
    for cost in ("0.10", "0.20"):
        LlmCall.objects.create(
            study=study, purpose="=interview", model_name="m", outcome="ok", cost_usd=Decimal(cost), latency_ms=1500
        )
    assert "$0.30" in text_of(client, "money/")
    lines = b"".join(client.get("/organizer/here/money/ledger.csv")).decode().splitlines()
    assert len(lines) == 3
    assert ",'=interview,m,ok," in lines[1]


def test_failed_work_is_shown_with_its_reason_and_tried_again(study: Study, client: Client):
    job = Job.objects.create(
        study=study, kind=JOB, key="j", state="failed", attempts=3, error="LLMError: no answer", finished_at=NOW
    )
    page = text_of(client)
    assert "Answers in a conversation" in page
    assert "tried 3 times" in page
    assert "Trying again: 1" in told(client, "jobs/retry/", number=job.pk)
    job.refresh_from_db()
    assert job.state == "queued"


def test_all_failed_work_of_this_study_alone_is_tried_again(study: Study, client: Client):
    for number in range(2):
        Job.objects.create(study=study, kind=JOB, key=f"j{number}", state="failed", finished_at=NOW)
    other = Job.objects.create(study=make_study(), kind=JOB, key="other", state="failed", finished_at=NOW)
    assert "Trying again: 2" in told(client, "jobs/retry/", all="yes")
    assert "Nothing was waiting" in told(client, "jobs/retry/", number=other.pk)


def test_the_download_is_a_zip_that_no_cache_keeps(study: Study, client: Client):
    response = client.get("/organizer/here/data/all.zip")
    assert "no-store" in response["Cache-Control"]
    assert "here/README.txt" in ZipFile(BytesIO(b"".join(response))).namelist()


def test_a_draft_shows_what_to_see_to_and_what_keeps_it_shut():
    text = study_text(slug="here")
    study = load_study(re.sub(r"help:\n.*\n.*\n", "", text), now=NOW)
    page = text_of(client_of(study))
    assert "Needed to open" in page
    assert "Before it opens" in page


def test_a_tab_that_a_role_may_not_open_is_not_offered(study: Study):
    page = text_of(client_of(study, "engineer"))
    assert "Design" in page
    assert "Money" not in page


def test_the_progress_counts_who_is_active_and_who_left(study: Study, client: Client):
    person = make_talker(study)
    Participant.objects.filter(pk=person.pk).update(last_seen_at=timezone.now() - timedelta(minutes=1))
    Participant.objects.filter(pk=make_participant(study).pk).update(ended="no_consent")
    page = text_of(client)
    assert "Active now 1" in page
    assert "Did not agree: 1" in page
