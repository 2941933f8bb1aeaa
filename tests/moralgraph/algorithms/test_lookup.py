"""A lookup that grows and shrinks answers as an index that was built at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moralgraph.algorithms import lookup
from moralgraph.algorithms.lookup import LexicalLookup
from moralgraph.algorithms.similarity import LexicalIndex

WORDS = ["care", "caring", "patience", "patient", "rest", "bold", "plans", "सुनना"]
TEXTS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), min_size=1
)


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.lists(st.sets(st.sampled_from("abcdefgh")), max_size=3))
def test_any_past_gives_the_answer_of_a_new_index(texts, past):
    held = LexicalLookup()
    for ids in [*past, set(texts)]:
        held.keep(ids & texts.keys(), lambda missing: {key: texts[key] for key in missing})
    new = LexicalIndex.build(texts).nearest("patient care", count=3)
    found = held.nearest("patient care", count=3)
    assert [each.id for each in found] == [each.id for each in new]
    assert [each.similarity for each in found] == pytest.approx([each.similarity for each in new])


def test_only_what_is_not_held_is_read(monkeypatch):
    monkeypatch.setattr(lookup, "MOST_IN_TAIL", 1)
    asked = []

    def read(missing):
        asked.append(missing)
        return dict.fromkeys(missing, "care")

    held = LexicalLookup()
    for ids in ("ab", "abc", "bc", "bc"):
        held.keep(ids, read)
    assert (asked, len(held)) == ([["a", "b"], ["c"]], 2)


def test_nothing_is_near_in_an_empty_lookup():
    assert LexicalLookup().nearest("care", count=3) == ()
