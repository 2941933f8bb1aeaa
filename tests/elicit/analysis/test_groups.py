import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elicit.analysis.groups import (
    Reason,
    Verdict,
    differences_between_groups,
    differences_from_the_rest,
    group_means,
)
from elicit.analysis.pooling import between_variance, false_discovery_values, pool
from elicit.analysis.ratings import Ratings
from elicit.analysis.scores import means_by_model, standardised

MODELS = ("heron", "kite", "wren")


def rated(sizes, *, likes=None, seed=0, showings=4):
    """Make people of groups who score three models `showings` times; `likes` adds to a group's score of a model."""
    rng = np.random.default_rng(seed)
    columns = {"participant": [], "interaction": [], "model": [], "score": []}
    group_of = {}
    for group, size in sizes.items():
        for _ in range(size):
            person = len(group_of)
            group_of[person] = group
            for showing in range(showings):
                for model in MODELS:
                    columns["participant"].append(person)
                    columns["interaction"].append(person * showings + showing)
                    columns["model"].append(model)
                    columns["score"].append(rng.uniform(30, 60) + (likes or {}).get((group, model), 0))
    return Ratings.from_columns(**columns, models=MODELS), group_of


def row_of(rows, model, group):
    return next(row for row in rows if (row.model, row.group) == (model, group))


