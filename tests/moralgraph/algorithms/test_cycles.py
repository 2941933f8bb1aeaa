import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from moralgraph.algorithms import cycles as module
from moralgraph.algorithms.building import build_repaired
from moralgraph.algorithms.cycles import contested_pairs, find_cycles
from moralgraph.algorithms.records import MoralGraph
from tests.moralgraph.algorithms.studies import HOME, WORK, judged, wiser


def graph_of(*pairs: str) -> MoralGraph:
    return build_repaired(judged(*(wiser(pair[0], pair[1], 3) for pair in pairs)))


def test_a_chain_has_no_cycle():
    found = find_cycles(graph_of("ab", "bc", "ac"))
    assert (found.cycles, found.is_complete) == ((), True)


def test_cycles_come_smallest_first_and_begin_with_their_smallest_id():
    found = find_cycles(graph_of("cd", "da", "ab", "bc", "ca", "xy", "yz", "zx"))
    assert found.cycles == (("a", "b", "c"), ("x", "y", "z"), ("a", "b", "c", "d"))


def test_a_pair_kept_both_ways_is_contested_and_no_cycle():
    graph = graph_of("ab", "ba")
    assert find_cycles(graph).cycles == ()
    (pair,) = contested_pairs(graph, context=WORK)
    assert (pair.first, pair.second, pair.forward.wiser, pair.backward.compared) == ("a", "b", 3, 3)
    assert 0 < pair.forward.low < 1 == pair.forward.high


def test_upgrades_of_two_contexts_make_no_cycle_in_either():
    graph = build_repaired(judged(wiser("a", "b", 3), wiser("b", "c", 3), wiser("c", "a", 3, HOME)))
    assert find_cycles(graph, context=WORK).cycles == find_cycles(graph, context=HOME).cycles == ()
    assert contested_pairs(graph, context=WORK) == ()


def test_a_search_that_was_cut_short_says_so(monkeypatch):
    every = [f"{first}{second}" for first in "abcdef" for second in "abcdef" if first != second]
    assert not find_cycles(graph_of(*every), most=5).is_complete
    assert len(find_cycles(graph_of(*every), most=5).cycles) == 5
    monkeypatch.setattr(module, "MOST_STEPS", 10)
    assert not find_cycles(graph_of(*every)).is_complete


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")).filter(lambda p: p[0] != p[1]), min_size=1)
)
def test_the_cycles_are_those_that_networkx_finds(pairs: set[tuple[str, str]]):
    expected = [cycle for cycle in nx.simple_cycles(nx.DiGraph(sorted(pairs))) if len(cycle) > 2]
    found = find_cycles(graph_of(*sorted("".join(pair) for pair in pairs)), most=1000)
    assert found.is_complete
    rotated = {tuple(cycle[cycle.index(min(cycle)) :] + cycle[: cycle.index(min(cycle))]) for cycle in expected}
    assert set(found.cycles) == rotated
    assert len(found.cycles) == len(expected)
