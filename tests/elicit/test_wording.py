"""A model's words on their way to somebody: plain, one question, and never taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.wording import LONGEST_QUESTION, as_question, has_question, settled

PIECES = ["Hello", "**there**", " ", "\n", "- ", "[this](http://a.b)", "?", "“why?”", "<script>", "x", "</script>",
          "![a b](http://x)", "# ", "https://x.y/z", "5 < 6 ", "…"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Interviewer: **What** did you see?", "What did you see?"),
        ("# A heading\n- one line", "A heading\none line"),
        ("<scr<b>ipt>Yes</scr</b>ipt>?", "Yes?"),
        ("See www.x.test/a now", "See now"),
        ("ماذا رأيت؟ وماذا سمعت؟", "ماذا رأيت؟"),
        ("You asked “why?” then. What came?", "You asked “why?” then. What came?"),
        ("  \n ", ""),
    ],
)
def test_only_plain_words_and_one_question_are_kept(text, kept):
    assert as_question(text) == kept


def test_a_question_in_quotation_marks_is_not_the_interviewer_s():
    assert not has_question("You asked yourself “why me?” and")


def test_a_text_without_end_is_cut_at_a_word():
    words = as_question("word " * 1000)
    assert len(words) <= LONGEST_QUESTION
    assert words.endswith("word")


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_what_was_shown_is_how_it_begins_in_the_end(pieces):
    text, shown = "".join(pieces), ""
    for length in range(len(text) + 1):
        now = settled(text[:length])
        shown = now if now.startswith(shown) else shown
    assert as_question(text).startswith(shown)
