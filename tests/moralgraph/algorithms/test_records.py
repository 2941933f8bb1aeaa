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
