import numpy as np
import pytest
from hypothesis import given, settings

from moralgraph.algorithms.building import build_repaired, classic_columns, repaired_columns
from moralgraph.algorithms.records import Judgements
from moralgraph.algorithms.tally import count_cells
from tests.moralgraph.algorithms.studies import HOME, WORK, judged, studies, wiser


def test_columns_of_a_graph_worked_by_hand():
    study = judged(wiser("b", "a", 1), wiser("a", "c", 3), wiser("a", "c", 2, HOME), ("a", "c", HOME, "less_wise", 3))
    columns = repaired_columns(count_cells(study))
    assert (columns.edges.first.tolist(), columns.edges.second.tolist()) == ([0], [2])
    assert columns.edges.counts.tolist() == [[3, 0, 0, 0, 3]]
    assert [columns.contexts[code] for code in columns.part_context] == [WORK, HOME]
    assert columns.part_is_kept.tolist() == [True, False]
    assert columns.parts.likelihood == pytest.approx([3.5 / 4, 2.5 / 6])


@settings(max_examples=40, deadline=None)
@given(studies)
def test_columns_and_objects_say_the_same(study):
    cells = count_cells(judged(*study))
    for columns in (classic_columns(cells, minimum_wiser=1), repaired_columns(cells, minimum_wiser=1)):
        graph, edges = columns.as_graph(), columns.edges
        assert [edge.likelihood for edge in graph.edges] == edges.likelihood.tolist()
        assert [(edge.low, edge.high) for edge in graph.edges] == list(zip(edges.low, edges.high, strict=True))
        assert [edge.answers for edge in graph.edges] == [tuple(row) for row in edges.answers.tolist()]
        kept = np.bincount(columns.part_edge[columns.part_is_kept], minlength=len(edges))
        assert [len(edge.contexts) for edge in graph.edges] == kept.tolist()
        assert {card for edge in graph.edges for card in (edge.first, edge.second)} == set(graph.cards)


def test_a_context_or_card_that_nobody_judged_changes_nothing():
    study = judged(wiser("a", "b", 3))
    wider = Judgements.from_codes(
        cards=["a", "b", "c"], contexts=[WORK, HOME], participants=["p"], participant=np.zeros(3, dtype=int),
        first=np.zeros(3, dtype=int), second=np.ones(3, dtype=int), context=np.zeros(3, dtype=int),
        answer=np.zeros(3, dtype=int),
    )  # fmt: skip
    assert build_repaired(wider) == build_repaired(study)
