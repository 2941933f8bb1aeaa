"""A release as a study: what comes in, what is refused, and that it goes out again as it came."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from elicit.consent import has_granted
from elicit.errors import ImportFailed
from elicit.forgetting import forget
from elicit.models import Conversation, Job, Participant, ReleaseRecord, Study, SurveyAnswer, Utterance
from elicit.prism.files import file_names
from elicit.prism.synthesis import synthesize
from elicit.prism_export import ReleaseRefused
from elicit.prism_import import InvalidRelease, import_prism
from tests.elicit.prism.releasing import (
    RAW,
    content,
    make_answering,
    make_crowd,
    make_released_study,
    make_talk,
    release,
    rows,
)
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "release"
    synthesize(folder, participants=8, seed=3)
    return folder


def taken_in(folder, *, slug="came-in", consents=("publish",), **more):
    return import_prism(folder, slug=slug, consents=consents, now=NOW, **more)


def rewrite(folder, name, change):
    """Change the rows of a file and forget the checksums, which would say so."""
    path = file_names(folder)[name]
    path.write_text("".join(change(line) for line in path.read_text().splitlines(keepends=True)))
    (folder / "SHA256SUMS").unlink(missing_ok=True)


@pytest.fixture
def broken(synthetic, tmp_path):
    import shutil

    folder = tmp_path / "broken"
    shutil.copytree(synthetic, folder)
    return folder


def test_a_release_goes_out_as_it_came_in(synthetic, tmp_path):
    done = taken_in(synthetic)
    release(done.study, tmp_path / "out", simulated=True, **RAW)
    assert content(tmp_path / "out") == content(synthetic)


def test_a_study_of_our_own_goes_out_as_it_came_back(tmp_path):
    study = make_released_study()
    make_talk(make_answering(study), kind="values_guided")
    make_talk(make_answering(study, answers={"age": None, "lm_frequency_use": None, "lm_usecases": None,
                                             "lm_direct_use": "No", "lm_indirect_use": "No"}))  # fmt: skip
    release(study, tmp_path / "first", **RAW)
    release(taken_in(tmp_path / "first").study, tmp_path / "second", **RAW)
    assert content(tmp_path / "second") == content(tmp_path / "first")


def test_a_generalised_release_goes_out_as_it_came_in_and_loses_nothing_more(tmp_path):
    study = make_released_study()
    make_crowd(study, people=6)
    make_crowd(study, people=6, answers={"age": "65+ years old", "birth_country": "FR"})
    make_crowd(study, people=1, answers={"gender": "Male"})
    release(study, tmp_path / "first")
    release(taken_in(tmp_path / "first").study, tmp_path / "second")
    lost = json.loads((tmp_path / "second/generalisation.json").read_text())
    assert content(tmp_path / "second") == content(tmp_path / "first")
    assert not any(each["withheld"] or each["merged"] for each in lost["quasi_identifiers"])
    assert not any(each["changed"] for each in lost["for_everybody"])


def test_people_of_a_synthetic_release_are_simulated(synthetic):
    study = taken_in(synthetic).study
    assert set(Participant.objects.of_study(study).values_list("origin", flat=True)) == {"simulated"}
    assert set(Conversation.objects.of_study(study).values_list("origin", flat=True)) == {"simulated"}


def test_people_of_any_other_release_are_imported(tmp_path):
    study = make_released_study()
    make_answering(study)
    release(study, tmp_path / "first", **RAW)
    assert taken_in(tmp_path / "first").study.participants.get().origin == "imported"


def test_without_consents_it_is_a_method_test_and_cannot_be_published(synthetic, tmp_path):
    study = taken_in(synthetic, consents=()).study
    assert study.is_method_test
    with pytest.raises(ReleaseRefused, match="method test"):
        release(study, tmp_path / "out", simulated=True, **RAW)


def test_only_what_was_said_to_be_granted_is(synthetic):
    study = taken_in(synthetic, consents=["train"]).study
    somebody = study.participants.first()
    assert (has_granted(somebody, "train"), has_granted(somebody, "publish")) == (True, False)


def test_a_purpose_that_nobody_is_asked_about_is_refused(synthetic):
    with pytest.raises(ImportFailed, match="no such purpose"):
        taken_in(synthetic, consents=["selling"])


def test_an_import_never_adds_to_a_study(synthetic):
    taken_in(synthetic)
    with pytest.raises(ImportFailed, match="already"):
        taken_in(synthetic)


def test_bare_nan_is_taken_for_nothing(broken):
    rewrite(broken, "metadata", lambda line: line.replace('"pii_manual_flag": null', '"pii_manual_flag": NaN'))
    assert taken_in(broken).people == 8


def test_one_wrong_number_refuses_everything_and_is_named(broken):
    rewrite(broken, "survey", lambda line: line.replace('"lm_familiarity": "', '"lm_familiarity": "Quite ', 1))
    with pytest.raises(InvalidRelease) as refused:
        taken_in(broken)
    first = refused.value.violations[0]
    assert (first.file, first.line, first.field, first.rule) == ("survey.jsonl", 1, "lm_familiarity", "enum")
    assert not Study.objects.exists()


def test_the_command_names_every_violation_on_the_error_stream(broken, capsys):
    rewrite(broken, "survey", lambda line: line.replace('"lm_familiarity": "', '"lm_familiarity": "Quite ', 1))
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_prism", str(broken), study="came-in")
    told = capsys.readouterr().err
    assert all(f"survey.jsonl, line {number}: lm_familiarity" in told for number in range(1, 9))


def test_skipping_a_person_skips_their_conversations(broken):
    first = next(row for row in rows(broken, "survey") if not row["survey_only"])
    mark = f'"user_id": "{first["user_id"]}", "survey_only"'
    rewrite(broken, "survey", lambda line: line.replace("Familiar", "Quite").replace(
        '"lm_familiarity": "', '"lm_familiarity": "Quite ') if mark in line else line)  # fmt: skip
    done = taken_in(broken, skip_bad=True)
    assert done.people == 7
    assert done.conversations == len(rows(broken, "conversations")) - first["num_completed_conversations"]
    assert done.report.counts["enum"] == 1


def test_skipping_an_answer_skips_its_conversation(broken):
    rewrite(broken, "utterances", lambda line: line.replace('"score": ', '"score": 9990') if '"ut0"' in line else line)
    done = taken_in(broken, skip_bad=True)
    assert done.people == 8
    assert done.conversations == len(rows(broken, "conversations")) - 1


def test_skipping_leaves_out_every_bad_row_not_just_those_that_are_named(broken):
    rewrite(broken, "metadata", lambda line: line.replace('"language_flag": "', '"language_flag": 5, "x": "'))
    done = taken_in(broken, skip_bad=True)
    assert sum(done.report.counts.values()) > 40
    assert {row.checks.get("language") for row in Utterance.objects.all()} == {None}


def test_what_was_skipped_leaves_a_study_that_can_be_released(broken, tmp_path):
    rewrite(broken, "utterances", lambda line: line.replace('"score": ', '"score": 9990') if '"ut0"' in line else line)
    study = taken_in(broken, skip_bad=True).study
    done = release(study, tmp_path / "out", simulated=True, **RAW)
    assert done.counts["conversations.jsonl"] == len(rows(broken, "conversations")) - 1


def test_a_missing_file_is_refused_even_when_bad_rows_are_skipped(broken):
    (broken / "survey.jsonl").unlink()
    with pytest.raises(InvalidRelease, match="missing"):
        taken_in(broken, skip_bad=True)


def test_equal_answers_that_were_both_chosen_stay_so(broken, tmp_path):
    study = taken_in(broken).study
    assert Utterance.objects.of_study(study).filter(is_chosen=True).count() == sum(
        row["conversation_turns"] for row in rows(broken, "conversations")
    )


def test_withdrawal_reaches_everything_that_was_imported(synthetic):
    study = taken_in(synthetic).study
    somebody = study.participants.filter(conversations__isnull=False).first()
    forget(somebody)
    for model, path in ((SurveyAnswer, "participant"), (ReleaseRecord, "participant"), (Conversation, "participant")):
        assert not model.objects.filter(**{path: somebody}).exists()
    assert not Utterance.objects.filter(exchange__conversation__participant=somebody).exists()


def test_no_word_of_anybody_stands_outside_the_columns_that_are_erased(tmp_path):
    study = make_released_study()
    make_talk(make_answering(study, answers={"self_description": "quernstone"}), prompts=("quernstone",))
    release(study, tmp_path / "first", **RAW)
    taken_in(tmp_path / "first")
    recorded = [str(row.imported) for row in Conversation.objects.all()] + [
        str(job.payload) for job in Job.objects.all()
    ]
    recorded += [str(record.fields) for record in ReleaseRecord.objects.all()]
    assert "quernstone" not in " ".join(recorded)
