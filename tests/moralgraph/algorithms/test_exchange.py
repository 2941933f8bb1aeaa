import json

import networkx as nx
import pytest

from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.exchange import MissingCardError, as_graphml, from_record, published_form, to_record
from tests.moralgraph.algorithms.studies import HOME, SYNTHETIC, judged, read_study, wiser


def test_published_form_keeps_ids_and_leaves_other_cards_out():
    graph = build_classic(judged(wiser("7", "9", 3), wiser("7", "9", 1, HOME)))
    found = published_form(graph, [{"id": 9, "title": "Nine"}, {"id": 8}, {"id": 7}])
    assert found["values"] == [{"id": 9, "title": "Nine"}, {"id": 7}]
    assert found["edges"][0]["sourceValueId"] == 7
    assert found["edges"][0]["contexts"] == ["at work", "at home"]
    assert found["edges"][0]["summary"] == {"wiserLikelihood": 1.0, "entropy": 1.0}


def test_published_form_names_cards_without_words():
    with pytest.raises(MissingCardError, match="no values card for 9"):
        published_form(build_classic(judged(wiser("7", "9", 3))), [{"id": 7}])


def test_graphml_reads_back_with_titles_and_counts():
    graph = build_repaired(judged(wiser("a", "b", 3)))
    read = nx.parse_graphml(as_graphml(graph, {"a": "Calm\x00 & <quiet>", "b": "Care"}))
    assert read.nodes["a"]["title"] == "Calm & <quiet>"
    assert read.edges["a", "b"]["wiser"] == 3
    assert read.edges["a", "b"]["contexts"] == "at work"


def test_graphml_names_cards_without_title():
    with pytest.raises(MissingCardError, match="no title for b"):
        as_graphml(build_repaired(judged(wiser("a", "b", 3))), {"a": "Calm"})


@pytest.mark.parametrize("build", [build_classic, build_repaired])
def test_a_record_survives_json(build):
    graph = build(read_study(SYNTHETIC))
    record = to_record(graph)
    assert json.loads(json.dumps(record)) == record
    assert from_record(json.loads(json.dumps(record))) == graph
