"""A generalised release: people alike, times coarse, no contact data, an order that tells nothing."""

import json

import pytest

from elicit.models import Participant, Utterance
from elicit.prism.generalising import QUASI_IDENTIFIERS, cell_of
from elicit.prism_export import ReleaseRefused
from tests.elicit.prism.releasing import (
    make_answering,
    make_crowd,
    make_exchange,
    make_released_study,
    make_talk,
    release,
    rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return make_released_study()


def test_everybody_has_others_who_look_alike(study, tmp_path):
    make_crowd(study, people=6)
    make_crowd(study, people=5, answers={"age": "65+ years old", "gender": "Male"})
    make_crowd(study, people=1, answers={"age": "35-44 years old", "marital_status": "Widowed"})
    done = release(study, tmp_path / "out", k=5)
    told = [tuple(cell_of(row, name) for name in QUASI_IDENTIFIERS) for row in rows(tmp_path / "out", "survey")]
    assert done.k >= 5
    assert min(told.count(cells) for cells in told) >= 5


def test_times_tell_the_month_and_durations_steps(study, tmp_path):
    make_crowd(study)
    release(study, tmp_path / "out")
    talk = rows(tmp_path / "out", "conversations")[0]
    assert (talk["generated_datetime"], talk["timing_duration_s"]) == ("2026-11-01 00:00:00", 900.0)


def test_countries_and_own_words_for_groups_are_withheld(study, tmp_path):
    make_crowd(study)
    release(study, tmp_path / "out")
    row = rows(tmp_path / "out", "survey")[0]
    assert row["location"]["birth_country"] is None
    assert row["location"]["special_region"] == "Africa"
    assert row["ethnicity"] == {"self_described": "black", "categorised": None, "simplified": "Black"}
    assert (row["study_id"], row["study_locale"]) == (None, None)


def test_contact_data_is_taken_out_also_where_a_model_repeats_it(study, tmp_path):
    make_crowd(study)
    make_talk(make_answering(study), prompts=("Write to ada@example.org",))
    release(study, tmp_path / "out")
    assert not any(
        "ada@" in path.read_text() for path in (tmp_path / "out").rglob("*") if path.suffix in (".jsonl", ".csv")
    )
    assert {"offline/plain says Write to [removed]"} <= {
        r["model_response"] for r in rows(tmp_path / "out", "utterances")
    }


def test_what_was_lost_is_listed(study, tmp_path):
    make_crowd(study)
    release(study, tmp_path / "out")
    lost = json.loads((tmp_path / "out/generalisation.json").read_text())
    places = {each["field"]: each["changed"] for each in lost["for_everybody"]}
    assert lost["k_found"] == 6
    assert (places["location.birth_country"], places["conversations.generated_datetime"]) == (6, 6)


def test_the_order_of_people_differs_from_release_to_release(study, tmp_path):
    for number in range(12):
        make_answering(study, answers={"self_description": f"Number {number}"})
    orders = []
    for name in ("first", "second"):
        release(study, tmp_path / name)
        orders.append([row["self_description"] for row in rows(tmp_path / name, "survey")])
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_without_texts_nobodys_words_are_in_it(study, tmp_path):
    make_crowd(study)
    release(study, tmp_path / "out", keeps_texts=False)
    talk = rows(tmp_path / "out", "conversations")[0]
    assert {item["content"] for item in talk["conversation_history"]} == {"EMPTY STRING"}
    assert rows(tmp_path / "out", "survey")[0]["self_description"] == "EMPTY STRING"
    assert "left out" in (tmp_path / "out/README.md").read_text()


def test_fewer_people_than_k_are_not_released(study, tmp_path):
    make_crowd(study, people=4)
    with pytest.raises(ReleaseRefused, match="4 people"):
        release(study, tmp_path / "out", k=5)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_proficiency_is_withheld_rather_than_its_person(study, tmp_path):
    make_crowd(study, answers={"english_proficiency": None})
    release(study, tmp_path / "out")
    assert {row["english_proficiency"] for row in rows(tmp_path / "out", "survey")} == {None}


def test_more_answers_than_letters_leave_out_the_wide_form_alone(study, tmp_path):
    talk = make_talk(make_crowd(study)[0], prompts=())
    exchange = make_exchange(talk, "Five, please", number=1)
    for position in (2, 3, 4):
        Utterance.objects.create(
            exchange=exchange, position=position, arrival=position, model_name=f"offline/{position}", propensity=1.0,
            text="Yes", score=5,
        )  # fmt: skip
    release(study, tmp_path / "out")
    assert (tmp_path / "out/csv/utterances.csv").exists()
    assert not (tmp_path / "out/csv/utterances_wide.csv").exists()


def test_nothing_beside_the_five_files_tells_who_somebody_is(study, tmp_path):
    make_crowd(study)
    who = make_answering(study, answers={"marital_status": None, "self_description": None})
    make_talk(who)
    Participant.objects.filter(pk=who.pk).update(language="ar")
    release(study, tmp_path / "out", keeps_texts=False)
    extra = (tmp_path / "out/extras/survey_extra.jsonl").read_text()
    about = (tmp_path / "out/metadata/metadata.jsonl").read_text()
    assert "marital_status" not in extra and "self_description" in extra
    assert '"ar"' not in extra + about
