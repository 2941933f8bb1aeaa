import numpy as np
import pytest

from moralgraph.algorithms.records import (
    ANSWERS,
    CLASSIC_MARKS,
    REPAIRED_MARKS,
    Answer,
    JudgementError,
    Judgements,
    Mark,
    MoralGraph,
)
from tests.moralgraph.algorithms.studies import HOME, WORK, judged, wiser


def test_every_answer_has_a_mark_in_every_estimator():
    assert set(CLASSIC_MARKS) == set(REPAIRED_MARKS) == set(Answer)


def test_only_people_who_cannot_judge_count_as_unsure():
    for table in (CLASSIC_MARKS, REPAIRED_MARKS):
        assert [answer for answer in ANSWERS if table[answer] is Mark.UNSURE] == [Answer.CANNOT_JUDGE]


def test_rows_follow_the_source_order():
    judgements = Judgements.from_columns(
        participant=[1, 2],
        first=["a", "c"],
        second=["b", "d"],
        context=[WORK, WORK],
        answer=["wiser"] * 2,
        order=[9, 4],
    )
    assert [judgements.cards[code] for code in judgements.first] == ["c", "a"]
    assert judgements.order.tolist() == [4, 9]


def test_an_unknown_answer_is_named():
    with pytest.raises(JudgementError, match="row 0: answer 'maybe' is unknown"):
        judged(("a", "b", WORK, "maybe", 1))


def test_a_card_is_not_compared_with_itself():
    with pytest.raises(JudgementError, match="card 'a' is compared with itself"):
        judged(wiser("a", "a", 1))


def test_uneven_columns_are_refused():
    with pytest.raises(JudgementError, match="different lengths"):
        Judgements.from_columns(participant=[1], first=["a", "b"], second=["b"], context=[WORK], answer=["wiser"])


def test_one_context_leaves_the_others_out():
    judgements = judged(wiser("a", "b", 2), wiser("a", "b", 3, HOME))
    assert len(judgements.in_context(HOME)) == 3
    assert len(judgements.in_context("nowhere")) == 0


def test_an_empty_graph_has_no_contexts():
    assert MoralGraph(cards=(), edges=(), method="classic").contexts == ()


def coded(**changes) -> Judgements:
    columns = {
        "cards": ["b", "a"],
        "contexts": [WORK],
        "participants": ["p"],
        "participant": np.array([0, 0]),
        "first": np.array([1, 0]),
        "second": np.array([0, 1]),
        "context": np.array([0, 0]),
        "answer": np.array([0, 5]),
    }
    return Judgements.from_codes(**{**columns, **changes})


def test_codes_and_names_give_the_same_columns():
    named = Judgements.from_columns(
        participant=["p", "p"],
        first=["a", "b"],
        second=["b", "a"],
        context=[WORK] * 2,
        answer=["wiser", "cannot_judge"],
    )
    one, two = (vars(judgements) for judgements in (named, coded()))
    assert all(np.array_equal(one[name], two[name], equal_nan=name == "probability") for name in one)


def test_coded_rows_follow_the_source_order():
    assert coded(order=np.array([5, 2])).answer.tolist() == [5, 0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answer": np.array([0, 6])}, "row 1: answer code 6 has no name"),
        ({"second": np.array([0, 2])}, "row 1: card code 2 has no name"),
        ({"cards": ["a", "a"]}, "card 'a' is named twice"),
        ({"first": np.array([1, 1])}, "row 1: card 'a' is compared with itself"),
        ({"probability": np.array([0.5, 0.0])}, "row 1: 0.0 is no probability"),
        ({"repeat": np.array([0])}, "different lengths"),
    ],
)
def test_wrong_codes_are_named(changes, said):
    with pytest.raises(JudgementError, match=said):
        coded(**changes)
