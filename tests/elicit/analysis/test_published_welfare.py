"""PRISM's welfare tables (fixture: see its "source"): what must be true of them without the rows."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

PUBLISHED = json.loads((Path(__file__).parents[2] / "fixtures" / "prism_welfare.json").read_text(encoding="utf-8"))
MEASURES = ["us rating", "us choice", "uk rating", "uk choice"]
POPULATIONS = ["all", "nonmale", "nonwhite", "below_45"]
CELLS = [
    pytest.param(row, values, id=f"{measure} {population} {scheme}")
    for measure in MEASURES
    for population in POPULATIONS
    for values in [PUBLISHED["model_welfare"][measure][population]]
    for scheme, row in PUBLISHED["committees"]["base"][measure][population].items()
]
WEIGHT_OF_THE_UPPER = (0.95, 0.5, 0.05)  # linear percentiles of 1,000 draws: between 50 and 51, 500 and 501 ...
ROUNDING = {"rating": 0.0051, "choice": 0.00051}


def rows(table):
    return [
        (measure, population, PUBLISHED["committees"][table][measure][population])
        for measure in MEASURES
        for population in POPULATIONS
    ]


def half_a_digit(values):
    return ROUNDING["rating" if max(values) > 1 else "choice"]


def test_the_tables_are_whole():
    assert all(
        set(schemes) == set(PUBLISHED["schemes"]) for table in ("base", "imputed") for _, _, schemes in rows(table)
    )
    assert len(PUBLISHED["dominance"]) == 2 * 2 * 2 * 4


@pytest.mark.parametrize(("row", "values"), CELLS)
def test_every_percentile_is_the_welfare_of_a_model(row, values):
    for percentile, weight in zip(row[2:], WEIGHT_OF_THE_UPPER, strict=True):
        between = [weight * upper + (1 - weight) * lower for upper, lower in pairwise(values)]
        assert min(abs(percentile - value) for value in values + between) <= half_a_digit(values)


def test_all_but_three_percentiles_fall_on_a_model_and_three_between_neighbours():
    off = [
        percentile
        for row, values in (cell.values for cell in CELLS)
        for percentile in row[2:]
        if min(abs(percentile - value) for value in values) > half_a_digit(values)
    ]
    assert off == [66.57, 66.87, 0.283]
    assert pytest.approx(off[:2], abs=0.005) == [0.95 * 66.5869 + 0.05 * 66.287, 0.95 * 66.8791 + 0.05 * 66.6035]


@pytest.mark.parametrize(("row", "values"), CELLS)
def test_the_mean_lies_where_the_percentiles_allow(row, values):
    mean, sd, p5, p50, p95 = row
    lowest = 0.05 * min(values) + 0.45 * p5 + 0.45 * p50 + 0.05 * p95
    highest = 0.05 * p5 + 0.45 * p50 + 0.45 * p95 + 0.05 * max(values)
    assert lowest - half_a_digit(values) <= mean <= highest + half_a_digit(values)
    assert sd <= (max(values) - min(values)) / 2


@pytest.mark.parametrize("measure", MEASURES)
def test_welfare_values_are_sorted_within_their_range_and_of_at_most_21_models(measure):
    low, high = (1, 100) if measure.endswith("rating") else (0, 1)
    for values in PUBLISHED["model_welfare"][measure].values():
        assert values == sorted(values, reverse=True)
        assert low <= values[-1] <= values[0] <= high
        assert len(values) <= 21


@pytest.mark.parametrize("table", ["base", "imputed"])
def test_larger_committees_serve_every_population_better_on_average(table):
    for _, _, schemes in rows(table):
        means = [schemes[f"rep_{size}"][0] for size in (10, 20, 50, 100)]
        assert means == sorted(means)


@pytest.mark.parametrize("line", PUBLISHED["dominance"], ids=lambda line: " ".join(list(line.values())[:4]))
def test_dominance_agrees_with_means_and_percentiles(line):
    schemes = PUBLISHED["committees"][line["table"]][f"{line['country']} {line['measure']}"][line["population"]]
    for place in (0, 2, 3, 4):
        assert all(schemes["rep_100"][place] >= schemes[other][place] for other in line["dominates"])
        assert all(schemes["rep_100"][place] <= schemes[other][place] for other in line["dominated_by"])


def test_no_scheme_dominates_where_percentiles_cross():
    lines = {
        (line["country"], line["measure"], line["table"], line["population"]): line for line in PUBLISHED["dominance"]
    }
    for table in ("base", "imputed"):
        for measure, population, schemes in rows(table):
            line = lines[(*measure.split(), table, population)]
            for other, row in schemes.items():
                differences = [mine - theirs for mine, theirs in zip(schemes["rep_100"][2:], row[2:], strict=True)]
                assert not (min(differences) < 0 and other in line["dominates"])
                assert not (max(differences) > 0 and other in line["dominated_by"])


def test_representative_committees_beat_male_ones_in_the_united_states():
    for measure in ("us rating", "us choice"):
        for population in ("all", "nonmale"):
            schemes = PUBLISHED["committees"]["base"][measure][population]
            assert schemes["rep_100"][0] > schemes["male_100"][0]


def test_white_committees_choose_worse_for_americans_who_are_not_white():
    schemes = PUBLISHED["committees"]["base"]["us choice"]["nonwhite"]
    assert (schemes["white_100"][0], schemes["rep_100"][0]) == (0.358, 0.397)


def test_no_model_is_chosen_by_a_majority_of_americans():
    assert max(PUBLISHED["model_welfare"]["us choice"]["all"]) < 0.5


@pytest.mark.parametrize("measure", ["us rating", "uk rating", "uk choice"])
def test_the_printed_limits_of_the_plots_are_the_outermost_percentiles(measure):
    low, high = PUBLISHED["plot_limits"][measure]
    percentiles = [row for name, _, schemes in rows("base") if name == measure for row in schemes.values()]
    assert min(row[2] for row in percentiles) == pytest.approx(low, abs=0.0005)
    assert max(row[4] for row in percentiles) == pytest.approx(high, abs=0.0006)
