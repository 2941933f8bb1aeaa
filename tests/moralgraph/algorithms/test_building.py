import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.exchange import published_form
from moralgraph.algorithms.records import Answer, Counts, Judgements, MoralGraph
from moralgraph.algorithms.tally import count_cells
from tests.fixtures.make_mge_synthetic import files
from tests.fixtures.plain_port import plain_published_edges
from tests.moralgraph.algorithms.studies import (
    HOME,
    SYNTHETIC,
    WORK,
    about_equal,
    judged,
    read_study,
    rows_of,
    studies,
    wiser,
)


def kept(graph: MoralGraph) -> list[tuple[str, str]]:
    return [(edge.first, edge.second) for edge in graph.edges]


def without_order(graph: MoralGraph) -> dict:
    return {
        (edge.first, edge.second): (edge.counts, edge.likelihood, edge.entropy, edge.answers, set(edge.contexts))
        for edge in graph.edges
    }


# Classic


def test_classic_counts_of_a_pair_asked_both_ways():
    unsure = ("a", "b", HOME, Answer.CANNOT_JUDGE, 1)
    judgements = judged(wiser("a", "b", 6), about_equal("a", "b", 1), unsure, wiser("b", "a", 2))
    graph = build_classic(judgements, maximum_entropy=2.0)
    (edge,) = graph.edges
    assert edge.counts == Counts(wiser=6, not_wiser=1, less_wise=2, unsure=1, impressions=10)
    assert edge.likelihood == pytest.approx((6 - 2) / 10)
    assert edge.contexts == (WORK, HOME)


def test_classic_entropy_counts_the_impressions():
    (edge,) = build_classic(judged(wiser("a", "b", 4))).edges
    assert edge.entropy == 1.0


def test_every_denial_is_marked_not_wiser_in_the_classic_rule():
    denials = [Answer.ABOUT_EQUAL, Answer.LESS_WISE, Answer.BOTH_NEEDED, Answer.DIFFERENT_CONCERNS]
    (edge,) = build_classic(judged(wiser("a", "b", 20), *(("a", "b", WORK, denial, 1) for denial in denials))).edges
    assert (edge.counts.not_wiser, edge.counts.less_wise) == (4, 0)


def test_classic_needs_two_people_who_say_wiser():
    judgements = judged(wiser("a", "b", 1), wiser("c", "d", 2))
    assert kept(build_classic(judgements)) == [("c", "d")]
    assert len(build_classic(judgements, minimum_wiser=0).edges) == 2


def test_classic_drops_unlikely_and_divided_upgrades():
    unlikely = judged(wiser("a", "b", 3), about_equal("a", "b", 7))
    assert kept(build_classic(unlikely)) == []
    assert kept(build_classic(unlikely, minimum_likelihood=0.3)) == [("a", "b")]
    divided = judged(wiser("a", "b", 6), about_equal("a", "b", 3), ("a", "b", WORK, Answer.CANNOT_JUDGE, 3))
    assert kept(build_classic(divided)) == []
    assert kept(build_classic(divided, maximum_entropy=2.0)) == [("a", "b")]


def test_edges_come_in_order_of_their_first_judgement():
    judgements = judged(wiser("c", "d", 1), wiser("a", "b", 2), wiser("c", "d", 1))
    assert kept(build_classic(judgements)) == [("c", "d"), ("a", "b")]


@pytest.mark.parametrize("build", [build_classic, build_repaired])
def test_no_judgements_give_an_empty_graph(build):
    graph = build(judged())
    assert (graph.cards, graph.edges) == ((), ())


@settings(max_examples=60, deadline=None)
@given(studies)
def test_classic_agrees_with_the_plain_port(study):
    verdicts = {Answer.WISER: "upgrade", Answer.CANNOT_JUDGE: "not_sure"}
    plain = [
        {"from_card": first, "to_card": second, "context": context, "verdict": verdicts.get(answer, "no_upgrade")}
        for first, second, context, answer, _ in study
    ]
    values = [{"id": card} for card in "abcdefgh"]
    found = published_form(build_classic(judged(*study)), values)["edges"]
    assert_same_edges(found, plain_published_edges(plain))


@settings(max_examples=40, deadline=None)
@given(studies, st.randoms())
def test_numbers_do_not_depend_on_the_order_of_judgements(study, order):
    mixed = list(study)
    order.shuffle(mixed)
    for build in (build_classic, build_repaired):
        assert without_order(build(judged(*study))) == without_order(build(judged(*mixed)))


@settings(max_examples=30, deadline=None)
@given(studies, st.randoms())
def test_graphs_do_not_depend_on_who_is_who(study, order):
    judgements = judged(*study)
    people = list(range(len(study)))
    order.shuffle(people)
    renamed = Judgements.from_columns(
        participant=people,
        first=[row[0] for row in study],
        second=[row[1] for row in study],
        context=[row[2] for row in study],
        answer=[row[3] for row in study],
    )
    assert build_classic(renamed) == build_classic(judgements)
    assert build_repaired(renamed) == build_repaired(judgements)


