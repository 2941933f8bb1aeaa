"""The transcript beside a card: words are marked where a line rests on them, and nothing is lost or added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.interviews import questions_for, start_interview
from elicit.models import Message
from elicit.transcripts import Part, cut, marked_transcript
from tests.make import NOW, make_confirmed_card, make_consenting_participant

TEXT = "I stay near and I listen."


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50), st.integers(0, 3))))
def test_the_parts_joined_are_the_text(text: str, spans: list[tuple[int, int, int]]):
    assert "".join(part.text for part in cut(text, spans)) == text


def test_words_on_which_two_lines_rest_name_both():
    assert cut(TEXT, [(2, 6, 0), (0, 6, 2)]) == (Part("I ", (2,)), Part("stay", (0, 2)), Part(TEXT[6:]))


@pytest.mark.parametrize("span", [(3, 3, 0), (5, 2, 0), (-1, 4, 0), (0, 99, 0)])
def test_a_span_that_does_not_fit_marks_nothing(span: tuple[int, int, int]):
    assert cut(TEXT, [span]) == (Part(TEXT),)


@pytest.mark.django_db
def test_a_transcript_marks_the_words_of_each_line_in_the_persons_own_message():
    author = make_consenting_participant()
    talk = start_interview(author, questions_for(author)[0], now=NOW)
    said = Message.objects.create(
        interview=talk, number=9, author="participant", text=TEXT, language="en", idempotency_key="9"
    )
    quote = {"message": said.number, "start": 2, "end": 11, "quote": "stay near"}
    card = make_confirmed_card(author, interview=talk, evidence=[[], [quote], []])
    *asked, own = marked_transcript(card)
    assert own.is_own and Part("stay near", (1,)) in own.parts
    assert all(not message.is_own and len(message.parts) == 1 for message in asked)


@pytest.mark.django_db
def test_a_card_without_an_interview_has_no_transcript():
    assert marked_transcript(make_confirmed_card()) == []
