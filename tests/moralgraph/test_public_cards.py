"""The public study's canonical cards, which people and a model told apart, are not put together by their words."""

import os
from pathlib import Path

import pytest

from moralgraph.algorithms.partition import agglomerate
from moralgraph.algorithms.similarity import LexicalIndex
from moralgraph.mge_files import read_cards
from moralgraph.nearness import Lexical

FOLDER = os.environ.get("MGE_DATA_DIR", "")
MOST_JOINED = 2  # one pair lies above the threshold; another may follow it


@pytest.mark.skipif(not FOLDER, reason="MGE_DATA_DIR is not set: the public study's files are not part of this project")
def test_the_default_threshold_keeps_the_public_cards_apart():
    cards = {key: "\n".join(card.evaluation_criteria) for key, card in read_cards(Path(FOLDER)).items()}
    near = {(first, second): each for first, second, each in LexicalIndex.build(cards).similar_pairs(minimum=0.3)}
    groups = agglomerate(cards, near, lowest=Lexical().lowest).groups(minimum=Lexical().similar_from)
    assert len(cards) >= len(groups) >= len(cards) - MOST_JOINED
