"""The team's download: what each role gets, who is in it, and that its codebook is whole."""

import csv
import json
from io import StringIO
from zipfile import ZipFile

import pytest

from elicit.exclusions import exclude
from elicit.exports import tables_for, write_archive
from elicit.interviews import record_message, start_interview
from elicit.models import (
    ConsentGrant,
    ConversationFeedback,
    Interview,
    LlmCall,
    Message,
    MessageRevision,
    Participant,
    StepProgress,
    Study,
    SurveyAnswer,
    Turn,
    Utterance,
    ValuesCard,
)
from elicit.participants import withdraw
from elicit.querysets import Role
from moralgraph.models import Appeal, CardVerification, Judgement, Suggestion
from tests.make import (
    NOW,
    make_confirmed_card,
    make_consenting_participant,
    make_judgements,
    make_participant,
    make_study,
)

pytestmark = pytest.mark.django_db


def files_of(study: Study, role: str) -> dict[str, str]:
    with ZipFile(write_archive(study, role=role, now=NOW)) as archive:
        return {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def make_talker(study: Study, *, words: str = "I listen for silences."):
    person = make_consenting_participant(study)
    record_message(start_interview(person, study.questions.first(), now=NOW), words, idempotency_key="1", now=NOW)
    return person


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("observer", "participants.csv steps.csv interviews.csv cards.jsonl"),
        ("engineer", "cards.jsonl"),
    ],
)
def test_roles_that_may_not_read_words_get_no_file_of_words(role, names):
    assert {table.name for table in tables_for(role)} == set(names.split())


@pytest.mark.parametrize("role", ["organizer", "analyst"])
def test_roles_that_read_words_get_every_file(role):
    names = {table.name for table in tables_for(role)}
    assert {"messages.jsonl", "survey.csv", "conversations.jsonl", "judgements.csv", "ledger.csv"} <= names


ROWS = {
    "participants.csv": Participant, "steps.csv": StepProgress, "consents.csv": ConsentGrant,
    "interviews.csv": Interview, "turns.csv": Turn, "messages.jsonl": Message, "cards.jsonl": ValuesCard,
    "revisions.jsonl": MessageRevision,
    "feedback.jsonl": ConversationFeedback, "survey.csv": SurveyAnswer,
    "conversations.jsonl": Utterance, "judgements.csv": Judgement, "suggestions.csv": Suggestion, "ledger.csv": LlmCall,
    "card_feedback.csv": CardVerification, "appeals.csv": Appeal,
}  # fmt: skip


@pytest.mark.parametrize("role", Role.values)
def test_no_role_gets_a_table_whose_rows_it_may_not_read(role):
    for table in tables_for(role):
        assert role in ROWS[table.name].objects.all().readers, table.name


@pytest.mark.parametrize("role", Role.values)
def test_the_codebook_tells_every_column_of_every_file(role):
    study = make_study()
    make_confirmed_card(make_talker(study))
    make_judgements(study, wiser=1, of=1)
    files = files_of(study, role)
    told = {(row["file"], row["column"]) for row in rows_of(files["codebook.csv"])}
    found = {(name, column) for name, text in files.items() for column in columns_of(name, text)}
    assert found and found <= told


def columns_of(name: str, text: str) -> list[str]:
    if name in ("codebook.csv", "README.txt"):
        return []
    first = text.splitlines()[0] if text else "{}"
    return first.split(",") if name.endswith(".csv") else list(json.loads(first))


def test_what_people_said_is_there_word_for_word():
    study = make_study()
    person = make_talker(study, words='=1+1, "she said"\nand left')
    said = [json.loads(line) for line in files_of(study, "analyst")["messages.jsonl"].splitlines()]
    own = [message for message in said if message["author"] == "participant"]
    assert [(message["participant"], message["text"]) for message in own] == [
        (person.code, '=1+1, "she said"\nand left')
    ]


def test_an_observers_cards_name_no_author_and_none_that_is_held():
    study = make_study()
    make_confirmed_card(make_talker(study), title="Shown")
    make_confirmed_card(make_participant(study), title="Kept", release="held")
    cards = [json.loads(line) for line in files_of(study, "observer")["cards.jsonl"].splitlines()]
    assert [card["title"] for card in cards] == ["Shown"]
    assert not {"participant", "evidence", "fit_reason"} & set(cards[0])


def test_previews_are_in_no_file():
    study = make_study()
    preview = make_participant(study, origin="preview")
    make_confirmed_card(preview, title="Nobody's card")
    everything = "".join(files_of(study, "organizer").values())
    assert preview.code not in everything
    assert "Nobody's card" not in everything


def test_somebody_left_out_is_marked_and_somebody_who_withdrew_is_a_line():
    study = make_study()
    out, gone = make_talker(study), make_talker(study, words="Words of somebody who left")
    exclude(out, because="=Copied", by=None, now=NOW)
    withdraw(gone, now=NOW)
    files = files_of(study, "organizer")
    people = {row["participant"]: row for row in rows_of(files["participants.csv"])}
    assert (people[out.code]["state"], people[out.code]["excluded_because"]) == ("excluded", "'=Copied")
    assert people[gone.code]["state"] == "withdrawn"
    assert "Words of somebody who left" not in "".join(files.values())


def test_the_readme_says_that_it_is_for_the_team():
    text = files_of(make_study(), "observer")["README.txt"]
    assert "THIS IS FOR THE TEAM" in text
    assert "observer" in text
