import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moralgraph.algorithms.records import STORIES, Answer, Story
from moralgraph.algorithms.sensitivity import SensitivityRow, sensitivity
from tests.moralgraph.algorithms.studies import WORK, judged, read_study, wiser
from tests.moralgraph.algorithms.test_bradley_terry import from_both_sides


def row(rows: tuple[SensitivityRow, ...], method: str, setting: str, value: str) -> SensitivityRow:
    (found,) = [one for one in rows if (one.method, one.setting, one.value) == (method, setting, value)]
    return found


TWO_AND_THREE = sensitivity(judged(wiser("a", "b", 2), wiser("b", "c", 3)), seed=1)


def test_each_limit_drops_what_it_says():
    edges = [row(TWO_AND_THREE, "repaired", "minimum_wiser", value).edges for value in ("1", "2", "3", "5")]
    assert edges == [2, 2, 1, 0]
    assert row(TWO_AND_THREE, "repaired", "minimum_wiser", "5").changed == (WORK,)


def test_the_usual_choice_of_every_method_is_a_row_and_changes_nothing():
    usual = [one for one in TWO_AND_THREE if one.is_usual]
    assert {one.method for one in usual} == {"classic", "repaired", "bradley_terry"}
    assert all(one.changed == () for one in usual)


def test_a_card_that_wins_only_by_those_who_could_not_judge_is_seen():
    asked = [wiser("a", "b", 6), ("a", "b", WORK, Answer.CANNOT_JUDGE, 30)]
    rows = sensitivity(judged(*asked), seed=1)
    assert row(rows, "repaired", "usual", "").winners[WORK] == "b"
    assert row(rows, "repaired", "cannot_judge", "counts against").winners[WORK] is None


def test_the_latent_order_says_what_its_weights_and_answers_do():
    rows = sensitivity(judged(*from_both_sides("a", "b", 25, 5)), seed=1)
    found = [one for one in rows if one.method == "bradley_terry"]
    assert {one.sets[WORK] for one in found} == {("b",)}
    assert {one.setting for one in found} == {"usual", "weights", "both_needed, different_concerns"}


def test_stories_are_left_out_only_where_they_were_recorded():
    asked = judged(wiser("a", "b", 3))
    beside = replace(asked, story=np.array([STORIES.index(story) for story in (Story.NONE, Story.FORWARD, Story.BOTH)]))
    assert not [one for one in sensitivity(asked, seed=1) if one.setting == "stories"]
    rows = sensitivity(beside, seed=1)
    assert row(rows, "repaired", "stories", "without one-sided ones").edges == 1
    assert row(rows, "repaired", "stories", "none at all").edges == 0


def test_the_published_limits_matter_as_they_are_known_to():
    if not os.environ.get("MGE_DATA_DIR"):
        pytest.skip("MGE_DATA_DIR is not set: the public MGE study is not on this machine")
    rows = sensitivity(read_study(Path(os.environ["MGE_DATA_DIR"])), seed=1)
    assert row(rows, "classic", "usual", "").edges == 69
    assert row(rows, "classic", "maximum_entropy", "off").edges == 80
    assert row(rows, "classic", "minimum_wiser", "1").edges == 86
