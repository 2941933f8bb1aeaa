import numpy as np
import pytest

from elicit.analysis.ratings import Ratings
from elicit.analysis.style import FEATURES, score_by_style, style_controlled_means, styles_of


def has(feature: str, text: str) -> bool:
    return bool(styles_of([text]).values[0, FEATURES.index(feature)])


@pytest.mark.parametrize(
    ("feature", "yes", "no"),
    [
        ("line_breaks", "One.\nTwo.", "One. Two.\n"),
        ("question", "What would help you? ", "You asked: why? Because."),
        ("question", "ما الذي يهمك؟", "هذا يهمك."),
        ("enumeration", "First:\n- rest\n- read", "In 1999. - a good year"),
        ("enumeration", "1. Rest\n2) Read", "1. Rest is all there is."),
        ("de_anthropomorphic", "As an AI language model, I see.", "Ask an AI expert."),
        ("de_anthropomorphic", "I’m just a computer program.", "I'm just a beginner."),
        ("de_anthropomorphic", "I don't have personal opinions on it.", "I don't have time."),
        ("refusal", "I'm sorry, but I can't help with that.", "I'm sorry to hear that."),
        ("refusal", "I cannot take a side here.", "You cannot take a taxi here."),
        ("self_identification", "I am Claude, made by Anthropic.", "I met Claude at the station."),
        ("self_identification", "I was developed by OpenAI.", "OpenAI is a company."),
    ],
)
def test_a_feature_is_read_off_the_text(feature: str, yes: str, no: str):
    assert (has(feature, yes), has(feature, no)) == (True, False)


def test_length_counts_characters():
    assert styles_of(["", "four"]).values[:, 0].tolist() == [0, 4]


def test_shares_are_means_of_the_features():
    shares = styles_of(["As an AI, I can listen.", "Go for a walk."]).shares()
    assert (shares["de_anthropomorphic"], shares["refusal"]) == (0.5, 0)


def rated(rows: int = 400) -> tuple[Ratings, list[str]]:
    """Scores that rise by 0.1 a character; model b writes twice as much and is otherwise no better."""
    rng = np.random.default_rng(7)
    model = ["ab"[number] for number in rng.integers(0, 2, rows)]
    texts = ["x" * int(rng.integers(50, 100) * (1 + (name == "b"))) for name in model]
    score = [0.1 * len(text) + rng.normal(50, 2) for text in texts]
    people = rng.integers(0, 50, rows)
    return Ratings.from_columns(participant=people, interaction=np.arange(rows), model=model, score=score), texts


def test_what_a_character_is_worth_is_found_again():
    ratings, texts = rated()
    worth, error = score_by_style(ratings, styles_of(texts)).of("length")
    assert worth == pytest.approx(0.1, abs=3 * error)


def test_features_that_no_answer_varies_in_are_left_out():
    ratings, texts = rated()
    assert score_by_style(ratings, styles_of(texts)).names == ("const", "length")


def test_a_feature_that_another_already_says_is_left_out():
    ratings, texts = rated()
    lists = [f"- {text}\n- {text}" if at % 3 else text for at, text in enumerate(texts)]
    assert score_by_style(ratings, styles_of(lists)).names == ("const", "length", "line_breaks")


def test_a_longer_model_is_no_better_once_length_is_held_equal():
    ratings, texts = rated()
    low, high = style_controlled_means(ratings, styles_of(texts)).interval()
    assert (low <= 0).all()
    assert (high >= 0).all()


def test_no_answer_has_no_style():
    with pytest.raises(ValueError, match="no answer yet"):
        score_by_style(Ratings.from_columns(participant=[], interaction=[], model=[], score=[]), styles_of([]))
