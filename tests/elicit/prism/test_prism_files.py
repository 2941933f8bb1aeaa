import json

import pyarrow.parquet as pq
import pytest

from elicit.prism import files
from elicit.prism.files import Release, UnreadableFile, read_lines, scan_lines


def lines_of(tmp_path, content):
    path = tmp_path / "metadata.jsonl"
    path.write_bytes(content)
    return list(scan_lines(path))


def test_a_bare_nan_is_read_as_null(tmp_path):
    assert lines_of(tmp_path, b'{"pii_manual_flag": NaN}\n')[0].row == {"pii_manual_flag": None}


def test_an_infinity_is_refused(tmp_path):
    assert lines_of(tmp_path, b'{"a": Infinity}\n')[0].problem == "The line is not valid JSON."


def test_a_mark_of_byte_order_windows_line_ends_and_blank_lines_are_read_over(tmp_path):
    found = lines_of(tmp_path, b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": 2}')
    assert [(line.number, line.row) for line in found] == [(1, {"a": 1}), (3, {"a": 2})]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"a": "\xff"}\n', "UTF-8"),
        (b'{"a": "\\ud800"}\n', "surrogate"),
        (b'{"a": 1', "JSON"),
        (b"[1]\n", "object"),
        (b"[" * 100_000 + b"\n", "JSON"),
    ],
)
def test_a_broken_line_is_told_and_the_next_one_read(tmp_path, content, problem):
    found = lines_of(tmp_path, content.rstrip(b"\n") + b'\n{"a": 2}\n')
    assert problem in found[0].problem
    assert found[1].row == {"a": 2}


def test_a_line_without_end_is_skipped_without_being_held(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LONGEST_LINE", 100)
    found = lines_of(tmp_path, b'{"a": "' + b"x" * 1000 + b'"}\n{"a": 2}\n')
    assert "longer than 100 bytes" in found[0].problem
    assert (found[1].number, found[1].row) == (2, {"a": 2})


def test_reading_lines_names_the_line_that_cannot_be_read(tmp_path):
    path = tmp_path / "survey.jsonl"
    path.write_text('{"a": 1}\nno\n')
    with pytest.raises(UnreadableFile, match=r"survey\.jsonl, line 2"):
        list(read_lines(path))


def test_lines_are_written_as_the_published_ones(tmp_path):
    path = tmp_path / "rows.jsonl"
    assert files.write_lines(path, [{"name": "Türkiye / x", "none": None}]) == 1
    assert path.read_bytes() == b'{"name": "T\\u00fcrkiye / x", "none": null}\n'


def test_nan_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_lines(tmp_path / "rows.jsonl", [{"flag": float("nan")}])


def test_metadata_may_lie_in_a_folder_of_its_own(tmp_path):
    assert files.file_names(tmp_path)["metadata"] == tmp_path / "metadata.jsonl"
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "metadata.jsonl").touch()
    assert files.file_names(tmp_path)["metadata"] == tmp_path / "metadata" / "metadata.jsonl"


def test_a_table_runs_nothing_in_a_spreadsheet(tmp_path):
    files.write_csv(
        tmp_path / "t.csv", [{"text": "=1+1", "place": {"country": "@x"}}, {"text": "\t-1", "place": {"country": "y"}}]
    )
    text = (tmp_path / "t.csv").read_text()
    assert text.splitlines() == ["text,place.country", "'=1+1,'@x", "'\t-1,y"]


def test_a_row_with_other_columns_is_refused(tmp_path):
    with pytest.raises(ValueError, match="other columns"):
        files.write_csv(tmp_path / "t.csv", [{"a": 1}, {"b": 1}])


def test_parquet_keeps_nested_columns_and_many_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS_AT_ONCE", 2)
    rows = [{"user": f"user{n}", "place": {"country": "FRA", "n": n}} for n in range(5)]
    assert files.write_parquet(tmp_path / "t.parquet", rows) == 5
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == rows


def test_parquet_of_models_holds_parameters_as_text(tmp_path):
    from elicit.prism.synthetic.rows import model_rows

    files.write_parquet(tmp_path / "models.parquet", model_rows())
    first = pq.read_table(tmp_path / "models.parquet").to_pylist()[0]
    assert ("temperature", "1.0") in first["selected_params"]


def test_a_changed_a_missing_and_a_foreign_file_are_told(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    files.write_checksums(tmp_path)
    assert files.verify_checksums(tmp_path) == []
    (tmp_path / "a").write_text("changed")
    (tmp_path / "b").unlink()
    (tmp_path / "SHA256SUMS").open("a").write("0" * 64 + "  ../outside\n")
    told = files.verify_checksums(tmp_path)
    assert [sentence.split()[0] for sentence in told] == ["a", "b", "'../outside'"]


def test_what_a_folder_declares_is_read_again(tmp_path):
    release = Release(vocabulary="own", level="generalised", k=5, created_by="a test")
    files.write_release(tmp_path, release)
    assert files.read_release(tmp_path) == release


def test_a_folder_that_declares_nothing_is_prisms_own(tmp_path):
    assert files.read_release(tmp_path) == Release(vocabulary="published", level="raw")


@pytest.mark.parametrize("said", ['{"format": "x"}', "[]", "no", json.dumps({"format": "prism-release"})])
def test_a_declaration_that_makes_no_sense_is_refused(tmp_path, said):
    (tmp_path / "release.json").write_text(said)
    with pytest.raises(UnreadableFile):
        files.read_release(tmp_path)
