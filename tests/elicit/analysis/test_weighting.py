import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from elicit.analysis.census import census_target
from elicit.analysis.weighting import (
    Coverage,
    cell_shortfalls,
    design_effect,
    margin_shortfalls,
    poststratify,
    rake,
    wanted_as_published,
    wanted_counts,
)

SEX = {"F": 0.5, "M": 0.5}
TWO_BY_TWO = {
    "sex": ["F"] * 40 + ["M"] * 60,
    "age": ["young"] * 30 + ["old"] * 10 + ["young"] * 20 + ["old"] * 40,
}


def test_raking_a_two_by_two_table_by_hand():
    # Counts [[30, 10], [20, 40]] to margins 1/2: the odds ratio stays 30*40/(10*20) = 6, and by symmetry the diagonal's
    # cells are each x and the others 0.5 - x; so x / (0.5 - x) = sqrt(6).
    result = rake(TWO_BY_TWO, {"sex": SEX, "age": {"young": 0.5, "old": 0.5}})
    diagonal = 0.5 * math.sqrt(6) / (1 + math.sqrt(6))
    assert result.converged
    assert result.weights[0] * 30 / 100 == pytest.approx(diagonal, abs=1e-7)
    assert result.weights[-1] * 40 / 100 == pytest.approx(diagonal, abs=1e-7)
    assert result.weights[30] * 10 / 100 == pytest.approx(0.5 - diagonal, abs=1e-7)


def test_one_margin_is_post_stratification():
    raked = rake({"sex": TWO_BY_TWO["sex"]}, {"sex": SEX})
    cells = poststratify([(sex,) for sex in TWO_BY_TWO["sex"]], {("F",): 0.5, ("M",): 0.5})
    assert raked.weights.tolist() == pytest.approx(cells.weights.tolist())
    assert raked.weights[0] == pytest.approx(0.5 / 0.4)


def test_kish_effective_people_by_hand():
    assert design_effect(np.array([1.0, 1.0, 4.0])) == pytest.approx(3 * 18 / 36)
    assert rake({"sex": ["F", "F", "F", "M"]}, {"sex": SEX}).effective_people == pytest.approx(16 / (3 * 4 / 9 + 4))


def test_people_without_a_place_keep_their_weight_and_the_margin_is_met_by_the_others():
    result = rake({"sex": ["F", "F", "M", None]}, {"sex": SEX})
    assert result.weights[3] == pytest.approx(1)
    assert result.weights[:2].sum() == pytest.approx(result.weights[2])
    assert result.unknown == {"sex": 1}


def test_people_without_a_place_on_one_margin_are_weighted_on_the_other():
    people = {"sex": ["F", "F", "M", "M", None], "age": ["old", "young", "old", "young", "young"]}
    result = rake(people, {"sex": SEX, "age": {"young": 0.4, "old": 0.6}})
    assert result.weights[4] == pytest.approx(5 * 0.4 / 3, abs=0.02)
    assert result.converged


def test_margins_that_no_weights_can_meet_are_stated_and_nobody_is_weighted_away():
    people = {"sex": ["F", "F", "M", None], "age": ["old", "old", "young", "young"]}
    result = rake(people, {"sex": SEX, "age": {"young": 0.25, "old": 0.75}})
    assert not result.converged
    assert result.weights.min() >= 0.2 - 1e-9


def test_an_answer_the_population_does_not_have_is_kept_as_unknown():
    result = rake({"sex": ["F", "M", "X", "Y"]}, {"sex": {**SEX, "X": 0.0}})
    assert result.weights.tolist() == pytest.approx([1, 1, 1, 1])
    assert result.unknown == {"sex": 2}


def test_an_empty_line_is_named_and_its_share_is_spread_over_the_others():
    result = rake({"age": ["young", "young", "old"]}, {"age": {"young": 0.3, "old": 0.3, "oldest": 0.4}})
    assert result.empty == (("age", "oldest"),)
    assert result.weights.tolist() == pytest.approx([0.75, 0.75, 1.5])


def test_a_trimmed_weight_is_held_and_the_margin_it_misses_is_stated():
    people = {"sex": ["F"] * 99 + ["M"]}
    result = rake(people, {"sex": SEX})
    assert result.weights[-1] == pytest.approx(5)
    assert (result.trimmed, result.converged) == (1, False)
    assert result.worst_margin == pytest.approx(0.45)


