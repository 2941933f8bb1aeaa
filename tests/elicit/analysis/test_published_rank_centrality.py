"""PRISM's printed rank centrality: what its own numbers prove about how it was computed (published numbers, 6.2)."""

import numpy as np
import pytest

from elicit.analysis.rank_centrality import pair_totals, rank_centrality, self_loops
from elicit.analysis.ranks import ranks
from tests.fixtures.prism_published_numbers import published

PRINTED = published("preferences")
COMMAND = PRINTED["command"]
TABLE = PRINTED["rank_centrality"]["models"]
SCORES = np.array([row["score"] for row in TABLE])
LOOPS = np.array([row["self_loop"] for row in TABLE])
WINS, DENOMINATORS = np.array(COMMAND["wins"]), np.array(COMMAND["denominators"])
OTHERS = 20

# Models stand in the order of their wins, so `command` is model 0 and its row holds the first sums. Where the win below
# the diagonal that was added is (j, 0), it is what `command` lost to model j.
ADDED = list(zip(*np.tril_indices(21, -1), strict=True))[:OTHERS]
HALF_SHOWN = 17  # the model that `command` beat 90 times; llama-2-13b-chat was shown about half as often
NAMES = [row["model"] for row in TABLE]
OPENINGS = {"llama-2-13b-chat": 808, "pythia-12b": 1150}  # of the others about 1,460 each


def expected_wins(strength: np.ndarray) -> np.ndarray:
    """Return the wins to expect under Bradley-Terry with the printed number of battles and share of ties."""
    shown = np.array([OPENINGS.get(name, 1460) for name in NAMES])
    met = np.outer(shown, shown) * (1 - np.eye(21))
    met *= 2 * PRINTED["battles"]["all"] / met.sum()
    ties = PRINTED["battles"]["percent_tie"] / 100
    chance = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    return met * ((1 - ties) * chance + ties)


@pytest.fixture(scope="module")
def rebuilt() -> np.ndarray:
    """Wins under the strengths whose published-mode scores come nearest to the printed ones; rows as in the table."""
    strength = np.log(SCORES)
    tried = []
    for _ in range(300):
        scores = rank_centrality(expected_wins(strength), mode="published")
        tried.append((np.abs(scores - SCORES).max(), strength))
        strength = strength + 0.3 * np.log(SCORES / scores)
    return expected_wins(min(tried, key=lambda attempt: attempt[0])[1])


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
    losses = {j: int(DENOMINATORS[at] - WINS[at]) for at, (j, i) in enumerate(ADDED) if i == 0}
    assert losses == {1: 112, 2: 102, 3: 98, 4: 116, 5: 114, 6: 115}


def test_right_denominators_would_make_command_lose_to_the_model_that_was_shown_half_as_often():
    at = HALF_SHOWN - 1
    assert WINS[at] == WINS.min() == 90
    assert DENOMINATORS[at] - WINS[at] == 136
    assert SCORES[0] > 2 * SCORES[[row["model"] for row in TABLE].index("llama-2-13b-chat")]


def test_our_published_mode_repeats_the_printed_row():
    wins = np.zeros((21, 21))
    wins[0, 1:] = WINS
    for at, (j, i) in enumerate(ADDED):
        wins[j, i] = DENOMINATORS[at] - WINS[at]
    keep_the_order = np.r_[np.arange(2900, 1400, -250), np.arange(1400, 100, -100)]
    wins[1:20, 20] = keep_the_order  # these wins are part of no sum of the first row
    assert pair_totals(wins, mode="published")[0, 1:].tolist() == DENOMINATORS.tolist()


def test_rebuilt_wins_put_the_model_shown_half_as_often_where_the_print_has_it(rebuilt: np.ndarray):
    order = np.argsort(-rebuilt.sum(axis=1))
    assert NAMES[order[0]] == "command"
    assert NAMES[order[HALF_SHOWN]] == "llama-2-13b-chat"


def test_rebuilt_denominators_follow_the_printed_ones(rebuilt: np.ndarray):
    order = np.argsort(-rebuilt.sum(axis=1))
    ours = pair_totals(rebuilt + 1, mode="published")[np.ix_(order, order)][0, 1:]
    right = pair_totals(rebuilt + 1)[np.ix_(order, order)][0, 1:]
    assert np.corrcoef(ours, DENOMINATORS)[0, 1] > max(0.6, np.corrcoef(right, DENOMINATORS)[0, 1])


def test_rebuilt_self_loops_are_near_the_printed_ones_in_the_published_mode_alone(rebuilt: np.ndarray):
    ours, right = self_loops(rebuilt, mode="published"), self_loops(rebuilt)
    assert np.abs(ours - LOOPS).max() < 0.05
    assert np.abs(ours - LOOPS).mean() < np.abs(right - LOOPS).mean()


def test_the_slip_costs_llama_2_13b_places(rebuilt: np.ndarray):
    at = NAMES.index("llama-2-13b-chat")
    assert ranks(rank_centrality(rebuilt, mode="published"))[at] > ranks(rank_centrality(rebuilt))[at]
