"""The numbers and figures of a report, from a snapshot and tables chosen by hand."""

import json
import xml.etree.ElementTree as ET

import pytest

from moralgraph.reporting.content import content_hash, report_content
from moralgraph.reporting.figures import figures
from moralgraph.reporting.long_table import COLUMNS, number_rows
from moralgraph.reporting.svg import draw
from tests.moralgraph.reporting.snapshots import snapshot_record

SET = {
    "standing": "several", "cards": ["deep", "plain"], "level": 0.95, "judgements": 13, "people": 12,
    "positions": [{"card": "deep", "low": 1, "high": 2}, {"card": "plain", "low": 1, "high": 2}],
}  # fmt: skip
SCORES = {"level": 0.95, "scores": [{"card": "plain", "score": 0.2}, {"card": "deep", "score": -0.2}]}
TABLES = {
    "people": {"began": 40, "finished": 30},
    "attributes": [{"item": "age", "answered": 30, "cells": [{"value": "old", "count": None}]}],
    "closing": {"asked": 40, "questions": [{"key": "trust", "item": "closing_trust", "yes": 15, "answered": 30}]},
}


def content(**context):
    return report_content(study="s", snapshot=snapshot_record(**context), tables=TABLES)


def test_the_same_inputs_give_the_same_bytes_and_survive_json():
    made = content()
    assert content_hash(made) == content_hash(content()) == content_hash(json.loads(json.dumps(made)))


def test_an_upgrade_is_the_share_of_those_who_compared_with_its_interval():
    [row] = content()["contexts"][0]["upgrades"]
    assert (row["first"], row["second"], row["wiser"], row["compared"], row["share"]) == ("plain", "deep", 12, 15, 0.8)
    assert 0.5 < row["low"] < 0.8 < row["high"] < 1


def test_where_there_is_a_confidence_set_it_says_who_is_wisest():
    found = content(wisest_set=SET)["contexts"][0]
    assert (found["standing"], found["wisest"]) == ("several", ["deep", "plain"])
    assert all(row["is_wisest"] for row in found["cards"])


def test_people_are_all_who_judged_there_and_those_who_tell_of_an_order_are_counted_apart():
    found = content(wisest_set=SET)["contexts"][0]
    assert (found["judgements"], found["people"]) == (15, 15)
    assert found["ordered"] == {"judgements": 13, "people": 12}
    assert content()["contexts"][0]["ordered"] == {"judgements": None, "people": None}


def test_places_are_of_the_model_that_the_verdict_is_of():
    found = content(wisest_set=SET, bradley_terry=SCORES)["contexts"][0]
    assert found["places_by"] == "bradley_terry"
    assert [(row["card"], row["position"], row["low"]) for row in found["cards"]] == [("plain", 1, 1), ("deep", 2, 1)]
    assert content()["contexts"][0]["places_by"] == "repaired"


def test_not_enough_evidence_is_passed_on_and_names_nobody_wisest():
    found = content(wisest_set={**SET, "standing": "not_enough_evidence", "shortage": "hang_apart"})["contexts"][0]
    assert (found["standing"], found["shortage"], found["wisest"]) == ("not_enough_evidence", "hang_apart", [])
    assert content()["contexts"][0]["shortage"] == ""


def test_what_is_held_back_has_no_share_and_no_response():
    held = {"key": "trust", "item": "closing_trust", "yes": None, "answered": None}
    tables = {"closing": {"asked": 12, "questions": [held]}}
    [row] = report_content(study="s", snapshot=snapshot_record(), tables=tables)["legitimacy"]
    assert (row["share"], row["low"], row["response"]) == (None, None, None)


def test_figures_follow_from_the_content_alone_and_say_their_numbers_in_words():
    drawn = figures(content(), titles={"deep": "Deep"}, contexts={"tired": "When tired"}, questions={})
    assert [figure.name for figure in drawn] == ["places-tired", "upgrades-tired", "legitimacy"]
    assert drawn[1].rows[0].label == "plain → Deep"
    assert drawn[2].rows[0].shown == "50 % (33–67)"


def test_shares_of_the_graph_stand_beside_no_place_of_another_model_and_no_missing_evidence():
    def notes(**context):
        drawn = figures(content(**context), titles={}, contexts={}, questions={})
        return [row.note for row in drawn[0].rows]

    assert notes() == ["98 %", "2 %"]
    assert notes(wisest_set=SET, bradley_terry=SCORES) == ["", ""]
    assert notes(standing="not_enough_evidence") == ["", ""]
    rows = number_rows(content(wisest_set=SET, bradley_terry=SCORES))
    assert ("share of resamples in which it came first", "tired", "deep", 0.98) in [(*row[:3], row[7]) for row in rows]


def test_the_arrow_of_an_upgrade_points_in_the_direction_in_which_its_words_are_read():
    drawn = figures(content(), titles={"plain": "وضوح", "deep": "Deep"}, contexts={}, questions={})
    assert drawn[1].rows[0].label == "وضوح ← Deep"


@pytest.mark.parametrize("words", ['<script>alert("x")</script>', "a & b" * 30, "‮rtl"])
def test_a_drawn_figure_is_xml_in_which_words_stay_words(words):
    drawn = figures(content(), titles={"deep": words}, contexts={"tired": words}, questions={})
    tags = {element.tag.split("}")[1] for figure in drawn for element in ET.fromstring(draw(figure)).iter()}
    assert tags == {"svg", "title", "rect", "text", "line"}


def test_the_long_table_has_every_column_in_every_row_and_leaves_held_back_numbers_empty():
    rows = number_rows(content())
    assert all(len(row) == len(COLUMNS) for row in rows)
    assert ("attribute: age", None, None, None, "old", None, 30, None, None, None) in rows
    assert ("found the second wiser", "tired", "plain", "deep", None, 12, 15, 0.8) in [row[:8] for row in rows]
