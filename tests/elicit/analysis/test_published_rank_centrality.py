"""PRISM's printed rank centrality: what its own numbers prove about how it was computed (published numbers, 6.2)."""

import numpy as np
import pytest

from elicit.analysis.rank_centrality import pair_totals, self_loops
from tests.fixtures.prism_published_numbers import published

PRINTED = published("preferences")
COMMAND = PRINTED["command"]
TABLE = PRINTED["rank_centrality"]["models"]
SCORES = np.array([row["score"] for row in TABLE])
LOOPS = np.array([row["self_loop"] for row in TABLE])
WINS, DENOMINATORS = np.array(COMMAND["wins"]), np.array(COMMAND["denominators"])
OTHERS = 20

# `command` is model 0, so its row holds the first sums above the diagonal. Where the wins below the diagonal that were
# added are (j, 0), in their own row order, they are what `command` lost to model j.
LOST_TO = {below[0]: at for at, below in enumerate(zip(*np.tril_indices(21, -1), strict=True)) if below[1] == 0}
KNOWN_LOSSES = {j: int(DENOMINATORS[at] - WINS[at]) for j, at in LOST_TO.items() if at < OTHERS}
UNKNOWN = [j for j in range(1, 21) if j not in KNOWN_LOSSES]
AVERAGE = PRINTED["battles"]["directed"] / (21 * 20) + PRINTED["rank_centrality"]["alpha"]  # 119 wins a direction
HALF_SHOWN = 17  # the model that `command` beat 90 times; llama-2-13b-chat was shown about half as often


def weight(j: int) -> float:
    return 0.5 if j == HALF_SHOWN else 1.0


def test_scores_add_up_to_one_and_are_printed_in_their_order():
    assert SCORES.sum() == pytest.approx(1, abs=2e-9)
    assert (np.diff(SCORES) < 0).all()
    assert [row["rank"] for row in TABLE] == list(range(1, 22))


def test_the_printed_self_loop_is_not_what_the_printed_row_implies():
    row_sum = (WINS / DENOMINATORS).sum()
    assert row_sum == pytest.approx(COMMAND["row_sum"], abs=5e-4)
    assert OTHERS - row_sum == pytest.approx(COMMAND["column_must_sum"], abs=5e-4)
    assert OTHERS * (1 - COMMAND["self_loop"]) == pytest.approx(COMMAND["column_implied"], abs=5e-4)


def test_the_printed_row_settles_at_the_printed_scores():
    # What flows into `command` must equal what leaves it; its rivals' order is not printed, so they are bounded.
    inflow = OTHERS * SCORES[0] * (1 - LOOPS[0])
    shares, rivals = np.sort(WINS / DENOMINATORS), np.sort(SCORES[1:])
    assert shares @ rivals[::-1] < inflow < shares @ rivals


def test_six_losses_of_command_can_be_read_from_its_denominators():
    assert KNOWN_LOSSES == {1: 112, 2: 102, 3: 98, 4: 116, 5: 114, 6: 115}


def test_mirrored_sums_leave_losses_like_the_known_ones_for_the_other_fourteen():
    known = sum(lost / DENOMINATORS[j - 1] for j, lost in KNOWN_LOSSES.items())
    each = (COMMAND["column_implied"] - known) / sum(weight(j) / DENOMINATORS[j - 1] for j in UNKNOWN)
    assert 90 < each < 105


def test_sums_kept_in_each_triangle_would_leave_half_of_them():
    # Here a loss to j is divided by itself and an entry above the diagonal, which is 119 on average.
    known = sum(lost / DENOMINATORS[LOST_TO[j]] for j, lost in KNOWN_LOSSES.items())
    share = (COMMAND["column_implied"] - known) / sum(map(weight, UNKNOWN))
    assert share * AVERAGE / (1 - share) < 60


def test_sums_taken_from_below_would_let_two_models_meet_far_too_often():
    # Mirrored from below, `command` and model 6 would share the sixteenth sum: 183 wins and 343 - 146 losses.
    lost = DENOMINATORS[5] - WINS[LOST_TO[6]]
    assert WINS[5] + lost > 1.5 * 2 * AVERAGE


def test_right_denominators_would_make_command_lose_to_the_model_that_was_shown_half_as_often():
    at = HALF_SHOWN - 1
    assert WINS[at] == WINS.min() == 90
    assert DENOMINATORS[at] - WINS[at] == 136
    assert SCORES[0] > 2 * SCORES[[row["model"] for row in TABLE].index("llama-2-13b-chat")]


def test_the_printed_table_cannot_come_from_shares_that_add_up_to_one():
    # With right sums a model's shares won and lost add up to 1 against every rival; llama-2-13b-chat's do to 0.81.
    won = OTHERS * SCORES * (1 - LOOPS) / (1 - SCORES)  # a mean weighted by the rivals' scores
    spread = won + (1 - LOOPS)
    assert spread.min() < 0.85
    assert TABLE[int(spread.argmin())]["model"] == "llama-2-13b-chat"


def test_our_published_mode_repeats_the_printed_row():
    wins = np.zeros((21, 21))
    wins[0, 1:] = WINS
    below = np.tril_indices(21, -1)
    wins[below[0][:OTHERS], below[1][:OTHERS]] = DENOMINATORS - WINS
    assert pair_totals(wins, mode="published")[0, 1:].tolist() == DENOMINATORS.tolist()
    assert pair_totals(wins)[0, 1:7].tolist() == [261, 248, 245, 272, 272, 298]


def test_a_model_shown_half_as_often_keeps_the_walk_in_the_published_mode_alone():
    met = np.full((21, 21), 240.0)
    met[HALF_SHOWN, :] = met[:, HALF_SHOWN] = 120.0
    wins = met / 2 * (1 - np.eye(21))  # all models are equally good
    assert np.ptp(self_loops(wins)) < 1e-12
    assert self_loops(wins, mode="published").argmax() == HALF_SHOWN
