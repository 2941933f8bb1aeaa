from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def run(*arguments):
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_release_is_made_up_and_found_valid(tmp_path):
    made = run("synthesize_prism", tmp_path / "release", "-n", 2, "--seed", 4)
    assert "survey 2" in made
    checked = run("validate_prism", tmp_path / "release")
    assert "survey.jsonl 2" in checked
    assert checked.endswith("Nothing is wrong.\n")


def test_what_is_wrong_is_printed_and_the_command_fails(tmp_path):
    run("synthesize_prism", tmp_path / "release", "-n", 1)
    (tmp_path / "release" / "models.jsonl").unlink()
    out = StringIO()
    with pytest.raises(CommandError, match="file_missing 1"):
        call_command("validate_prism", str(tmp_path / "release"), stdout=out)
    assert "models.jsonl: The file is missing. [file_missing]" in out.getvalue()


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        run("validate_prism", tmp_path / "nowhere")


def test_a_folder_with_something_in_it_is_not_written_over(tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(CommandError, match="is not empty"):
        run("synthesize_prism", tmp_path)
