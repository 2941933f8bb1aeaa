"""The rankings on a whole synthetic release in the shape of PRISM, whose counts are PRISM's."""

from pathlib import Path

import numpy as np
import pytest

from elicit.analysis.battles import Battles, battles_of, exposure, outcome_shares, win_matrix
from elicit.analysis.bootstrap import bootstrap
from elicit.analysis.bradley_terry import fit_bradley_terry
from elicit.analysis.rank_centrality import rank_centrality
from elicit.analysis.ranks import ranks, spearman
from elicit.analysis.ratings import Ratings
from elicit.analysis.style import score_by_style, style_controlled_means, styles_of
from elicit.prism.files import read_lines
from elicit.prism.synthesis import synthesize
from tests.fixtures.prism_published_numbers import published

pytestmark = pytest.mark.large

COLUMNS = ("user_id", "interaction_id", "turn", "model_name", "score", "if_chosen", "model_response")
PRINTED = published("preferences")


@pytest.fixture(scope="module")
def openings(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    folder: Path = tmp_path_factory.mktemp("release") / "release"
    synthesize(folder, participants=1500, seed=0)
    rows = (row for _, row in read_lines(folder / "utterances.jsonl"))
    return [{name: row[name] for name in COLUMNS} for row in rows if row["turn"] == 0]


@pytest.fixture(scope="module")
def ratings(openings: list[dict]) -> Ratings:
    return Ratings.from_utterances(openings)


@pytest.fixture(scope="module")
def met(ratings: Ratings) -> Battles:
    return battles_of(ratings)


def test_openings_make_prisms_number_of_battles(met: Battles):
    shares = outcome_shares(met)
    assert shares.battles == PRINTED["battles"]["all"]
    assert 100 * shares.tie == pytest.approx(PRINTED["battles"]["percent_tie"], abs=1)


def test_the_published_slip_throws_the_model_shown_half_as_often_back_several_places(met: Battles, ratings: Ratings):
    wins = win_matrix(met)
    right, slipped = ranks(rank_centrality(wins)), ranks(rank_centrality(wins, mode="published"))
    assert (slipped - right).argmax() == exposure(ratings).argmin()
    assert (slipped - right).max() >= 3
    assert 0.9 < spearman(-right, -slipped) < 1


def test_rankings_by_walk_and_by_strength_agree(met: Battles):
    assert spearman(rank_centrality(win_matrix(met)), fit_bradley_terry(met).strength) > 0.97


def test_clustered_errors_are_wider_than_those_of_independent_battles(met: Battles):
    fit = fit_bradley_terry(met)
    assert (np.diagonal(fit.clustered) > np.diagonal(fit.hessian)).mean() > 0.9


def test_the_bootstrap_ranks_the_extremes_surely_and_the_middle_loosely(met: Battles):
    low, high = bootstrap(met, rank_centrality, seed=1, rounds=300).rank_interval()
    width = (high - low)[np.argsort((high + low) / 2)]
    assert width[-1] <= 1
    assert width[5:15].mean() >= 2


def test_style_explains_a_little_and_its_control_moves_models(openings: list[dict], ratings: Ratings, met: Battles):
    styles = styles_of([row["model_response"] for row in openings])
    fit = score_by_style(ratings, styles)
    assert 0 < fit.r_squared < 0.3
    assert fit.of("length")[0] > 0
    assert 0.5 < spearman(style_controlled_means(ratings, styles).effect, fit_bradley_terry(met).strength) < 1
