"""A study as a PRISM release: what is in it, what is not, and how people are told."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from elicit.consent import change_answer
from elicit.exclusions import exclude
from elicit.models import ReleaseRecord, Utterance
from elicit.participants import withdraw
from elicit.prism.files import verify_checksums
from elicit.prism.validation import validate
from elicit.prism_export import ReleaseRefused
from tests.elicit.prism.releasing import (
    RAW,
    make_answering,
    make_crowd,
    make_exchange,
    make_released_study,
    make_talk,
    release,
    rows,
)
from tests.make import NOW, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return make_released_study()


def test_a_raw_release_tells_answers_in_prisms_words(study, tmp_path):
    make_answering(study)
    release(study, tmp_path / "out", **RAW)
    row = rows(tmp_path / "out", "survey")[0]
    assert row["location"]["birth_countryISO"] == "KEN"
    assert row["ethnicity"] == {
        "self_described": "kikuyu", "categorised": "Black / African", "simplified": "Black"
    }  # fmt: skip
    assert row["religion"]["self_described"] == "prefer not to say"
    assert (row["study_locale"], row["timing_duration_s"]) == ("uk", 540)


def test_a_slider_that_was_left_alone_is_50_and_listed(study, tmp_path):
    make_answering(study)
    release(study, tmp_path / "out", **RAW)
    assert rows(tmp_path / "out", "survey")[0]["stated_prefs"]["other"] == 50
    extra = json.loads((tmp_path / "out/extras/survey_extra.jsonl").read_text())
    assert extra["untouched_sliders"] == ["other"]


def test_a_question_that_was_not_shown_is_null_and_a_skipped_one_a_refusal(study, tmp_path):
    unused = {"lm_indirect_use": "No", "lm_direct_use": "No", "lm_frequency_use": None, "lm_usecases": None}
    make_answering(study, answers=unused | {"age": None})
    release(study, tmp_path / "out", **RAW)
    row = rows(tmp_path / "out", "survey")[0]
    assert (row["lm_frequency_use"], row["lm_usecases"]["games"]) == (None, None)
    assert row["age"] == "Prefer not to say"


def test_answers_stand_in_the_order_in_which_they_came_back(study, tmp_path):
    make_talk(make_answering(study), prompts=("Hello",))
    release(study, tmp_path / "out", **RAW)
    told = [
        (row["model_name"], row["within_turn_id"], row["if_chosen"]) for row in rows(tmp_path / "out", "utterances")
    ]
    assert told == [("offline/warm", 0, False), ("offline/plain", 1, True)]


def test_an_answer_that_failed_is_in_no_file(study, tmp_path):
    make_talk(make_answering(study))
    release(study, tmp_path / "out", **RAW)
    assert {row["model_name"] for row in rows(tmp_path / "out", "utterances")} == {"offline/plain", "offline/warm"}
    assert {row["long_name"] for row in rows(tmp_path / "out", "models")} == {"offline/plain", "offline/warm"}


def test_a_conversation_ends_before_an_exchange_in_which_all_were_bad(study, tmp_path):
    talk = make_talk(make_answering(study), prompts=("Hello",))
    make_exchange(talk, "Worse", number=2, all_bad=True)
    make_exchange(talk, "After", number=3)
    done = release(study, tmp_path / "out", **RAW)
    assert rows(tmp_path / "out", "conversations")[0]["conversation_turns"] == 1
    assert done.left_out["exchanges in and after which no answer was chosen or not all were rated"] == 2


def test_a_conversation_that_was_not_finished_is_left_out_and_counted(study, tmp_path):
    talk = make_talk(make_answering(study))
    type(talk).objects.update(state="open")
    done = release(study, tmp_path / "out", **RAW)
    assert done.counts["conversations.jsonl"] == 0
    assert done.left_out["conversations that were not finished"] == 1


def test_an_attribute_that_does_not_apply_and_one_that_was_left_open_are_null(study, tmp_path):
    make_talk(make_answering(study))
    release(study, tmp_path / "out", **RAW)
    row = rows(tmp_path / "out", "conversations")[0]
    assert (row["performance_attributes"]["safety"], row["performance_attributes"]["values"]) == (None, 80)
    assert (row["choice_attributes"]["values"], row["choice_attributes"]["safety"]) == (60, None)


def test_a_moderation_that_nobody_asked_for_is_null_and_not_clean(study, tmp_path):
    make_talk(make_answering(study))
    release(study, tmp_path / "out", **RAW)
    assert {row["moderation_flag"] for row in rows(tmp_path / "out", "metadata")} == {None}


def test_the_balanced_subset_takes_as_many_of_each_type(study, tmp_path):
    who = make_answering(study)
    for kind in ("unguided", "unguided", "values_guided", "controversy_guided"):
        make_talk(who, kind=kind)
    release(study, tmp_path / "out", **RAW)
    flags = [row["included_in_balanced_subset"] for row in rows(tmp_path / "out", "conversations")]
    assert sum(flags) == 3
    assert rows(tmp_path / "out", "survey")[0]["included_in_balanced_subset"] is True


def test_a_team_can_record_what_no_answer_says(study, tmp_path):
    who = make_answering(study)
    ReleaseRecord.objects.create(participant=who, fields={"study_locale": "kenya", "religion.categorised": "Muslim",
                                                          "religion.simplified": "Muslim"})  # fmt: skip
    release(study, tmp_path / "out", **RAW)
    row = rows(tmp_path / "out", "survey")[0]
    assert (row["study_locale"], row["religion"]["simplified"]) == ("kenya", "Muslim")


def test_what_prism_has_no_field_for_stands_in_the_extras(study, tmp_path):
    make_talk(make_answering(study), prompts=("Hello",), anchor="first")
    release(study, tmp_path / "out", **RAW)
    talk = json.loads((tmp_path / "out/extras/conversations_extra.jsonl").read_text())
    answer = json.loads((tmp_path / "out/extras/utterances_extra.jsonl").read_text().splitlines()[0])
    assert (talk["anchor"], talk["ended_by"]) == ("first", "participant")
    assert (answer["position"], answer["propensity"], answer["touched"]) == (1, 0.5, True)


def test_only_those_who_agreed_and_are_still_there_are_released(study, tmp_path):
    make_answering(study)
    make_answering(study, publish=False)
    withdraw(make_answering(study), now=NOW)
    exclude(make_answering(study), because="A test.", by=make_member(study=study), now=NOW)
    done = release(study, tmp_path / "out", **RAW)
    assert done.counts["survey.jsonl"] == 1
    assert dict(done.left_out) == {
        "withdrew": 1, "left out of results by the team": 1, "did not agree to publication": 1
    }  # fmt: skip


def test_who_takes_the_consent_back_is_in_no_later_release(study, tmp_path):
    make_answering(study)
    change_answer(make_answering(study), "publish", False, now=NOW + timedelta(minutes=1))
    assert release(study, tmp_path / "out", **RAW).counts["survey.jsonl"] == 1


def test_words_that_were_lent_are_in_no_file(tmp_path):
    study = make_released_study(asks_to_keep=True)
    for keeps in (True, False):
        make_talk(make_answering(study, keep=keeps, answers={"system_string": f"Say {keeps}."}))
    release(study, tmp_path / "out", **RAW)
    told = [row["system_string"] for row in rows(tmp_path / "out", "survey")]
    prompts = [row["opening_prompt"] for row in rows(tmp_path / "out", "conversations")]
    assert (told, prompts) == (["Say True.", "EMPTY STRING"], ["Hello", "EMPTY STRING"])
    assert [row["score"] for row in rows(tmp_path / "out", "utterances")].count(90) == 4


def test_words_that_were_erased_are_empty_strings(study, tmp_path):
    make_talk(make_answering(study))
    Utterance.objects.update(text="", failure="")
    release(study, tmp_path / "out", **RAW)
    assert {row["model_response"] for row in rows(tmp_path / "out", "utterances")} == {"EMPTY STRING"}


def test_simulated_people_are_never_released_with_people(study, tmp_path):
    make_answering(study)
    make_answering(study, origin="simulated")
    done = release(study, tmp_path / "out", **RAW)
    assert done.counts["survey.jsonl"] == 1
    assert not (tmp_path / "out/SYNTHETIC").exists()


def test_a_release_of_simulated_people_says_so_everywhere(study, tmp_path):
    make_talk(make_answering(study, origin="simulated"))
    release(study, tmp_path / "out", simulated=True, **RAW)
    assert (tmp_path / "out/SYNTHETIC").exists()
    assert json.loads((tmp_path / "out/release.json").read_text())["synthetic"] is True
    assert "SYNTHETIC" in (tmp_path / "out/README.md").read_text()
    assert rows(tmp_path / "out", "survey")[0]["study_id"].startswith("synthetic-")
    assert rows(tmp_path / "out", "utterances")[0]["user_prompt"].startswith("[synthetic] ")


def test_previews_are_never_released(study, tmp_path):
    make_answering(study, origin="preview")
    with pytest.raises(ReleaseRefused, match="Nobody"):
        release(study, tmp_path / "out", **RAW)
    assert list(tmp_path.iterdir()) == []


def test_a_raw_release_needs_the_name_of_whoever_it_is_for(study, tmp_path):
    make_answering(study)
    with pytest.raises(ReleaseRefused, match="--i-may-hand-out-raw"):
        release(study, tmp_path / "out", level="raw")


def test_a_raw_release_says_whom_it_is_for(study, tmp_path):
    make_answering(study)
    release(study, tmp_path / "out", level="raw", raw_for="Ada, for the ethics board")
    assert "Ada, for the ethics board" in (tmp_path / "out/README.md").read_text()


def test_a_release_is_valid_and_its_checksums_hold(study, tmp_path):
    make_crowd(study)
    release(study, tmp_path / "out")
    assert validate(tmp_path / "out").violations == ()
    assert verify_checksums(tmp_path / "out") == []


def test_a_changed_file_no_longer_fits_its_checksum(study, tmp_path):
    make_crowd(study)
    release(study, tmp_path / "out")
    name = "survey.jsonl"
    listed = dict(reversed(line.split("  ")) for line in (tmp_path / "out/SHA256SUMS").read_text().splitlines())
    assert listed[name] == hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest()


def test_a_release_never_adds_to_a_folder(study, tmp_path):
    make_answering(study)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("Mine.")
    with pytest.raises(ReleaseRefused, match="there already"):
        release(study, tmp_path / "out", **RAW)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_invalid_release_leaves_no_folder(study, tmp_path):
    make_talk(make_answering(study), prompts=("Hello",))
    Utterance.objects.filter(position=1).update(score=99)
    with pytest.raises(ReleaseRefused, match="best_is_chosen"):
        release(study, tmp_path / "out", **RAW)
    assert list(tmp_path.iterdir()) == []


def test_a_table_runs_no_formula(study, tmp_path):
    make_talk(make_answering(study), prompts=("=HYPERLINK(1)",))
    release(study, tmp_path / "out", **RAW)
    assert "'=HYPERLINK(1)" in (tmp_path / "out/csv/utterances.csv").read_text()
    assert rows(tmp_path / "out", "conversations")[0]["opening_prompt"] == "=HYPERLINK(1)"


def test_parquet_holds_what_the_lines_hold(study, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    make_crowd(study)
    release(study, tmp_path / "out")
    table = parquet.read_table(tmp_path / "out/parquet/utterances.parquet")
    assert table.to_pylist() == rows(tmp_path / "out", "utterances")


def test_the_command_names_what_is_not_in_it(study, tmp_path, capsys):
    make_crowd(study)
    make_answering(study, publish=False)
    call_command("export_prism", study.slug, str(tmp_path / "out"))
    told = capsys.readouterr().out
    assert "survey.jsonl: 6" in told
    assert "did not agree to publication: 1" in told


def test_the_command_refuses_a_study_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("export_prism", "nowhere", str(tmp_path / "out"))