@given(studies)
def test_every_judgement_is_in_one_cell(study):
    cells = count_cells(judged(*study))
    assert cells.answers.sum() == len(study)
    assert np.array_equal(np.bincount(cells.cell), cells.answers.sum(axis=1))


# Repaired


def test_repaired_entropy_is_over_the_answers_alone():
    (edge,) = build_repaired(judged(wiser("a", "b", 4))).edges
    assert edge.entropy == 0.0


def test_the_two_directions_of_a_pair_stay_apart():
    graph = build_repaired(judged(wiser("a", "b", 5), wiser("b", "a", 4)))
    assert [(edge.first, edge.counts.wiser, edge.counts.less_wise) for edge in graph.edges] == [
        ("a", 5, 0),
        ("b", 4, 0),
    ]


def test_people_who_cannot_judge_do_not_lower_the_share():
    (edge,) = build_repaired(judged(wiser("a", "b", 3), ("a", "b", WORK, Answer.CANNOT_JUDGE, 9))).edges
    assert (edge.compared, edge.agreement, edge.likelihood) == (3, 1.0, 3.5 / 4)
    assert edge.counts == Counts(wiser=3, not_wiser=0, less_wise=0, unsure=9, impressions=12)


def test_an_upgrade_is_kept_only_in_the_contexts_that_agree():
    graph = build_repaired(judged(wiser("a", "b", 5), wiser("a", "b", 1, HOME), ("a", "b", HOME, Answer.LESS_WISE, 6)))
    (edge,) = graph.edges
    assert edge.contexts == (WORK,)
    assert edge.counts.impressions == 5
    assert [(part.context, part.counts.less_wise) for part in edge.by_context] == [(WORK, 0), (HOME, 6)]


def test_counts_are_summed_over_the_contexts_that_agree():
    (edge,) = build_repaired(judged(wiser("a", "b", 5), wiser("a", "b", 3, HOME))).edges
    assert (edge.support, edge.contexts) == (8, (WORK, HOME))
    assert edge.within(HOME).support == 3


def test_an_even_split_is_not_an_upgrade():
    assert kept(build_repaired(judged(wiser("a", "b", 5), about_equal("a", "b", 5)))) == []


def test_more_people_make_a_narrower_interval():
    few, many = (build_repaired(judged(wiser("a", "b", 4 * n), about_equal("a", "b", n))).edges[0] for n in (1, 10))
    assert few.low < many.low < 0.8 < many.high < few.high


# Whole studies


def test_the_synthetic_study_is_up_to_date():
    assert {path.name: path.read_text(encoding="utf-8") for path in SYNTHETIC.iterdir()} == files()


def test_the_synthetic_study_meets_every_limit():
    judgements = read_study(SYNTHETIC)
    loosened = [{"minimum_wiser": 1}, {"minimum_likelihood": 0.0}, {"maximum_entropy": 3.0}]
    usual = len(build_classic(judgements).edges)
    assert all(len(build_classic(judgements, **limit).edges) > usual for limit in loosened)


def test_classic_agrees_with_the_plain_port_on_the_synthetic_study():
    values = json.loads((SYNTHETIC / "values_cards.json").read_text(encoding="utf-8"))
    published = json.loads((SYNTHETIC / "published_moral_graph.json").read_text(encoding="utf-8"))
    found = published_form(build_classic(read_study(SYNTHETIC)), values)
    assert found["values"] == published["values"]
    assert_same_edges(found["edges"], plain_published_edges(rows_of(SYNTHETIC)))


@pytest.fixture
def public_study() -> Path:
    if not os.environ.get("MGE_DATA_DIR"):
        pytest.skip("MGE_DATA_DIR is not set: the public MGE study is not on this machine")
    return Path(os.environ["MGE_DATA_DIR"])


def test_classic_gives_the_published_graph_exactly(public_study: Path):
    values = json.loads((public_study / "values_cards.json").read_text(encoding="utf-8"))
    published = json.loads((public_study / "published_moral_graph.json").read_text(encoding="utf-8"))
    found = published_form(build_classic(read_study(public_study)), values)
    assert (len(found["values"]), len(found["edges"])) == (60, 69)
    assert {value["id"] for value in found["values"]} == {value["id"] for value in published["values"]}
    assert_same_edges(found["edges"], published["edges"])


def assert_same_edges(found: list[dict], expected: list[dict]) -> None:
    """Same edges in the same order: counts and contexts equal, the two measures to 1e-12."""
    assert [ends(edge) for edge in found] == [ends(edge) for edge in expected]
    for one, two in zip(found, expected, strict=True):
        assert one["counts"] == two["counts"]
        assert set(one["contexts"]) == set(two["contexts"])
        assert one["summary"] == pytest.approx(two["summary"], rel=0, abs=1e-12)


def ends(edge: dict) -> tuple[int, int]:
    return edge["sourceValueId"], edge["wiserValueId"]
