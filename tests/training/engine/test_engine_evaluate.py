"""The evaluation with scorers whose answer is known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from training.engine.evaluate import NOT_DISTINGUISHABLE, evaluate_blocks, verdict
from training.engine.lexical import TfIdf, lexical_scores, texts_of
from training.engine.recipe import EvaluationSettings
from training.engine.rows import Block, read_blocks

Triples = Sequence[tuple[str, str, str]]
SETTINGS = EvaluationSettings(draws=100)


@pytest.fixture
def blocks(dataset: Path) -> list[Block]:
    return read_blocks(dataset, split="unseen_prompts")


@pytest.fixture
def tfidf(dataset: Path) -> TfIdf:
    return TfIdf(texts_of(read_blocks(dataset, split="train")))


def deaf(triples: Triples) -> tuple[np.ndarray, np.ndarray]:
    """Scores by the answer alone."""
    lengths = np.array([float(len(answer)) for _, _, answer in triples])
    return -lengths, -lengths


def knowing(blocks: list[Block]):
    """Scores 1 where the answer was written for the message's value, 0 elsewhere."""
    card_of = {text: m.card for b in blocks for m in b.messages for text in (m.text, m.paraphrase)}
    answer_of = {(b.prompt, a.text): a.card for b in blocks for a in b.answers}

    def score(triples: Triples) -> tuple[np.ndarray, np.ndarray]:
        own = np.array([float(card_of.get(system) == answer_of[prompt, answer]) for system, prompt, answer in triples])
        return own, 10 * own

    return score


def test_a_model_that_knows_the_value_passes_everything(blocks: list[Block], tfidf: TfIdf) -> None:
    found = evaluate_blocks(blocks, scorer=knowing(blocks), untrained=deaf, tfidf=tfidf, settings=SETTINGS, seed=0)
    model = found["results"]["model"]
    assert model["reversal"]["value"] == 1
    assert model["interaction"]["value"] == 2
    assert found["results"]["model, summed log-probability"]["interaction"]["value"] == 20
    assert found["controls"]["paraphrase"]["reversal"]["value"] == 1
    assert found["controls"]["paraphrase"]["shift"] == 0
    assert found["controls"]["empty_message"]["first_moves"]["value"] == 1
    assert {entry["reversal"] for entry in found["by_value"].values()} == {1}


def test_a_model_that_ignores_the_message_has_exactly_nothing(blocks: list[Block], tfidf: TfIdf) -> None:
    found = evaluate_blocks(blocks, scorer=deaf, untrained=deaf, tfidf=tfidf, settings=SETTINGS, seed=0)
    model = found["results"]["model"]
    assert (model["reversal"]["value"], model["directional"]["value"], model["interaction"]["value"]) == (0, 0.5, 0)
    assert found["controls"]["shuffled_messages"]["net_reversal"] == 0
    assert found["controls"]["foreign_messages"]["holds"]
    assert found["verdict"] == "100 points below word matching"


def test_the_lexical_baseline_passes_on_answers_that_copy_words(blocks: list[Block], tfidf: TfIdf) -> None:
    scores = lexical_scores(blocks, tfidf=tfidf)
    assert (scores.argmax(axis=1) == np.arange(3)).all()
    found = evaluate_blocks(blocks, scorer=knowing(blocks), untrained=deaf, tfidf=tfidf, settings=SETTINGS, seed=0)
    assert found["results"]["lexical baseline"]["reversal"]["value"] == 1
    assert found["verdict"] == NOT_DISTINGUISHABLE


def test_word_overlap_is_the_cosine_of_weighted_counts() -> None:
    tfidf = TfIdf(["time", "time light"])
    rare = np.log(3 / 2) + 1
    assert tfidf.similarity("Time", "time!") == pytest.approx(1)
    assert tfidf.similarity("time", "time light") == pytest.approx(1 / np.sqrt(1 + rare**2))
    assert tfidf.similarity("time", "dark") == 0


def test_five_points_above_word_matching_are_needed() -> None:
    assert verdict(0.90, 0.86) == NOT_DISTINGUISHABLE
    assert verdict(0.90, 0.80) == "10 points above word matching"
    assert verdict(0.10, 0.80) == "70 points below word matching"
