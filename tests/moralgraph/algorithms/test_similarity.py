import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moralgraph.algorithms.similarity import LexicalIndex, similarity, words_of

ZIPF = (1 / np.arange(1, 21)) / (1 / np.arange(1, 21)).sum()
CARDS = {
    "1": "Patient listening. Moments in which somebody is still searching for words",
    "2": "Listening with patience. Pauses in which somebody searches for a word",
    "3": "Bold decisions. Risks that are worth taking early",
    "4": "तरुण लोगों की बात सुनना",
    "5": "युवा लोगों की बात सुनना",
}


def test_the_nearest_card_shares_the_most_rare_words():
    index = LexicalIndex.build(CARDS)
    assert index.neighbours("1", count=1)[0].id == "2"
    assert index.neighbours("4", count=1)[0].id == "5"


def test_a_text_is_nearest_to_itself():
    nearest = LexicalIndex.build(CARDS).nearest(CARDS["3"], count=2)
    assert nearest[0].id == "3"
    assert nearest[0].similarity == pytest.approx(1.0)


def test_asking_for_more_than_there_is_gives_what_there_is():
    index = LexicalIndex.build(CARDS)
    assert len(index.nearest("anything", count=50)) == 5
    assert {each.id for each in index.neighbours("1", count=50)} == {"2", "3", "4", "5"}


def test_an_unknown_id_is_named():
    with pytest.raises(KeyError, match="no text has the id '9'"):
        LexicalIndex.build(CARDS).neighbours("9", count=1)


def test_an_empty_collection_has_no_neighbours():
    index = LexicalIndex.build({})
    assert index.nearest("care", count=3) == ()
    assert list(index.similar_pairs(minimum=0.5)) == []


def test_texts_without_words_are_near_nothing():
    assert similarity("…!?", "…!?") == 0.0
    assert LexicalIndex.build({"a": "", "b": "care"}).nearest("care", count=1)[0].id == "b"


def test_similar_pairs_agree_with_neighbours():
    index = LexicalIndex.build(CARDS)
    pairs = {(first, second): near for first, second, near in index.similar_pairs(minimum=0.1)}
    assert ("1", "2") in pairs
    assert pairs[("1", "2")] == pytest.approx(index.neighbours("1", count=1)[0].similarity)


@given(st.text(), st.text())
def test_similarity_is_symmetric_and_between_zero_and_one(first: str, second: str):
    assert similarity(first, second) == pytest.approx(similarity(second, first))
    assert -1e-9 <= similarity(first, second) <= 1.0


@given(st.text(min_size=1))
def test_case_and_punctuation_do_not_matter(text: str):
    assert similarity(text, f"«{text}»!") == pytest.approx(1.0 if words_of(text) else 0.0)


def test_similar_pairs_are_all_pairs_that_are_near_enough():
    rng = np.random.default_rng(5)
    words = [f"{start}{end}" for start in ("lis", "car", "wond", "rest", "op") for end in ("tening", "ing", "er", "ed")]
    texts = {str(n): " ".join(rng.choice(words, p=ZIPF, size=6)) for n in range(150)}
    index = LexicalIndex.build(texts)
    full = (index.vectors @ index.vectors.T).toarray()
    expected = {
        (index.ids[row], index.ids[other]) for row, other in zip(*np.nonzero(np.triu(full, 1) >= 0.4), strict=True)
    }
    found = list(index.similar_pairs(minimum=0.4))
    assert {pair[:2] for pair in found} == expected
    assert len(found) == len(expected) > 100