def test_without_trimming_one_person_may_stand_for_fifty():
    result = rake({"sex": ["F"] * 99 + ["M"]}, {"sex": SEX}, largest=math.inf)
    assert result.weights[-1] == pytest.approx(50)
    assert result.effective_people < 4


@pytest.mark.parametrize("people", [{"sex": [None, None]}, {"sex": []}, {"sex": ["X"]}])
def test_a_margin_on_which_nobody_stands_is_an_error(people):
    with pytest.raises(ValueError, match="Nobody in the sample"):
        rake(people, {"sex": SEX})


def test_margins_of_different_length_are_an_error():
    with pytest.raises(ValueError, match="every person"):
        rake({"sex": ["F"], "age": ["old", "old"]}, {"sex": SEX, "age": {"old": 1.0}})


people_of = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y"]), st.sampled_from([None, "p", "q"])),
    min_size=12,
    max_size=80,
)
shares_of = st.lists(st.integers(1, 9), min_size=3, max_size=3)


@settings(max_examples=40, deadline=None)
@given(people_of, shares_of, shares_of)
def test_margins_are_met_and_nobody_is_dropped(people, three, pair):
    first, second, third = (list(column) for column in zip(*people, strict=True))
    assume(len(set(zip(first, second, strict=True))) == 6)  # every cell has people, so that a solution exists
    assume({"p", "q"} <= set(third))
    targets = {
        "first": dict(zip("abc", [share / sum(three) for share in three], strict=True)),
        "second": dict(zip("xy", [share / sum(pair[:2]) for share in pair[:2]], strict=True)),
    }
    result = rake({"first": first, "second": second}, targets, largest=math.inf)
    for name, answers in [("first", first), ("second", second)]:
        for line, share in targets[name].items():
            got = result.weights[[answer == line for answer in answers]].sum() / result.weights.sum()
            assert got == pytest.approx(share, abs=1e-6)
    assert (result.weights > 0).all()
    assert result.weights.mean() == pytest.approx(1)
    assert 1 <= result.effective_people <= len(people) + 1e-9


@settings(max_examples=40, deadline=None)
@given(people_of)
def test_raking_to_the_samples_own_margins_changes_nothing(people):
    answers = [person[0] for person in people]
    own = {line: answers.count(line) / len(answers) for line in set(answers)}
    assert rake({"first": answers}, {"first": own}).weights == pytest.approx(np.ones(len(people)))


def test_shortfalls_say_met_short_and_empty():
    people = {"age": ["young"] * 6 + ["old"] + [None]}
    rows = margin_shortfalls(people, {"age": {"young": 0.5, "old": 0.3, "oldest": 0.2}}, wanted=10)
    assert [(row.wanted, row.have, row.missing, row.coverage) for row in rows] == [
        (5, 6, 0, Coverage.MET),
        (3, 1, 2, Coverage.SHORT),
        (2, 0, 2, Coverage.EMPTY),
    ]


def test_shortfalls_of_cells_count_who_has_every_answer():
    people = {"sex": ["F", "F", "M"], "age": ["old", None, "old"]}
    rows = cell_shortfalls(people, {("F", "old"): 0.5, ("M", "old"): 0.5}, dimensions=("sex", "age"), wanted=4)
    assert [(row.margin, row.have, row.missing) for row in rows] == [("sex x age", 1, 1), ("sex x age", 1, 1)]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(0, 500))
def test_wanted_people_add_up(parts, total):
    counts = wanted_counts([part / sum(parts) for part in parts], total=total)
    assert counts.sum() == total
    assert (np.abs(counts - np.array(parts) / sum(parts) * total) < 1 + 1e-6).all()


@pytest.mark.parametrize(("key", "kept"), [("uk_2021", 243), ("us_2022_as_published", 230)])
def test_the_published_rule_asks_for_one_more_in_each_of_60_cells(key, kept):
    wanted = wanted_as_published(list(census_target(key).cells.values()), total=300)
    assert len(wanted) == 60
    assert wanted.min() == 1
    assert 300 < wanted.sum() <= 360
    assert kept < wanted.sum()  # both published subsets fell short
