import numpy as np
import pytest

from moralgraph.algorithms.building import build_repaired
from moralgraph.algorithms.records import JudgementError, Judgements
from moralgraph.algorithms.renaming import rename
from tests.moralgraph.algorithms.studies import HOME, WORK, judged, wiser


def test_merged_cards_add_their_judgements_up():
    found = rename(judged(wiser("a", "b", 2), wiser("a", "c", 3)), cards={"c": "b"})
    (edge,) = build_repaired(found.judgements).edges
    assert (edge.first, edge.second, edge.support, found.dropped) == ("a", "b", 5, 0)


def test_what_compares_a_card_with_itself_is_dropped_and_counted():
    found = rename(judged(wiser("a", "b", 2), wiser("b", "c", 3)), cards={"b": "a"})
    assert (found.dropped, len(found.judgements), found.judgements.cards) == (2, 3, ("a", "c"))


def test_chains_of_merges_lead_to_the_standing_card():
    found = rename(judged(wiser("x", "a", 1)), cards={"a": "b", "b": "c"})
    assert found.judgements.cards == ("c", "x")


def test_a_circle_of_merges_is_refused():
    with pytest.raises(JudgementError, match="merged into itself"):
        rename(judged(wiser("x", "a", 1)), cards={"a": "b", "b": "a"})


def test_merged_contexts_become_one():
    found = rename(judged(wiser("a", "b", 2), wiser("a", "b", 3, HOME)), cards={}, contexts={HOME: WORK})
    assert found.judgements.contexts == (WORK,)
    assert len(build_repaired(found.judgements).edges[0].by_context) == 1


def test_people_orders_and_probabilities_stay_with_their_rows():
    judgements = Judgements.from_columns(
        participant=["p", "q"], first=["a", "b"], second=["b", "c"], context=[WORK] * 2, answer=["wiser"] * 2,
        order=[3, 8], probability=[0.5, 0.25], story=["none", "both"], repeat=[0, 1],
    )  # fmt: skip
    found = rename(judgements, cards={"b": "a"}).judgements
    assert (found.participants, found.order.tolist(), found.repeat.tolist()) == (("q",), [8], [1])
    assert np.array_equal(found.probability, [0.25])


def test_nothing_merged_changes_nothing():
    judgements = judged(wiser("a", "b", 2), wiser("b", "c", 1, HOME))
    found = rename(judgements, cards={"elsewhere": "a"}).judgements
    assert build_repaired(found) == build_repaired(judgements)
