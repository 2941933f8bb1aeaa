import os
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.ranking import Standing, rank_by_certainty, rank_classic, rank_repaired, wisest
from moralgraph.algorithms.records import MoralGraph
from moralgraph.algorithms.uncertainty import stationary_ranks
from tests.moralgraph.algorithms.studies import HOME, WORK, about_equal, judged, read_study, wiser

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


def test_many_weightings_at_once_agree_with_networkx():
    rng = np.random.default_rng(4)
    source, target = np.array([0, 0, 1, 2, 3]), np.array([1, 2, 3, 3, 4])
    weight = rng.uniform(0.1, 1.0, size=(5, 3))
    weight[1, 2] = 0.0
    found = stationary_ranks(source, target, weight, cards=5)
    for column in range(3):
        walk = nx.DiGraph()
        walk.add_nodes_from(range(5))
        edges = zip(source.tolist(), target.tolist(), weight[:, column].tolist(), strict=True)
        walk.add_weighted_edges_from(edge for edge in edges if edge[2] > 0)
        expected = nx.pagerank(walk, tol=1e-12, max_iter=1000)
        assert found[:, column].tolist() == pytest.approx(list(expected.values()), abs=1e-8)


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
