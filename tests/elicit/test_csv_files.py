"""CSV that no spreadsheet runs."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from elicit.csv_files import cell, csv_lines


@pytest.mark.parametrize("words", ["=1+1", "+41 12", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "  =1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(words):
    assert cell(words) == f"'{words}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-3, "-3"), (Decimal("-0.5"), "-0.5"), (None, ""), (False, "false"), ("a = b", "a = b"),
        (["b", "ä"], '["b", "ä"]'), (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_other_values_stay_readable(value, written):
    assert cell(value) == written


def test_words_with_commas_quotes_and_lines_come_back_whole():
    words = 'She said "no", twice\nand left'
    text = "".join(csv_lines(("text", "number"), [(words, 1)]))
    assert list(csv.reader(text.splitlines(keepends=True))) == [["text", "number"], [words, "1"]]
