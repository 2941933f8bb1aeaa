"""PRISM's printed numbers on battles, LMSYS and style that can be checked without its rows (6.1, 6.3 and 6.5)."""

import numpy as np
import pytest

from elicit.analysis.ranks import kendall, ranks, spearman
from elicit.analysis.regression import two_sided
from tests.fixtures.prism_published_numbers import published

PRINTED = published("preferences")
BATTLES, OPENINGS, LMSYS, STYLE = (PRINTED[name] for name in ("battles", "openings", "lmsys", "style"))
RATES = LMSYS["win_rates"]
OURS, THEIRS = (np.array([row[name] for row in RATES]) for name in ("prism", "lmsys"))
FULL = STYLE["regressions"][-1]


def whole_counts(percents: list[float], total: int, *, decimals: int = 1) -> bool:
    """Whether each printed percentage is that of a whole number out of the total."""
    found = [round(100 * round(total * percent / 100) / total, decimals) for percent in percents]
    return found == pytest.approx(percents)


def test_outcomes_of_battles_add_up_and_are_whole_counts():
    percents = [BATTLES["percent_a"], BATTLES["percent_b"], BATTLES["percent_tie"]]
    assert sum(percents) == pytest.approx(100)
    assert whole_counts(percents, BATTLES["all"], decimals=2)


def test_directed_comparisons_are_battles_and_the_ties_once_more():
    ties = BATTLES["directed"] - BATTLES["all"]
    assert round(100 * ties / BATTLES["all"], 2) == BATTLES["percent_tie"]


def test_openings_and_battles_leave_two_tables_of_set_sizes():
    # Sets of 4, 3, 2 and 1 answers: three equations, and the printed share of odd sets as the fourth.
    found = []
    for odd in range(1600, 1660):
        sets = np.linalg.solve(
            [[1, 1, 1, 1], [4, 3, 2, 1], [6, 3, 1, 0], [0, 1, 0, 1]],
            [OPENINGS["conversations"], OPENINGS["answers"], BATTLES["all"], odd],
        )
        is_whole = np.allclose(sets, np.round(sets), atol=1e-6) and (sets >= 0).all()
        if is_whole and round(100 * odd / OPENINGS["conversations"], 1) == OPENINGS["percent_odd"]:
            found.append(np.round(sets).astype(int).tolist())
    assert found == [[6221, 1605, 165, 20], [6220, 1608, 162, 21]]


def test_shared_models_make_all_their_pairs():
    pairs = LMSYS["pairs"]
    assert pairs["prism"] == LMSYS["models"] * (LMSYS["models"] - 1) // 2 == 91
    assert len(RATES) == LMSYS["models"]
    assert pairs["common"] == pairs["lmsys"] <= pairs["prism"]


def test_mean_battles_a_pair_are_battles_over_pairs():
    pairs = LMSYS["pairs"]
    assert round(LMSYS["prism_shared"] / pairs["prism"], 1) == pairs["prism_mean"]
    assert round(LMSYS["shared"] / pairs["lmsys"], 1) == pairs["lmsys_mean"]


def test_lmsys_shrinks_from_filter_to_filter():
    assert LMSYS["battles"] > LMSYS["first_turn"] > LMSYS["in_window"] > LMSYS["shared_in_window"]
    assert LMSYS["first_turn"] > LMSYS["shared"] > LMSYS["shared_in_window"]


def test_outcome_shares_add_up_to_all_but_for_rounding():
    assert all(abs(sum(shares) - 100) <= 0.15 for shares in LMSYS["percent"].values())


def test_prisms_shares_among_shared_models_are_whole_counts():
    assert whole_counts(LMSYS["percent"]["prism"], LMSYS["prism_shared"])


@pytest.mark.parametrize(("rates", "source"), [(OURS, "prism"), (THEIRS, "lmsys")])
def test_win_rates_average_half_of_what_ties_leave(rates: np.ndarray, source: str):
    # Against each opponent two models share what ties leave, so the mean over all is half of it in the mean pair.
    assert rates.mean() == pytest.approx((1 - LMSYS["percent"][source][2] / 100) / 2, abs=0.005)


def test_prism_and_lmsys_rank_the_shared_models_almost_independently():
    assert kendall(OURS, THEIRS) == pytest.approx(9 / 91)  # 50 of 91 pairs stand in the same order, 41 do not
    assert spearman(OURS, THEIRS) == pytest.approx(0.0637, abs=1e-4)


def test_lmsys_first_two_are_sixth_and_eighth_in_prism():
    places = dict(zip((row["model"] for row in RATES), ranks(OURS).astype(int), strict=True))
    best = [RATES[at]["model"] for at in np.argsort(-THEIRS)[:2]]
    assert [(name, places[name]) for name in best] == [("gpt-4-turbo", 6), ("gpt-4", 8)]


def test_ranks_by_win_rate_and_by_centrality_are_near_among_shared_models():
    scores = {row["model"]: row["score"] for row in PRINTED["rank_centrality"]["models"]}
    shared = np.array([scores[row["model"]] for row in RATES])
    assert spearman(OURS, shared) > 0.75


def test_winners_between_command_and_gpt_4_add_up_over_441_prompts():
    shown = STYLE["command_and_gpt_4"]
    percents = list(shown["percent"].values())
    assert sum(round(shown["prompts"] * percent / 100) for percent in percents) == shown["prompts"]
    assert whole_counts(percents, shown["prompts"])


def test_length_cuts_leave_the_95th_percentile_of_all_turns():
    length_only = STYLE["regressions"][0]
    assert length_only["n"] / length_only["of"] == pytest.approx(0.95, abs=5e-4)


def test_shares_of_phrases_are_whole_counts_of_the_openings():
    assert whole_counts(list(STYLE["percent_with_phrase"].values()), OPENINGS["answers"], decimals=2)


def test_winners_among_prompts_with_refusals_add_up():
    refusals = STYLE["refusals"]
    rest = refusals["prompts"] * (100 - refusals["percent_without"]) / 100
    assert sum(refusals["among_the_rest"].values()) == pytest.approx(100)
    assert rest == pytest.approx(665, abs=5)


def test_every_printed_style_estimate_is_far_from_nothing():
    t = np.array([estimate / error for estimate, error in FULL["estimates"].values()])
    p = two_sided(t, degrees=FULL["n"] - len(t))
    assert p.max() < 0.001


def test_a_long_answer_is_worth_what_a_refusal_costs():
    # 334 characters more make good for a refusal: the unit of length is a character.
    length, refusal = FULL["estimates"]["length"][0], FULL["estimates"]["refusal"][0]
    assert -refusal / length == pytest.approx(334, abs=1)


def test_more_features_explain_more_of_the_openings():
    explained = {row["name"]: row["r_squared"] for row in STYLE["regressions"]}
    assert explained["full, openers"] > explained["format, openers"] > explained["length only, all turns"]
