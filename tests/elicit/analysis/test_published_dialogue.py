"""PRISM's printed numbers on topics that can be checked without its rows (section 5)."""

from collections import Counter

import numpy as np
import pytest

from elicit.analysis.pooling import false_discovery_values
from tests.fixtures.prism_published_numbers import published

PRINTED = published("dialogue")
SIZES = {row["id"]: row["size"] for row in PRINTED["clusters"]}
TESTS = PRINTED["regressions"]
ROWS = TESTS["rows"]
NEAR = {name: np.array(values) for name, values in PRINTED["neighbourhoods"].items()}
ANSWERS = PRINTED["response_neighbourhoods"]


def is_type(row: dict) -> bool:
    return row["coefficient"].startswith("conversation_type")


def test_topic_clusters_and_outliers_are_all_prompts():
    assert set(SIZES) == {-1, *range(22)}
    assert sum(SIZES.values()) == PRINTED["prompts"]
    assert SIZES[-1] == PRINTED["outliers"]
    assert sum(size for number, size in SIZES.items() if number >= 0) == PRINTED["assigned"]


def test_shares_of_assigned_prompts_and_outliers():
    assert round(100 * PRINTED["assigned"] / PRINTED["prompts"], 1) == PRINTED["percent_assigned"]
    assert round(100 * PRINTED["outliers"] / PRINTED["prompts"], 1) == PRINTED["percent_outliers"]


def test_no_cluster_is_smaller_than_the_least_that_was_asked_for():
    assert min(SIZES.values()) >= 80


def test_682_tests_are_22_models_of_31_coefficients():
    assert TESTS["models"] * TESTS["coefficients_each"] == TESTS["all"] == 682
    assert TESTS["all"] - 2 * TESTS["models"] == TESTS["without_conversation_type"] == 638


def test_110_are_significant_and_73_without_conversation_type():
    assert len(ROWS) == TESTS["significant"] == 110
    assert sum(not is_type(row) for row in ROWS) == TESTS["significant_without_conversation_type"] == 73


def test_every_printed_p_is_below_the_level_and_names_a_cluster_and_a_coefficient_once():
    assert all(row["p"] < TESTS["level"] for row in ROWS)
    assert len({(row["cluster"], row["coefficient"]) for row in ROWS}) == len(ROWS)
    assert {row["cluster"] for row in ROWS} == set(range(22))


def test_no_reference_level_has_a_coefficient():
    named = {row["coefficient"].removeprefix(part) for row in ROWS for part in ("gender", "age", "region", "ethnicity",
             "religion", "conversation_type")}  # fmt: skip
    assert not named & set(TESTS["references"])


def test_chance_alone_would_make_about_seven():
    assert TESTS["all"] * TESTS["level"] == pytest.approx(6.82)
    assert TESTS["without_conversation_type"] * TESTS["level"] == pytest.approx(6.38)


@pytest.mark.parametrize("rounding", [-5e-5, 0, 5e-5])
def test_74_of_the_110_stay_at_a_false_discovery_rate_of_one_percent(rounding: float):
    # The 572 that are not printed have p of 0.01 or more, which no rank below 682 allows at this rate.
    p = np.concatenate([np.clip([row["p"] + rounding for row in ROWS], 0, 1), np.full(572, 0.5)])
    assert (false_discovery_values(p) <= 0.01).sum() == 74


def test_at_most_57_stay_when_every_test_is_paid_for():
    paid = TESTS["level"] / TESTS["all"]
    assert sum(row["p"] <= paid for row in ROWS) == 57


def test_the_kind_of_conversation_matters_in_nearly_every_topic():
    kinds = Counter(row["coefficient"] for row in ROWS if is_type(row))
    assert kinds["conversation_typecontroversy guided"] == 20
    assert kinds["conversation_typevalues guided"] == 17


def test_a_shift_of_a_share_stays_between_nothing_and_all():
    assert all(0 < abs(row["estimate"]) < 0.21 for row in ROWS)


def test_neighbourhoods_are_unique_less_single_less_one_author():
    assert (NEAR["unique"] - NEAR["singletons"] == NEAR["non_singleton"]).all()
    assert (NEAR["non_singleton"] - NEAR["one_author"] == NEAR["kept"]).all()


def test_neighbourhood_means_are_prompts_over_neighbourhoods():
    assert np.round(NEAR["prompts"] / NEAR["kept"], 2).tolist() == NEAR["mean_and_sd"][:, 0].tolist()


def test_prompts_outside_kept_neighbourhoods_are_single_or_of_one_author():
    of_one_author = PRINTED["prompts"] - NEAR["singletons"] - NEAR["prompts"]
    assert (of_one_author >= 2 * NEAR["one_author"]).all()
    assert (of_one_author < 3 * NEAR["one_author"]).all()


def test_the_printed_share_of_prompts_divides_neighbourhoods_by_prompts():
    assert np.round(100 * NEAR["kept"] / PRINTED["prompts"], 2).tolist() == NEAR["percent_printed"].tolist()
    assert np.round(100 * NEAR["prompts"] / PRINTED["prompts"], 1).tolist() == NEAR["percent_true"].tolist()


def test_shares_above_within_and_below_are_whole_neighbourhoods():
    shares = NEAR["percent_above_within_below"]
    counts = np.round(NEAR["kept"][:, None] * shares / 100)
    assert (counts.sum(axis=1) == NEAR["kept"]).all()
    assert (np.round(100 * counts[:, :2].sum(axis=1) / NEAR["kept"], 2) == NEAR["percent_at_least_expected"]).all()


def test_neighbourhoods_of_answers_are_unique_less_single():
    unique, single = np.array(ANSWERS["unique"]), np.array(ANSWERS["singletons"])
    assert (unique - single == ANSWERS["non_singleton"]).all()
    assert (ANSWERS["responses"] - single >= 2 * np.array(ANSWERS["non_singleton"])).all()