def test_pooling_by_hand():
    # 0 and 2 with errors 1 and 1: tau squared 1, so each is drawn half of the way to 1.
    found = pool(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
    assert found.between == pytest.approx(1)
    assert found.value.tolist() == pytest.approx([0.5, 1.5])
    # error: sqrt((1 - 1/2) * 1 + (1/2)^2 * 1 / (1/2 + 1/2))
    assert found.error.tolist() == pytest.approx([np.sqrt(0.75)] * 2)


def test_estimates_that_agree_are_drawn_together_and_noisier_ones_further():
    assert pool(np.array([1.0, 1.1]), np.array([1.0, 1.0])).drawn.tolist() == [1, 1]
    drawn = pool(np.array([0.0, 3.0, 6.0]), np.array([0.5, 1.0, 2.0])).drawn
    assert drawn[0] < drawn[1] < drawn[2] < 1


def test_between_variance_of_unequal_errors_by_hand():
    # weights 4 and 1: centre 4/5 * 0 + 1/5 * 5 = 1; Q = 4 + 16 = 20; C = 5 - 17/5 = 1.6; (20 - 1) / 1.6
    assert between_variance(np.array([0.0, 5.0]), np.array([0.5, 1.0])) == pytest.approx(19 / 1.6)


def test_benjamini_and_hochberg_of_their_paper():
    # Section 3.2 of the paper: 15 p-values, of which four are findings at 5%.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p = np.array([*p, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])
    assert (false_discovery_values(p) <= 0.05).sum() == 4


def test_a_mean_in_a_group_is_the_clustered_mean_of_z_scores():
    ratings, group_of = rated({"north": 12, "south": 15})
    row = row_of(group_means(ratings, group_of), "kite", "north")
    north = np.isin(ratings.participant, [person for person, group in group_of.items() if group == "north"])
    expected = means_by_model(ratings.where(north), standardised(ratings).z[north])
    assert row.mean == pytest.approx(expected.mean[1])
    assert (row.people, row.ratings) == (12, 48)
    assert row.low < row.mean < row.high


def test_the_pooled_mean_lies_between_the_raw_one_and_the_others():
    ratings, group_of = rated({"north": 12, "south": 15, "west": 40}, likes={("north", "kite"): 6})
    rows = [row_of(group_means(ratings, group_of), "kite", group) for group in ("north", "south", "west")]
    assert rows[0].mean > rows[0].pooled > min(row.mean for row in rows)
    assert all(0 <= row.drawn <= 1 for row in rows)


def test_a_group_of_nine_gives_no_number_and_takes_another_with_it():
    ratings, group_of = rated({"north": 9, "south": 15, "west": 40})
    rows = {row.group: row for row in group_means(ratings, group_of) if row.model == "kite"}
    assert not rows["north"].is_shown
    assert (rows["north"].people, rows["north"].pooled) == (None, None)
    assert not rows["south"].is_shown  # else the mean of everybody would give away the mean of the nine
    assert rows["west"].is_shown


def test_nine_people_without_a_group_are_not_given_away_either():
    ratings, group_of = rated({"north": 20, "south": 15, "none": 9})
    group_of = {person: None if group == "none" else group for person, group in group_of.items()}
    rows = [row for row in group_means(ratings, group_of) if row.model == "kite"]
    assert [row.is_shown for row in rows] == [True, False]


def test_few_ratings_give_no_number():
    ratings, group_of = rated({"north": 12, "south": 12}, showings=2)  # 24 ratings a model and group
    assert not any(row.is_shown for row in group_means(ratings, group_of))


def test_a_clear_difference_is_stated_with_its_sign():
    ratings, group_of = rated({"north": 30, "south": 30}, likes={("north", "kite"): 20})
    found = {row.model: row for row in differences_between_groups(ratings, group_of).differences}
    assert found["kite"].verdict is Verdict.HIGHER
    assert found["heron"].verdict is Verdict.LOWER  # z-scores within a person are relative
    assert found["kite"].low > 0


def test_groups_that_do_not_differ_are_too_few_to_say():
    ratings, group_of = rated({"north": 30, "south": 30})
    comparison = differences_between_groups(ratings, group_of)
    assert {row.verdict for row in comparison.differences} == {Verdict.TOO_FEW_TO_SAY}
    assert {row.reason for row in comparison.differences} <= {Reason.BOTH_SIGNS, Reason.MANY_COMPARISONS}
    assert comparison.findings == ()


def test_below_the_floor_a_difference_has_no_number():
    ratings, group_of = rated({"north": 9, "south": 30}, likes={("north", "kite"): 20})
    comparison = differences_between_groups(ratings, group_of)
    assert all(row.reason is Reason.BELOW_FLOOR and row.difference is None for row in comparison.differences)
    assert comparison.comparisons == 0


def test_the_number_of_comparisons_is_models_times_pairs():
    ratings, group_of = rated({"north": 15, "south": 15, "west": 15})
    assert differences_between_groups(ratings, group_of).comparisons == 3 * 3
    four, of_four = rated({"north": 15, "south": 15, "west": 15, "east": 15})
    assert differences_between_groups(four, of_four).comparisons == 3 * 6
    assert differences_from_the_rest(four, of_four).comparisons == 3 * 4


def test_of_two_groups_the_rest_is_the_other():
    ratings, group_of = rated({"north": 15, "south": 25}, likes={("north", "kite"): 8})
    pair = differences_between_groups(ratings, group_of).differences
    rest = differences_from_the_rest(ratings, group_of).differences[:3]
    assert [row.difference for row in pair] == pytest.approx([row.difference for row in rest])
    assert rest[0].second is None


def test_people_whose_scores_never_differ_are_left_out():
    ratings, group_of = rated({"north": 12, "south": 12})
    flat = Ratings(**{**vars(ratings), "score": np.where(ratings.participant == 0, 50.0, ratings.score)})
    rows = group_means(flat, group_of)
    assert row_of(rows, "kite", "north").people == 11


def test_without_groups_there_is_nothing_to_say():
    ratings, group_of = rated({"north": 12})
    assert group_means(ratings, dict.fromkeys(group_of)) == ()
    assert differences_between_groups(ratings, group_of).differences == ()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_without_differences_few_comparisons_are_findings(seed):
    ratings, group_of = rated({"north": 15, "south": 15, "west": 15}, seed=seed)
    comparison = differences_between_groups(ratings, group_of)
    assert all(row.low > 0 or row.high < 0 for row in comparison.findings)
    assert all(row.q <= comparison.false_discoveries for row in comparison.findings)


def test_false_findings_are_rare_over_many_studies():
    with_findings = sum(
        bool(differences_between_groups(*rated({"north": 15, "south": 15, "west": 15}, seed=seed)).findings)
        for seed in range(80)
    )
    assert with_findings <= 80 * 0.05 + 3 * np.sqrt(80 * 0.05 * 0.95)
