import numpy as np
import pytest

from elicit.analysis.ratings import Ratings


def ratings(**changed: object) -> Ratings:
    columns = {"participant": [1, 1, 2], "interaction": [1, 1, 2], "model": ["b", "a", "b"], "score": [80, 20, 55]}
    return Ratings.from_columns(**{**columns, **changed})


def test_models_are_sorted_by_name_unless_an_order_is_given():
    assert ratings().models == ("a", "b")
    assert ratings(models=("b", "c", "a")).model.tolist() == [0, 2, 0]


def test_a_model_that_is_not_in_the_order_is_named():
    with pytest.raises(ValueError, match="'b'"):
        ratings(models=("a",))


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one length"):
        ratings(score=[80, 20])


def test_an_answer_without_a_score_is_no_rating():
    with pytest.raises(ValueError, match="without a score"):
        ratings(score=[80, 20, np.nan])


def test_openings_keep_the_models_that_only_answered_later():
    kept = ratings(turn=[0, 1, 0]).openings()
    assert (kept.models, kept.score.tolist()) == (("a", "b"), [80.0, 55.0])


def test_rows_of_a_release_keep_the_order_in_which_models_appear():
    row = {"user_id": "user3", "interaction_id": "int9", "turn": 1, "score": 7, "if_chosen": True}
    read = Ratings.from_utterances([{**row, "model_name": "z"}, {**row, "model_name": "a", "score": None}])
    assert (read.models, len(read), read.participant.tolist(), read.interaction.tolist()) == (("z",), 1, [3], [9])
