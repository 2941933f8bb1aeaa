import os
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moralgraph.algorithms.building import build_classic, build_repaired, classic_columns, repaired_columns
from moralgraph.algorithms.ranking import (
    Standing,
    rank_all_classic,
    rank_all_repaired,
    rank_by_certainty,
    rank_classic,
    rank_repaired,
    wisest,
)
from moralgraph.algorithms.records import MoralGraph
from moralgraph.algorithms.tally import count_cells
from moralgraph.algorithms.walking import Walks, WeightError, published_ranks, settled_ranks
from tests.moralgraph.algorithms.studies import (
    HOME,
    SYNTHETIC,
    WORK,
    about_equal,
    judged,
    read_study,
    studies,
    wiser,
)

NO_UPGRADES = MoralGraph(cards=(), edges=(), method="classic")


def test_classic_rank_of_a_chain_loses_the_mass_at_its_end():
    ranks = rank_classic(build_classic(judged(wiser("a", "b", 4), wiser("b", "c", 4))))
    a = 0.15 / 3
    b = 0.15 / 3 + 0.85 * a
    c = 0.15 / 3 + 0.85 * b
    assert ranks == pytest.approx({"a": a, "b": b, "c": c})
    assert list(ranks) == ["c", "b", "a"]


def test_classic_rank_is_shared_out_by_likelihood():
    judgements = judged(wiser("a", "b", 6), wiser("a", "c", 3), about_equal("a", "c", 1))
    ranks = rank_classic(build_classic(judgements))
    assert ranks["b"] - 0.05 == pytest.approx((ranks["c"] - 0.05) / 0.75)


def test_repaired_rank_sums_to_one_and_keeps_the_order():
    graph = build_repaired(judged(wiser("a", "b", 4), wiser("b", "c", 4)))
    ranks = rank_repaired(graph)
    assert sum(ranks.values()) == pytest.approx(1.0)
    assert list(ranks) == ["c", "b", "a"]


def test_ranks_of_one_context_leave_the_others_out():
    graph = build_repaired(judged(wiser("a", "b", 4), wiser("b", "c", 4, HOME)))
    assert set(rank_repaired(graph, context=HOME)) == {"b", "c"}
    assert set(rank_classic(graph, context=WORK)) == {"a", "b"}


def test_an_empty_graph_has_no_ranks():
    assert rank_classic(NO_UPGRADES) == rank_repaired(NO_UPGRADES) == rank_by_certainty(NO_UPGRADES) == {}


def networkx_ranks(part: MoralGraph) -> dict[str, float]:
    walk = nx.DiGraph()
    walk.add_nodes_from(part.cards)
    walk.add_weighted_edges_from((edge.first, edge.second, edge.likelihood) for edge in part.edges)
    return nx.pagerank(walk, alpha=0.85, tol=1e-14, max_iter=1000)


def test_repaired_ranks_are_those_of_networkx():
    graph = build_repaired(read_study(SYNTHETIC), minimum_wiser=1, minimum_likelihood=0.3)
    for context in (None, *graph.contexts):
        assert rank_repaired(graph, context=context) == pytest.approx(
            networkx_ranks(graph.in_context(context)), rel=0, abs=1e-9
        )


def test_graphs_side_by_side_do_not_touch_each_other():
    rng = np.random.default_rng(4)
    source, target, weight = np.array([0, 0, 1, 2, 3]), np.array([1, 2, 3, 3, 4]), rng.uniform(0.1, 1.0, size=5)
    alone = settled_ranks(Walks(np.zeros(5, dtype=int), source, target, weight))
    two = Walks(np.repeat([0, 1], [5, 2]), np.append(source, 5), np.append(target, 6), np.append(weight, 0.4))
    assert settled_ranks(two)[:5] == pytest.approx(alone, abs=1e-12)
    assert published_ranks(two)[5:] == pytest.approx([0.075, 0.13875])


def test_a_weight_that_is_no_number_does_not_give_ranks():
    with pytest.raises(WeightError, match="edge 0: nan is no weight"):
        settled_ranks(Walks(np.zeros(2, dtype=int), np.array([0]), np.array([1]), np.array([np.nan])))


@settings(max_examples=40, deadline=None)
@given(studies)
def test_all_contexts_at_once_rank_as_one_by_one(study):
    cells = count_cells(judged(*study))
    for columns, rank_all, rank in (
        (classic_columns(cells, minimum_wiser=1, maximum_entropy=3.0), rank_all_classic, rank_classic),
        (repaired_columns(cells, minimum_wiser=1, minimum_likelihood=0.2), rank_all_repaired, rank_repaired),
    ):
        graph, ranks = columns.as_graph(), rank_all(columns)
        for context in (None, *columns.contexts):
            one, other = ranks.of(context), rank(graph, context=context)
            assert list(one) == list(other)
            assert one == pytest.approx(other, rel=0, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(studies, st.randoms())
def test_ranks_sum_to_one_and_do_not_depend_on_the_order_of_rows(study, order):
    mixed = list(study)
    order.shuffle(mixed)
    one, two = (
        rank_all_repaired(repaired_columns(count_cells(judged(*rows)), minimum_wiser=1)) for rows in (study, mixed)
    )
    assert (one.cards, one.contexts) == (two.cards, two.contexts)
    assert np.array_equal(one.rank, two.rank)
    assert np.array_equal(one.card, two.card)
    sums = np.bincount(one.context + 1, weights=one.rank)
    assert sums[sums > 0] == pytest.approx(1.0)


def test_one_clear_upgrade_settles_a_context():
    found = wisest(build_repaired(judged(wiser("a", "b", 8))), context=WORK)
    assert (found.standing, found.winner, found.contenders) == (Standing.SETTLED, "b", ("b",))


def test_two_wiser_cards_that_nobody_compared_both_contend():
    found = wisest(build_repaired(judged(wiser("a", "b", 8), wiser("a", "c", 7))), context=WORK)
    assert (found.standing, found.winner, set(found.contenders)) == (Standing.SEVERAL, None, {"b", "c"})


def test_a_circle_of_clear_upgrades_has_no_winner():
    graph = build_repaired(judged(wiser("a", "b", 8), wiser("b", "c", 8), wiser("c", "a", 8)))
    assert wisest(graph).contenders == ("a", "b", "c")
    assert wisest(graph).winner is None


def test_an_unsettled_upgrade_does_not_dethrone():
    graph = build_repaired(judged(wiser("a", "b", 8), wiser("b", "c", 3), about_equal("b", "c", 1)))
    assert set(wisest(graph).contenders) == {"b", "c"}


def test_too_few_judgements_are_not_enough_evidence():
    found = wisest(build_repaired(judged(wiser("a", "b", 2))), context=WORK)
    assert (found.standing, found.winner, found.contenders) == (Standing.NOT_ENOUGH_EVIDENCE, None, ("b",))


def test_an_unknown_context_has_no_contenders():
    assert wisest(build_repaired(judged(wiser("a", "b", 8))), context="nowhere").contenders == ()


def test_the_two_published_rankings_of_the_public_study():
    if not os.environ.get("MGE_DATA_DIR"):
        pytest.skip("MGE_DATA_DIR is not set: the public MGE study is not on this machine")
    graph = build_classic(read_study(Path(os.environ["MGE_DATA_DIR"])))
    ranks = list(rank_classic(graph).values())
    assert sum(ranks) == pytest.approx(0.419, abs=5e-4)
    assert ranks[:5] == pytest.approx([0.0392, 0.0359, 0.0290, 0.0195, 0.0136], abs=5e-5)
    assert list(rank_by_certainty(graph).values())[:2] == pytest.approx([3.31, 2.20], abs=5e-3)
